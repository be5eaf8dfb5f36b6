/**
 * What can go wrong, as the people who get it need to see it: named by what they can do about it. Each crosses RPC
 * typed, carries the `callId` where a call exists, a `message` that says what happened and what to do, and no secret.
 */
import { Schema } from "effect"
import { CallId } from "./Ids.ts"

const optionalCallId = Schema.optionalWith(CallId, { exact: true })
const seconds = Schema.optionalWith(Schema.Number, { exact: true })

/** The number cannot be read or cannot exist. Nothing was dialled. */
export class InvalidPhoneNumber extends Schema.TaggedError<InvalidPhoneNumber>("phone/InvalidPhoneNumber")(
  "InvalidPhoneNumber",
  { input: Schema.String, message: Schema.String }
) {}

/** Something else in the request is wrong (an empty or far too long task). Nothing was dialled. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("phone/InvalidRequest")("InvalidRequest", {
  field: Schema.String,
  message: Schema.String
}) {}

/** A rule of the policy (design, 7) forbids this call. `rule` names it. Nothing was dialled. */
export class CallNotAllowed extends Schema.TaggedError<CallNotAllowed>("phone/CallNotAllowed")("CallNotAllowed", {
  rule: Schema.Literal(
    "emergency",
    "short-number",
    "premium",
    "shared-cost",
    "own-number",
    "country",
    "do-not-call",
    "calling-hours",
    "daily-limit",
    "stopping",
    "disabled"
  ),
  message: Schema.String
}) {}

/** `maxConcurrentCalls` are in progress already. Nothing was dialled; try again when one has ended. */
export class TooManyCalls extends Schema.TaggedError<TooManyCalls>("phone/TooManyCalls")("TooManyCalls", {
  limit: Schema.Number,
  message: Schema.String
}) {}

/** Twilio or the voice model asked us to slow down, and waiting did not help. `retryAfter` in seconds, if it was told. */
export class RateLimited extends Schema.TaggedError<RateLimited>("phone/RateLimited")("RateLimited", {
  service: Schema.Literal("twilio", "openai"),
  callId: optionalCallId,
  code: Schema.optionalWith(Schema.String, { exact: true }),
  retryAfter: seconds,
  message: Schema.String
}) {}

/** The telephone side cannot be used at all: unreachable, wrong credentials, no credit. */
export class LineUnavailable extends Schema.TaggedError<LineUnavailable>("phone/LineUnavailable")("LineUnavailable", {
  callId: optionalCallId,
  code: Schema.optionalWith(Schema.String, { exact: true }),
  message: Schema.String
}) {}

/** The voice model cannot be had, so nobody's phone rang. */
export class ModelUnavailable extends Schema.TaggedError<ModelUnavailable>("phone/ModelUnavailable")(
  "ModelUnavailable",
  { callId: optionalCallId, code: Schema.optionalWith(Schema.String, { exact: true }), message: Schema.String }
) {}

/** The line was busy. */
export class CallBusy extends Schema.TaggedError<CallBusy>("phone/CallBusy")("CallBusy", {
  callId: CallId,
  message: Schema.String
}) {}

/** Nobody picked up. */
export class CallNoAnswer extends Schema.TaggedError<CallNoAnswer>("phone/CallNoAnswer")("CallNoAnswer", {
  callId: CallId,
  message: Schema.String
}) {}

/** The call could not be put through or broke. `reason` is one line; `code` the vendor's, if it gave one. */
export class CallFailed extends Schema.TaggedError<CallFailed>("phone/CallFailed")("CallFailed", {
  callId: optionalCallId,
  reason: Schema.String,
  code: Schema.optionalWith(Schema.String, { exact: true }),
  message: Schema.String
}) {}

/** Somebody hung up through `phone_hangup` before the call was answered, or the service stopped. */
export class CallCanceled extends Schema.TaggedError<CallCanceled>("phone/CallCanceled")("CallCanceled", {
  callId: CallId,
  message: Schema.String
}) {}

/** There is no such call. */
export class CallNotFound extends Schema.TaggedError<CallNotFound>("phone/CallNotFound")("CallNotFound", {
  callId: Schema.String,
  message: Schema.String
}) {}

/** The call has ended, so it can be neither guided nor hung up. */
export class CallEnded extends Schema.TaggedError<CallEnded>("phone/CallEnded")("CallEnded", {
  callId: CallId,
  message: Schema.String
}) {}

/** The answer was not used: the question had its answer, nobody waited for one any more, or none was asked. */
export class QuestionClosed extends Schema.TaggedError<QuestionClosed>("phone/QuestionClosed")("QuestionClosed", {
  callId: CallId,
  reason: Schema.Literal("answered", "timeout", "withdrawn", "unasked"),
  message: Schema.String
}) {}

/** The bearer token is missing or wrong. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("phone/Unauthorized")("Unauthorized", {
  message: Schema.String
}) {}

/** The store of calls cannot be read or written (disk full, corrupt file). Never shown as an empty history. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>("phone/StoreUnavailable")(
  "StoreUnavailable",
  { message: Schema.String }
) {}

/** Why a request for a call was refused: no call exists, nothing was dialled. */
export const Refusal = Schema.Union(
  InvalidPhoneNumber,
  InvalidRequest,
  CallNotAllowed,
  TooManyCalls,
  RateLimited,
  StoreUnavailable
)
export type Refusal = typeof Refusal.Type

/** Why an accepted call did not become a conversation, or broke. */
export const CallFailure = Schema.Union(
  CallBusy,
  CallNoAnswer,
  CallFailed,
  CallCanceled,
  LineUnavailable,
  ModelUnavailable,
  RateLimited
)
export type CallFailure = typeof CallFailure.Type
