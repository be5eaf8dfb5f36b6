/** What came of a call, and the rules that keep a claim of success honest (design, 3.13). */
import { Schema } from "effect"
import { turnOf } from "./Quote.ts"
import type { Turn } from "./Turn.ts"

/**
 * What an outcome rests on. `cited`: words of the callee, in `evidence`. `insufficient`: the agent's report, which no words of
 * the callee bear out, or which says so itself. `facts`: what the telephone knows, since nobody reported, or nobody was reached.
 */
export const Basis = Schema.Literal("cited", "insufficient", "facts")
export type Basis = typeof Basis.Type

/** The agent may also say that what was said does not tell. */
export const insufficientEvidence = "insufficient evidence"

/** What the agent itself reported, as it stands: a person can judge it. `evidence` are its quotes of the callee. */
export const Claimed = Schema.Struct({
  success: Schema.Union(Schema.Boolean, Schema.Literal(insufficientEvidence)),
  taskCompleted: Schema.Boolean,
  summary: Schema.String,
  evidence: Schema.Array(Schema.String)
})
export type Claimed = typeof Claimed.Type

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/**
 * `evidence` holds indexes into the transcript: the callee's turns that show what is claimed. `basis` is absent in records of
 * before there was one; `claimed` also where the agent reported nothing.
 */
export const Outcome = Schema.Struct({
  success: Schema.Boolean,
  taskCompleted: Schema.Boolean,
  summary: Schema.String,
  nextSteps: Schema.Array(Schema.String),
  evidence: Schema.Array(Schema.NonNegativeInt),
  basis: optional(Basis),
  claimed: optional(Claimed)
})
export type Outcome = typeof Outcome.Type

/** Who answered, as far as it is known. */
export const AnsweredBy = Schema.Literal("human", "voicemail", "screening", "fax", "unknown")
export type AnsweredBy = typeof AnsweredBy.Type

const reached = (answeredBy: AnsweredBy, turns: ReadonlyArray<Turn>): boolean =>
  answeredBy !== "voicemail" && answeredBy !== "fax" && turns.some((turn) => turn.role === "user" && turn.text !== "")

/** An outcome made from the telephone facts alone, when nobody could give a better one. It never claims success. */
export const factualOutcome = (summary: string, nextSteps: ReadonlyArray<string> = []): Outcome => ({
  success: false,
  taskCompleted: false,
  summary,
  nextSteps,
  evidence: [],
  basis: "facts"
})

/** What the agent reports. */
export interface Claim extends Claimed {
  readonly nextSteps: ReadonlyArray<string>
}

/**
 * The outcome that a claim is worth: success is kept only as far as somebody was reached and words of theirs bear it out;
 * otherwise it is withdrawn, and the summary says why. `otherwise` is the summary when nothing is claimed.
 */
export const outcomeOf = (
  claim: Claim | undefined,
  facts: { readonly answeredBy: AnsweredBy; readonly turns: ReadonlyArray<Turn>; readonly otherwise: string }
): Outcome => {
  if (claim === undefined) return factualOutcome(facts.otherwise)
  const { nextSteps, ...claimed } = claim
  const evidence = [...new Set(claimed.evidence.flatMap((quote) => turnOf(quote, facts.turns) ?? []))].toSorted(
    (a, b) => a - b
  )
  const wasReached = reached(facts.answeredBy, facts.turns)
  const isCited = claimed.success !== insufficientEvidence && evidence.length > 0
  const basis: Basis = !wasReached ? "facts" : isCited ? "cited" : "insufficient"
  const report = `The agent reported: ${claimed.summary}`
  const summary = (): string => {
    if (basis === "insufficient" && claimed.success === insufficientEvidence) {
      return `Insufficient evidence. ${claimed.summary}`
    }
    if (basis === "cited" || (claimed.success !== true && !claimed.taskCompleted)) return claimed.summary
    if (basis === "facts") return `Nobody was reached. ${report}`
    return `Insufficient evidence: nothing the callee said bears this out. ${report}`
  }
  return {
    success: basis === "cited" && claimed.success === true,
    taskCompleted: basis === "cited" && claimed.taskCompleted,
    summary: summary(),
    nextSteps,
    evidence,
    basis,
    claimed
  }
}
