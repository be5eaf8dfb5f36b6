/**
 * A Twilio that a real client cannot tell apart on what we use: REST interface, signed webhooks, TwiML, media streams,
 * machine detection, recordings. It is a `Host` and uses `Network`, so it runs over real sockets in real time and in
 * memory in virtual time. Who answers the calls is given to it as callee scripts.
 */
import { Effect, FiberSet, Random, type Redacted, type Scope } from "effect"
import { PCGRandom } from "effect/Utils"
import { type Host, Network, respond, type WireRequest } from "../../wire/Network.ts"
import type { CalleeScript } from "../callee/CalleeScript.ts"
import { calleeAt } from "../callee/numbers.ts"
import { type AccountOptions, usualAccount } from "./Account.ts"
import type { RestRequestLog, SimulatedCallLog } from "./logs.ts"
import { answerRest, authenticate, type Book, type Incoming } from "./Rest.ts"
import { type RestError, renderError } from "./RestError.ts"
import { newSid, type Timing, usualTiming, type World } from "./World.ts"

export interface SimulatedTwilioOptions {
  readonly accountSid: string
  readonly authToken: Redacted.Redacted
  /** Who answers at a number; asked once per call. Default: the documented numbers, elsewhere a polite receptionist. */
  readonly callees?: (to: string) => CalleeScript
  /** Numbers that calls may come from (others: 21210). Default: any. */
  readonly ownNumbers?: ReadonlyArray<string>
  readonly account?: AccountOptions
  /** Calls dialled per second; more are queued. Default 1, as on a new account. */
  readonly callsPerSecond?: number
  /** Ended calls that are remembered, with all their audio. Default 200. */
  readonly keepCalls?: number
  /** `completed` on a ringing call hangs it up (default `true`), or is refused with 21220. */
  readonly completesRinging?: boolean
  readonly timing?: Partial<Timing>
}

export interface SimulatedTwilio {
  readonly host: Host
  /** All calls remembered, oldest first. */
  readonly calls: () => ReadonlyArray<SimulatedCallLog>
  /** All REST requests, oldest first, also those that were refused (the newest 10,000). */
  readonly requests: () => ReadonlyArray<RestRequestLog>
}

const maxRequests = 10_000

const incomingOf = ({ body, method, url }: WireRequest): Incoming => {
  const { pathname, searchParams } = new URL(url)
  return {
    method: method.toUpperCase(),
    path: pathname,
    query: searchParams,
    form: new URLSearchParams(body),
    call: undefined
  }
}

/** One simulated Twilio account. Its calls, sockets and webhooks end with the scope. */
export const makeSimulatedTwilio = Effect.fnUntraced(function* (
  options: SimulatedTwilioOptions
): Effect.fn.Return<SimulatedTwilio, never, Network | Scope.Scope> {
  const network = yield* Network
  const clock = yield* Effect.clock
  const run = yield* FiberSet.makeRuntime()
  const world: World = {
    accountSid: options.accountSid,
    authToken: options.authToken,
    callees: options.callees ?? calleeAt,
    timing: { ...usualTiming, ...options.timing },
    completesRinging: options.completesRinging ?? true,
    network,
    random: new PCGRandom(yield* Random.nextIntBetween(0, 2 ** 31)),
    scope: yield* Effect.scope,
    now: () => clock.unsafeCurrentTimeMillis(),
    spawn: (effect) => {
      run(Effect.tapDefect(effect, (cause) => Effect.logError("the simulated Twilio broke", cause)))
    }
  }
  const restOptions = {
    account: { ...usualAccount, ...options.account, sid: options.accountSid, ownNumbers: options.ownNumbers },
    callsPerSecond: options.callsPerSecond ?? 1,
    keepCalls: options.keepCalls ?? 200
  }
  const book: Book = { calls: new Map(), nextTurn: 0 }
  const requests: Array<RestRequestLog> = []

  const http = Effect.fnUntraced(function* (request: WireRequest) {
    const at = world.now()
    const incoming = incomingOf(request)
    const requestId = newSid(world, "RQ")
    const headers = {
      "twilio-request-id": requestId,
      "twilio-request-duration": "0.020",
      "twilio-concurrent-requests": "1",
      "x-home-region": "us1",
      "x-api-domain": "api.twilio.com"
    }
    let code: number | undefined
    const refused = (error: RestError) => {
      code = error.code
      return renderError(error, { "content-type": "application/json" })
    }
    const answer = yield* authenticate(world, request).pipe(
      Effect.flatMap(() => answerRest(world, restOptions, book, incoming)),
      Effect.match({ onFailure: refused, onSuccess: (response) => response })
    )
    const { call, form, method, path, query } = incoming
    const log: RestRequestLog = {
      at,
      method,
      path,
      parameters: [...form, ...query],
      status: answer.status,
      code,
      callSid: call?.sid
    }
    call?.requests.push(log)
    if (requests.push(log) > maxRequests) requests.shift()
    return { ...answer, headers: { ...headers, ...answer.headers } }
  })

  return {
    host: {
      http,
      webSocket: () => Effect.succeed({ _tag: "Refuse", response: respond(404, "no WebSocket here") })
    },
    calls: () => [...book.calls.values()],
    requests: () => [...requests]
  }
})
