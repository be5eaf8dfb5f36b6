/**
 * What Twilio's REST API can answer instead of what was asked, sorted by the one question that matters: was the request
 * processed? The only place that knows RestException and the vendor's codes (facts/twilio.md 2).
 */
import { Data, Duration, Predicate } from "effect"
import { CallFailed, LineUnavailable, RateLimited } from "../domain/errors.ts"
import type { CallId } from "../domain/Ids.ts"
import { NetworkError, type WireHeaders } from "../wire/Network.ts"

/** 429: surely not processed. */
export class Slow extends Data.TaggedError("Slow")<{
  readonly message: string
  readonly code: string
  readonly retryAfter?: Duration.Duration
}> {}

/** Any other 4xx: understood and refused. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly message: string
  readonly status: number
  readonly code: string | undefined
}> {}

/** No connection: surely not processed. */
export class Unreached extends Data.TaggedError("Unreached")<{ readonly message: string }> {}

/** 5xx, time-out, broken connection, unreadable answer: nobody knows whether it was processed. */
export class Unclear extends Data.TaggedError("Unclear")<{ readonly message: string }> {}

export type RestError = Slow | Refused | Unreached | Unclear

/** Only the form in seconds; a date would need the peer's clock. */
const retryAfter = (headers: WireHeaders): Duration.Duration | undefined => {
  const text = headers["retry-after"] ?? ""
  return /^\d{1,6}$/.test(text) ? Duration.seconds(Number(text)) : undefined
}

/** Sorts what the `twilio` client threw: a RestException, our NetworkError, or an error of reading the body. */
export const fromThrown = (thrown: unknown, headers: WireHeaders): RestError => {
  if (thrown instanceof NetworkError) {
    return thrown.kind === "refused"
      ? new Unreached({ message: thrown.message })
      : new Unclear({ message: thrown.message })
  }
  const status =
    Predicate.hasProperty(thrown, "status") && typeof thrown.status === "number" ? thrown.status : undefined
  const code =
    Predicate.hasProperty(thrown, "code") && Predicate.isNumber(thrown.code) ? String(thrown.code) : undefined
  const message =
    Predicate.hasProperty(thrown, "message") && typeof thrown.message === "string" && thrown.message !== ""
      ? thrown.message
      : `HTTP ${status ?? "answer without a status"}`
  if (status === undefined) return new Unclear({ message: `Twilio's answer could not be read: ${message}` })
  if (status === 429 || code === "20429") {
    const wait = retryAfter(headers)
    return new Slow({ message, code: code ?? "20429", ...(wait === undefined ? {} : { retryAfter: wait }) })
  }
  return status >= 500 ? new Unclear({ message }) : new Refused({ message, status, code })
}

/** The call is over, or not far enough, for what was asked. On a hang-up this is a success (facts/twilio.md 1.3). */
export const isNotInProgress = (error: RestError): boolean => error._tag === "Refused" && error.code === "21220"

/** There is no such resource. */
export const isUnknown = (error: RestError): boolean => error._tag === "Refused" && error.status === 404

const credentialCodes = new Set(["20003", "20005", "20008", "10001"])
const laterCodes = new Set(["10004", "22005"])

const withCall = (callId: CallId | undefined) => (callId === undefined ? {} : { callId })

/** What the port's callers get when Twilio would not do something for them. */
export const toLineUnavailable = (error: RestError, callId?: CallId): LineUnavailable =>
  new LineUnavailable({
    ...withCall(callId),
    ...(error._tag === "Refused" && error.code !== undefined ? { code: error.code } : {}),
    message:
      error._tag === "Refused" && (error.status === 401 || error.status === 403)
        ? `Twilio refuses our credentials: ${error.message} Check accountSid and authToken.`
        : error._tag === "Slow"
          ? `Twilio asks us to slow down: ${error.message}`
          : `Twilio cannot be used: ${error.message}`
  })

/** A refusal that concerns this call (its number, its state), or the line as such. */
export const toCallError = (error: RestError, callId: CallId): CallFailed | LineUnavailable => {
  if (error._tag !== "Refused" || [401, 403, 404].includes(error.status) || credentialCodes.has(error.code ?? "")) {
    return toLineUnavailable(error, callId)
  }
  return new CallFailed({
    callId,
    reason: error.message,
    ...(error.code === undefined ? {} : { code: error.code }),
    message: `Twilio refused: ${error.message}${error.code === undefined ? "" : ` (${error.code})`}`
  })
}

/** The same when dialling, where being too fast or too many has an error of its own. */
export const toDialError = (error: RestError, callId: CallId): CallFailed | LineUnavailable | RateLimited => {
  if (error._tag === "Slow" || (error._tag === "Refused" && laterCodes.has(error.code ?? ""))) {
    return new RateLimited({
      service: "twilio",
      callId,
      ...(error._tag === "Slow" && error.retryAfter !== undefined
        ? { retryAfter: Duration.toSeconds(error.retryAfter) }
        : {}),
      ...(error.code === undefined ? {} : { code: error.code }),
      message: `Twilio takes no more calls at the moment: ${error.message}. Try again later.`
    })
  }
  return toCallError(error, callId)
}
