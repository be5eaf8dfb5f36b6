/** What a finished talk comes to: status, outcome, latency. Telephone facts first, claims second. */

import type { CallError, Latency } from "../../domain/Call.ts"
import type { TerminalStatus } from "../../domain/CallStatus.ts"
import type { AnsweredBy, Outcome } from "../../domain/Outcome.ts"
import { outcomeOf } from "./Claim.ts"
import { messageLeft } from "./Machine.ts"
import type { Talk } from "./Talk.ts"
import { turnsOf } from "./Turns.ts"

export interface Result {
  readonly status: TerminalStatus
  readonly error?: CallError
  readonly answeredBy?: AnsweredBy
  readonly outcome: Outcome
  readonly latency: Latency
  /** When the line was over, in ms since 1970. */
  readonly endedAt: number
}

const summary = (talk: Talk, status: TerminalStatus, heardSomebody: boolean): string => {
  switch (status) {
    case "busy":
      return "The line was busy. Nobody was reached."
    case "no-answer":
      return "Nobody answered."
    case "canceled":
      return "The call was canceled before it was answered."
    case "failed":
      return `The call failed. ${talk.verdict?.error?.message ?? ""}`.trim()
    case "completed":
      if (talk.answeredBy === "voicemail") {
        return messageLeft(talk)
      }
      if (talk.answeredBy === "fax") return "A fax machine answered."
      return heardSomebody
        ? "There was a conversation, but what came of it is not known. See the transcript."
        : "The call was answered, but nobody said a word."
  }
}

const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1000

const latencyOf = (talk: Talk): Latency => {
  const turns = [...talk.turnLatencies].sort((a, b) => a - b)
  const { answeredAt, firstWordAt } = talk
  return {
    ...(answeredAt === undefined || firstWordAt === undefined
      ? {}
      : { answerToFirstWord: Math.round(firstWordAt - answeredAt) / 1000 }),
    ...(turns.length === 0 ? {} : { turn: { p50: percentile(turns, 0.5), p95: percentile(turns, 0.95) } })
  }
}

export const resultOf = (talk: Talk): Result => {
  const turns = turnsOf(talk)
  const heardSomebody = turns.some((turn) => turn.role === "user")
  const verdict = talk.verdict ?? { status: "failed" as const }
  const answeredBy =
    talk.answeredBy ?? (talk.answeredAt === undefined ? undefined : heardSomebody ? "human" : "unknown")
  const facts = {
    answeredBy: answeredBy ?? ("unknown" as const),
    turns,
    otherwise: summary(talk, verdict.status, heardSomebody)
  }
  // a call that failed may still have reached its goal before: its claim is checked like any other
  const claim = verdict.status === "completed" || verdict.status === "failed" ? talk.claim : undefined
  return {
    status: verdict.status,
    ...(verdict.error === undefined ? {} : { error: verdict.error }),
    ...(answeredBy === undefined ? {} : { answeredBy }),
    outcome: outcomeOf(claim, facts),
    latency: latencyOf(talk),
    endedAt: talk.epoch + (talk.endedAt ?? 0)
  }
}
