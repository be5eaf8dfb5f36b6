/** What became of handing the callee over to somebody whom the configuration names. */
import { Schema } from "effect"

/** After anything but `connected` the callee is back with the agent. */
export const TransferResult = Schema.Literal("connected", "busy", "no-answer", "failed")
export type TransferResult = typeof TransferResult.Type

/** `name` is a key of `transferTo`; the number stays in the configuration. `reason`: why it failed, for a person. */
export const Transfer = Schema.Struct({
  name: Schema.String,
  result: TransferResult,
  at: Schema.DateTimeUtc,
  reason: Schema.optionalWith(Schema.String, { exact: true })
})
export type Transfer = typeof Transfer.Type
