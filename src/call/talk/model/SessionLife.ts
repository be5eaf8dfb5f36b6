/** A session of the model from its first moment in charge: how long it may last, and when it was last heard of. */
import type { SessionTerms } from "../../Fact.ts"
import { type Draft, setTimer } from "../Draft.ts"

/** Of its life: from this share on a successor is looked for (of an hour: the last five minutes). */
const early = 11 / 12

/** Anything at all has come from the session. */
export const modelHeard = (draft: Draft): void => {
  draft.modelHeardAt = draft.now
  draft.probedAt = undefined
}

/** It is in charge from now on, and watched. `age`: for so long it has waited before, in milliseconds. */
export const sessionBegun = (draft: Draft, { fallback, lasts }: SessionTerms, age = 0): void => {
  draft.onFallback = fallback
  draft.renewal = { lasts, endsAt: draft.now + lasts - age, overdue: false }
  setTimer(draft, "renew", Math.max(0, lasts * early - age))
  modelHeard(draft)
  setTimer(draft, "probe", draft.rules.limits.probe)
}
