/** When the model's socket or the media stream drops in mid-call: what is kept, what is owed, and how long we wait. */
import type { CallError } from "../../domain/Call.ts"
import type { ModelUnavailable, RateLimited } from "../../domain/errors.ts"
import { recordOf } from "../failures.ts"
import * as Playout from "../Playout.ts"
import { giveUp } from "./Endings.ts"
import { openQuestion } from "./Questions.ts"
import { ask, askAside, owed } from "./Responses.ts"
import { type Draft, isLive, noHolding, order, plus, setTimer, stopTimer } from "./Talk.ts"
import { payResults } from "./ToolAnswers.ts"
import { breakOff, storeCallee, storeHeard } from "./Turns.ts"

/** A session can always be had, and none gets a sentence out: the callee must not be kept in that. */
const unreliable: CallError = {
  type: "ModelUnavailable",
  message: "The voice model's sessions broke off one after the other before a sentence was finished."
}

/** Asks for a new session, and bounds the wait for it. */
export const reconnect = (draft: Draft): void => {
  order(draft, { _tag: "ReopenModel" })
  setTimer(draft, "holding", draft.rules.limits.holding)
  setTimer(draft, "patience", draft.rules.limits.patience)
}

/** The session is gone with its conversation. What was already received plays on; what was being said is owed again. */
export const modelLost = (draft: Draft): void => {
  const { active, speaking } = draft
  if (active !== undefined && !active.stale) draft.wanted = draft.wanted ?? owed(draft, active)
  if (speaking !== undefined) {
    // nobody has understood this: the model will have to ask
    draft.textsDue = plus(draft.textsDue, speaking)
    if (draft.phase === "talking" && !draft.music) draft.wanted = draft.wanted ?? "reply"
  }
  if (draft.asides.some((aside) => aside.purpose === "holding")) draft.holding = noHolding
  draft.lostItems = new Set([...draft.utterances.keys(), ...draft.heldItems, ...draft.lostItems])
  draft.active = undefined
  draft.asides = []
  draft.speaking = undefined
  draft.backingOff = false
  stopTimer(draft, "freeze")
  stopTimer(draft, "retry")
  for (const tool of draft.toolsOpen) draft.toolsLost = plus(draft.toolsLost, tool)
  // a goodbye that the callee interrupts later is taken back in the next session
  if (draft.endTool !== undefined) draft.toolsLost = plus(draft.toolsLost, draft.endTool)
  const open = openQuestion(draft)
  if (open !== undefined) draft.toolsLost = plus(draft.toolsLost, open.toolCallId)
  for (const itemId of draft.textsDue) storeCallee(draft, itemId, "", true)
  for (const [itemId, said] of draft.utterances) {
    if (said.role === "assistant") breakOff(draft, itemId)
  }
  if (draft.phase === "afterwards") return
  draft.setbacks += 1
  if (draft.setbacks > draft.rules.limits.setbacks) return giveUp(draft, unreliable)
  reconnect(draft)
}

export const modelBack = (draft: Draft): void => {
  if (draft.modelUp) return
  draft.modelUp = true
  stopTimer(draft, "holding")
  stopTimer(draft, "patience")
  payResults(draft)
  if (draft.wanted !== undefined) ask(draft, draft.wanted)
  if (draft.holding.bytes.length === 0) askAside(draft, "holding", "audio")
}

/** Who talks to somebody else by now does not miss the model; should they come back, it is looked for again. */
const isMissed = (draft: Draft): boolean => !draft.modelUp && draft.phase !== "away" && draft.phase !== "afterwards"

export const modelGone = (draft: Draft, error: ModelUnavailable | RateLimited): void => {
  if (!isMissed(draft)) return
  giveUp(draft, recordOf(error))
}

export const patienceOver = (draft: Draft): void => {
  if (!isMissed(draft)) return
  giveUp(draft, {
    type: "ModelUnavailable",
    message: `The voice model's connection was lost and could not be had again within ${draft.rules.limits.patience / 1000} s.`
  })
}

/** The stream is gone. The network asks for new instructions by itself, so a new one follows, or the call has ended. */
export const mediaStopped = (draft: Draft): void => {
  draft.mediaUp = false
  draft.playout = Playout.interruptStream(draft.playout, draft.now)
  storeHeard(draft)
  stopTimer(draft, "pump")
  // what the callee was saying ended with the stream; the model must hear that, or it never writes it down
  if (draft.speaking !== undefined) order(draft, { _tag: "HearSilence", ms: 1_000 })
  awaitMedia(draft)
}

/** A new stream should follow soon; while keys are pressed the telephone side watches that itself. */
export const awaitMedia = (draft: Draft): void => {
  const pressing = draft.toolsOpen.size > 0 && draft.next === undefined
  if (isLive(draft) && !draft.mediaUp && !pressing) setTimer(draft, "mediaStart", draft.rules.limits.mediaStart)
}
