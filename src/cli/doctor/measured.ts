/** What a test call has shown, from its record and what was counted meanwhile. Pure. */
import type { Call } from "../../domain/Call.ts"
import { costText } from "../callText.ts"
import { secondsText } from "../text.ts"
import { type Finding, ok, problem, refused, skipped, warning } from "./Finding.ts"

/** Of the callee's audio, as it came in. */
export interface Media {
  readonly frames: number
  readonly missingMs: number
  readonly lateFrames: number
}

export interface Observed {
  readonly call: Call
  /** Unknown where another process held the call. */
  readonly media: Media | undefined
  readonly recordCalls: boolean
  /** What our own service has complained of meanwhile. */
  readonly complaints: ReadonlyArray<string>
}

/** Seconds. Longer and people say "hello?" again, or talk over the agent. */
const lateFirstWord = 4
const lateReply = 1.5

const wordsOf = (call: Call) => call.transcript.filter(({ role }) => role === "user")

const reached = (call: Call): Finding => {
  const check = "call"
  const { error, status, to } = call
  switch (status) {
    case "completed":
      break
    case "busy":
      return problem(check, `${to} was busy`, "end the other call, and try again")
    case "no-answer":
      return problem(check, `${to} did not answer`, "take the call; is the phone on, and does it show blocked calls?")
    case "canceled":
      return problem(check, "it was hung up before it was answered", "try again")
    default:
      return refused(
        check,
        { code: error?.code, message: error?.message ?? "it failed" },
        "read on, and see the log of the service"
      )
  }
  if (call.answeredBy === "voicemail" || call.answeredBy === "fax") {
    return problem(check, `a ${call.answeredBy} answered`, "try again, and take the call yourself")
  }
  return ok(check, `${to} answered, and it ended in good order`)
}

/** The agent can only be heard when a signed webhook was answered and a signed media socket was let in. */
const wayIn = ({ latency }: Call): ReadonlyArray<Finding> =>
  latency?.answerToFirstWord === undefined
    ? []
    : [ok("webhooks", "Twilio's requests and its media stream came in, with a valid signature")]

const conversation = ({ latency }: Call): ReadonlyArray<Finding> => {
  const { answerToFirstWord: first, turn } = latency ?? {}
  const nearer = "run Phone on a machine with a quicker connection, nearer to Twilio and OpenAI"
  const within = (check: string, seconds: number, limit: number, found: string) =>
    seconds > limit ? warning(check, found, nearer) : ok(check, found)
  return [
    ...(first === undefined
      ? [problem("first word", "the agent was never heard", "see the complaints and alerts above and below")]
      : [within("first word", first, lateFirstWord, `${secondsText(first)} after the answer`)]),
    ...(turn === undefined
      ? []
      : [
          within("replies", turn.p50, lateReply, `after ${secondsText(turn.p50)}, 95 % within ${secondsText(turn.p95)}`)
        ])
  ]
}

const heard = (call: Call): Finding => {
  const check = "transcription"
  const turns = wordsOf(call)
  const words = turns.filter(({ text }) => text !== "").length
  if (words > 0) return ok(check, `what you said was written down (${words} ${words === 1 ? "turn" : "turns"})`)
  return turns.length > 0
    ? warning(check, "you were heard, but your words were not written down", "set transcriptionModel to another")
    : problem(check, "nothing was heard of you", "say something when you are asked; if you did, see media")
}

const mediaFinding = (media: Media | undefined): Finding => {
  const check = "media"
  if (media === undefined) return skipped(check, "counted by the service that runs, not here")
  const { frames, lateFrames, missingMs } = media
  if (frames === 0) return problem(check, "no audio came from Twilio", "use a tunnel that passes WebSockets through")
  const found = `${frames} frames came, ${missingMs} ms of audio missing, ${lateFrames} frames late`
  const bad = missingMs > frames || lateFrames * 20 > frames
  return bad
    ? warning(check, found, "look at the network between Twilio, the tunnel and this machine")
    : ok(check, found)
}

const recordingFinding = ({ recording }: Call, wanted: boolean): Finding => {
  const check = "recording"
  if (!wanted) return skipped(check, "recordCalls is false")
  return recording === undefined
    ? warning(check, "it has not come in time", "it may still come: see the call in the history")
    : ok(check, recording)
}

/** Findings of a call that took place, in the order in which things happened. */
export const measured = ({ call, complaints, media, recordCalls }: Observed): ReadonlyArray<Finding> => {
  const answered = call.answeredAt !== undefined
  return [
    reached(call),
    ...complaints.map((line) => warning("service log", line, "see what it names")),
    ...(answered && call.status === "completed" && call.answeredBy !== "fax"
      ? [...wayIn(call), ...conversation(call), mediaFinding(media), heard(call), recordingFinding(call, recordCalls)]
      : []),
    ...(call.cost === undefined ? [] : [ok("cost", costText(call.cost))])
  ]
}

/** Whether both sides were heard: what the whole check is for. */
export const worked = (call: Call): boolean =>
  call.status === "completed" &&
  call.answeredBy !== "voicemail" &&
  call.latency?.answerToFirstWord !== undefined &&
  wordsOf(call).length > 0
