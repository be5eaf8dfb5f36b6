/**
 * What can be configured (design, 9): every key with its type, bounds and default. Where the values come from (a YAML file,
 * the environment, the code of a host service) is not known here: `config/` reads files, `Phone.layer` takes plain values.
 */
import { homedir } from "node:os"
import { join } from "node:path"
import { Context, Duration, Schema } from "effect"
import { PhoneNumber } from "./domain/PhoneNumber.ts"

export const Voice = Schema.Literal(
  "alloy",
  "echo",
  "shimmer",
  "ash",
  "ballad",
  "coral",
  "sage",
  "verse",
  "marin",
  "cedar"
)
export type Voice = typeof Voice.Type

/** A number of seconds in the file, a `Duration` in the code. */
const Seconds = (min: number, max: number) =>
  Schema.Number.pipe(
    Schema.filter((value) => (value >= min && value <= max) || `must be between ${min} and ${max} seconds`),
    Schema.transform(Schema.DurationFromSelf, {
      strict: true,
      decode: (value) => Duration.millis(Math.round(value * 1000)),
      encode: (duration) => Duration.toSeconds(duration)
    })
  )

const Port = Schema.Int.pipe(
  Schema.filter((value) => (value >= 0 && value <= 65535) || "must be a port number, 0 to 65535 (0: any free port)")
)

const Path = Schema.NonEmptyTrimmedString.pipe(
  Schema.transform(Schema.String, {
    strict: true,
    decode: (path) => (path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path),
    encode: (path) => path
  })
)

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)
const loopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)

const Url = (secure: string, plain: string) =>
  Schema.String.pipe(
    Schema.filter((text) => {
      const url = urlOf(text)
      if (url === undefined) return `must be a URL such as ${secure}//example.com`
      if (url.protocol === secure) return true
      if (url.protocol === plain && loopback(url.hostname)) return true
      return `must begin with ${secure}// (${plain}// only on loopback)`
    }),
    Schema.transform(Schema.String, {
      strict: true,
      decode: (text) => text.replace(/\/+$/, ""),
      encode: (text) => text
    })
  )

const CountryCode = Schema.String.pipe(
  Schema.pattern(/^[A-Z]{2}$/, { message: () => 'must be a two-letter country code such as "US"' })
)
const Hour = Schema.String.pipe(
  Schema.pattern(/^([01]\d|2[0-3]):[0-5]\d$/, { message: () => 'must be a time of day such as "08:00"' })
)

const withDefault = <A, I>(schema: Schema.Schema<A, I>, value: () => A) =>
  Schema.optionalWith(schema, { exact: true, default: value })
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const none = <A>(): ReadonlyArray<A> => []

