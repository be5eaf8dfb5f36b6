/** A call as lines for people: what came of it, what it cost, where its files are, and its transcript. Pure. */
import { isAbsolute, join } from "node:path"
import { DateTime } from "effect"
import type { Call, Cost, Latency } from "../domain/Call.ts"
import type { CallEvent } from "../domain/CallEvent.ts"
import type { CallStatus } from "../domain/CallStatus.ts"
import { type Incident, incidentWords } from "../domain/Incident.ts"
import { isOpen, type Question } from "../domain/Question.ts"
import type { Transfer } from "../domain/Transfer.ts"
import type { Role, Turn } from "../domain/Turn.ts"
import { explain } from "./explanations.ts"
import { clockText, dateText, durationText, moneyText, type Paint, plain, secondsText } from "./text.ts"
import { wrap } from "./width.ts"

export interface Look {
  readonly paint: Paint
  readonly timeZone: string
  /** Room for a line; without end when it is not given. */
  readonly columns?: number | undefined
  /** The folder of the JSON and WAV files, when they are on this machine. */
  readonly transcriptsDir?: string | undefined
  /** Whether answered calls are recorded, when it is known. */
  readonly recordCalls?: boolean | undefined
}

export const roleText = (role: Role, look: Look): string =>
  role === "assistant" ? look.paint("cyan", "agent ") : look.paint("bold", "callee")

export const statusText = (status: CallStatus): string => status.replace("-", " ")

export const turnLine = (turn: Turn, look: Look): string => {
  const cut = turn.interrupted === true ? look.paint("dim", " (interrupted)") : ""
  const text = turn.text === "" ? look.paint("dim", "(nothing was heard)") : plain(turn.text)
  return `${look.paint("dim", clockText(turn.timestamp, look.timeZone))}  ${roleText(turn.role, look)}  ${text}${cut}`
}

type Event<Tag extends CallEvent["_tag"]> = Extract<CallEvent, { readonly _tag: Tag }>

export const askedLine = ({ at, question }: Event<"Question">, look: Look): string =>
  `${look.paint("dim", clockText(at, look.timeZone))}  ${look.paint("yellow", "asks  ")}  ${plain(question)}`

const answerText = ({ answer, unanswered }: Pick<Question, "answer" | "unanswered">, look: Look): string =>
  plain(answer ?? "") ||
  look.paint("dim", unanswered === "timeout" ? "(nobody answered in time)" : "(not needed any more)")

export const closedLine = ({ at, ...closing }: Event<"Answered">, look: Look): string =>
  `${look.paint("dim", clockText(at, look.timeZone))}  ${look.paint("yellow", "answer")}  ${answerText(closing, look)}`

const transferText = ({ name, reason, result }: Omit<Transfer, "at">): string =>
  `${plain(name)}, ${result === "connected" ? result : `not connected: ${result}`}${reason === undefined ? "" : ` (${plain(reason)})`}`

export const transferLine = ({ at, ...transfer }: Event<"Transfer">, look: Look): string =>
  `${look.paint("dim", clockText(at, look.timeZone))}  ${look.paint("yellow", "hands ")}  over to ${transferText(transfer)}`

const questionText = (asked: Question, look: Look): string =>
  `${plain(asked.question)}  ${isOpen(asked) ? look.paint("yellow", "(open)") : answerText(asked, look)}`

/** `about $0.05 (telephone $0.03, model $0.02)`. */
export const costText = ({ model, telephone, total }: Cost): string =>
  `about ${moneyText(total)} (telephone ${moneyText(telephone)}, model ${moneyText(model)})`

export const latencyText = ({ answerToFirstWord, bargeIn, gaps, turn }: Latency): string =>
  [
    answerToFirstWord === undefined ? "" : `first word after ${secondsText(answerToFirstWord)}`,
    turn === undefined ? "" : `replies after ${secondsText(turn.p50)}, 95 % within ${secondsText(turn.p95)}`,
    bargeIn === undefined ? "" : `silent on barge-in after ${secondsText(bargeIn.p50)}`,
    gaps === undefined || gaps.count === 0
      ? ""
      : `${gaps.count} ${gaps.count === 1 ? "gap" : "gaps"}, the longest ${secondsText(gaps.longest)}`
  ]
    .filter((part) => part !== "")
    .join(", ")

/** `model lost, reconnected after 1.2 s (2 times)`: kinds in the order of their first, repeated ones counted. */
export const incidentsText = (incidents: ReadonlyArray<Incident>): string =>
  [...Map.groupBy(incidents, ({ kind }) => kind)]
    .map(([kind, all]) => {
      const gap = all.length === 1 ? all[0]?.gap : undefined
      const after = gap === undefined ? "" : ` after ${secondsText(gap)}`
      return `${incidentWords[kind]}${after}${all.length === 1 ? "" : ` (${all.length} times)`}`
    })
    .join(", ")

