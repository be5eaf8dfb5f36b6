/** What a client that started a call is handed of it: its end, or a question of its agent. */
import { Schema } from "effect"
import { Call } from "./Call.ts"
import { Question } from "./Question.ts"

/** `metadata` is what came with the request, untouched. With a `question` the call lives, and the question is open. */
export const Completion = Schema.Struct({
  call: Call,
  metadata: Schema.Record({ key: Schema.String, value: Schema.String }),
  question: Schema.optionalWith(Question, { exact: true })
})
export type Completion = typeof Completion.Type
