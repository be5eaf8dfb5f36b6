/** What the callee does: speaks, stops, has said something, presses keys. */
import * as Playout from "../Playout.ts"
import { isReadFirst } from "./Addressed.ts"
import { openTalk } from "./Answer.ts"
import { awaitEnd } from "./Machine.ts"
import { interrupt } from "./Playing.ts"
import { ask } from "./Responses.ts"
import { waitsForWords } from "./Screening.ts"
import { type Draft, stopTimer } from "./Talk.ts"
import { dropNext, withdrawEnd } from "./ToolAnswers.ts"
import { beginTurn, expectCallee } from "./Turns.ts"

/** The callee speaks into our goodbye: the hang-up is withdrawn, and the model learns that its `end_call` did not happen. */
const withdrawGoodbye = (draft: Draft): void => {
  draft.phase = "talking"
  draft.next = undefined
  draft.gaveUp = undefined
  stopTimer(draft, "settle")
  withdrawEnd(draft, spokeBefore)
}

const spokeBefore = "The callee spoke before the call ended. The call goes on."

export const speechStarted = (draft: Draft, itemId: string): void => {
  draft.speaking = itemId
  draft.checkedIn = false
  draft.toldToWait = false
  draft.speechStoppedAt = undefined
  stopTimer(draft, "firstAudio")
  if (draft.menu.speaking) stopTimer(draft, "menu")
  if (draft.phase !== "done") beginTurn(draft, itemId, "user")
  const busy = draft.active !== undefined || draft.wanted !== undefined || !Playout.isIdle(draft.playout)
  switch (draft.phase) {
    case "listening":
      return stopTimer(draft, "greeting")
    case "message":
      return stopTimer(draft, "machineQuiet")
    case "closing":
      if (draft.firm || draft.hangingUp) return
      interrupt(draft)
      draft.wanted = undefined
      return withdrawGoodbye(draft)
    case "talking":
      if (!busy) return
      interrupt(draft)
      if (draft.next?._tag === "Transfer")
        dropNext(draft, "The callee spoke before that. Ask whether they still want it.")
      withdrawEnd(draft, spokeBefore)
      // what was about to be said is reconsidered once the callee has spoken
      draft.wanted = undefined
      draft.oweReply = false
  }
}

export const speechStopped = (draft: Draft): void => {
  // said before it is committed: between the two, nothing may take the words for complete
  if (draft.speaking !== undefined) expectCallee(draft, draft.speaking)
  draft.speaking = undefined
  draft.quietSince = draft.now
  // words into a sentence of ours that goes on wait for no answer
  if (draft.phase === "talking" && Playout.isIdle(draft.playout)) draft.speechStoppedAt = draft.now
  if (draft.phase === "listening") openTalk(draft)
  if (draft.phase === "message") awaitEnd(draft)
}

export const calleeSpoke = (draft: Draft, itemId: string): void => {
  expectCallee(draft, itemId)
  if (draft.phase !== "talking" || draft.greeted.has(itemId)) return
  if (waitsForWords(draft) || isReadFirst(draft, itemId)) return
  ask(draft, draft.openingOwed ? "opening" : "reply")
  draft.openingOwed = false
}
