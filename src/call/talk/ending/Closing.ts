/** Goodbyes: the model's own, those that silence, the clock or the owner bring about, and the quiet before them. */

import * as Playout from "../../Playout.ts"
import { decideEnd, hangUp } from "../acts/Endings.ts"
import { dropHeld } from "../acts/Held.ts"
import { boundSettling, interrupt } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import { answer, dropNext } from "../acts/ToolAnswers.ts"
import { resume } from "../callee/Interjections.ts"
import { type Draft, setTimer, stopTimer, tell } from "../Draft.ts"
import { isLive, isSuspended } from "../Talk.ts"
import { openQuestion, withdraw } from "../tools/Questions.ts"
import { isOnHold } from "../Waits.ts"
import { wrapUpNote } from "../Words.ts"
import { ended } from "./Afterwards.ts"

const beingEnded = "The call is being ended."

/** The goodbye is being said; the line is hung up when it was heard. */
export const close = (draft: Draft): void => {
  draft.phase = "closing"
  // after the goodbye nothing is owed any more, not even words about a tool
  draft.oweReply = false
  withdraw(draft)
  dropNext(draft, beingEnded)
  draft.next = { _tag: "HangUp" }
  boundSettling(draft, draft.rules.limits.lastWords)
}

/** The model has ended the call without a word: the callee is not hung up on in silence. */
export const sayGoodbye = (draft: Draft): void => {
  const isSilent = Playout.isIdle(draft.playout) && draft.active === undefined && draft.wanted === undefined
  if (draft.phase === "closing" && isSilent) ask(draft, "goodbye")
}

/** What a sound into our words was does not matter any more: the words that would tell it must not take the goodbye back. */
const speakOn = (draft: Draft): void => {
  if (draft.interjection === undefined) return
  for (const { toolCallId } of resume(draft)) answer(draft, toolCallId, { ok: false, reason: beingEnded })
  sayGoodbye(draft)
}

/** Makes the agent say goodbye and closes. `firm`: whatever the callee says to that. */
export const closeWithWords = (draft: Draft, options: { readonly firm: boolean }): void => {
  if (!isLive(draft)) return hangUp(draft)
  draft.firm = draft.firm || options.firm
  const cuts = draft.phase === "message" || draft.phase === "listening" || draft.stopping || isSuspended(draft)
  if (draft.phase !== "closing") {
    if (cuts) interrupt(draft)
    if (draft.held !== undefined) dropHeld(draft, undefined)
    ask(draft, "goodbye")
  }
  if (draft.firm) speakOn(draft)
  close(draft)
}

/** Nobody has spoken for too long: say that the answer is still awaited, if one is; else ask once, then say goodbye. */
export const silent = (draft: Draft): void => {
  if (draft.patience === 0) return
  if (openQuestion(draft) !== undefined) return ask(draft, "filler")
  if (draft.checkedIn) return closeWithWords(draft, { firm: false })
  draft.checkedIn = true
  ask(draft, "check-in")
}

export const wrapUp = (draft: Draft): void => {
  draft.wrappingUp = true
  tell(draft, { _tag: "Note", text: wrapUpNote })
  if (draft.phase === "talking" && draft.patience > 0) ask(draft, "wrap-up")
}

export const limitReached = (draft: Draft): void => {
  if (draft.phase === "away") return hangUp(draft)
  closeWithWords(draft, { firm: true })
}

export const hangUpRequested = (draft: Draft, by: "owner" | "service"): void => {
  draft.stopping = draft.stopping || by === "service"
  if (draft.phase === "afterwards") return
  if (draft.status === "queued") return ended(draft, "canceled")
  if (draft.answeredAt === undefined) {
    decideEnd(draft, "canceled")
    return hangUp(draft)
  }
  if (by === "service") return closeWithWords(draft, { firm: true })
  interrupt(draft)
  hangUp(draft)
}

/** How long quiet may last. The lengths differ: a change of them is how `watchQuiet` knows to start anew. */
const patienceOf = (draft: Draft): number => {
  const { screening, silence, silenceAfterCheckIn, silenceAfterGap, silenceOnQuestion } = draft.rules.limits
  if (openQuestion(draft) !== undefined) return silenceOnQuestion
  if (draft.checkedIn) return silenceAfterCheckIn
  if (draft.answeredBy === "screening") return screening
  return draft.lineGap ? silenceAfterGap : silence
}

/** Starts and stops the silence timer as the line falls quiet and comes alive. Called after every fact. */
export const watchQuiet = (draft: Draft): void => {
  const quiet =
    draft.phase === "talking" &&
    !draft.hangingUp &&
    draft.mediaUp &&
    draft.modelUp &&
    !isOnHold(draft) &&
    draft.speaking === undefined &&
    draft.interjection === undefined &&
    draft.active === undefined &&
    draft.wanted === undefined &&
    draft.next === undefined &&
    draft.toolsOpen.size === 0 &&
    Playout.isIdle(draft.playout)
  const patience = quiet ? patienceOf(draft) : 0
  if (patience === draft.patience) return
  draft.patience = patience
  if (quiet) setTimer(draft, "silence", patience)
  else stopTimer(draft, "silence")
}
