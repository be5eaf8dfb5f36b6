/** One utterance in the transcript. */
import { Schema } from "effect"

/** `user` is the callee, `assistant` the voice model. */
export const Role = Schema.Literal("assistant", "user")
export type Role = typeof Role.Type

/**
 * `text` is what was really said and heard: an interrupted assistant turn is cut to what the callee heard, and
 * `generated` then keeps all that the model had prepared. `heard` is in seconds of audio, assistant turns only.
 * `latency`, of the turn that answers the callee: seconds from the moment their end of speech was told to the first audio sent.
 * The model's detector tells it after a silence of its own (`turnDetection`, 0.5 s), which is not counted, nor is the network.
 */
export const Turn = Schema.Struct({
  timestamp: Schema.DateTimeUtc,
  role: Role,
  text: Schema.String,
  heard: Schema.optionalWith(Schema.Finite, { exact: true }),
  latency: Schema.optionalWith(Schema.Finite, { exact: true }),
  interrupted: Schema.optionalWith(Schema.Boolean, { exact: true }),
  generated: Schema.optionalWith(Schema.String, { exact: true })
})
export type Turn = typeof Turn.Type

/**
 * A turn with its place: `position` orders turns by when they began, and never changes once given. Places are left out, and may
 * be taken later, by what was said there and is known only then.
 */
export const PlacedTurn = Schema.Struct({ position: Schema.NonNegativeInt, turn: Turn })
export type PlacedTurn = typeof PlacedTurn.Type
