/** A call as Markdown that reads like minutes: what it was for, what came of it, who said what when. Pure. */
import { DateTime } from "effect"
import type { Call } from "../../domain/Call.ts"
import type { Turn } from "../../domain/Turn.ts"
import { costText, incidentsText, latencyText, statusText } from "../callText.ts"
import { clockText, dateText, durationText, plain } from "../text.ts"

/** One line in which nothing is markup: what was said is words, never a heading, a link or HTML. */
export const markdownText = (text: string): string =>
  plain(text)
    .replace(/[\\`*_{}[\]<>#|~!&$]/g, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2")
    .replace(/^[-+=]/, "\\$&")

const spoken = (turn: Turn, timeZone: string): string => {
  const who = turn.role === "assistant" ? "Agent" : "Callee"
  const cut = turn.interrupted === true ? " *(interrupted)*" : ""
  return `**${clockText(turn.timestamp, timeZone)} ${who}:** ${markdownText(turn.text)}${cut}`
}

const item = (name: string, value: string | undefined): ReadonlyArray<string> =>
  value === undefined || value === "" ? [] : [`- **${name}:** ${value}`]

const verdict = ({ answeredBy, outcome, status }: Call): string => {
  const success = outcome === undefined ? "" : outcome.success ? ", successful" : ", not successful"
  return `${statusText(status)}${success}${answeredBy === undefined ? "" : `; answered by ${answeredBy}`}`
}

const times = (call: Call, timeZone: string): string | undefined => {
  if (call.answeredAt === undefined) return undefined
  const end = call.endedAt === undefined ? "" : ` to ${clockText(call.endedAt, timeZone)}`
  return `${clockText(call.answeredAt, timeZone)}${end} (${durationText(call.duration)}; ${timeZone})`
}

const outcomeOf = (call: Call, timeZone: string): ReadonlyArray<string> => {
  if (call.outcome === undefined) return []
  const { evidence, nextSteps, summary } = call.outcome
  const quotes = evidence.flatMap((index) => call.transcript[index] ?? [])
  return [
    "",
    "## Outcome",
    "",
    markdownText(summary),
    ...(nextSteps.length === 0 ? [] : ["", "Next steps:", "", ...nextSteps.map((step) => `- ${markdownText(step)}`)]),
    ...(quotes.length === 0 ? [] : ["", "Evidence:"]),
    ...quotes.flatMap((turn) => ["", `> ${spoken(turn, timeZone)}`])
  ]
}

export const markdownLines = (call: Call, timeZone: string): ReadonlyArray<string> => [
  `# Call to ${call.to}, ${dateText(call.startedAt, timeZone)}`,
  "",
  ...item("Task", markdownText(call.task)),
  ...item("Context", call.context && markdownText(call.context)),
  ...item("Status", verdict(call)),
  ...item("Error", call.error && `${call.error.type}: ${markdownText(call.error.message)}`),
  ...item("Time", times(call, timeZone)),
  ...item("From", call.from),
  ...item("Cost", call.cost && costText(call.cost)),
  ...item("Latency", call.latency && latencyText(call.latency)),
  ...item("Incidents", call.incidents && incidentsText(call.incidents)),
  ...item("Recording", call.recording && markdownText(call.recording)),
  ...item("Call", `${call.id}, started ${DateTime.formatIso(call.startedAt)}`),
  ...outcomeOf(call, timeZone),
  ...(call.transcript.length === 0 ? [] : ["", "## Transcript"]),
  ...call.transcript.flatMap((turn) => ["", spoken(turn, timeZone)])
]
