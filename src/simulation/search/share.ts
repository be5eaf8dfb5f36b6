/** What passes between the search and its threads: which scenarios to try, and how each went. */
import { Schema } from "effect"

/** Tries `from`, `from + step`, … below `to`. */
export const Share = Schema.Struct({
  seed: Schema.Int,
  from: Schema.Int,
  to: Schema.Int,
  step: Schema.Int,
  /** How long a failure may be shrunk, in milliseconds of real time. */
  shrinkFor: Schema.Number
})
export type Share = typeof Share.Type

/** How one scenario went. `smallest` is what of it still breaks the first of the invariants that it broke. */
export const Tried = Schema.Struct({
  index: Schema.Int,
  /** Seconds of connected line, and of the whole run, in virtual time. */
  connected: Schema.Number,
  elapsed: Schema.Number,
  coverage: Schema.Array(Schema.String),
  breaches: Schema.Array(Schema.Struct({ invariant: Schema.Int, says: Schema.String, what: Schema.String })),
  smallest: Schema.optionalWith(Schema.Unknown, { exact: true })
})
export type Tried = typeof Tried.Type
