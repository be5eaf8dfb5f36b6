/**
 * What stands in a wire log: one JSON object per line, the first one about the call, the last one about its end, and one per
 * event of the wire in between. Knows shapes only; who writes and who plays them is elsewhere.
 */
import { Schema } from "effect"
import { PhoneConfigFields } from "../Config.ts"
import { Call } from "../domain/Call.ts"

/** Raised when an older reader would misunderstand a newer log. */
export const logVersion = 1

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** The keys on which the course of a call depends: no secret, no address, no number but those of transfers. */
export const RecordedSettings = PhoneConfigFields.pick(
  "realtimeModel",
  "defaultVoice",
  "maxCallDuration",
  "recordCalls",
  "ringTimeout",
  "greetingDelay",
  "maxHold",
  "prepareOpening",
  "voicemail",
  "transferTo",
  "language",
  "disclose",
  "onBehalfOf",
  "allowedCountries",
  "callingHours",
  "transcriptionModel",
  "turnDetection"
)

export const Header = Schema.Struct({
  log: Schema.Literal("phone wire log"),
  version: Schema.Literal(logVersion),
  callId: Schema.String,
  startedAt: Schema.DateTimeUtc,
  request: Schema.Struct({
    to: Schema.String,
    from: Schema.String,
    task: Schema.String,
    context: optional(Schema.String)
  }),
  config: RecordedSettings
})
export type Header = typeof Header.Type

/** The last line of a log that is whole: the call as it was stored. */
export const End = Schema.Struct({ t: Schema.Number, end: Call })
export type End = typeof End.Type

/** The last line of a log that had to stop before its call did, and why. */
export const Cut = Schema.Struct({ t: Schema.Number, cut: Schema.String })

const Form = Schema.Array(Schema.Tuple(Schema.String, Schema.String))
/** What can matter of an answer: its type, and how long to wait. */
const Headers = Schema.Record({ key: Schema.String, value: Schema.String })

/** `in`: towards the service. */
const Direction = Schema.Literal("in", "out")
export type Direction = typeof Direction.Type

const entry = <Is extends string, Fields extends Schema.Struct.Fields>(is: Is, fields: Fields) =>
  Schema.Struct({
    /** Milliseconds since the start of the call. */
    t: Schema.Number,
    /** The connection: `rest`, `webhook`, `media-1`, `realtime-1`, … in the order of opening, or `owner`. */
    on: Schema.String,
    dir: Direction,
    is: Schema.Literal(is),
    ...fields
  })

const answer = { status: Schema.Number, headers: optional(Headers), body: optional(Schema.String) }

export const Entry = Schema.Union(
  /** `id` is that of its `response` or `failed`. `form` is the body. */
  entry("request", { id: Schema.Number, method: Schema.String, path: Schema.String, form: Form }),
  entry("response", { id: Schema.Number, ...answer }),
  entry("failed", {
    id: optional(Schema.Number),
    kind: Schema.Literal("refused", "timeout", "broken"),
    message: Schema.String
  }),
  entry("open", { path: Schema.String }),
  entry("opened", {}),
  entry("refused", answer),
  /**
   * A text frame that is JSON. With `audio` its base64 text was left out: so many bytes, and what must be known of the sound to
   * tell music and tones again. Words cannot be had from it.
   */
  entry("frame", {
    frame: Schema.Unknown,
    audio: optional(
      Schema.Struct({
        bytes: Schema.Number,
        sound: Schema.Boolean,
        /** Of 20 ms of the callee: how loud (16-bit samples, root mean square), and its strongest tone in Hz, if one stands out. */
        level: optional(Schema.Number),
        tone: optional(Schema.Number),
        /** It is nothing but that tone. */
        pure: optional(Schema.Boolean)
      })
    )
  }),
  /** A text frame that is not; `null` is a binary one. */
  entry("text", { text: Schema.NullOr(Schema.String) }),
  /** 1006 without a close frame. `out`: the service closed or cut it. */
  entry("close", { code: Schema.Number, reason: Schema.String }),
  /** What the owner of the call asked for in its course. */
  entry("order", { order: Schema.Literal("hang-up", "say", "stop"), text: optional(Schema.String) })
)
export type Entry = typeof Entry.Type
export type EntryOf<Is extends Entry["is"]> = Extract<Entry, { readonly is: Is }>

type WithoutTime<E> = E extends Entry ? Omit<E, "t"> : never
/** An entry before it has its time. */
export type NewEntry = WithoutTime<Entry>
