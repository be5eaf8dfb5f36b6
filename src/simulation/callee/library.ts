/** Callees by name, for scenarios: what kinds of people and machines answer a telephone. */
import type { CalleeScript } from "./CalleeScript.ts"
import { calleeAt, documentedNumbers } from "./numbers.ts"

const names: Readonly<Record<string, string>> = {
  polite: "+15550100001",
  busy: "+15550100002",
  "no-answer": "+15550100003",
  unroutable: "+15550100004",
  voicemail: "+15550100005",
  menu: "+15550100006",
  silent: "+15550100007",
  "hangs-up": "+15550100008",
  "rate-limited": "+15550100009",
  "barges-in": "+15550100010",
  screening: "+15550100011",
  fax: "+15550100012",
  hold: "+15550100013",
  "do-not-call": "+15550100014"
}

/** The names there are. */
export const calleeNames: ReadonlyArray<string> = Object.keys(names)

/** The callee of this name, or at this documented number. */
export const calleeNamed = (name: string): CalleeScript | undefined => {
  const number = names[name] ?? name
  return documentedNumbers.some((documented) => documented.number === number) ? calleeAt(number) : undefined
}
