/** The messages of a Twilio media stream in both directions (facts/twilio.md 7): text to values and back. Pure and synchronous. */
import { Option, Predicate, Schema } from "effect"

/** A message longer than this is none of Twilio's: 20 ms of audio are some 300 characters. */
export const longestMessage = 64 * 1024

const Whole = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())
const StreamSid = Schema.String.pipe(Schema.pattern(/^MZ[0-9a-zA-Z]{1,62}$/))

const Start = Schema.Struct({
  event: Schema.Literal("start"),
  streamSid: StreamSid,
  start: Schema.Struct({
    callSid: Schema.String,
    mediaFormat: Schema.Struct({
      encoding: Schema.Literal("audio/x-mulaw"),
      sampleRate: Schema.Literal(8000),
      channels: Schema.Literal(1)
    }),
    customParameters: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), {
      default: () => ({})
    })
  })
})

const Media = Schema.Struct({
  event: Schema.Literal("media"),
  streamSid: StreamSid,
  media: Schema.Struct({
    /** Milliseconds since the stream began: the only clock that tells of gaps. */
    timestamp: Whole,
    payload: Schema.String.pipe(Schema.pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/))
  })
})

const Mark = Schema.Struct({
  event: Schema.Literal("mark"),
  streamSid: StreamSid,
  mark: Schema.Struct({ name: Schema.String })
})

const Dtmf = Schema.Struct({
  event: Schema.Literal("dtmf"),
  streamSid: StreamSid,
  dtmf: Schema.Struct({ digit: Schema.String.pipe(Schema.pattern(/^[0-9A-D*#]$/)) })
})

const Stop = Schema.Struct({ event: Schema.Literal("stop"), streamSid: StreamSid })

const Message = Schema.Union(Media, Mark, Dtmf, Start, Stop, Schema.Struct({ event: Schema.Literal("connected") }))
const decode = Schema.decodeUnknownOption(Message)
const known = new Set<unknown>(["connected", "start", "media", "mark", "dtmf", "stop"])

export type StartMessage = typeof Start.Type

/** `unknown`: well formed, but nothing we know (new events appear without notice). `malformed`: not to be understood. */
export type MediaMessage = typeof Message.Type | { readonly event: "unknown" } | { readonly event: "malformed" }

/** Audio as Twilio writes it, 50 times a second: read without JSON and schema. Any other spelling of it goes the long way. */
const usualMedia =
  /^\{"event":"media","sequenceNumber":"\d+","media":\{"track":"inbound","chunk":"\d+","timestamp":"(\d+)","payload":"([A-Za-z0-9+/]*={0,2})"\},"streamSid":"(MZ[0-9a-zA-Z]{1,62})"\}$/

export const readMessage = (text: string): MediaMessage => {
  const [, timestamp, payload, streamSid] = usualMedia.exec(text) ?? []
  if (timestamp !== undefined && payload !== undefined && streamSid !== undefined && payload.length % 4 === 0) {
    return { event: "media", streamSid, media: { timestamp: Number(timestamp), payload } }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { event: "malformed" }
  }
  const message = decode(value)
  if (Option.isSome(message)) return message.value
  const foreign = Predicate.hasProperty(value, "event") && Predicate.isString(value.event) && !known.has(value.event)
  return { event: foreign ? "unknown" : "malformed" }
}

/** Exact keys only: extra ones are a fault at Twilio (31951). */
export const mediaMessage = (streamSid: string, audio: Uint8Array): string => {
  const payload = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString("base64")
  return `{"event":"media","streamSid":${JSON.stringify(streamSid)},"media":{"payload":"${payload}"}}`
}

export const markMessage = (streamSid: string, name: string): string =>
  JSON.stringify({ event: "mark", streamSid, mark: { name } })

export const clearMessage = (streamSid: string): string => JSON.stringify({ event: "clear", streamSid })
