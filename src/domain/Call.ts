/** The record of a call: what the tools return, what the database and the JSON file hold (design, 8). */
import { Schema } from "effect"
import { CallStatus } from "./CallStatus.ts"
import { Evidence } from "./Evidence.ts"
import { RateLimited } from "./errors.ts"
import { CallId, type RequestId } from "./Ids.ts"
import { Incident } from "./Incident.ts"
import { AnsweredBy, Outcome } from "./Outcome.ts"
import { PhoneNumber } from "./PhoneNumber.ts"
import { Question } from "./Question.ts"
import { Transfer } from "./Transfer.ts"
import { Turn } from "./Turn.ts"

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** US dollars, estimated from list prices; `total` is their sum. */
export const Cost = Schema.Struct({
  telephone: Schema.Finite,
  model: Schema.Finite,
  total: Schema.Finite
})
export type Cost = typeof Cost.Type

/** Seconds; of how many. */
const Percentiles = Schema.Struct({ p50: Schema.Finite, p95: Schema.Finite, count: optional(Schema.Int) })

/** `longest` of those above 1.5 s, `count` how many they are; `modelLoss`: the longest, however short, in which the voice model's session was lost. Seconds. */
const Gaps = Schema.Struct({ count: Schema.Int, longest: Schema.Finite, modelLoss: optional(Schema.Finite) })

/**
 * Measured on this call, in seconds, where Phone is: the network to the callee comes on top. `turn`: the `latency` of its turns.
 * `bargeIn`: from being told that the callee speaks to silence. `gaps`: nobody was heard although the agent owed words.
 */
export const Latency = Schema.Struct({
  answerToFirstWord: optional(Schema.Finite),
  turn: optional(Percentiles),
  bargeIn: optional(Percentiles),
  gaps: optional(Gaps)
})
export type Latency = typeof Latency.Type

/** Why a call ended badly: the tag of the typed error, the vendor's code if any, and one line for a person. */
export const CallError = Schema.Struct({
  type: Schema.String,
  message: Schema.String,
  code: optional(Schema.String),
  /** Whose limit was reached, and when it may be over, for `RateLimited`. */
  service: optional(RateLimited.fields.service),
  retryAfter: optional(Schema.Finite)
})
export type CallError = typeof CallError.Type

/** Field by field, to make other schemas of it. */
export const CallFields = Schema.Struct({
  id: CallId,
  to: PhoneNumber,
  from: PhoneNumber,
  task: Schema.String,
  context: optional(Schema.String),
  status: CallStatus,
  answeredBy: optional(AnsweredBy),
  /** What spoke for it, or against it, in the order in which it happened. */
  answeredByEvidence: optional(Schema.Array(Evidence)),
  startedAt: Schema.DateTimeUtc,
  answeredAt: optional(Schema.DateTimeUtc),
  endedAt: optional(Schema.DateTimeUtc),
  duration: Schema.Finite,
  transcript: Schema.Array(Turn),
  /** What the agent asked its owner, in order; absent when it asked nothing. */
  questions: optional(Schema.Array(Question)),
  /** The last attempt to hand the callee over; absent when there was none. */
  transferredTo: optional(Transfer),
  outcome: optional(Outcome),
  recording: optional(Schema.String),
  cost: optional(Cost),
  latency: optional(Latency),
  error: optional(CallError),
  /** What went wrong during the call and was mended, or not, in order; absent when nothing did. */
  incidents: optional(Schema.Array(Incident))
})

/** `duration` is in seconds from answer to end, 0 when nobody answered. Times are ISO 8601 UTC on every wire. */
export interface Call extends Schema.Schema.Type<typeof CallFields> {}
/** A call as it stands in JSON. */
export interface CallEncoded extends Schema.Schema.Encoded<typeof CallFields> {}
export const Call: Schema.Schema<Call, CallEncoded> = CallFields

/** What is asked for. `to` and the texts are checked at admission, so that a refusal is a typed, readable error. */
export interface CallRequest {
  readonly to: string
  readonly task: string
  readonly context?: string
  readonly requestId?: RequestId
  /** Who wants to hear of the end: under this name it is kept among the completions until it is acknowledged. */
  readonly client?: string
  /** Opaque to us, kept with the call and given back: an OpenClaw session key, for example. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Somebody is there to answer: the agent may ask in mid-call what task and context do not tell. Default: nobody is. */
  readonly questions?: boolean
}
