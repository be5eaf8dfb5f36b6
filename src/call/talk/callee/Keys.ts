/** Keys that the callee presses: the model hears of a burst of them as one, when no more follow. */

import { ask } from "../acts/Responses.ts"
import { type Draft, setTimer, stopTimer, tell } from "../Draft.ts"
import { isOnHold } from "../Waits.ts"

export const keyPressed = (draft: Draft, key: string): void => {
  if (draft.phase === "afterwards" || draft.phase === "done") return
  draft.keys += key
  setTimer(draft, "keys", draft.rules.limits.keys)
}

/** Tells what was pressed so far. */
export const tellKeys = (draft: Draft): void => {
  const { keys } = draft
  if (keys === "") return
  draft.keys = ""
  stopTimer(draft, "keys")
  const which = keys.length === 1 ? `the key ${keys}` : `the keys ${keys}`
  tell(draft, { _tag: "Note", text: `The callee pressed ${which} on the telephone.` })
}

/** No more keys follow. Who speaks meanwhile is answered afterwards; a line on which we wait presses keys of its own. */
export const keysPressed = (draft: Draft): void => {
  if (!draft.modelUp) return setTimer(draft, "keys", draft.rules.limits.keys)
  tellKeys(draft)
  if (draft.phase === "talking" && draft.speaking === undefined && !isOnHold(draft)) ask(draft, "reply")
}
