/** Where a call is in its life (design, 2). Status only moves forward and a terminal status never changes. */
import { Schema } from "effect"

export const CallStatus = Schema.Literal(
  "queued",
  "dialing",
  "ringing",
  "in-progress",
  "completed",
  "busy",
  "no-answer",
  "failed",
  "canceled"
)
export type CallStatus = typeof CallStatus.Type

export const TerminalStatus = Schema.Literal("completed", "busy", "no-answer", "failed", "canceled")
export type TerminalStatus = typeof TerminalStatus.Type

const rank: Record<CallStatus, number> = {
  queued: 0,
  dialing: 1,
  ringing: 2,
  "in-progress": 3,
  completed: 4,
  busy: 4,
  "no-answer": 4,
  failed: 4,
  canceled: 4
}

/** Whether nothing can happen to the call any more. */
export const isTerminal: (status: CallStatus) => status is TerminalStatus = Schema.is(TerminalStatus)

/**
 * The status after `reported` has been heard. Reports come late, twice and out of order, so anything that would move
 * backwards is ignored. An answered call can only complete or fail: a late "busy" does not unsay a conversation.
 */
export const advance = (current: CallStatus, reported: CallStatus): CallStatus => {
  if (isTerminal(current) || rank[reported] <= rank[current]) return current
  if (current === "in-progress" && isTerminal(reported) && reported !== "failed") return "completed"
  return reported
}