const verdict = (call: Call, look: Look): string => {
  const status = statusText(call.status)
  if (call.endedAt === undefined) return look.paint("yellow", status)
  if (call.outcome?.success === true) return look.paint("green", `${status}, successful`)
  return look.paint("red", call.status === "completed" ? `${status}, not successful` : status)
}

const line = (look: Look, name: string, value: string): string => `  ${look.paint("dim", name.padEnd(11))} ${value}`

/** A named value, wrapped; nothing when there is none. */
export const row = (look: Look, name: string, value: string | undefined): ReadonlyArray<string> =>
  value === undefined || value === "" ? [] : wrap(line(look, name, value), look.columns ?? Number.POSITIVE_INFINITY, 14)

/** Not wrapped: a path is for copying. */
const pathRow = (look: Look, name: string, path: string | undefined): ReadonlyArray<string> =>
  path === undefined || path === "" ? [] : [line(look, name, path)]

/** The words of the transcript that bear the outcome. */
export const evidenceRows = (
  outcome: Call["outcome"],
  transcript: Call["transcript"],
  look: Look
): ReadonlyArray<string> =>
  (outcome?.evidence ?? []).flatMap((index) => {
    const turn = transcript[index]
    if (turn === undefined) return []
    const who = turn.role === "assistant" ? "agent" : "callee"
    return row(look, "evidence", `${who}, ${clockText(turn.timestamp, look.timeZone)}: "${plain(turn.text)}"`)
  })

/** What a failed call's code means in the vendor's world, when it has one that we know. */
const explained = (call: Call, look: Look): ReadonlyArray<string> => {
  const code = call.status === "failed" ? call.error?.code : undefined
  const known = explain(code)
  if (known === undefined) return []
  return [...row(look, `code ${code}`, known.means), ...row(look, "what to do", known.fix)]
}

const files = (call: Call, look: Look): ReadonlyArray<string> => {
  const { transcriptsDir } = look
  if (transcriptsDir === undefined) return pathRow(look, "recording", call.recording && plain(call.recording))
  const recording =
    call.recording && (isAbsolute(call.recording) ? call.recording : join(transcriptsDir, call.recording))
  return [
    ...pathRow(look, "transcript", call.endedAt && join(transcriptsDir, `${call.id}.json`)),
    ...pathRow(look, "recording", recording && plain(recording))
  ]
}

/** Who answered, and what spoke for and against it. */
const answererText = (who: string, { answeredAt, answeredByEvidence = [] }: Call): string => {
  const clues = answeredByEvidence.map(({ at, detail, says, source }) => {
    const after =
      answeredAt === undefined ? "" : ` at ${Math.max(0, DateTime.distance(answeredAt, at) / 1000).toFixed(1)} s`
    return `${source}${says === who ? "" : `: ${says}`} (${plain(detail)})${after}`
  })
  return clues.length === 0 ? who : `${who}: ${clues.join("; ")}`
}

/** What is known of a call, without its transcript. */
export const callLines = (call: Call, look: Look): ReadonlyArray<string> => [
  `${look.paint("bold", call.id)}  ${call.to}  ${verdict(call, look)}`,
  ...row(look, "task", plain(call.task)),
  ...row(look, "outcome", call.outcome && plain(call.outcome.summary)),
  ...evidenceRows(call.outcome, call.transcript, look),
  ...(call.outcome?.nextSteps ?? []).flatMap((step) => row(look, "next step", plain(step))),
  ...(call.questions ?? []).flatMap((asked) => row(look, "asked", questionText(asked, look))),
  ...row(look, "transfer", call.transferredTo && transferText(call.transferredTo)),
  ...row(look, "error", call.error && `${call.error.type}: ${plain(call.error.message)}`),
  ...explained(call, look),
  ...row(look, "answered by", call.answeredBy && answererText(call.answeredBy, call)),
  ...row(look, "started", dateText(call.startedAt, look.timeZone)),
  ...row(look, "duration", call.answeredAt && durationText(call.duration)),
  ...row(look, "cost", call.cost && costText(call.cost)),
  ...row(look, "latency", call.latency && latencyText(call.latency)),
  ...row(look, "incidents", call.incidents && incidentsText(call.incidents)),
  ...files(call, look)
]

/** The same of a call that has just ended: its recording is still on its way. */
export const endLines = (call: Call, look: Look): ReadonlyArray<string> => {
  const { recordCalls, transcriptsDir } = look
  const awaited = recordCalls === true && call.answeredAt !== undefined && call.recording === undefined
  if (!awaited || transcriptsDir === undefined) return callLines(call, look)
  const path = join(transcriptsDir, `${call.id}.wav`)
  return [...callLines(call, look), ...pathRow(look, "recording", `${path}, in some seconds`)]
}

/** Where the words of a turn begin: behind time and speaker. */
export const turnIndent = 18

export const transcriptLines = (call: Call, look: Look): ReadonlyArray<string> =>
  call.transcript.flatMap((turn) => wrap(turnLine(turn, look), look.columns ?? Number.POSITIVE_INFINITY, turnIndent))
