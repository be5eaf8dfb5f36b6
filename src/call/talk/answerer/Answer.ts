/** From the ring to our first word: the listening moment, the prepared opening, and what must have happened by when. */

import { play, pump } from "../acts/Playing.ts"
import { ask, askAside } from "../acts/Responses.ts"
import { type Draft, order, plus, setTimer, stopTimer } from "../Draft.ts"

/** The session is ready and the line is about to be dialled. */
export const dialed = (draft: Draft): void => {
  draft.status = "dialing"
  order(draft, { _tag: "Status", status: "dialing" })
  if (draft.rules.prepareOpening) {
    ask(draft, "opening")
    askAside(draft, "holding", "audio")
  }
}

/** The network has taken the call, or says that it rings: from the later of both it may ring so long. */
export const accepted = (draft: Draft): void => {
  if (draft.phase === "waiting" && draft.answeredAt === undefined) setTimer(draft, "ring", draft.rules.limits.ring)
}

/** Somebody, or something, has picked up. Heard from the status or from the media stream, whichever is first. */
export const answered = (draft: Draft): void => {
  if (draft.answeredAt !== undefined) return
  const { limits } = draft.rules
  draft.answeredAt = draft.now
  stopTimer(draft, "ring")
  setTimer(draft, "wrapUp", Math.max(limits.maxDuration - limits.wrapUpBefore, limits.maxDuration / 2))
  setTimer(draft, "limit", limits.maxDuration)
  if (!draft.mediaUp) setTimer(draft, "mediaStart", limits.mediaStart)
  order(draft, { _tag: "Answered", at: draft.epoch + draft.now })
}

export const mediaStarted = (draft: Draft): void => {
  const { limits } = draft.rules
  draft.mediaUp = true
  stopTimer(draft, "mediaStart")
  answered(draft)
  if (draft.phase === "waiting") {
    draft.phase = "listening"
    setTimer(draft, "greeting", limits.greetingDelay)
    setTimer(draft, "greetingCap", limits.greetingCap)
    setTimer(draft, "firstAudio", limits.firstAudio)
    if (!draft.rules.prepareOpening) {
      ask(draft, "opening")
      askAside(draft, "holding", "audio")
    }
  }
  pump(draft)
}

/** We speak: the prepared opening now, or as soon as it exists. What the callee has said so far is answered by it. */
export const openTalk = (draft: Draft): void => {
  if (draft.phase !== "listening" || draft.hangingUp) return
  draft.phase = "talking"
  stopTimer(draft, "greeting")
  stopTimer(draft, "greetingCap")
  for (const [itemId, utterance] of draft.utterances) {
    if (utterance.role === "user") draft.greeted = plus(draft.greeted, itemId)
  }
  draft.openedOver = draft.speaking !== undefined
  const pieces = draft.held ?? []
  draft.held = undefined
  for (const piece of pieces) play(draft, piece)
  if (pieces.length === 0 && draft.active?.purpose !== "opening") ask(draft, "opening")
}

/** The listening moment is over; a hello that has begun is heard to its end first. */
export const greetingDue = (draft: Draft): void => {
  if (draft.speaking === undefined) openTalk(draft)
}

/** So long into our opening, and its words were not to be understood: in milliseconds. */
const drowned = 2_500

/** Our opening answers what was said before it; of one that was spoken into words that went on and on nobody has heard much. */
export const isAnswered = (draft: Draft, itemId: string): boolean => {
  const { firstWordAt, greeted, now, openedOver, quietSince = now, speaking } = draft
  const until = speaking === undefined ? quietSince : now
  return greeted.has(itemId) && !(openedOver && firstWordAt !== undefined && until - firstWordAt > drowned)
}
