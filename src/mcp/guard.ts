/** Who may speak MCP over HTTP: programs with the RPC token, and browsers only from pages of this machine. */
import { type Headers, HttpServerResponse } from "@effect/platform"
import type { Redacted } from "effect"
import { makeBearerCheck } from "../http/bearer.ts"

/** An error of the protocol that belongs to no request. */
export const refusal = (status: number, message: string, headers: Readonly<Record<string, string>> = {}) =>
  HttpServerResponse.text(JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message }, id: null }), {
    status,
    contentType: "application/json",
    headers
  })

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * A page that reaches us by a name of its own (DNS rebinding) still says where it came from. Programs send no Origin.
 * The protocol demands the check; the token would stop such a page anyway.
 */
const foreignOrigin = (origin: string | undefined): boolean =>
  origin !== undefined && !(URL.canParse(origin) && loopback.test(new URL(origin).hostname))

/** Why a request is refused, before anything of it is read; `undefined` if it is not. */
export const makeGuard = (token: Redacted.Redacted) => {
  const check = makeBearerCheck(token)
  return (headers: Headers.Headers): HttpServerResponse.HttpServerResponse | undefined => {
    if (foreignOrigin(headers.origin)) return refusal(403, "Pages of other hosts may not use the phone.")
    const problem = check(headers.authorization)
    return problem === undefined ? undefined : refusal(401, problem, { "www-authenticate": 'Bearer realm="phone"' })
  }
}
