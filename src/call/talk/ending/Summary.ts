/** One sentence on a call of which nobody could report anything: what the telephone alone knows. */
import type { CallStatus } from "../../../domain/CallStatus.ts"
import type { AnsweredBy } from "../../../domain/Outcome.ts"

export interface Known {
  readonly status: CallStatus
  readonly answeredBy: AnsweredBy | undefined
  /** Why it failed. */
  readonly problem: string | undefined
  readonly heardSomebody: boolean
}

export const summaryOf = ({ answeredBy, heardSomebody, problem, status }: Known): string => {
  switch (status) {
    case "busy":
      return "The line was busy. Nobody was reached."
    case "no-answer":
      return "Nobody answered."
    case "canceled":
      return "The call was canceled before it was answered."
    case "failed":
      return `The call failed. ${problem ?? ""}`.trim()
    default:
      if (answeredBy === "voicemail") return "Voicemail answered. The transcript has what was left as a message."
      if (answeredBy === "fax") return "A fax machine answered."
      return heardSomebody
        ? "There was a conversation, but what came of it is not known. See the transcript."
        : "The call was answered, but nobody said a word."
  }
}
