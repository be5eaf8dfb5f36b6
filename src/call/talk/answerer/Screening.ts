/** Call screening: it gets name and reason in one sentence, is waited for, and the person behind it is greeted once. */
import { isIdle } from "../../Playout.ts"
import { interrupt } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import type { Draft } from "../Draft.ts"
import type { Clue } from "./Verdict.ts"

/** A screening service has asked who calls and why. An opening that began after its words is the answer; any other is not. */
export const screened = (draft: Draft, { at }: Clue): void => {
  draft.screenedAt = Math.max(draft.screenedAt ?? 0, at)
  // half of an opening told it nothing, and the person behind it hears none of this
  draft.openingOwed = false
  const answering = !draft.openedOver && (draft.active?.spoke === true || !isIdle(draft.playout))
  if (answering) return
  draft.openedOver = false
  interrupt(draft)
  draft.openingOwed = false
  ask(draft, "screening")
}

/** The callee has spoken; before the words are there nobody knows whether it is the service, or the person. */
export const waitsForWords = (draft: Draft): boolean =>
  draft.answeredBy === "screening" && draft.screenedAt !== undefined

/** What was said cannot be read: it is answered like anybody's words. */
export const unread = (draft: Draft): void => {
  if (draft.phase === "talking" && waitsForWords(draft) && draft.speaking === undefined) ask(draft, "reply")
}

/** The person has come to the telephone, and has not heard a word from us. */
export const personAfterScreening = (draft: Draft): void => {
  if (draft.screenedAt === undefined || draft.phase !== "talking") return
  draft.screenedAt = undefined
  draft.openingOwed = false
  if (draft.speaking !== undefined) draft.openingOwed = true
  else ask(draft, "opening")
}
