/**
 * Whether the model's session still lives. Where nothing has come of it for a while, it is asked for a sign of life; one that
 * does not even answer that is frozen. A model that is merely slow answers, and stays.
 */

import { type Draft, setTimer, tell } from "../Draft.ts"
import type { Talk } from "../Talk.ts"
import { modelLost } from "./Recovery.ts"

/** The model has something to do for us: it is worth knowing soon that it does not. */
const isAwaited = (talk: Pick<Talk, "active" | "asides" | "speaking" | "textsDue">): boolean =>
  talk.active !== undefined || talk.asides.length > 0 || talk.speaking !== undefined || talk.textsDue.size > 0

/** Looks when something came last. Wakes by its own timer, so that what comes often has nothing to set or to stop. */
export const lookAfterModel = (draft: Draft): void => {
  if (!draft.modelUp) return
  const { probe, probeAnswer, probeIdle } = draft.rules.limits
  if (draft.probedAt !== undefined) return modelLost(draft, "model-frozen")
  const left = (isAwaited(draft) ? probe : probeIdle) - (draft.now - draft.modelHeardAt)
  if (left > 0) return setTimer(draft, "probe", Math.min(left, probe))
  tell(draft, { _tag: "Probe" })
  draft.probedAt = draft.now
  setTimer(draft, "probe", probeAnswer)
}

/** It lives, but a response of it does not: it is given up too, and from then on this call's model gets more time. */
export const unanswered = (draft: Draft): void => {
  if (draft.active === undefined) return
  draft.answerWithin = 2 * draft.rules.limits.freeze
  modelLost(draft, "model-frozen")
}
