/**
 * The RPC interface: the three tools and what stands beside them. Safe for browsers: imports no server code.
 * Every request carries the bearer token in its `authorization` header, inside the RPC message.
 */
import { Rpc, RpcGroup, RpcMiddleware } from "@effect/rpc"
import { Schema } from "effect"
import { Call } from "../domain/Call.ts"
import { CallEvent } from "../domain/CallEvent.ts"
import { Completion } from "../domain/Completion.ts"
import {
  CallEnded,
  CallFailure,
  CallNotFound,
  InvalidRequest,
  ModelUnavailable,
  QuestionClosed,
  RateLimited,
  Refusal,
  StoreUnavailable,
  Unauthorized
} from "../domain/errors.ts"
import { QuestionRef } from "../domain/Question.ts"
import { Reassessment } from "../domain/Reassessment.ts"

/** Checks the bearer token. Clients must provide a layer that sends it. */
export class Authentication extends RpcMiddleware.Tag<Authentication>()("phone/Authentication", {
  failure: Unauthorized,
  requiredForClient: true
}) {}

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** Loose on purpose: what is wrong in it comes back as a typed, readable error, not as a decoding defect. */
export const CallPayload = Schema.Struct({
  /** E.164, or the national format of the own number's country. */
  to: Schema.String,
  task: Schema.String,
  context: optional(Schema.String),
  /** The same id again is the same call: a retried request never dials twice. */
  requestId: optional(Schema.String),
  /** `false`: return at once with the queued call. Default: wait for its end. */
  wait: optional(Schema.Boolean),
  /** The end of the call is kept under this name for `phone_completions`, until `phone_ack`. */
  client: optional(Schema.String),
  metadata: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  /** `true`: somebody watches and answers, so the agent may ask in mid-call. Default: nobody does. */
  questions: optional(Schema.Boolean)
})

export const HistoryPayload = Schema.Struct({
  /** Default 10. */
  limit: optional(Schema.Number),
  /** Exactly this call. */
  callId: optional(Schema.String),
  cursor: optional(Schema.String),
  search: optional(Schema.String),
  /** The filters of `HistoryQuery`; all given ones must hold. */
  status: optional(Schema.Array(Schema.String)),
  to: optional(Schema.String),
  since: optional(Schema.String),
  until: optional(Schema.String),
  success: optional(Schema.Boolean)
})

export const HistoryResult = Schema.Struct({ calls: Schema.Array(Call), cursor: optional(Schema.String) })

export const CompletionsPayload = Schema.Struct({
  client: Schema.String,
  /** Seconds to wait for an end when there is none. Default 0, at most 60. */
  wait: optional(Schema.Number),
  /** `true`: open questions of live calls, too. Default: ends only. */
  questions: optional(Schema.Boolean)
})

export class PhoneRpcs extends RpcGroup.make(
  Rpc.make("phone_call", {
    payload: CallPayload,
    success: Call,
    error: Schema.Union(Refusal, CallFailure, CallNotFound)
  }),
  Rpc.make("phone_status", {
    payload: { callId: Schema.String },
    success: Call,
    error: Schema.Union(CallNotFound, StoreUnavailable)
  }),
  Rpc.make("phone_history", {
    payload: HistoryPayload,
    success: HistoryResult,
    error: Schema.Union(CallNotFound, InvalidRequest, StoreUnavailable)
  }),
  Rpc.make("phone_watch", {
    payload: { callId: Schema.String, after: optional(Schema.Int) },
    success: CallEvent,
    error: Schema.Union(CallNotFound, StoreUnavailable),
    stream: true
  }),
  Rpc.make("phone_hangup", {
    payload: { callId: Schema.String },
    error: Schema.Union(CallNotFound, CallEnded, StoreUnavailable)
  }),
  Rpc.make("phone_say", {
    payload: { callId: Schema.String, text: Schema.String },
    error: Schema.Union(CallNotFound, CallEnded, StoreUnavailable)
  }),
  Rpc.make("phone_answer", {
    payload: { callId: Schema.String, answer: Schema.String, questionId: optional(Schema.Number) },
    error: Schema.Union(CallNotFound, QuestionClosed, InvalidRequest, StoreUnavailable)
  }),
  Rpc.make("phone_outcome", {
    payload: {
      callId: Schema.String,
      /** `true`: no model is asked; the quotes of the agent's report are looked up again. */
      recheck: optional(Schema.Boolean),
      /** `true`: it takes the place of the stored one. */
      save: optional(Schema.Boolean)
    },
    success: Reassessment,
    error: Schema.Union(CallNotFound, InvalidRequest, ModelUnavailable, RateLimited, StoreUnavailable)
  }),
  Rpc.make("phone_completions", {
    payload: CompletionsPayload,
    success: Schema.Array(Completion),
    error: StoreUnavailable
  }),
  Rpc.make("phone_ack", {
    payload: {
      client: Schema.String,
      callIds: Schema.Array(Schema.String),
      questions: optional(Schema.Array(QuestionRef))
    },
    error: StoreUnavailable
  })
).middleware(Authentication) {}
