/** What the model claims came of the call, read leniently: arguments that do not fit the schema still end the call. */
import { Either, Schema } from "effect"
import { type Claim, insufficientEvidence } from "../../../domain/Outcome.ts"

const isText = (value: string | number): value is string => typeof value === "string"

/** A number is no quote: the model does not know how turns are counted. */
const Written = Schema.Struct({
  success: Schema.Union(Schema.Boolean, Schema.Literal(insufficientEvidence)),
  task_completed: Schema.optionalWith(Schema.Boolean, { exact: true }),
  summary: Schema.String,
  next_steps: Schema.optionalWith(Schema.Array(Schema.String), { exact: true, default: () => [] }),
  evidence: Schema.optionalWith(Schema.Array(Schema.Union(Schema.String, Schema.Number)), {
    exact: true,
    default: () => []
  })
})

const decode = Schema.decodeUnknownEither(Schema.parseJson(Written))

const camel = (text: string): string =>
  text.replace(/"taskCompleted"/g, '"task_completed"').replace(/"nextSteps"/g, '"next_steps"')

/** As much of a claim as somebody will read. */
const bounded = (claim: Claim): Claim => ({
  ...claim,
  summary: claim.summary.slice(0, 2_000),
  nextSteps: claim.nextSteps.slice(0, 20).map((step) => step.slice(0, 500)),
  evidence: claim.evidence.slice(0, 20).map((quote) => quote.slice(0, 1_000))
})

/** Reads tool arguments or a written outcome; text around the JSON object is passed over. `undefined`: there is no claim. */
export const readClaim = (text: string): Claim | undefined => {
  const start = text.indexOf("{")
  const end = text.lastIndexOf("}")
  if (start === -1 || end < start) return undefined
  const written = Either.getOrUndefined(decode(camel(text.slice(start, end + 1))))
  if (written === undefined) return undefined
  return bounded({
    success: written.success,
    taskCompleted: written.task_completed ?? written.success === true,
    summary: written.summary,
    nextSteps: written.next_steps,
    evidence: written.evidence.filter(isText)
  })
}
