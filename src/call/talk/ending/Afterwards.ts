/** After the line is gone: the last words still being written down, and the outcome. */

import type { CallError } from "../../../domain/Call.ts"
import type { TerminalStatus } from "../../../domain/CallStatus.ts"
import { dropHeld } from "../acts/Held.ts"
import { fallSilent } from "../acts/Playing.ts"
import { askAside } from "../acts/Responses.ts"
import { answer, dropNext } from "../acts/ToolAnswers.ts"
import { storeCallee, storeCut, turnsOf } from "../acts/Turns.ts"
import { tellKeys } from "../callee/Keys.ts"
import { type Draft, order, setTimer, stopTimer, tell } from "../Draft.ts"
import { withdraw } from "../tools/Questions.ts"
import { leftRinging } from "../tools/Transfers.ts"
import { unreadNote } from "../Words.ts"
import { readClaim } from "./Claim.ts"

/** The line is over. Only the first report counts. */
export const ended = (draft: Draft, status: TerminalStatus, error?: CallError): void => {
  if (draft.phase === "afterwards" || draft.phase === "done") return
  const verdict = draft.verdict ?? { status, ...(error === undefined ? {} : { error }) }
  draft.verdict = verdict
  draft.status = verdict.status
  draft.endedAt = draft.now
  dropNext(draft, "The call is over.")
  leftRinging(draft)
  // keys that were still being pressed
  for (const toolCallId of draft.toolsOpen) answer(draft, toolCallId, { ok: false, reason: "The call is over." })
  draft.wanted = undefined
  // the model is asked what came of it: it must not believe that all it prepared was heard
  fallSilent(draft)
  // an opening that was played is remembered
  if (draft.held !== undefined) dropHeld(draft, undefined)
  for (const [itemId, said] of draft.utterances) {
    const heard = draft.playout.items.get(itemId)
    if (said.role === "assistant" && !said.stored && heard !== undefined) storeCut(draft, { itemId, ...heard })
  }
  withdraw(draft)
  for (const timer of [
    "ring",
    "mediaStart",
    "greeting",
    "greetingCap",
    "firstAudio",
    "pump",
    "silence",
    "settle",
    "wrapUp",
    "limit",
    "retry",
    "freeze",
    "probe",
    "renew",
    "rehearing",
    "holding",
    "unanswered",
    "patience",
    "machineGreeting",
    "machineQuiet",
    "hangUp",
    "question",
    "interjection",
    "hold",
    "words",
    "menu",
    "menuTime",
    "keys"
  ] as const) {
    stopTimer(draft, timer)
  }
  tellKeys(draft)
  draft.phase = "afterwards"
  if (draft.speaking !== undefined) order(draft, { _tag: "HearSilence", ms: 1_000 })
  setTimer(draft, "afterwards", draft.rules.limits.lateText)
  proceed(draft)
}

/** Words of the callee of which no text has come by now leave at least their trace. */
const giveUpTexts = (draft: Draft): void => {
  for (const itemId of draft.textsDue) storeCallee(draft, itemId, "", true)
}

const done = (draft: Draft): void => {
  giveUpTexts(draft)
  draft.phase = "done"
  stopTimer(draft, "afterwards")
}

const worthAsking = (draft: Draft): boolean =>
  draft.claim === undefined &&
  draft.modelUp &&
  draft.answeredBy !== "voicemail" &&
  draft.answeredBy !== "fax" &&
  turnsOf(draft).some((turn) => turn.role === "user")

/** Goes on as far as what has come in allows: first the texts, then the outcome, then the end. */
export const proceed = (draft: Draft): void => {
  if (draft.phase === "afterwards" && draft.stopping) return done(draft)
  if (draft.phase !== "afterwards" || draft.asides.some((response) => response.purpose === "outcome")) return
  if (draft.modelUp && (draft.textsDue.size > 0 || draft.speaking !== undefined)) return
  askOutcome(draft)
}

/** No text comes any more, or no outcome: what we have is what there is. */
export const longEnough = (draft: Draft): void => {
  if (draft.asides.some((response) => response.purpose === "outcome")) return done(draft)
  askOutcome(draft)
}

const askOutcome = (draft: Draft): void => {
  giveUpTexts(draft)
  if (!worthAsking(draft)) return done(draft)
  tell(draft, { _tag: "Note", text: "The line is closed. The call is over." })
  askAside(draft, "outcome", "text")
  setTimer(draft, "afterwards", draft.rules.limits.outcome)
}

/** The model has written the outcome, or failed to. What cannot be read is asked for once more, in the time of the first. */
export const outcomeWritten = (draft: Draft): void => {
  const written = draft.outcomeText
  draft.claim = readClaim(written)
  if (draft.claim !== undefined || written === "" || draft.outcomeUnread || !draft.modelUp) return done(draft)
  draft.outcomeUnread = true
  draft.outcomeText = ""
  tell(draft, { _tag: "Note", text: unreadNote })
  askAside(draft, "outcome", "text")
}
