/** What a finished talk comes to: status, outcome, latency. Telephone facts first, claims second. */

import type { CallError, Latency } from "../../../domain/Call.ts"
import type { TerminalStatus } from "../../../domain/CallStatus.ts"
import { type AnsweredBy, type Outcome, outcomeOf } from "../../../domain/Outcome.ts"
import { latencyOf } from "../acts/Pace.ts"
import { turnsOf } from "../acts/Turns.ts"
import { messageLeft } from "../answerer/Machine.ts"
import type { Talk } from "../Talk.ts"
import { summaryOf } from "./Summary.ts"

export interface Result {
  readonly status: TerminalStatus
  readonly error?: CallError
  readonly answeredBy?: AnsweredBy
  readonly outcome: Outcome
  readonly latency: Latency
}

const reasons = {
  hold: "The agent was held too long, and ended the call.",
  menu: "The agent could not get through the menu, and ended the call."
}

/** Why the agent gave up, if it did, before its own account of what came of the call. */
const explained = ({ claim, gaveUp }: Talk, outcome: Outcome): Outcome =>
  gaveUp === undefined
    ? outcome
    : { ...outcome, summary: claim === undefined ? reasons[gaveUp] : `${reasons[gaveUp]} ${outcome.summary}` }

export const resultOf = (talk: Talk): Result => {
  const turns = turnsOf(talk)
  const heardSomebody = turns.some((turn) => turn.role === "user")
  const verdict = talk.verdict ?? { status: "failed" as const }
  const answeredBy =
    talk.answeredBy ?? (talk.answeredAt === undefined ? undefined : heardSomebody ? "human" : "unknown")
  const facts = {
    answeredBy: answeredBy ?? ("unknown" as const),
    turns,
    otherwise:
      verdict.status === "completed" && talk.answeredBy === "voicemail"
        ? messageLeft(talk)
        : summaryOf({
            status: verdict.status,
            answeredBy: talk.answeredBy,
            problem: verdict.error?.message,
            heardSomebody
          })
  }
  // a call that failed may still have reached its goal before: its claim is checked like any other
  const claim = verdict.status === "completed" || verdict.status === "failed" ? talk.claim : undefined
  return {
    status: verdict.status,
    ...(verdict.error === undefined ? {} : { error: verdict.error }),
    ...(answeredBy === undefined ? {} : { answeredBy }),
    outcome: explained(talk, outcomeOf(claim, facts)),
    latency: latencyOf(talk)
  }
}
