/** What spoke for one answerer or the other. How it is weighed is not told here (`call/talk/answerer/Verdict.ts`). */
import { Schema } from "effect"
import { AnsweredBy } from "./Outcome.ts"

/**
 * `amd`: the network's detector. `beep`: the tone after a greeting, heard by ourselves. `transcript`: the callee's words.
 * `tool`: the voice model said so. `conversation`: somebody listened and answered.
 */
export const EvidenceSource = Schema.Literal("amd", "beep", "transcript", "tool", "conversation")
export type EvidenceSource = typeof EvidenceSource.Type

/** One piece of it. What is not `sure` counts only together with a piece from another source that says the same. */
export const Evidence = Schema.Struct({
  at: Schema.DateTimeUtc,
  source: EvidenceSource,
  says: AnsweredBy,
  sure: Schema.Boolean,
  /** The detector's verdict, the words, or the pitch and length of the tone. */
  detail: Schema.String
})
export type Evidence = typeof Evidence.Type
