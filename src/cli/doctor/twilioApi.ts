/** Questions to Twilio about the account itself: typed answers, or the refusal with its code. Changes nothing there. */
import { Data, Effect, Redacted, Schema } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { basic } from "../../telephone/Rest.ts"
import { bodyText, Network } from "../../wire/Network.ts"

/** Twilio did not tell. `code` is its own; `undefined` also when it was not reached. */
export class NotTold extends Data.TaggedError("NotTold")<{
  readonly code: string | undefined
  readonly message: string
  /** No answer came at all. */
  readonly unreached: boolean
}> {}

const Refusal = Schema.parseJson(Schema.Struct({ code: Schema.Number, message: Schema.String }))

const Account = Schema.Struct({ status: Schema.String, type: Schema.String })
const Balance = Schema.Struct({ balance: Schema.NumberFromString, currency: Schema.String })
const Owned = Schema.Struct({
  incoming_phone_numbers: Schema.Array(Schema.Struct({ capabilities: Schema.Struct({ voice: Schema.Boolean }) }))
})
const Verified = Schema.Struct({ outgoing_caller_ids: Schema.Array(Schema.Struct({ phone_number: Schema.String })) })
const Remote = Schema.Struct({ calls: Schema.Array(Schema.Struct({ sid: Schema.String })) })
const Alerts = Schema.Struct({
  alerts: Schema.Array(
    Schema.Struct({
      resource_sid: Schema.NullOr(Schema.String),
      error_code: Schema.NullOr(Schema.String),
      alert_text: Schema.NullOr(Schema.String)
    })
  )
})

/** One thing that Twilio's debugger says about a call: what only Twilio has seen. */
export interface TwilioAlert {
  readonly code: string
  readonly message: string
}

/** The debugger has a host of its own; a server that stands in for Twilio has everything on one. */
const monitorOf = (twilioApiUrl: string): string =>
  /^https:\/\/api\.([\w-]+\.)*twilio\.com$/.test(twilioApiUrl) ? "https://monitor.twilio.com" : twilioApiUrl

export const twilioApi = ({ accountSid, authToken, twilioApiUrl }: PhoneConfigValues) => {
  const ask = <A, I>(url: string, query: Readonly<Record<string, string>>, schema: Schema.Schema<A, I>) =>
    Effect.gen(function* () {
      const network = yield* Network
      const authorization = basic(accountSid, Redacted.value(authToken))
      const search = new URLSearchParams(query).toString()
      const answer = yield* network
        .http({
          method: "GET",
          url: search === "" ? url : `${url}?${search}`,
          headers: { authorization },
          body: "",
          timeout: "10 seconds"
        })
        .pipe(Effect.mapError(({ message }) => new NotTold({ code: undefined, message, unreached: true })))
      const body = bodyText(answer)
      if (answer.status === 200) return yield* Schema.decodeUnknown(Schema.parseJson(schema))(body)
      const { code, message } = yield* Schema.decodeUnknown(Refusal)(body).pipe(
        Effect.orElseSucceed(() => ({ code: undefined, message: `HTTP ${answer.status}` }))
      )
      return yield* new NotTold({ code: code === undefined ? undefined : String(code), message, unreached: false })
    }).pipe(
      Effect.catchTag("ParseError", () => new NotTold({ code: undefined, message: "unreadable", unreached: false }))
    )
  const root = `${twilioApiUrl}/2010-04-01/Accounts/${accountSid}`

  return {
    account: ask(`${root}.json`, {}, Account),
    balance: ask(`${root}/Balance.json`, {}, Balance),
    owned: (number: string) =>
      Effect.map(
        ask(`${root}/IncomingPhoneNumbers.json`, { PhoneNumber: number }, Owned),
        (page) => page.incoming_phone_numbers[0]?.capabilities
      ),
    isVerified: (number: string) =>
      Effect.map(
        ask(`${root}/OutgoingCallerIds.json`, { PhoneNumber: number }, Verified),
        (page) => page.outgoing_caller_ids.length > 0
      ),
    /** Of the newest call to this number since then; it takes Twilio some seconds to have them. */
    alerts: Effect.fnUntraced(function* (call: { readonly to: string; readonly from: string; readonly since: Date }) {
      const { from, since, to } = call
      const { calls } = yield* ask(`${root}/Calls.json`, { To: to, From: from, PageSize: "1" }, Remote)
      const sid = calls[0]?.sid
      const page = yield* ask(`${monitorOf(twilioApiUrl)}/v1/Alerts`, { StartDate: since.toISOString() }, Alerts)
      const seen = new Map<string, TwilioAlert>()
      for (const { alert_text, error_code, resource_sid } of page.alerts) {
        if (resource_sid === sid && error_code !== null) {
          seen.set(error_code, { code: error_code, message: alert_text ?? "" })
        }
      }
      return [...seen.values()]
    })
  }
}
