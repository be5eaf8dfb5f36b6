/** What came of a call, and the rules that keep a claim of success honest (design, 3.13). */
import { Schema } from "effect"
import type { Turn } from "./Turn.ts"

/** `evidence` holds indexes into the transcript: the turns that show what is claimed. */
export const Outcome = Schema.Struct({
  success: Schema.Boolean,
  taskCompleted: Schema.Boolean,
  summary: Schema.String,
  nextSteps: Schema.Array(Schema.String),
  evidence: Schema.Array(Schema.NonNegativeInt)
})
export type Outcome = typeof Outcome.Type

/** Who answered, as far as it is known. */
export const AnsweredBy = Schema.Literal("human", "voicemail", "screening", "fax", "unknown")
export type AnsweredBy = typeof AnsweredBy.Type

const reached = (answeredBy: AnsweredBy, turns: ReadonlyArray<Turn>): boolean =>
  answeredBy !== "voicemail" && answeredBy !== "fax" && turns.some((turn) => turn.role === "user" && turn.text !== "")

/**
 * Keeps a claimed outcome only as far as the transcript bears it: evidence must name existing turns, of which the
 * callee spoke at least one, and somebody must have been reached. Otherwise success is withdrawn, and the summary says so.
 */
export const checkOutcome = (
  claimed: Outcome,
  facts: { readonly answeredBy: AnsweredBy; readonly turns: ReadonlyArray<Turn> }
): Outcome => {
  const evidence = [...new Set(claimed.evidence)].filter((index) => facts.turns[index] !== undefined)
  if (!claimed.success && !claimed.taskCompleted) return { ...claimed, evidence }
  const withdraw = (why: string): Outcome => ({
    ...claimed,
    success: false,
    taskCompleted: false,
    summary: `${why} The agent reported: ${claimed.summary}`,
    evidence
  })
  if (!reached(facts.answeredBy, facts.turns)) return withdraw("Nobody was reached.")
  if (!evidence.some((index) => facts.turns[index]?.role === "user")) {
    return withdraw("Insufficient evidence: nothing the callee said was cited for this.")
  }
  return { ...claimed, evidence }
}

/** An outcome made from the telephone facts alone, when nobody could give a better one. It never claims success. */
export const factualOutcome = (summary: string, nextSteps: ReadonlyArray<string> = []): Outcome => ({
  success: false,
  taskCompleted: false,
  summary,
  nextSteps,
  evidence: []
})
