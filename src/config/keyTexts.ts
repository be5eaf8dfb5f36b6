/** Every key of the configuration in words, as the README has them in its table (Markdown): for `phone init` and its comments. */
import type { PhoneConfigInput } from "../Config.ts"

export interface KeyText {
  /** What it may be, with the unit. */
  readonly type: string
  /** What it is when it is not given; empty when there is nothing. */
  readonly default: string
  readonly meaning: string
}

export type Key = keyof PhoneConfigInput

const key = (type: string, byDefault: string, meaning: string): KeyText => ({ type, default: byDefault, meaning })

/** In the order of the README; a key that is missing here is a type error. */
export const keyTexts: Readonly<Record<Key, KeyText>> = {
  enabled: key("true, false", "`true`", "`false` refuses every call"),
  provider: key(
    "`twilio`, `simulated`",
    "`twilio`",
    "`simulated` runs Twilio, OpenAI and callees in the process; no credentials needed"
  ),
  accountSid: key("`AC` + 32 hex digits", "`$TWILIO_ACCOUNT_SID`", "Twilio account; required"),
  authToken: key("text", "`$TWILIO_AUTH_TOKEN`", "Twilio Auth Token (also checks webhook signatures); required"),
  phoneNumber: key("E.164", "", "your Twilio number, which calls come from; required"),
  openaiApiKey: key("text", "`$OPENAI_API_KEY`", "OpenAI API key; required"),
  realtimeModel: key("text", "`gpt-realtime-2.1`", "names of the shut-down previews are mapped to it, with a warning"),
  fallbackModel: key(
    "text",
    "none",
    "serves where `realtimeModel` cannot be had, before the call and in the middle of it; another one, such as `gpt-realtime-2.1-mini`"
  ),
  defaultVoice: key("a [voice](#voices)", "`alloy`", "how the agent sounds"),
  maxCallDuration: key("seconds, 10 to 14000", "`600`", "the agent wraps up 30 s before and says goodbye at the limit"),
  recordCalls: key("true, false", "`true`", "two-channel recording by Twilio, kept beside the transcript"),
  transcriptsDir: key("path", "`~/.openclaw/phone/transcripts`", "JSON and WAV files"),
  webhookPort: key("port", "`18790`", "Twilio comes in here (all interfaces)"),
  webhookHost: key("https URL", "", "the public URL that leads to `webhookPort`; required; http on loopback only"),
  ringTimeout: key("seconds, 5 to 120", "`30`", "how long it rings; then `no-answer`"),
  greetingDelay: key("seconds, 0 to 3", "`0.8`", "how long the agent listens after the answer before it speaks"),
  maxHold: key("seconds, 10 to 14000", "`300`", "how long the agent waits on hold, in the whole of a call"),
  prepareOpening: key(
    "true, false",
    "`true`",
    "generate the first sentence while it rings: quicker, and paid for unanswered calls too"
  ),
  voicemail: key("`leave-message`, `hang-up`", "`leave-message`", "what a machine gets"),
  transferTo: key("`{name: number}`", "`{}`", "whom the agent may transfer to; without any it cannot"),
  language: key("such as `de-CH`", "`en`", "what the agent speaks and the transcription expects"),
  disclose: key("true, false", "`true`", "the first sentence says that an AI is calling"),
  onBehalfOf: key("text", "", "for whom the agent says it calls"),
  notify: key(
    "`{url, secret}`",
    "none",
    "where the end of every call is posted to, signed ([notifications](docs/notifications.md))"
  ),
  maxConcurrentCalls: key("1 to 1000", "`5`", "more are refused: `TooManyCalls`"),
  callsPerSecond: key("0.01 to 100", "`1`", "dialling pace (a new Twilio account has 1)"),
  allowedCountries: key("list such as `[US, CA]`", "the own number's", "others are refused"),
  doNotCall: key("list of E.164", "`[]`", "never dialled; wishes said on calls are kept in the database beside it"),
  callingHours: key(
    '`{from: "09:00", to: "18:00"}`',
    "always",
    "in the callee's time zones; where a country has several, in all of them"
  ),
  dailyLimit: key("`{callsPerNumber?, calls?, cost?}`", "none", "per day (UTC); `cost` in US dollars"),
  rpcHost: key("text", "`127.0.0.1`", "where clients connect; keep it on loopback or behind TLS"),
  rpcPort: key("port", "`18791`", "must differ from `webhookPort`; 0 takes a free one, for both"),
  rpcToken: key("text", "made at the first start", "else in `rpc-token` beside the database, mode 0600"),
  database: key("path", "`~/.openclaw/phone/phone.db`", "SQLite"),
  twilioApiUrl: key(
    "https URL",
    "`https://api.twilio.com`",
    "another server that speaks Twilio's REST; http on loopback only"
  ),
  realtimeUrl: key("wss URL", "`wss://api.openai.com/v1/realtime`", "another Realtime server; ws on loopback only"),
  transcriptionModel: key(
    "text",
    "`gpt-4o-mini-transcribe`",
    "writes down the callee's words; when refused, the default is tried, then none"
  ),
  turnDetection: key(
    "`{type: server_vad, threshold?, prefixPadding?, silence?}` or `{type: semantic_vad, eagerness?}`",
    "`{type: server_vad}`",
    "when the callee's turn is over; padding 300 and silence 500 in ms, threshold 0.5, eagerness `low`, `medium`, `high`, `auto`"
  ),
  wireLogs: key(
    "`{dir?, audio?, maxSize?}`",
    "none",
    "keeps `<callId>.wire.jsonl` of every call, to be [replayed](docs/replay.md): numbers and words of people, voices only with `audio: true`. `dir`: `transcriptsDir`; `maxSize`: 20 MB a call"
  )
}
