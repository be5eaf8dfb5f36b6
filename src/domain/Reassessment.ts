/** The outcome of an ended call, made once more from what is stored of it. */
import { Schema } from "effect"
import { CallId } from "./Ids.ts"
import { Outcome } from "./Outcome.ts"

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/**
 * `by`: the voice `model` has read the transcript; the `report` that the agent gave on the call was held against it again; or
 * nobody spoke, so that there are only the telephone's `facts`. `before`: the outcome that was stored. `cost`: of asking the
 * model, US dollars; it is not added to the call's.
 */
export const Reassessment = Schema.Struct({
  callId: CallId,
  by: Schema.Literal("model", "report", "facts"),
  outcome: Outcome,
  before: optional(Outcome),
  cost: optional(Schema.Finite),
  saved: Schema.Boolean
})
export type Reassessment = typeof Reassessment.Type
