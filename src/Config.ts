/**
 * What can be configured (design, 9): every key with its type, bounds and default. Where the values come from (a YAML file,
 * the environment, the code of a host service) is not known here: `config/` reads files, `Phone.layer` takes plain values.
 */
import { homedir } from "node:os"
import { join } from "node:path"
import { Context, Duration, Schema } from "effect"
import { isSupportedCountry } from "libphonenumber-js/max"
import { PhoneNumber } from "./domain/PhoneNumber.ts"
import { keyOf } from "./notify/signature.ts"

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

const withDefault = <A, I>(schema: Schema.Schema<A, I>, value: () => NoInfer<A>) =>
  Schema.optionalWith(schema, { exact: true, default: value })
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** One line for a person, whatever is wrong with the value, which is never shown: it may be a secret in the wrong place. */
const says = <A, I>(schema: Schema.Schema<A, I>, message: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => ({ message, override: true }) })

/** The same for what has parts: said only when the whole is of the wrong kind; otherwise each part speaks for itself. */
const saysWhole = <A, I>(schema: Schema.Schema<A, I>, message: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => message })

const choice = <Options extends readonly [string, ...Array<string>]>(...options: Options) =>
  says(
    Schema.Literal(...options),
    options.length === 2
      ? `must be ${options.map((option) => `"${option}"`).join(" or ")}`
      : `must be one of ${options.join(", ")}`
  )

const yesNo = says(Schema.Boolean, "must be true or false")
const text = says(Schema.NonEmptyTrimmedString, "must be a text that is not empty and has no spaces around it")
const secret = says(Schema.Redacted(Schema.NonEmptyTrimmedString), "must be a text in quotes that is not empty")
const whole = (min: number, max: number) =>
  says(Schema.Int.pipe(Schema.between(min, max)), `must be a whole number from ${min} to ${max}`)
const between = (min: number, max: number) =>
  says(Schema.Number.pipe(Schema.between(min, max)), `must be a number from ${min} to ${max}`)
const positive = says(Schema.Number.pipe(Schema.positive(), Schema.finite()), "must be a number above 0")
const positiveInt = says(Schema.Int.pipe(Schema.positive()), "must be a whole number above 0")

/** A number of seconds in the file, a `Duration` in the code. */
const Seconds = (min: number, max: number) =>
  says(
    Schema.Number.pipe(
      Schema.between(min, max),
      Schema.transform(Schema.DurationFromSelf, {
        strict: true,
        decode: (value) => Duration.millis(Math.round(value * 1000)),
        encode: (duration) => Duration.toSeconds(duration)
      })
    ),
    `must be a number of seconds from ${min} to ${max}`
  )

const Port = says(Schema.Int.pipe(Schema.between(0, 65535)), "must be a port number, 0 to 65535 (0: any that is free)")

const Path = says(
  Schema.NonEmptyTrimmedString.pipe(
    Schema.transform(Schema.String, {
      strict: true,
      decode: (path) => (path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path),
      encode: (path) => path
    })
  ),
  'must be a path, such as "~/.openclaw/phone"'
)

const loopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)

/** The URL exactly as it is written. */
const ExactUrl = (secure: string, plain: string) =>
  says(
    Schema.String.pipe(
      Schema.filter((text) => {
        if (!URL.canParse(text)) return false
        const url = new URL(text)
        return url.protocol === secure || (url.protocol === plain && loopback(url.hostname))
      })
    ),
    `must be a URL that begins with ${secure}// (${plain}// only on loopback)`
  )

/** A URL that paths are appended to. */
const Url = (secure: string, plain: string) =>
  Schema.transform(ExactUrl(secure, plain), Schema.String, {
    strict: true,
    decode: (text) => text.replace(/\/+$/, ""),
    encode: (text) => text
  })

