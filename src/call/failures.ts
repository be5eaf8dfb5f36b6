/** Why a call reached nobody or broke: as it is recorded, and the typed error that is made from the record again. */
import type { Call, CallError } from "../domain/Call.ts"
import {
  CallBusy,
  CallCanceled,
  CallFailed,
  type CallFailure,
  CallNoAnswer,
  LineUnavailable,
  ModelUnavailable,
  RateLimited
} from "../domain/errors.ts"

/** A typed error as the record of its call keeps it. */
export const recordOf = (error: {
  readonly _tag: string
  readonly message: string
  readonly code?: string
  readonly service?: RateLimited["service"]
  readonly retryAfter?: number
}): CallError => {
  const { code, message, retryAfter, service } = error
  return {
    type: error._tag,
    message,
    ...(code === undefined ? {} : { code }),
    ...(service === undefined ? {} : { service }),
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
}

/** `undefined` for a call that is in progress or completed. */
export const failureOf = (call: Call): CallFailure | undefined => {
  const { id: callId, to, error } = call
  const code = error?.code === undefined ? {} : { code: error.code }
  switch (call.status) {
    case "busy":
      return new CallBusy({ callId, message: `${to} is busy. Try again later.` })
    case "no-answer":
      return new CallNoAnswer({ callId, message: `Nobody answered at ${to}.` })
    case "canceled":
      return new CallCanceled({ callId, message: `The call to ${to} was canceled before it was answered.` })
    case "failed": {
      const message = error?.message ?? "The call failed; the reason is not known."
      switch (error?.type) {
        case "RateLimited":
          return new RateLimited({
            callId,
            service: error.service ?? "twilio",
            message,
            ...code,
            ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter })
          })
        case "LineUnavailable":
          return new LineUnavailable({ callId, message, ...code })
        case "ModelUnavailable":
          return new ModelUnavailable({ callId, message, ...code })
        default:
          return new CallFailed({ callId, reason: message, message, ...code })
      }
    }
    default:
      return undefined
  }
}
