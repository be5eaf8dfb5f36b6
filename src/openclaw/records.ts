/** Calls as the service tells them, with no more than the plugin shows. Tolerant: what is not known yet is left out. */
import { isRecord, listAt, textAt } from "./json.ts"

/** What the voice agent has asked in mid-call; open while it has neither an answer nor a reason for having none. */
export interface QuestionRecord {
  readonly id: number
  readonly question: string
  readonly answer: string | undefined
  readonly unanswered: string | undefined
}

export interface CallRecord {
  readonly id: string
  readonly to: string
  readonly task: string
  readonly status: string
  readonly startedAt: string
  readonly endedAt: string | undefined
  /** Seconds from answer to end. */
  readonly duration: number
  readonly answeredBy: string | undefined
  readonly outcome:
    | { readonly success: boolean; readonly summary: string; readonly nextSteps: ReadonlyArray<string> }
    | undefined
  readonly error: string | undefined
  readonly questions: ReadonlyArray<QuestionRecord>
  readonly turns: ReadonlyArray<{ readonly role: string; readonly text: string }>
}

/** An ended call, or the open question of a live one, and the session that it was made from. */
export interface CompletionRecord {
  readonly call: CallRecord
  readonly question: QuestionRecord | undefined
  readonly requestId: string | undefined
  readonly sessionKey: string | undefined
  readonly agentId: string | undefined
}

const texts = (values: ReadonlyArray<unknown>) => values.filter((value) => typeof value === "string")

const readOutcome = (outcome: unknown): CallRecord["outcome"] =>
  isRecord(outcome)
    ? {
        success: outcome.success === true,
        summary: textAt(outcome, "summary") ?? "",
        nextSteps: texts(listAt(outcome, "nextSteps"))
      }
    : undefined

const readQuestion = (value: unknown): QuestionRecord | undefined => {
  const question = textAt(value, "question")
  if (question === undefined || !isRecord(value) || typeof value.id !== "number") return undefined
  return { id: value.id, question, answer: textAt(value, "answer"), unanswered: textAt(value, "unanswered") }
}

export const readCall = (value: unknown): CallRecord | undefined => {
  const id = textAt(value, "id")
  if (id === undefined || !isRecord(value)) return undefined
  return {
    id,
    to: textAt(value, "to") ?? "",
    task: textAt(value, "task") ?? "",
    status: textAt(value, "status") ?? "unknown",
    startedAt: textAt(value, "startedAt") ?? "",
    endedAt: textAt(value, "endedAt"),
    duration: typeof value.duration === "number" ? value.duration : 0,
    answeredBy: textAt(value, "answeredBy"),
    outcome: readOutcome(value.outcome),
    error: textAt(value.error, "message"),
    questions: listAt(value, "questions").flatMap((one) => readQuestion(one) ?? []),
    turns: listAt(value, "transcript").map((turn) => ({
      role: textAt(turn, "role") ?? "",
      text: textAt(turn, "text") ?? ""
    }))
  }
}

export const readCalls = (value: unknown): ReadonlyArray<CallRecord> =>
  listAt(value, "calls").flatMap((one) => readCall(one) ?? [])

export const readCompletions = (value: unknown): ReadonlyArray<CompletionRecord> =>
  (Array.isArray(value) ? value : []).flatMap((one: unknown) => {
    const call = isRecord(one) ? readCall(one.call) : undefined
    if (call === undefined || !isRecord(one)) return []
    const { metadata } = one
    return {
      call,
      question: readQuestion(one.question),
      requestId: textAt(metadata, "requestId"),
      sessionKey: textAt(metadata, "sessionKey"),
      agentId: textAt(metadata, "agentId")
    }
  })
