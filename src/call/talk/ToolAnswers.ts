/** How a tool's call is answered, once, whatever became of it. What the tools do is in `Tools.ts`. */
import { type Draft, minus, tell } from "./Talk.ts"

/** To a session that did not make the call the answer comes as a note. */
export const answer = (draft: Draft, toolCallId: string, output: Readonly<Record<string, unknown>>): void => {
  const text = JSON.stringify(output)
  draft.toolsOpen = minus(draft.toolsOpen, toolCallId)
  if (draft.toolsLost.has(toolCallId)) {
    tell(draft, { _tag: "Note", text: `Result of a tool you called before: ${text}` })
  } else {
    tell(draft, { _tag: "ToolResult", toolCallId, output: text })
  }
}

/** What was to happen after the last word does not happen any more, and the tool that asked for it learns so. */
export const dropNext = (draft: Draft, reason: string): void => {
  const { next } = draft
  draft.next = undefined
  if (next !== undefined && next._tag !== "HangUp") answer(draft, next.toolCallId, { ok: false, reason })
}
