/** The history as a table that fits its terminal. Pure. */
import type { Call } from "../domain/Call.ts"
import { type Look, statusText } from "./callText.ts"
import { dateText, durationText, moneyText, type Paint, plain } from "./text.ts"
import { clip, pad, width } from "./width.ts"

type Painted = Parameters<Paint>[0]

interface Column {
  readonly head: string
  readonly cell: (call: Call, look: Look) => string
  readonly colour?: (call: Call) => Painted | undefined
  /** When the terminal is too narrow, the column with the highest number goes first; 0 stays. */
  readonly spare: number
}

const statusColour = (call: Call): Painted => {
  if (call.endedAt === undefined) return "yellow"
  return call.outcome?.success === true ? "green" : "red"
}

const table: ReadonlyArray<Column> = [
  { head: "ID", spare: 0, cell: (call) => call.id, colour: () => "bold" },
  { head: "STARTED", spare: 2, cell: (call, look) => dateText(call.startedAt, look.timeZone) },
  { head: "TO", spare: 1, cell: (call) => call.to },
  { head: "STATUS", spare: 0, cell: (call) => statusText(call.status), colour: statusColour },
  {
    head: "DURATION",
    spare: 3,
    cell: (call) => (call.answeredAt === undefined ? "" : durationText(call.duration))
  },
  { head: "COST", spare: 4, cell: (call) => (call.cost === undefined ? "" : moneyText(call.cost.total)) }
]

const outcomeOf = (call: Call): string => plain(call.outcome?.summary ?? call.error?.message ?? call.task)

/** What an outcome needs to say anything; with less, other columns make room for it. */
const enough = 20

/** A text in `room` columns, or in what is left of the line. */
interface Cell {
  readonly text: string
  readonly room?: number | undefined
  readonly colour?: Painted | undefined
}

/** Lines for calls, all in the columns that the first ones need: a longer cell of a later page is cut. */
export const historyTable = (first: ReadonlyArray<Call>, look: Look, columns: number) => {
  const sized = table.map((column) => ({
    ...column,
    room: Math.max(width(column.head), ...first.map((call) => width(column.cell(call, look))))
  }))
  const fits = (kept: typeof sized) => kept.reduce((sum, { room }) => sum + room + 2, enough) <= columns
  const narrower = (kept: typeof sized): typeof sized => {
    const most = Math.max(...kept.map(({ spare }) => spare))
    return fits(kept) || most === 0 ? kept : narrower(kept.filter(({ spare }) => spare < most))
  }
  const kept = narrower(sized)

  const line = (cells: ReadonlyArray<Cell>) => {
    let left = columns
    const parts: Array<string> = []
    for (const { colour, room, text } of cells) {
      if (left < 1) break
      const shown = clip(room === undefined ? text : pad(clip(text, room), room), left)
      left -= width(shown) + 2
      parts.push(colour === undefined ? shown : look.paint(colour, shown))
    }
    return parts.join("  ").trimEnd()
  }

  const head = line([
    ...kept.map(({ head, room }): Cell => ({ text: head, room, colour: "dim" })),
    { text: "OUTCOME", colour: "dim" }
  ])
  const row = (call: Call): string =>
    line([
      ...kept.map(({ cell, colour, room }) => ({ text: cell(call, look), room, colour: colour?.(call) })),
      { text: outcomeOf(call) }
    ])
  return { head, row }
}

/** Newest first, as given; the last column takes what room is left of `columns`. */
export const historyLines = (calls: ReadonlyArray<Call>, look: Look, columns: number): ReadonlyArray<string> => {
  if (calls.length === 0) return ["No calls."]
  const { head, row } = historyTable(calls, look, columns)
  return [head, ...calls.map(row)]
}
