/**
 * The Realtime server's events, as far as we use them, and the one decoder of its frames. Knows their shape (facts,
 * openai-realtime-events.json), not their meaning. Members we do not use are not checked, so that new ones never hurt.
 */
import { Option, Predicate, Schema } from "effect"

/** Absent, `null` and `undefined` are the same to us: captures and definitions disagree on them. */
const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))
const count = maybe(Schema.Number)

const event = <Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

export const ServerError = Schema.Struct({
  type: maybe(Schema.String),
  code: maybe(Schema.String),
  message: maybe(Schema.String),
  param: maybe(Schema.String),
  /** The client event at fault. */
  event_id: maybe(Schema.String)
})
export type ServerError = typeof ServerError.Type

/** Parts are called `audio`/`text` here and `output_audio`/`output_text` there (facts 4.3): only their text matters. */
const Part = Schema.Struct({ text: maybe(Schema.String), transcript: maybe(Schema.String) })

export const Item = Schema.Struct({
  id: maybe(Schema.String),
  type: Schema.String,
  status: maybe(Schema.String),
  content: maybe(Schema.Array(Part)),
  name: maybe(Schema.String),
  call_id: maybe(Schema.String),
  arguments: maybe(Schema.String)
})
export type Item = typeof Item.Type

export const ResponseUsage = Schema.Struct({
  input_token_details: maybe(
    Schema.Struct({
      text_tokens: count,
      audio_tokens: count,
      cached_tokens: count,
      cached_tokens_details: maybe(Schema.Struct({ text_tokens: count, audio_tokens: count }))
    })
  ),
  output_token_details: maybe(Schema.Struct({ text_tokens: count, audio_tokens: count }))
})
export type ResponseUsage = typeof ResponseUsage.Type

/** Either a length of audio or tokens; which one depends on the transcription model. */
export const TranscriptionUsage = Schema.Struct({
  seconds: count,
  input_tokens: count,
  output_tokens: count,
  input_token_details: maybe(Schema.Struct({ text_tokens: count, audio_tokens: count }))
})
export type TranscriptionUsage = typeof TranscriptionUsage.Type

export const ServerResponse = Schema.Struct({
  id: Schema.String,
  status: maybe(Schema.String),
  status_details: maybe(Schema.Struct({ reason: maybe(Schema.String), error: maybe(ServerError) })),
  metadata: maybe(Schema.Struct({ tag: maybe(Schema.String) })),
  usage: maybe(ResponseUsage)
})
export type ServerResponse = typeof ServerResponse.Type

const utterance = { item_id: Schema.String }
const delta = { response_id: Schema.String, item_id: Schema.String, content_index: count, delta: Schema.String }
const outputItem = { response_id: Schema.String, item: Item }

export const ServerEvent = Schema.Union(
  event("session.created", { session: maybe(Schema.Struct({ expires_at: count })) }),
  event("session.updated", {}),
  event("error", { error: ServerError }),
  event("input_audio_buffer.speech_started", { ...utterance, audio_start_ms: count }),
  event("input_audio_buffer.speech_stopped", { ...utterance, audio_end_ms: count }),
  event("input_audio_buffer.committed", { ...utterance, previous_item_id: maybe(Schema.String) }),
  event("conversation.item.input_audio_transcription.delta", { ...utterance, delta: maybe(Schema.String) }),
  event("conversation.item.input_audio_transcription.completed", {
    ...utterance,
    transcript: Schema.String,
    usage: maybe(TranscriptionUsage)
  }),
  event("conversation.item.input_audio_transcription.failed", utterance),
  event("response.created", { response: ServerResponse }),
  event("response.done", { response: ServerResponse }),
  event("response.output_item.added", outputItem),
  event("response.output_item.done", outputItem),
  event("response.output_audio.delta", delta),
  event("response.output_audio_transcript.delta", delta),
  event("response.output_text.delta", delta)
)
export type ServerEvent = typeof ServerEvent.Type

const used: ReadonlySet<unknown> = new Set(ServerEvent.members.map((member) => member.fields.type.literals[0]))
const decode = Schema.decodeUnknownOption(ServerEvent)

type Delta = Extract<ServerEvent, { readonly type: `${string}.delta` }>

const usualDeltas: ReadonlySet<unknown> = new Set<Delta["type"]>([
  "response.output_audio.delta",
  "response.output_audio_transcript.delta",
  "conversation.item.input_audio_transcription.delta"
])

/** A piece of what is said, ten times a second and more: told by hand, as the schema would. Others go the long way. */
const isUsualDelta = (value: unknown): value is Delta =>
  Predicate.hasProperty(value, "type") &&
  usualDeltas.has(value.type) &&
  Predicate.hasProperty(value, "item_id") &&
  Predicate.isString(value.item_id) &&
  Predicate.hasProperty(value, "content_index") &&
  Predicate.isNumber(value.content_index) &&
  Predicate.hasProperty(value, "delta") &&
  Predicate.isString(value.delta) &&
  // only what the model says belongs to a response
  (Predicate.hasProperty(value, "response_id")
    ? Predicate.isString(value.response_id)
    : value.type === "conversation.item.input_audio_transcription.delta")

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * One text frame. `unused`: an event that is none of our business. `unreadable`: no JSON object with a `type`, or an event
 * we do use in a shape we do not know.
 */
export const decodeServerEvent = (text: string): ServerEvent | "unused" | "unreadable" => {
  const value = parse(text)
  if (isUsualDelta(value)) return value
  if (!Predicate.hasProperty(value, "type") || !Predicate.isString(value.type)) return "unreadable"
  if (!used.has(value.type)) return "unused"
  return Option.getOrElse(decode(value), () => "unreadable" as const)
}
