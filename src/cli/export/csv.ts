/** Calls as CSV (RFC 4180): one line a turn or one a call, names as in the JSON record. Pure. */
import { DateTime, Option } from "effect"
import type { Call } from "../../domain/Call.ts"
import type { Turn } from "../../domain/Turn.ts"

type Value = string | number | boolean | DateTime.Utc | undefined

/** What a spreadsheet would take for a formula if it stood in a cell, full-width forms included. */
const formula = /^\s*[=+\-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}]/u
/** A telephone number, or any other: nothing to compute. */
const harmless = /^[+-]?\d+(\.\d+)?$/

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/g

/**
 * A field. Text that begins like a formula gets an apostrophe, since anybody on a call could say one; a `;` is quoted like a
 * comma, because half of the world's spreadsheets part their columns with it.
 */
export const csvField = (value: Value): string => {
  if (value === undefined) return ""
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  if (typeof value !== "string") return String(value)
  const text = value.replace(/\r\n?/g, "\n").replace(control, " ")
  const safe = formula.test(text) && !harmless.test(text) ? `'${text}` : text
  return /[",;\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

interface Table<Row> {
  readonly head: ReadonlyArray<string>
  readonly row: (row: Row) => ReadonlyArray<Value>
}

const table = <Row>(columns: Readonly<Record<string, (row: Row) => Value>>): Table<Row> => ({
  head: Object.keys(columns),
  row: (row) => Object.values(columns).map((value) => value(row))
})

/** Without the line's end, of which RFC 4180 wants CR and LF. */
const line = (values: ReadonlyArray<Value>): string => `${values.map(csvField).join(",")}\r`

const byCall = table<Call>({
  id: (call) => call.id,
  startedAt: (call) => call.startedAt,
  answeredAt: (call) => call.answeredAt,
  endedAt: (call) => call.endedAt,
  duration: (call) => call.duration,
  to: (call) => call.to,
  from: (call) => call.from,
  status: (call) => call.status,
  answeredBy: (call) => call.answeredBy,
  "transferredTo.name": (call) => call.transferredTo?.name,
  "transferredTo.result": (call) => call.transferredTo?.result,
  "outcome.success": (call) => call.outcome?.success,
  "outcome.taskCompleted": (call) => call.outcome?.taskCompleted,
  "outcome.summary": (call) => call.outcome?.summary,
  "outcome.nextSteps": (call) => call.outcome?.nextSteps.join("\n"),
  "outcome.evidence": (call) => call.outcome?.evidence.map((index) => call.transcript[index]?.text ?? "").join("\n"),
  "outcome.basis": (call) => call.outcome?.basis,
  turns: (call) => call.transcript.length,
  "cost.telephone": (call) => call.cost?.telephone,
  "cost.model": (call) => call.cost?.model,
  "cost.total": (call) => call.cost?.total,
  "latency.answerToFirstWord": (call) => call.latency?.answerToFirstWord,
  "latency.turn.p50": (call) => call.latency?.turn?.p50,
  "latency.turn.p95": (call) => call.latency?.turn?.p95,
  "latency.bargeIn.p50": (call) => call.latency?.bargeIn?.p50,
  "latency.bargeIn.p95": (call) => call.latency?.bargeIn?.p95,
  "latency.gaps.count": (call) => call.latency?.gaps?.count,
  "latency.gaps.longest": (call) => call.latency?.gaps?.longest,
  "error.type": (call) => call.error?.type,
  "error.message": (call) => call.error?.message,
  recording: (call) => call.recording,
  task: (call) => call.task,
  context: (call) => call.context
})

const byTurn = table<{ readonly call: Call; readonly index: number; readonly turn: Turn }>({
  id: ({ call }) => call.id,
  to: ({ call }) => call.to,
  turn: ({ index }) => index,
  timestamp: ({ turn }) => turn.timestamp,
  seconds: ({ call, turn }) =>
    Option.fromNullable(call.answeredAt).pipe(
      Option.map((answered) => DateTime.distance(answered, turn.timestamp) / 1_000),
      Option.getOrUndefined
    ),
  role: ({ turn }) => turn.role,
  text: ({ turn }) => turn.text,
  heard: ({ turn }) => turn.heard,
  latency: ({ turn }) => turn.latency,
  interrupted: ({ turn }) => turn.interrupted ?? false,
  evidence: ({ call, index }) => call.outcome?.evidence.includes(index) ?? false
})

export const csvHead = (by: "call" | "turn"): string => line((by === "call" ? byCall : byTurn).head)

export const csvLines = (by: "call" | "turn", call: Call): ReadonlyArray<string> =>
  by === "call"
    ? [line(byCall.row(call))]
    : call.transcript.map((turn, index) => line(byTurn.row({ call, index, turn })))