const E164 = says(PhoneNumber, 'must be a number in E.164 and in quotes, such as "+15551234567"')
const CountryCode = says(
  Schema.String.pipe(Schema.filter((code) => isSupportedCountry(code))),
  'must be a country code of two capital letters, such as "US"'
)
const Hour = says(
  Schema.String.pipe(Schema.pattern(/^([01]\d|2[0-3]):[0-5]\d$/)),
  'must be a time of day in quotes, such as "08:00"'
)

/** BCP 47, as far as we need it. */
const Language = says(
  Schema.String.pipe(Schema.pattern(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)),
  'must be a language such as "en" or "de-CH"'
)

const TurnDetection = saysWhole(
  Schema.Union(
    Schema.Struct({
      type: Schema.Literal("server_vad"),
      threshold: optional(between(0, 1)),
      prefixPadding: optional(whole(0, 2000)),
      /** Milliseconds of silence that end the callee's turn. */
      silence: optional(whole(100, 3000))
    }),
    Schema.Struct({
      type: Schema.Literal("semantic_vad"),
      eagerness: optional(choice("low", "medium", "high", "auto"))
    })
  ),
  'must be { type: "server_vad", … } or { type: "semantic_vad", … }'
)

/** Required, and what to say when it is not there. */
const required = <A, I>(schema: Schema.Schema<A, I>, missing: string) =>
  Schema.propertySignature(schema).annotations({ missingMessage: () => `is missing: ${missing}` })

const NotifySecret = says(
  Schema.Redacted(Schema.NonEmptyTrimmedString.pipe(Schema.filter((text) => keyOf(text) !== undefined))),
  'must be a text in quotes; one that begins with "whsec_" goes on in base64'
)

