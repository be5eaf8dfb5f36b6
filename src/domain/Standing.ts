/** How a talk stands, beyond its record: what a process must know that takes it over from one that died. */
import { Schema } from "effect"
import { PlacedTurn } from "./Turn.ts"

const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** Absent is what is not the case. */
export const Standing = Schema.Struct({
  /** Whom the callee is being handed over to, or talks to: a key of `transferTo`. */
  awayTo: maybe(Schema.String),
  /** Who keeps us on hold, since when, and for how many milliseconds we had been on hold before. */
  hold: maybe(
    Schema.Struct({ by: Schema.Literal("person", "machine"), since: Schema.DateTimeUtc, before: Schema.Number })
  ),
  /** The opening has not been heard, or not by whom it was meant for: it is said in place of the next reply. */
  openingOwed: maybe(Schema.Boolean),
  /** What of a sentence of the agent was heard at least. Once its turn is in the record, that counts. */
  saying: maybe(PlacedTurn)
})
export type Standing = typeof Standing.Type
