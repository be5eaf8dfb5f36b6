/**
 * What can go wrong around a call, as plain data: written by hand in a scenario, generated, shrunk, printed and stored. One
 * fault is an object with one key. All times are seconds. What each does to the world is said here and done beside this file.
 */
import { Schema } from "effect"

const says = <A, I>(schema: Schema.Schema<A, I>, message: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => ({ message, override: true }) })

const Seconds = says(Schema.Number.pipe(Schema.between(0, 86_400)), "must be a number of seconds, not below 0")
const Nth = says(Schema.Int.pipe(Schema.positive()), "must be a whole number, counted from 1")
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const oneOf = <const T extends ReadonlyArray<string>>(...names: T) =>
  says(Schema.Literal(...names), `must be one of ${names.join(", ")}`)

/** A request of the service to Twilio's REST interface. */
export const RestRequest = oneOf("create", "update", "read", "list", "recording")
export type RestRequest = typeof RestRequest.Type

/** A webhook of Twilio to the service; of the status callbacks, the one that tells this status. */
export const Callback = oneOf("twiml", "initiated", "ringing", "answered", "completed", "amd", "recording", "stream")
export type Callback = typeof Callback.Type

/** Which requests are meant: of this kind, from the `nth` (1), `times` (1) in a row. */
const requests = { request: RestRequest, nth: optional(Nth), times: optional(Nth) }
const callbacks = { callback: Callback, nth: optional(Nth) }
/** Which socket is meant: the `nth` (1) of its kind, and when: so long after it was opened. */
const socket = { nth: optional(Nth), after: Seconds }

const HttpFault = Schema.Union(
  /** Nothing listens: the request surely was not processed. */
  Schema.Struct({ refuse: Schema.Struct(requests) }),
  /** Answered by a proxy or by Twilio's guard, and not processed. */
  Schema.Struct({
    answer: Schema.Struct({
      ...requests,
      status: says(Schema.Literal(429, 500, 502, 503), "must be 429, 500, 502 or 503"),
      retryAfter: optional(Seconds)
    })
  }),
  /** Processed, but the answer is lost: silence, a broken connection, or a proxy's error page in its place. */
  Schema.Struct({
    loseAnswer: Schema.Struct({ ...requests, instead: oneOf("silence", "broken", "bad-gateway") })
  }),
  Schema.Struct({ delayRequest: Schema.Struct({ ...requests, by: Seconds }) }),
  /** Never arrives. */
  Schema.Struct({ loseCallback: Schema.Struct(callbacks) }),
  Schema.Struct({ delayCallback: Schema.Struct({ ...callbacks, by: Seconds }) }),
  /** Arrives again so much later. */
  Schema.Struct({ repeatCallback: Schema.Struct({ ...callbacks, after: Seconds }) }),
  /** A verdict on who answered, genuine or not, so long after the answer. */
  Schema.Struct({
    detect: Schema.Struct({
      as: oneOf(
        "human",
        "machine_start",
        "machine_end_beep",
        "machine_end_silence",
        "machine_end_other",
        "fax",
        "unknown"
      ),
      after: Seconds
    })
  })
)

const MediaFault = Schema.Union(
  /** The handshake is never answered. */
  Schema.Struct({ refuseMedia: Schema.Struct({ nth: optional(Nth) }) }),
  /** Cut without a close frame. */
  Schema.Struct({ cutMedia: Schema.Struct(socket) }),
  /** Says `stop`, and does not close. */
  Schema.Struct({ stopMedia: Schema.Struct(socket) }),
  /** Nothing arrives any more, in either direction, and nobody is told. */
  Schema.Struct({ muteMedia: Schema.Struct(socket) }),
  /** The callee's audio is lost for a while. */
  Schema.Struct({ loseMedia: Schema.Struct({ ...socket, for: Seconds }) }),
  /** Everything is held for a while, and then arrives at once. */
  Schema.Struct({ holdMedia: Schema.Struct({ ...socket, for: Seconds }) }),
  /** Twilio does not read for a while: what we send piles up on our side. */
  Schema.Struct({ stuffMedia: Schema.Struct({ ...socket, for: Seconds }) }),
  /** Marks come back so much later. */
  Schema.Struct({ delayMarks: Schema.Struct({ ...socket, by: Seconds }) }),
  /** Marks never come back. */
  Schema.Struct({ loseMarks: Schema.Struct(socket) })
)

/** What befalls one response of the model. `session` and `response` are counted from 1. */
export const responseFaults = [
  "rate-limit",
  "server-error",
  "content-filter",
  "slow",
  "lose-tail",
  "noise",
  "outrun-cancel",
  "drop",
  "freeze"
] as const

