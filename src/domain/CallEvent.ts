/** What `phone_watch` streams while a call lives. */
import { Schema } from "effect"
import { Call } from "./Call.ts"
import { CallStatus } from "./CallStatus.ts"
import { QuestionId, Unanswered } from "./Question.ts"
import { Transfer } from "./Transfer.ts"
import { PlacedTurn, Role } from "./Turn.ts"

/**
 * `seq` counts the lasting events of a call from 1: a client that was cut off watches again with `after: seq`.
 * `Partial` is only for the eyes (text so far of a turn not yet complete), is not kept, and repeats the last `seq`; an empty
 * one says that there were no words after all.
 */
export const CallEvent = Schema.Union(
  Schema.TaggedStruct("Status", { seq: Schema.Int, at: Schema.DateTimeUtc, status: CallStatus }),
  Schema.TaggedStruct("Turn", { seq: Schema.Int, ...PlacedTurn.fields }),
  Schema.TaggedStruct("Partial", { seq: Schema.Int, position: Schema.NonNegativeInt, role: Role, text: Schema.String }),
  /** The agent asks its owner; `phone_answer` answers, within 60 s. */
  Schema.TaggedStruct("Question", {
    seq: Schema.Int,
    at: Schema.DateTimeUtc,
    id: QuestionId,
    question: Schema.String
  }),
  /** The question is closed: with its `answer`, or `unanswered`. */
  Schema.TaggedStruct("Answered", {
    seq: Schema.Int,
    at: Schema.DateTimeUtc,
    id: QuestionId,
    answer: Schema.optionalWith(Schema.String, { exact: true }),
    unanswered: Schema.optionalWith(Unanswered, { exact: true })
  }),
  /** The callee was handed over to somebody else, or could not be: then they are back with the agent. */
  Schema.TaggedStruct("Transfer", { seq: Schema.Int, ...Transfer.fields }),
  Schema.TaggedStruct("Ended", { seq: Schema.Int, call: Call })
)
export type CallEvent = typeof CallEvent.Type
