/** How the REST interface says no: Twilio's codes with their HTTP status and texts (facts/twilio.md 2). */
import { Data } from "effect"
import { respondJson, type WireHeaders, type WireResponse } from "../../wire/Network.ts"

interface Known {
  readonly status: number
  readonly message: string
}

const badRequest = (message: string): Known => ({ status: 400, message })

const known: Readonly<Record<number, Known>> = {
  20003: { status: 401, message: "Authenticate" },
  20004: { status: 405, message: "Method not allowed" },
  20005: { status: 403, message: "Account not active" },
  20007: badRequest("Page size too large"),
  20009: badRequest("Resource cannot be deleted because it has not completed"),
  20404: { status: 404, message: "The requested resource was not found" },
  20429: { status: 429, message: "Too Many Requests" },
  20500: { status: 500, message: "Internal Server Error" },
  20503: { status: 503, message: "Service unavailable" },
  21201: badRequest("No 'To' number is specified"),
  21205: badRequest("Url is not a valid URL"),
  21206: badRequest("Invalid SendDigits"),
  21208: badRequest("Invalid Timeout"),
  21209: badRequest("Invalid Method"),
  21210: badRequest("The source phone number provided is not yet verified for your account"),
  21211: badRequest("The phone number you are attempting to call is not valid"),
  21212: badRequest("The source phone number provided is not valid"),
  21213: badRequest("No 'From' number is specified"),
  21214: badRequest("The phone number you are attempting to call cannot be reached"),
  21215: badRequest(
    "Account not authorized to call this number. Perhaps you need to enable some international permissions"
  ),
  21216: badRequest("Account not allowed to call this number"),
  21217: badRequest("The phone number you are attempting to call does not look valid"),
  21219: badRequest("The number is unverified. Trial accounts may only make calls to verified numbers."),
  21220: badRequest("Call is not in-progress. Cannot redirect."),
  21234: badRequest("Invalid machine detection parameter"),
  16113: badRequest("Dual-channel media is not available for a mono recording"),
  32018: badRequest("Twiml is longer than 4000 characters")
}

/** A refusal of the REST interface. `message` replaces the usual text. */
export class RestError extends Data.TaggedError("RestError")<{
  readonly code: number
  readonly message?: string
  readonly detail?: string
}> {}

/** The refusal as it goes over the wire. A code that is not in the table is a 400. */
export const renderError = ({ code, detail, message }: RestError, headers: WireHeaders): WireResponse => {
  const usual = known[code] ?? badRequest(`Error ${code}`)
  return respondJson(
    usual.status,
    {
      code,
      message: message === undefined || message === "" ? usual.message : message,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status: usual.status,
      ...(detail === undefined ? {} : { detail })
    },
    headers
  )
}
