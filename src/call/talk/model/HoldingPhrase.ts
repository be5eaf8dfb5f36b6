/**
 * The callee waits for us in silence: after a moment they hear a short phrase, once, in the model's own voice. Who waits for
 * too long, whatever fails after what, hears an apology.
 */
import * as Playout from "../../Playout.ts"
import { giveUp } from "../acts/Endings.ts"
import { holdingItem, play } from "../acts/Playing.ts"
import { completeText } from "../acts/Turns.ts"
import { type Draft, setTimer, stopTimer } from "../Draft.ts"
import { report } from "../Incidents.ts"
import type { Talk } from "../Talk.ts"
import { isOnHold } from "../Waits.ts"

/** Nobody is heard, and it is our turn, or nobody could hear whose turn it is. Who has asked us to wait does not miss us. */
const isWaiting = (talk: Talk): boolean => {
  if ((talk.phase !== "talking" && talk.phase !== "closing") || talk.hangingUp || !talk.mediaUp) return false
  if (talk.speaking !== undefined || isOnHold(talk) || !Playout.isIdle(talk.playout)) return false
  if (!talk.modelUp || talk.wanted !== undefined) return true
  return talk.active !== undefined && !talk.active.stale && talk.active.purpose !== "check-in"
}

/** The end of the callee's words began it, if they have just ended. */
const begunAt = ({ now, speechStoppedAt }: Draft): number =>
  speechStoppedAt !== undefined && now - speechStoppedAt < 1_000 ? speechStoppedAt : now

/** Called after every fact. */
export const watchWaiting = (draft: Draft): void => {
  const { waited } = draft
  if (!isWaiting(draft)) {
    if (waited === undefined) return
    draft.waited = undefined
    stopTimer(draft, "unanswered")
    return stopTimer(draft, "holding")
  }
  const since = waited?.since ?? begunAt(draft)
  if (waited === undefined) setTimer(draft, "unanswered", since + draft.rules.limits.unanswered - draft.now)
  const due = since + (draft.modelUp ? draft.rules.limits.slowAnswer : draft.rules.limits.holding)
  if (waited?.due === due) return
  draft.waited = { since, due }
  setTimer(draft, "holding", Math.max(0, due - draft.now))
}

/** It lasts too long. A phrase that is not there yet, or was played already, is not played. */
export const tellToWait = (draft: Draft): void => {
  const { waited, holding } = draft
  if (waited === undefined || draft.toldToWait || holding.bytes.length === 0) return
  if (draft.asides.some(({ purpose }) => purpose === "holding")) return
  draft.toldToWait = true
  if (draft.modelUp) report(draft, "slow-answer", waited.since)
  const itemId = `${holdingItem}${draft.nextPosition}`
  for (const bytes of holding.bytes) play(draft, { itemId, contentIndex: 0, bytes })
  completeText(draft, itemId, holding.text)
}

/** One thing after the other has failed, each in its own bounds; all of them together have taken too long. */
export const waitedTooLong = (draft: Draft): void =>
  giveUp(draft, {
    type: "ModelUnavailable",
    message: `The voice model gave no answer for ${draft.rules.limits.unanswered / 1000} s, whatever was tried.`
  })
