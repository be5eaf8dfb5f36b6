/** How a tool's call is answered, once, whatever became of it. What the tools do is in `Tools.ts`. */
import { type Draft, minus, tell } from "../Draft.ts"

/** To a session that did not make the call the answer comes as a note; while there is none, it waits for the next. */
export const answer = (draft: Draft, toolCallId: string, output: Readonly<Record<string, unknown>>): void => {
  const text = JSON.stringify(output)
  draft.toolsOpen = minus(draft.toolsOpen, toolCallId)
  if (!draft.modelUp || draft.toolsLost.has(toolCallId)) note(draft, `Result of a tool you called before: ${text}`)
  else tell(draft, { _tag: "ToolResult", toolCallId, output: text })
}

/** Tells the session, or the next one, when there is none just now. */
export const note = (draft: Draft, text: string): void => {
  if (draft.modelUp) tell(draft, { _tag: "Note", text })
  else draft.notesOwed = [...draft.notesOwed, text]
}

/** A new session hears what has happened since it was given its memory. */
export const payNotes = (draft: Draft): void => {
  for (const text of draft.notesOwed) tell(draft, { _tag: "Note", text })
  draft.notesOwed = []
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
