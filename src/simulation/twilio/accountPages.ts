/** The account's own pages: what it is, its money, its numbers, and the debugger's alerts (facts/twilio.md 1.5, 2). */
import type { WireResponse } from "../../wire/Network.ts"
import { respondJson } from "../../wire/Network.ts"
import type { Account } from "./Account.ts"
import { page } from "./callList.ts"
import { accountPath } from "./restFormat.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"

const show = ({ sid, status, type }: Account): WireResponse =>
  respondJson(200, {
    sid,
    owner_account_sid: sid,
    friendly_name: "Simulated account",
    status,
    type,
    auth_token: null,
    date_created: null,
    date_updated: null,
    uri: `${accountPath(sid)}.json`,
    subresource_uris: {}
  })

const numbered = (sid: string, number: string) => ({
  sid: `PN${number.replace(/\D/g, "").padStart(32, "0")}`,
  account_sid: sid,
  phone_number: number,
  friendly_name: number
})

/** Without a filter, an account that owns any number shows none. */
const ownedAmong = ({ ownNumbers }: Account, wanted: string | null): ReadonlyArray<string> =>
  wanted === null ? (ownNumbers ?? []) : (ownNumbers ?? [wanted]).filter((number) => number === wanted)

/** The page of the account that `GET path` asks for; `undefined` when it is none of these. */
export const showAccount = (account: Account, path: string, query: URLSearchParams): WireResponse | undefined => {
  const root = accountPath(account.sid)
  const wanted = query.get("PhoneNumber")
  switch (path) {
    case `${root}.json`:
      return show(account)
    case `${root}/Balance.json`:
      return respondJson(200, { account_sid: account.sid, balance: account.balance.toFixed(2), currency: "USD" })
    case `${root}/IncomingPhoneNumbers.json`: {
      const capabilities = { voice: account.voice, sms: true, mms: true, fax: false }
      const numbers = ownedAmong(account, wanted).map((number) => ({ ...numbered(account.sid, number), capabilities }))
      return respondJson(200, page("incoming_phone_numbers", numbers, path, query))
    }
    case `${root}/OutgoingCallerIds.json`: {
      const verified = account.verified.filter((number) => wanted === null || number === wanted)
      const ids = verified.map((number) => numbered(account.sid, number))
      return respondJson(200, page("outgoing_caller_ids", ids, path, query))
    }
    default:
      return undefined
  }
}

/** Alerts whose code is told as a warning there. */
const warnings: ReadonlySet<number> = new Set([12200, 21262, 31930, 31931, 31950, 31951, 32019])

/** `GET /v1/Alerts` of the Monitor API, newest first. */
export const showAlerts = (
  accountSid: string,
  calls: Iterable<SimulatedCall>,
  path: string,
  query: URLSearchParams
): WireResponse => {
  const since = Date.parse(query.get("StartDate") ?? "") || 0
  const level = query.get("LogLevel")
  const alerts = [...calls]
    .flatMap((call) => call.alerts.map((alert, index) => ({ ...alert, index, callSid: call.sid })))
    .filter(({ at }) => at >= since)
    .toSorted((a, b) => b.at - a.at)
    .map(({ at, callSid, code, index, message }) => ({
      sid: `NO${callSid.slice(4)}${index.toString(16).padStart(2, "0")}`,
      account_sid: accountSid,
      resource_sid: callSid,
      error_code: String(code),
      log_level: warnings.has(code) ? "warning" : "error",
      alert_text: message,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      date_created: new Date(at).toISOString(),
      date_generated: new Date(at).toISOString(),
      date_updated: new Date(at).toISOString(),
      request_method: null,
      request_url: null,
      service_sid: null,
      url: `https://monitor.twilio.com${path}`
    }))
    .filter(({ log_level }) => level === null || log_level === level)
  const { alerts: rows } = page("alerts", alerts, path, query)
  return respondJson(200, { alerts: rows, meta: { key: "alerts", page: 0, page_size: 50, next_page_url: null } })
}
