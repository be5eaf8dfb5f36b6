/**
 * When the model's session drops in mid-call: what is kept, what is owed, and how long we wait. The ladder is: the same model,
 * the fallback model, an apology of the network's own voice and the hang-up.
 */
import type { CallError } from "../../../domain/Call.ts"
import type { ModelUnavailable, RateLimited } from "../../../domain/errors.ts"
import type { SessionTerms } from "../../Fact.ts"
import { recordOf } from "../../failures.ts"
import { giveUp } from "../acts/Endings.ts"
import { ask, askAside, owed } from "../acts/Responses.ts"
import { payNotes } from "../acts/ToolAnswers.ts"
import { breakOff, storeCallee } from "../acts/Turns.ts"
import { wordsLost } from "../callee/Interjections.ts"
import { type Draft, order, plus, setTimer, stopTimer } from "../Draft.ts"
import { report } from "../Incidents.ts"
import type { Successor } from "../Parts.ts"
import { noHolding } from "../Talk.ts"
import { openQuestion } from "../tools/Questions.ts"
import { memoryOf } from "./Memory.ts"
import { expectRehearing, keepUnheard } from "./Rehearing.ts"
import { sessionBegun } from "./SessionLife.ts"

/** A session can always be had, and none gets a sentence out: the callee must not be kept in that. */
const unreliable: CallError = {
  type: "ModelUnavailable",
  message: "The voice model's sessions broke off one after the other before a sentence was finished."
}

/** Asks for a new session, and bounds the wait for it. A model whose sessions break off one after the other is left for another. */
export const reconnect = (draft: Draft, fallback = draft.setbacks > 1): void => {
  draft.lostAt = draft.lostAt ?? draft.now
  order(draft, { _tag: "ReopenModel", fallback, hearFrom: draft.unheardFrom })
  setTimer(draft, "patience", draft.rules.limits.patience)
}

/** The session is gone with its conversation. What was already received plays on; what was being said is owed again. */
const forgetSession = (draft: Draft): void => {
  draft.modelUp = false
  wordsLost(draft)
  const { active, speaking } = draft
  const reheard = keepUnheard(draft)
  if (active !== undefined && !active.stale) draft.wanted = draft.wanted ?? owed(draft, active)
  // what is heard again is answered then
  if (reheard && draft.wanted === "reply") draft.wanted = undefined
  if (speaking !== undefined) draft.textsDue = plus(draft.textsDue, speaking)
  if (draft.asides.some((aside) => aside.purpose === "holding")) draft.holding = noHolding
  draft.lostItems = new Set([...draft.utterances.keys(), ...draft.heldItems, ...draft.lostItems])
  draft.active = undefined
  draft.asides = []
  draft.speaking = undefined
  draft.backingOff = false
  for (const timer of ["freeze", "retry", "probe", "renew"] as const) stopTimer(draft, timer)
  for (const tool of draft.toolsOpen) draft.toolsLost = plus(draft.toolsLost, tool)
  // a goodbye that the callee interrupts later is taken back in the next session
  if (draft.endTool !== undefined) draft.toolsLost = plus(draft.toolsLost, draft.endTool)
  const open = openQuestion(draft)
  if (open !== undefined) draft.toolsLost = plus(draft.toolsLost, open.toolCallId)
  for (const itemId of draft.textsDue) {
    if (!draft.rehearing.includes(itemId)) storeCallee(draft, itemId, "", true)
  }
  for (const [itemId, said] of draft.utterances) {
    if (said.role === "assistant") breakOff(draft, itemId)
  }
}

/** The session broke off, or was found frozen. A successor that waits takes its place at once. */
export const modelLost = (draft: Draft, how: "model-lost" | "model-frozen" = "model-lost"): void => {
  if (!draft.modelUp) return
  report(draft, how, how === "model-frozen" ? draft.modelHeardAt : undefined)
  const successor = draft.renewal?.successor
  forgetSession(draft)
  draft.renewal = undefined
  if (draft.phase === "afterwards") return
  if (typeof successor === "object") return takeSuccessor(draft, successor, "reconnected")
  draft.setbacks += 1
  if (draft.setbacks > draft.rules.limits.setbacks) return giveUp(draft, unreliable)
  reconnect(draft)
}

/** What a new session hears of and is asked for. */
const resume = (draft: Draft, terms: SessionTerms, age?: number): void => {
  draft.modelUp = true
  sessionBegun(draft, terms, age)
  draft.lostAt = undefined
  draft.takenOver = false
  stopTimer(draft, "patience")
  payNotes(draft)
  expectRehearing(draft)
  if (draft.wanted !== undefined) ask(draft, draft.wanted)
  if (draft.holding.bytes.length === 0) askAside(draft, "holding", "audio")
}

export const modelBack = (draft: Draft, terms: SessionTerms): void => {
  if (draft.modelUp) return
  report(draft, terms.fallback ? "fallback-model" : "reconnected", draft.lostAt)
  resume(draft, terms)
}

/** The session that waits takes over, with the conversation as it was heard by now. */
export const takeSuccessor = (draft: Draft, successor: Successor, kind: "renewed" | "reconnected"): void => {
  if (draft.modelUp) forgetSession(draft)
  order(draft, { _tag: "SwapModel", memory: memoryOf(draft), hearFrom: draft.unheardFrom })
  report(draft, successor.fallback ? "fallback-model" : kind)
  resume(draft, successor, draft.now - successor.readyAt)
}

/** The model that serves cannot answer any more: another one is looked for, or we are at our wits' end. Called after every fact. */
export const stepDown = (draft: Draft): void => {
  const { unable } = draft
  if (unable === undefined) return
  draft.unable = undefined
  if (draft.rules.fallback !== true || draft.onFallback || !draft.modelUp) return giveUp(draft, unable)
  forgetSession(draft)
  draft.renewal = undefined
  draft.attempts = 0
  reconnect(draft, true)
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