/** The section `plugins.phone`, keys as in the file. Durations are in seconds there. */
export const PhoneConfigSchema = Schema.Struct({
  enabled: withDefault(Schema.Boolean, () => true),
  /** `simulated` runs Twilio and Realtime in this process: nothing leaves the machine. */
  provider: withDefault(Schema.Literal("twilio", "simulated"), () => "twilio" as const),
  accountSid: Schema.String.pipe(
    Schema.pattern(/^AC[0-9a-fA-F]{32}$/, { message: () => 'must be a Twilio Account SID: "AC" and 32 hex digits' })
  ),
  authToken: Schema.Redacted(Schema.NonEmptyString),
  phoneNumber: PhoneNumber.annotations({ message: () => "must be your Twilio number in E.164, such as +15551234567" }),
  openaiApiKey: Schema.Redacted(Schema.NonEmptyString),
  realtimeModel: withDefault(Schema.NonEmptyTrimmedString, () => "gpt-realtime-2.1"),
  defaultVoice: withDefault(Voice, () => "alloy" as const),
  maxCallDuration: withDefault(Seconds(10, 14_000), () => Duration.minutes(10)),
  recordCalls: withDefault(Schema.Boolean, () => true),
  transcriptsDir: withDefault(Path, () => join(homedir(), ".openclaw/phone/transcripts")),
  webhookPort: withDefault(Port, () => 18790),
  /** The public URL under which Twilio reaches `webhookPort`. */
  webhookHost: Url("https:", "http:"),

  ringTimeout: withDefault(Seconds(5, 120), () => Duration.seconds(30)),
  greetingDelay: withDefault(Seconds(0, 3), () => Duration.millis(800)),
  prepareOpening: withDefault(Schema.Boolean, () => true),
  voicemail: withDefault(Schema.Literal("leave-message", "hang-up"), () => "leave-message" as const),
  transferTo: withDefault(Schema.Record({ key: Schema.NonEmptyString, value: PhoneNumber }), () => ({})),
  /** BCP 47, such as "en" or "de-CH". */
  language: withDefault(
    Schema.String.pipe(
      Schema.pattern(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { message: () => 'must be a language such as "en" or "de-CH"' })
    ),
    () => "en"
  ),
  disclose: withDefault(Schema.Boolean, () => true),
  onBehalfOf: optional(Schema.NonEmptyTrimmedString),
  maxConcurrentCalls: withDefault(Schema.Int.pipe(Schema.between(1, 1000)), () => 5),
  callsPerSecond: withDefault(Schema.Number.pipe(Schema.between(0.01, 100)), () => 1),
  allowedCountries: optional(Schema.NonEmptyArray(CountryCode)),
  doNotCall: withDefault(Schema.Array(PhoneNumber), none<PhoneNumber>),
  /** In the callee's time zone. */
  callingHours: optional(Schema.Struct({ from: Hour, to: Hour })),
  /** Calls a day (UTC), to one number and to all, and US dollars a day. */
  dailyLimit: withDefault(
    Schema.Struct({
      callsPerNumber: optional(Schema.Int.pipe(Schema.positive())),
      calls: optional(Schema.Int.pipe(Schema.positive())),
      cost: optional(Schema.Number.pipe(Schema.positive()))
    }),
    () => ({})
  ),
  rpcHost: withDefault(Schema.NonEmptyTrimmedString, () => "127.0.0.1"),
  rpcPort: withDefault(Port, () => 18791),
  /** Made at the first start and kept beside the database with mode 0600, if not given. */
  rpcToken: optional(Schema.Redacted(Schema.NonEmptyString)),
  database: withDefault(Path, () => join(homedir(), ".openclaw/phone/phone.db")),
  twilioApiUrl: withDefault(Url("https:", "http:"), () => "https://api.twilio.com"),
  realtimeUrl: withDefault(Url("wss:", "ws:"), () => "wss://api.openai.com/v1/realtime"),
  /** Tried first; facts/openai-realtime.md 2.3 has the fallbacks. */
  transcriptionModel: withDefault(Schema.NonEmptyTrimmedString, () => "gpt-4o-mini-transcribe"),
  turnDetection: withDefault(
    Schema.Union(
      Schema.Struct({
        type: Schema.Literal("server_vad"),
        threshold: optional(Schema.Number.pipe(Schema.between(0, 1))),
        prefixPadding: optional(Schema.Int.pipe(Schema.between(0, 2000))),
        /** Milliseconds of silence that end the callee's turn. */
        silence: optional(Schema.Int.pipe(Schema.between(100, 3000)))
      }),
      Schema.Struct({
        type: Schema.Literal("semantic_vad"),
        eagerness: optional(Schema.Literal("low", "medium", "high", "auto"))
      })
    ),
    () => ({ type: "server_vad" as const })
  )
})

/** The configuration as the code sees it: defaults filled in, secrets `Redacted`, durations `Duration`. */
export type PhoneConfigValues = typeof PhoneConfigSchema.Type

/** The same as it is written in the file. */
export type PhoneConfigInput = typeof PhoneConfigSchema.Encoded

export class PhoneConfig extends Context.Tag("phone/PhoneConfig")<PhoneConfig, PhoneConfigValues>() {}
