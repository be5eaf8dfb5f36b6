/** How a talk stands, beyond its record: what a process must know that takes it over from one that died. */
import { Schema } from "effect"

/** Absent is what is not the case. */
export const Standing = Schema.Struct({
  /** Whom the callee is being handed over to, or talks to: a key of `transferTo`. */
  awayTo: Schema.optionalWith(Schema.String, { exact: true })
})
export type Standing = typeof Standing.Type
