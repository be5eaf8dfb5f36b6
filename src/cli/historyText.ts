/** The history as a table. Pure. */
import type { Call } from "../domain/Call.ts"
import { type Look, statusText } from "./callText.ts"
import { clip, dateText, durationText, moneyText, plain } from "./text.ts"

const heads = ["ID", "STARTED", "TO", "STATUS", "DURATION", "COST", "OUTCOME"] as const

const cells = (call: Call, look: Look): ReadonlyArray<string> => [
  call.id,
  dateText(call.startedAt, look.timeZone),
  call.to,
  statusText(call.status),
  call.answeredAt === undefined ? "" : durationText(call.duration),
  call.cost === undefined ? "" : moneyText(call.cost.total),
  plain(call.outcome?.summary ?? call.error?.message ?? call.task)
]

/** Newest first, as given; the last column takes what room is left of `columns`. */
export const historyLines = (calls: ReadonlyArray<Call>, look: Look, columns: number): ReadonlyArray<string> => {
  if (calls.length === 0) return ["No calls."]
  const rows = [heads, ...calls.map((call) => cells(call, look))]
  const widths = heads.slice(0, -1).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const fixed = widths.reduce((sum, width) => sum + width + 2, 0)
  return rows.map((row, index) => {
    const left = widths.map((width, column) => (row[column] ?? "").padEnd(width)).join("  ")
    const last = clip(row.at(-1) ?? "", Math.max(20, columns - fixed))
    return index === 0 ? look.paint("dim", `${left}  ${last}`) : `${left}  ${last}`
  })
}
