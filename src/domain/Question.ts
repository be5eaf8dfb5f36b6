/** What the agent asks its owner in mid-call: the question, and what came of it. */
import { Schema } from "effect"

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** Counts the questions of a call from 1. */
export const QuestionId = Schema.Int.pipe(Schema.positive())

/** `timeout`: nobody answered in time. `withdrawn`: the call, or what the question was for, was over before. */
export const Unanswered = Schema.Literal("timeout", "withdrawn")
export type Unanswered = typeof Unanswered.Type

/** Open as long as there is neither an answer nor a reason why there is none. */
export const Question = Schema.Struct({
  id: QuestionId,
  question: Schema.String,
  askedAt: Schema.DateTimeUtc,
  answer: optional(Schema.String),
  answeredAt: optional(Schema.DateTimeUtc),
  unanswered: optional(Unanswered)
})
export type Question = typeof Question.Type

export const isOpen = ({ answer, unanswered }: Question): boolean => answer === undefined && unanswered === undefined

/** How a question was closed: with its answer, or without one. */
export type Closing = { readonly answer: string } | { readonly unanswered: Unanswered }

/** Names one question everywhere. */
export const QuestionRef = Schema.Struct({ callId: Schema.String, questionId: Schema.Number })
export type QuestionRef = typeof QuestionRef.Type