/** What the model does of its own accord in place of, or beside, what was asked of it. */
export const quirks = [
  "says-nothing",
  "says-two-things",
  "talks-long",
  "ends-without-a-word",
  "ends-twice",
  "ends-with-nonsense",
  "calls-an-unknown-tool",
  "claims-a-success",
  "claims-a-machine",
  "presses-keys",
  "transfers-to-a-stranger"
] as const
export const Quirk = oneOf(...quirks)
export type Quirk = typeof Quirk.Type

const ModelFault = Schema.Union(
  /** The handshake is answered with this status. */
  Schema.Struct({
    refuseModel: Schema.Struct({
      nth: optional(Nth),
      times: optional(Nth),
      status: says(Schema.Literal(401, 403, 404, 429, 500, 503), "must be 401, 403, 404, 429, 500 or 503")
    })
  }),
  /** The handshake is never answered. */
  Schema.Struct({ hangModel: Schema.Struct({ nth: optional(Nth) }) }),
  /** Opens, tells an error, and closes. */
  Schema.Struct({
    rejectModel: Schema.Struct({
      nth: optional(Nth),
      reason: oneOf("wrong-key", "unknown-model", "retired-model", "no-quota", "server-error")
    })
  }),
  Schema.Struct({ cutModel: Schema.Struct(socket) }),
  /** Nothing arrives any more, in either direction, and nobody is told. */
  Schema.Struct({ muteModel: Schema.Struct(socket) }),
  Schema.Struct({ holdModel: Schema.Struct({ ...socket, for: Seconds }) }),
  /** The session has reached its limit, or was left before that for the successor that was opened beside it. */
  Schema.Struct({ expireModel: Schema.Struct(socket) }),
  Schema.Struct({ response: Schema.Struct({ session: optional(Nth), nth: Nth, does: oneOf(...responseFaults) }) }),
  Schema.Struct({
    transcription: Schema.Struct({ session: optional(Nth), turn: Nth, does: oneOf("failed", "empty", "missing") })
  }),
  /** The callee's words are written down so much later. */
  Schema.Struct({ lateTranscription: Schema.Struct({ by: Seconds }) }),
  /** The nth response of the whole call. */
  Schema.Struct({ quirk: Schema.Struct({ nth: Nth, does: Quirk }) })
)

/** `at` is counted from the start of the run. */
const MachineFault = Schema.Union(
  /** Up to so much later than usual, each message by another delay; what goes one way through one socket keeps its order. */
  Schema.Struct({ jitter: Schema.Struct({ upTo: Seconds }) }),
  Schema.Struct({ fillDisk: Schema.Struct({ at: Seconds, for: Seconds }) }),
  Schema.Struct({ lockDatabase: Schema.Struct({ at: Seconds, for: Seconds }) }),
  /** The clock on the wall is put forward, or back (below 0). Nothing that lasts gets longer or shorter by it. */
  Schema.Struct({
    setClock: Schema.Struct({
      at: Seconds,
      by: says(Schema.Number.pipe(Schema.between(-86_400, 86_400)), "must be a number of seconds")
    })
  }),
  /**
   * The process dies without a word, `steps` steps of its fibers after `at`, and another starts on its disk `downFor` later
   * (1). If none is there at that time, it is the next one that dies, so many steps into its start.
   */
  Schema.Struct({
    kill: Schema.Struct({
      at: Seconds,
      steps: optional(says(Schema.NonNegativeInt, "must be a whole number, not below 0")),
      downFor: optional(Seconds)
    })
  })
)

export const Fault = Schema.Union(HttpFault, MediaFault, ModelFault, MachineFault)
export type Fault = typeof Fault.Type

/** The one key of a fault: its name. */
export type FaultName = Fault extends infer F ? (F extends unknown ? keyof F : never) : never

/** The name of a fault, such as `loseAnswer`. */
export const nameOf = (fault: Fault): string => Object.keys(fault)[0] ?? ""

/** All faults of one name in a plan, without their name. */
export const faultsOf = <K extends FaultName>(
  plan: ReadonlyArray<Fault>,
  name: K
): ReadonlyArray<Extract<Fault, { readonly [P in K]: unknown }>[K]> =>
  plan.flatMap((fault) => (isNamed(fault, name) ? [fault[name]] : []))

/** Whether this is its one key. */
export const isNamed = <K extends FaultName>(
  fault: Fault,
  name: K
): fault is Extract<Fault, { readonly [P in K]: unknown }> => name in fault

/** A plan on one line: `loseAnswer(create, silence) · kill(4.2)`. */
export const describe = (plan: ReadonlyArray<Fault>): string =>
  plan.length === 0
    ? "no fault"
    : plan
        .map((fault) => {
          const [name = "", parts = {}] = Object.entries(fault)[0] ?? []
          return `${name}(${Object.entries(parts)
            .map(([key, value]) => `${key} ${String(value)}`)
            .join(", ")})`
        })
        .join(" · ")
