/** The states of a call in Twilio's words (facts/twilio.md 1.2). */

export type TerminalStatus = "completed" | "busy" | "no-answer" | "failed" | "canceled"
/** As the REST interface tells it; callbacks also know `initiated`. */
export type CallStatus = "queued" | "ringing" | "in-progress" | TerminalStatus

export const isOver = (status: CallStatus): status is TerminalStatus =>
  status !== "queued" && status !== "ringing" && status !== "in-progress"
