/**
 * What a simulated callee does, as plain data: how the line reacts when it is dialled, and what whoever answers says and
 * does. Scripts can be written in code or kept in files; `Callee.ts` performs them.
 */
import { Schema } from "effect"

const says = <A, I>(schema: Schema.Schema<A, I>, message: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => ({ message, override: true }) })
const Seconds = says(Schema.Number.pipe(Schema.nonNegative()), "must be a number of seconds, not below 0")
const Words = says(Schema.NonEmptyString, "must be a text that is not empty")
const Times = says(Schema.Positive, "must be a number above 0")
const Recording = says(Schema.Union(Schema.String, Schema.Uint8ArrayFromSelf), "must be the path of a WAV file")
const yes = says(Schema.Literal(true), "must be true")
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const Digits = says(Schema.String.pipe(Schema.pattern(/^[0-9*#A-D]+$/)), 'must be keys in quotes, such as "42#"')
const Pattern = says(
  Schema.String.pipe(
    Schema.filter((text) => {
      try {
        return new RegExp(text, "i").test("") || true
      } catch {
        return false
      }
    })
  ),
  "must be a regular expression"
)

const SimpleStep = Schema.Union(
  /** Says a sentence (spoken text, understood by the other simulator), to its end. */
  Schema.Struct({ say: Words }),
  /** Plays a WAV file by path, or a WAV file's bytes: a real voice. Mu-law at 8 kHz goes onto the line byte for byte. */
  Schema.Struct({ play: Recording }),
  Schema.Struct({ wait: Seconds }),
  /** Waits until the agent has spoken and then been quiet for `quiet` (0.8 s), `atMost` (30 s) in all. */
  Schema.Struct({ listen: Schema.Struct({ quiet: optional(Seconds), atMost: optional(Seconds) }) }),
  /** Speaks into the agent's sentence when that has gone on for `after` seconds. */
  Schema.Struct({ bargeIn: Schema.Struct({ after: Seconds, say: Words, atMost: optional(Seconds) }) }),
  /** The tone after a voicemail greeting: the machine records from here on. */
  Schema.Struct({ beep: yes }),
  /** Hold music. */
  Schema.Struct({ music: Seconds }),
  /** Coughs, or a car passes, `for` seconds; `after`: into the agent's sentence when that has gone on for so long. */
  Schema.Struct({ noise: Schema.Struct({ for: Seconds, after: optional(Seconds), atMost: optional(Seconds) }) }),
  /** Presses keys, which reach the agent as DTMF. */
  Schema.Struct({ press: Digits }),
  /** Waits for exactly these keys of the agent; hangs up when they do not come within `atMost` (30 s). */
  Schema.Struct({ expectDigits: Schema.Struct({ digits: Digits, atMost: optional(Seconds) }) }),
  Schema.Struct({ hangUp: yes })
)

export type CalleeStep =
  | typeof SimpleStep.Type
  | {
      /** Speaks `prompt` and goes on by the key that is pressed; asks again after `patience` (6 s), `times` (3), then hangs up. */
      readonly menu: {
        readonly prompt: string
        readonly options: { readonly [digit: string]: ReadonlyArray<CalleeStep> }
        readonly patience?: number
        readonly times?: number
      }
    }
  | {
      /** Listens, then does what stands at the first pattern that occurs in what was heard. No `when`: at anything. */
      readonly reply: ReadonlyArray<{
        readonly when?: string
        readonly say?: string
        readonly steps?: ReadonlyArray<CalleeStep>
      }>
    }
  /** Does the steps again and again, `times` or until the call ends. */
  | { readonly repeat: { readonly steps: ReadonlyArray<CalleeStep>; readonly times?: number } }

const Steps = Schema.Array(Schema.suspend((): Schema.Schema<CalleeStep> => CalleeStep))

export const CalleeStep: Schema.Schema<CalleeStep> = Schema.Union(
  SimpleStep,
  Schema.Struct({
    menu: Schema.Struct({
      prompt: Words,
      options: Schema.Record({ key: Schema.String, value: Steps }),
      patience: optional(Seconds),
      times: optional(Times)
    })
  }),
  Schema.Struct({
    reply: Schema.Array(Schema.Struct({ when: optional(Pattern), say: optional(Words), steps: optional(Steps) }))
  }),
  Schema.Struct({ repeat: Schema.Struct({ steps: Steps, times: optional(Times) }) })
)

/**
 * The callee's side gives our own voice back, so many seconds later and so many decibels quieter, until the echo cancellers of
 * the network have learnt: for so many seconds from the agent's first sound on. Who speaks is louder than the echo.
 */
export const Echo = Schema.Struct({ delay: Seconds, attenuation: Seconds, for: Seconds })
export type Echo = typeof Echo.Type

/** `after`: seconds of ringing. `as` is what answering machine detection takes it for, `amdAfter` seconds after the answer. */
export const Answers = Schema.Struct({
  after: Seconds,
  as: says(Schema.Literal("human", "machine", "fax", "unknown"), "must be human, machine, fax or unknown"),
  amdAfter: Seconds,
  echo: optional(Echo)
})

const Line = says(
  Schema.Literal("busy", "no-answer", "failed", "rate-limited"),
  "must be busy, no-answer, failed, rate-limited, or refused with a code"
)

/**
 * `busy`, `no-answer` and `failed` are calls that reach nobody; `refused` and `rate-limited` are not even calls: Twilio's
 * REST interface answers 400 with `code` (21215: country not enabled, for example), or 429 with 20429.
 */
export const CalleeScript = Schema.Union(
  Schema.Struct({ line: Line }),
  Schema.Struct({ line: Schema.Literal("refused"), code: says(Schema.Int, "must be one of Twilio's error codes") }),
  Schema.Struct({ answers: Answers, steps: Schema.Array(CalleeStep) })
)
export type CalleeScript = typeof CalleeScript.Type
export type AnsweringScript = Extract<CalleeScript, { readonly answers: unknown }>