/** The section `plugins.phone`, keys as in the file. Durations are in seconds there. */
export const PhoneConfigFields = Schema.Struct({
  enabled: withDefault(yesNo, () => true),
  /** `simulated` runs Twilio and Realtime in this process: nothing leaves the machine. */
  provider: withDefault(choice("twilio", "simulated"), () => "twilio" as const),
  accountSid: required(
    says(
      Schema.String.pipe(Schema.pattern(/^AC[0-9a-fA-F]{32}$/)),
      'must be a Twilio Account SID: "AC" and 32 hex digits'
    ),
    "your Twilio Account SID, here or in the environment as TWILIO_ACCOUNT_SID"
  ),
  authToken: required(secret, "your Twilio Auth Token, here or in the environment as TWILIO_AUTH_TOKEN"),
  phoneNumber: required(
    says(PhoneNumber, 'must be your Twilio number in E.164 and in quotes, such as "+15551234567"'),
    'your Twilio number, such as "+15551234567"'
  ),
  openaiApiKey: required(secret, "your OpenAI API key, here or in the environment as OPENAI_API_KEY"),
  realtimeModel: withDefault(text, () => "gpt-realtime-2.1"),
  /** Serves where `realtimeModel` cannot be had. */
  fallbackModel: optional(text),
  defaultVoice: withDefault(says(Voice, `must be one of ${Voice.literals.join(", ")}`), () => "alloy" as const),
  maxCallDuration: withDefault(Seconds(10, 14_000), () => Duration.minutes(10)),
  recordCalls: withDefault(yesNo, () => true),
  transcriptsDir: withDefault(Path, () => join(homedir(), ".openclaw/phone/transcripts")),
  webhookPort: withDefault(Port, () => 18790),
  /** The public URL under which Twilio reaches `webhookPort`. */
  webhookHost: required(
    Url("https:", "http:"),
    'the public URL under which Twilio reaches webhookPort, such as "https://phone.example.com"'
  ),

  ringTimeout: withDefault(Seconds(5, 120), () => Duration.seconds(30)),
  greetingDelay: withDefault(Seconds(0, 3), () => Duration.millis(800)),
  maxHold: withDefault(Seconds(10, 14_000), () => Duration.minutes(5)),
  prepareOpening: withDefault(yesNo, () => true),
  voicemail: withDefault(choice("leave-message", "hang-up"), () => "leave-message" as const),
  transferTo: withDefault(
    saysWhole(
      Schema.Record({ key: Schema.NonEmptyString, value: E164 }),
      'must be names with numbers, such as { reception: "+15551234567" }'
    ),
    () => ({})
  ),
  language: withDefault(Language, () => "en"),
  disclose: withDefault(yesNo, () => true),
  onBehalfOf: optional(text),
  maxConcurrentCalls: withDefault(whole(1, 1000), () => 5),
  callsPerSecond: withDefault(between(0.01, 100), () => 1),
  allowedCountries: optional(saysWhole(Schema.NonEmptyArray(CountryCode), 'must be a list such as ["US", "CA"]')),
  doNotCall: withDefault(
    saysWhole(Schema.Array(E164), 'must be a list of numbers such as ["+15551234567"]'),
    (): ReadonlyArray<PhoneNumber> => []
  ),
  /** In the callee's time zone. */
  callingHours: optional(
    saysWhole(Schema.Struct({ from: Hour, to: Hour }), 'must be such as { from: "09:00", to: "18:00" }')
  ),
  /** Calls a day (UTC), to one number and to all, and US dollars a day. */
  dailyLimit: withDefault(
    saysWhole(
      Schema.Struct({
        callsPerNumber: optional(positiveInt),
        calls: optional(positiveInt),
        cost: optional(positive)
      }),
      "must be such as { callsPerNumber: 3, calls: 50, cost: 20 }"
    ),
    () => ({})
  ),
  rpcHost: withDefault(text, () => "127.0.0.1"),
  rpcPort: withDefault(Port, () => 18791),
  /** Where the end of every call is posted to, and the secret it is signed with. */
  notify: optional(
    saysWhole(
      Schema.Struct({
        url: required(ExactUrl("https:", "http:"), "where notifications are posted to"),
        secret: required(NotifySecret, "what notifications are signed with")
      }),
      'must be such as { url: "https://example.com/calls", secret: "whsec_…" }'
    )
  ),
  /** Made at the first start and kept beside the database with mode 0600, if not given. */
  rpcToken: optional(secret),
  database: withDefault(Path, () => join(homedir(), ".openclaw/phone/phone.db")),
  twilioApiUrl: withDefault(Url("https:", "http:"), () => "https://api.twilio.com"),
  realtimeUrl: withDefault(Url("wss:", "ws:"), () => "wss://api.openai.com/v1/realtime"),
  /** Tried first; facts/openai-realtime.md 2.3 has the fallbacks. */
  transcriptionModel: withDefault(text, () => "gpt-4o-mini-transcribe"),
  turnDetection: withDefault(TurnDetection, () => ({ type: "server_vad" as const })),
  /** A log of every call's wire, to be replayed. Without this key there is none. `maxSize` in MB per call, 20 by default. */
  wireLogs: optional(
    saysWhole(
      Schema.Struct({
        dir: optional(Path),
        audio: optional(yesNo),
        maxSize: optional(between(0.1, 1000))
      }),
      "must be such as { audio: false, maxSize: 20 } or {}"
    )
  )
})

const WholeConfig = saysWhole(PhoneConfigFields, "must be keys with values").pipe(
  Schema.filter((config) =>
    config.rpcPort === config.webhookPort && config.rpcPort !== 0
      ? { path: ["rpcPort"], message: "must differ from webhookPort: one is public, the other is not" }
      : undefined
  )
)

/** The configuration as the code sees it: defaults filled in, secrets `Redacted`, durations `Duration`. */
export interface PhoneConfigValues extends Schema.Schema.Type<typeof WholeConfig> {}

/** The same as it is written in the file: durations in seconds, and only what is not as by default. */
export interface PhoneConfigInput extends Schema.Schema.Encoded<typeof WholeConfig> {}

/** The section `plugins.phone`, with the rules between keys. */
export const PhoneConfigSchema: Schema.Schema<PhoneConfigValues, PhoneConfigInput> = WholeConfig

export class PhoneConfig extends Context.Tag("phone/PhoneConfig")<PhoneConfig, PhoneConfigValues>() {}
