/** Where the call stands, as the telephone network tells it. */
import { Duration } from "effect"
import { advance, isTerminal } from "../../domain/CallStatus.ts"
import type { Fact } from "../Fact.ts"
import { decideEnd, hangUp } from "./acts/Endings.ts"
import * as Answer from "./answerer/Answer.ts"
import { type Draft, order } from "./Draft.ts"
import * as Afterwards from "./ending/Afterwards.ts"

const noAudio =
  "The call was answered, but ended before Twilio opened its media stream. Is webhookHost reachable for WebSockets?"

/** The network tells a state of the call: later than it was, out of order, or twice. */
export const told = (draft: Draft, fact: Extract<Fact, { readonly _tag: "Status" }>): void => {
  if (fact.price !== undefined) draft.price = fact.price
  if (fact.duration !== undefined) draft.lasted = Duration.toMillis(fact.duration)
  const before = draft.status
  const next = advance(before, fact.status)
  if (next === before) return
  if (isTerminal(next)) {
    const code = fact.code === undefined ? {} : { code: fact.code }
    // answered, and over without ever having been connected to us: nobody was talked with
    if (next === "completed" && draft.phase === "waiting" && !draft.hangingUp) {
      return Afterwards.ended(draft, "failed", { type: "CallFailed", message: noAudio, ...code })
    }
    const message = `The telephone network could not put the call through${fact.code === undefined ? "" : ` (code ${fact.code})`}.`
    return Afterwards.ended(draft, next, next === "failed" ? { type: "CallFailed", message, ...code } : undefined)
  }
  draft.status = next
  order(draft, { _tag: "Status", status: next })
  if (next === "ringing") Answer.accepted(draft)
  if (next === "in-progress") Answer.answered(draft)
}

/** A media stream is there, so the call is answered, whether or not the network has told so. */
export const answeredNow = (draft: Draft): void => {
  if (draft.status === "in-progress" || isTerminal(draft.status)) return
  draft.status = "in-progress"
  order(draft, { _tag: "Status", status: "in-progress" })
}

/** It has rung for long enough. */
export const rangOut = (draft: Draft): void => {
  if (draft.answeredAt !== undefined) return
  decideEnd(draft, "no-answer")
  hangUp(draft)
}

/** We have hung up, and nobody tells us that the call is over. */
export const unconfirmedEnd = (draft: Draft): void =>
  Afterwards.ended(draft, draft.answeredAt === undefined ? "canceled" : "completed")
