/**
 * On hold: by the callee's words, by music, or by the recordings of a waiting line. Nobody is answered and no silence counts
 * until somebody speaks to us again (`Addressed.ts` tells who does); the waiting is bounded over the whole call.
 */

import { hangUp } from "../acts/Endings.ts"
import { interrupt } from "../acts/Playing.ts"
import { type Draft, setTimer, stopTimer, tell } from "../Draft.ts"
import { closeWithWords } from "../ending/Closing.ts"
import { isOnHold, noHold } from "../Waits.ts"
import { backNote, heldTooLongNote, holdNote } from "../Words.ts"

/** The waiting is over when it has lasted for as long as it may, all in all. */
export const boundHold = (draft: Draft): void => {
  const { since, used } = draft.hold
  setTimer(draft, "hold", Math.max(0, draft.rules.limits.maxHold - used - (draft.now - since)))
}

/** We are to wait, or still are. */
export const putOnHold = (draft: Draft, by: "person" | "machine"): void => {
  const { hold } = draft
  if (isOnHold(draft)) {
    if (hold.by !== by) draft.hold = { ...hold, by }
    return
  }
  draft.hold = { ...hold, by, since: draft.now }
  boundHold(draft)
  tell(draft, { _tag: "Note", text: holdNote })
}

/** What we say, or are about to say, nobody hears: only what ends the talk or presses keys is not taken back. */
export const suspend = (draft: Draft): void => {
  if (draft.next !== undefined || draft.active?.calledTool === true) return
  interrupt(draft)
  draft.wanted = undefined
  draft.oweReply = false
}

/** The waiting is over, for whatever reason. */
export const release = (draft: Draft): void => {
  if (!isOnHold(draft)) return
  const { since, used } = draft.hold
  draft.hold = { ...noHold, used: used + draft.now - since }
  stopTimer(draft, "hold")
}

/** Somebody speaks to us again. */
export const back = (draft: Draft): void => {
  if (isOnHold(draft)) tell(draft, { _tag: "Note", text: backNote })
  release(draft)
}

/** Music: whatever else was heard, nobody listens now. Where a machine records or a goodbye is being said it changes nothing. */
export const musicStarted = (draft: Draft): void => {
  draft.music = true
  if (draft.phase !== "talking" || draft.hangingUp) return
  putOnHold(draft, "machine")
  suspend(draft)
}

/** We have waited as long as we may: a person, if one may be there, is told goodbye; music is not. */
export const heldTooLong = (draft: Draft): void => {
  if (!isOnHold(draft) || draft.phase !== "talking") return
  const nobody = draft.music || draft.hold.by === "machine"
  release(draft)
  draft.gaveUp = "hold"
  tell(draft, { _tag: "Note", text: heldTooLongNote })
  if (nobody) hangUp(draft)
  else closeWithWords(draft, { firm: false })
}
