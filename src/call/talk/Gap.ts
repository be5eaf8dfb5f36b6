/** Silence in which the callee waits for us: after a moment they hear a short phrase, once, in the model's own voice. */
import * as Playout from "../Playout.ts"
import { report } from "./Incidents.ts"
import { holdingItem, play } from "./Playing.ts"
import { type Draft, setTimer, stopTimer, type Talk } from "./Talk.ts"
import { completeText } from "./Turns.ts"

/** Nobody is heard, and it is our turn, or nobody could hear whose turn it is. Who has asked us to wait does not miss us. */
const isGap = (talk: Talk): boolean => {
  if ((talk.phase !== "talking" && talk.phase !== "closing") || talk.hangingUp || !talk.mediaUp) return false
  if (talk.speaking !== undefined || talk.onHold || !Playout.isIdle(talk.playout)) return false
  if (!talk.modelUp || talk.wanted !== undefined) return true
  return talk.active !== undefined && !talk.active.stale && talk.active.purpose !== "check-in"
}

/** The end of the callee's words began it, if they have just ended. */
const begunAt = ({ now, speechStoppedAt }: Draft): number =>
  speechStoppedAt !== undefined && now - speechStoppedAt < 1_000 ? speechStoppedAt : now

/** Called after every fact. */
export const watchGap = (draft: Draft): void => {
  const { gap } = draft
  if (!isGap(draft)) {
    if (gap === undefined) return
    draft.gap = undefined
    return stopTimer(draft, "holding")
  }
  const since = gap?.since ?? begunAt(draft)
  const due = since + (draft.modelUp ? draft.rules.limits.slowAnswer : draft.rules.limits.holding)
  if (gap?.due === due) return
  draft.gap = { since, due }
  setTimer(draft, "holding", Math.max(0, due - draft.now))
}

/** It lasts too long. A phrase that is not there yet, or was played already, is not played. */
export const fillGap = (draft: Draft): void => {
  const { gap, holding } = draft
  if (gap === undefined || draft.gapFilled || holding.bytes.length === 0) return
  if (draft.asides.some(({ purpose }) => purpose === "holding")) return
  draft.gapFilled = true
  if (draft.modelUp) report(draft, "slow-answer", gap.since)
  const itemId = `${holdingItem}${draft.nextPosition}`
  for (const bytes of holding.bytes) play(draft, { itemId, contentIndex: 0, bytes })
  completeText(draft, itemId, holding.text)
}
