/** `GET /Calls.json`: which calls, newest first, and in which pages (facts/twilio.md 1.3). */
import { Effect } from "effect"
import type { WireResponse } from "../../wire/Network.ts"
import { respondJson } from "../../wire/Network.ts"
import { RestError } from "./RestError.ts"
import { renderCall } from "./resources.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"

const day = 86_400_000

/** A date means its whole day: `StartTime>` takes it from its beginning, `StartTime<` to its end. */
const isWithin = (query: URLSearchParams, name: string, at: number | undefined): boolean => {
  const bound = (operator: string) => {
    const text = query.get(name + operator)
    return text === null ? undefined : { from: Date.parse(text), length: /^\d{4}-\d\d-\d\d$/.test(text) ? day : 0 }
  }
  const [on, before, after] = [bound(""), bound("<"), bound(">")]
  if (at === undefined) return on === undefined && before === undefined && after === undefined
  // dates are told in whole seconds, and compared as they are told
  const second = Math.floor(at / 1000) * 1000
  if (on !== undefined && (second < on.from || second >= on.from + Math.max(on.length, 1000))) return false
  if (before !== undefined && second > before.from + before.length) return false
  return after === undefined || second >= Math.floor(after.from / 1000) * 1000
}

const wanted = (query: URLSearchParams) => (call: SimulatedCall) => {
  const is = (name: string, value: string) => (query.get(name) ?? value) === value
  return (
    is("To", call.parameters.to) &&
    is("From", call.parameters.from) &&
    is("Status", call.status) &&
    !query.has("ParentCallSid") &&
    isWithin(query, "StartTime", call.startedAt ?? call.createdAt) &&
    isWithin(query, "EndTime", call.endedAt)
  )
}

const usualSize = 50

/** One page of a list, with the links that clients follow. */
export const page = (key: string, all: ReadonlyArray<unknown>, path: string, query: URLSearchParams) => {
  const size = Math.max(1, Number(query.get("PageSize") ?? usualSize) || usualSize)
  const number = Math.max(0, Number(query.get("Page") ?? 0) || 0)
  const rows = all.slice(number * size, (number + 1) * size)
  const uriOf = (at: number) => {
    const link = new URLSearchParams(query)
    link.set("PageSize", String(size))
    link.set("Page", String(at))
    return `${path}?${link}`
  }
  return {
    [key]: rows,
    end: rows.length === 0 ? 0 : number * size + rows.length - 1,
    first_page_uri: uriOf(0),
    next_page_uri: (number + 1) * size < all.length ? uriOf(number + 1) : null,
    page: number,
    page_size: size,
    previous_page_uri: number > 0 ? uriOf(number - 1) : null,
    start: number * size,
    uri: uriOf(number)
  }
}

export const listCalls = (
  accountSid: string,
  calls: Iterable<SimulatedCall>,
  { path, query }: { readonly path: string; readonly query: URLSearchParams }
): Effect.Effect<WireResponse, RestError> => {
  if (Number(query.get("PageSize") ?? 0) > 1000) return new RestError({ code: 20007 })
  const found = [...calls].filter(wanted(query)).reverse()
  return Effect.succeed(
    respondJson(
      200,
      page(
        "calls",
        found.map((call) => renderCall(accountSid, call)),
        path,
        query
      )
    )
  )
}
