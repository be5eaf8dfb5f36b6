/**
 * `end_call`: the model wants the call to end, and says what came of it. What it asked for in the same breath, keys or a transfer,
 * is done first; a callee who speaks takes it back. How a goodbye is said and heard is in `Closing.ts`.
 */
import type { VoiceEvent } from "../../../VoiceModel.ts"
import { answer } from "../acts/ToolAnswers.ts"
import type { Draft } from "../Draft.ts"
import type { Response } from "../Parts.ts"
import { readClaim } from "./Claim.ts"
import { close } from "./Closing.ts"

type ToolCall = Extract<VoiceEvent, { readonly _tag: "ToolCalled" }>

/** Keys or a transfer are on their way, and the call ends with them or after them. */
const isBusy = (draft: Draft): boolean => draft.next !== undefined || draft.toolsOpen.size > 0

/** The call ends, whatever the arguments are: a claim that cannot be read is asked for afterwards. */
export const endCall = (draft: Draft, call: ToolCall): void => {
  if (draft.endTool !== undefined && (draft.phase === "closing" || isBusy(draft))) {
    draft.claim = draft.claim ?? readClaim(call.input)
    return answer(draft, call.toolCallId, { ok: true, note: "The call is being ended already." })
  }
  draft.claim = readClaim(call.input)
  draft.endTool = call.toolCallId
  if (draft.phase === "talking" && !isBusy(draft)) close(draft)
}

/** `end_call` came first in this very answer: what it wants besides may still be done before. */
export const isBeforeTheEnd = (draft: Draft, call: ToolCall): boolean =>
  draft.phase === "closing" &&
  draft.endTool !== undefined &&
  !draft.firm &&
  draft.active?.responseId === call.responseId

/** Keys were pressed, and the end that was asked for with them comes now. */
export const endAfterKeys = (draft: Draft): boolean => {
  if (draft.endTool === undefined || draft.phase !== "talking") return false
  close(draft)
  return true
}

/**
 * Whoever wishes not to be called again hears one more answer, and is not kept: where the model does not end the call with it,
 * we do.
 */
export const endAfterOptOut = (draft: Draft, response: Response): void => {
  const told = response.purpose === "reply" && response.spoke && !response.calledTool
  if (draft.optedOut && told && draft.phase === "talking" && draft.next === undefined) close(draft)
}
