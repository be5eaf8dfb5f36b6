/** What the model claims came of the call, read leniently: arguments that do not fit the schema still end the call. */
import { Either, Schema } from "effect"
import { type AnsweredBy, checkOutcome, factualOutcome, type Outcome } from "../../domain/Outcome.ts"
import type { Turn } from "../../domain/Turn.ts"

/** `evidence` holds what the callee said, word for word; `domain/Outcome.ts` wants turns, so `outcomeOf` looks them up. */
export const Claim = Schema.Struct({
  success: Schema.Boolean,
  task_completed: Schema.optionalWith(Schema.Boolean, { exact: true }),
  summary: Schema.String,
  next_steps: Schema.optionalWith(Schema.Array(Schema.String), { exact: true, default: () => [] }),
  evidence: Schema.optionalWith(Schema.Array(Schema.Union(Schema.String, Schema.Number)), {
    exact: true,
    default: () => []
  })
})
export type Claim = typeof Claim.Type

const decode = Schema.decodeUnknownEither(Schema.parseJson(Claim))

const camel = (text: string): string =>
  text.replace(/"taskCompleted"/g, '"task_completed"').replace(/"nextSteps"/g, '"next_steps"')

/** As much of a claim as somebody will read. */
const bounded = (claim: Claim): Claim => ({
  ...claim,
  summary: claim.summary.slice(0, 2_000),
  next_steps: claim.next_steps.slice(0, 20).map((step) => step.slice(0, 500)),
  evidence: claim.evidence.slice(0, 20).map((item) => (typeof item === "string" ? item.slice(0, 1_000) : item))
})

/** Reads tool arguments or a written outcome; text around the JSON object is passed over. `undefined`: there is no claim. */
export const readClaim = (text: string): Claim | undefined => {
  const start = text.indexOf("{")
  const end = text.lastIndexOf("}")
  if (start === -1 || end < start) return undefined
  const claim = Either.getOrUndefined(decode(camel(text.slice(start, end + 1))))
  return claim === undefined ? undefined : bounded(claim)
}

const words = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** The turn of the callee that holds most of a quote, if any holds at least three in five of its words. */
const turnOf = (quote: string, turns: ReadonlyArray<Turn>): number | undefined => {
  const wanted = words(quote)
  if (wanted.length === 0) return undefined
  let best: { index: number; share: number } | undefined
  turns.forEach((turn, index) => {
    if (turn.role !== "user") return
    const there = new Set(words(turn.text))
    const share = wanted.filter((word) => there.has(word)).length / wanted.length
    if (share >= 0.6 && (best === undefined || share > best.share)) best = { index, share }
  })
  return best?.index
}

/** The outcome that a claim is worth, against the transcript. */
export const outcomeOf = (
  claim: Claim | undefined,
  facts: { readonly answeredBy: AnsweredBy; readonly turns: ReadonlyArray<Turn>; readonly otherwise: string }
): Outcome => {
  if (claim === undefined) return factualOutcome(facts.otherwise)
  const evidence = claim.evidence.flatMap((item) => {
    const index = typeof item === "number" ? item : turnOf(item, facts.turns)
    return index === undefined || !Number.isInteger(index) || index < 0 ? [] : [index]
  })
  return checkOutcome(
    {
      success: claim.success,
      taskCompleted: claim.task_completed ?? claim.success,
      summary: claim.summary,
      nextSteps: claim.next_steps,
      evidence
    },
    facts
  )
}
