/** A call that has ended, as it is handed to the client that started it and wants to hear of its end. */
import { Schema } from "effect"
import { Call } from "./Call.ts"

/** `metadata` is what came with the request, untouched. */
export const Completion = Schema.Struct({
  call: Call,
  metadata: Schema.Record({ key: Schema.String, value: Schema.String })
})
export type Completion = typeof Completion.Type
