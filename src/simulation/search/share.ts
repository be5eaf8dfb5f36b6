/** What passes between the search and its threads: which scenarios to try, how each went, and the smallest of a kind. */
import { Schema } from "effect"

/** Tries `from`, `from + 1`, … below `to`. */
export const Share = Schema.Struct({
  seed: Schema.Int,
  from: Schema.Int,
  to: Schema.Int
})
export type Share = typeof Share.Type

export const Broken = Schema.Struct({ invariant: Schema.Int, says: Schema.String, what: Schema.String })
export type Broken = typeof Broken.Type

/** How one scenario went. */
export const Tried = Schema.Struct({
  index: Schema.Int,
  /** Seconds of connected line, and of the whole run, in virtual time. */
  connected: Schema.Number,
  elapsed: Schema.Number,
  coverage: Schema.Array(Schema.String),
  breaches: Schema.Array(Broken)
})
export type Tried = typeof Tried.Type

/** Looks for a smaller scenario that breaks the same, for so many milliseconds of real time. */
export const Shrinking = Schema.Struct({
  seed: Schema.Int,
  index: Schema.Int,
  breach: Broken,
  ms: Schema.Number
})
export type Shrinking = typeof Shrinking.Type

/** The smallest that was found, with all that can be told of it. */
export const Smallest = Schema.Struct({
  scenario: Schema.Unknown,
  breaches: Schema.Array(Broken),
  timeline: Schema.Array(Schema.String)
})
export type Smallest = typeof Smallest.Type
