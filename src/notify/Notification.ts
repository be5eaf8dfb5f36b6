/** What the receiver of a notification gets: one JSON per call end. */
import { Schema } from "effect"
import { Call } from "../domain/Call.ts"

export const Notification = Schema.Struct({
  type: Schema.Literal("call.ended"),
  /** When the call ended. */
  timestamp: Schema.DateTimeUtc,
  /** The call as the tools return it, as it is known when this is sent: a later attempt may already have the recording. */
  data: Call,
  /** What came with the request, untouched; absent when nothing did. */
  metadata: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { exact: true })
})
export type Notification = typeof Notification.Type
