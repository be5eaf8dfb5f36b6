/** How a tool's call is answered, once, whatever became of it. What the tools do is in `Tools.ts`. */
import { type Draft, minus, tell } from "./Talk.ts"

/** To a session that did not make the call the answer comes as a note; while there is none, it waits for the next. */
export const answer = (draft: Draft, toolCallId: string, output: Readonly<Record<string, unknown>>): void => {
  const text = JSON.stringify(output)
  draft.toolsOpen = minus(draft.toolsOpen, toolCallId)
  if (!draft.modelUp) draft.resultsOwed = [...draft.resultsOwed, text]
  else if (draft.toolsLost.has(toolCallId)) tellLate(draft, text)
  else tell(draft, { _tag: "ToolResult", toolCallId, output: text })
}

const tellLate = (draft: Draft, result: string): void =>
  tell(draft, { _tag: "Note", text: `Result of a tool you called before: ${result}` })

/** A new session hears what has come of tools meanwhile. */
export const payResults = (draft: Draft): void => {
  for (const result of draft.resultsOwed) tellLate(draft, result)
  draft.resultsOwed = []
}

/** What was to happen after the last word does not happen any more, and the tool that asked for it learns so. */
export const dropNext = (draft: Draft, reason: string): void => {
  const { next } = draft
  draft.next = undefined
  if (next !== undefined && next._tag !== "HangUp") answer(draft, next.toolCallId, { ok: false, reason })
}

/** `end_call` did not happen: the model learns so, and what it claimed does not count any more. */
export const withdrawEnd = (draft: Draft, reason: string): void => {
  const { endTool } = draft
  draft.claim = undefined
  draft.endTool = undefined
  if (endTool !== undefined) answer(draft, endTool, { ok: false, reason })
}
