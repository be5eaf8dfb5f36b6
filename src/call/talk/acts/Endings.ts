/** The ways in which a call is brought to its end: at once, after last words, or because something failed. */
import type { CallError } from "../../../domain/Call.ts"
import type { TerminalStatus } from "../../../domain/CallStatus.ts"
import { type Draft, order, setTimer, stopTimer } from "../Draft.ts"
import { report } from "../Incidents.ts"
import { isLive } from "../Talk.ts"
import { networkSays } from "./NetworkVoice.ts"
import { dropNext } from "./ToolAnswers.ts"
import { storeAnnounced } from "./Turns.ts"

/** Decides how the call ends, unless that was decided before. */
export const decideEnd = (draft: Draft, status: TerminalStatus, error?: CallError): void => {
  draft.verdict = draft.verdict ?? { status, ...(error === undefined ? {} : { error }) }
}

/** Ends the line now. The call is over when the network confirms it, or after `Limits.hangUp` without an answer. */
export const hangUp = (draft: Draft): void => {
  if (draft.hangingUp) return
  draft.hangingUp = true
  dropNext(draft, "The call is being ended.")
  stopTimer(draft, "settle")
  order(draft, { _tag: "HangUp" })
  setTimer(draft, "hangUp", draft.rules.limits.hangUp)
}

/** The call cannot go on; nothing more can be said through the voice model. */
export const fail = (draft: Draft, error: CallError): void => {
  decideEnd(draft, "failed", error)
  hangUp(draft)
}

/**
 * The voice model is not to be had: whoever is on the line hears an apology from the network's own voice, or, where only the
 * goodbye was missing, that.
 */
export const giveUp = (draft: Draft, error: CallError): void => {
  const closing = draft.phase === "closing"
  // all that was to be said has come: it is played to its end
  if (closing && draft.wanted === undefined && draft.active === undefined && draft.next !== undefined) return
  if (closing) decideEnd(draft, "completed")
  if (!isLive(draft) || draft.hangingUp) return fail(draft, error)
  decideEnd(draft, "failed", error)
  draft.hangingUp = true
  dropNext(draft, "The call is being ended.")
  const words = networkSays(closing ? "farewell" : "apology", draft.rules.language)
  if (!closing) report(draft, "apology")
  order(draft, { _tag: "SayAndHangUp", ...words })
  storeAnnounced(draft, words.text)
  setTimer(draft, "hangUp", draft.rules.limits.hangUp)
}
