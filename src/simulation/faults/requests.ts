/** Faults of HTTP requests in both directions: the service's to Twilio's REST interface, and Twilio's webhooks to the service. */
import { Effect, type Scope } from "effect"
import { simulatedCredentials } from "../../config/simulated.ts"
import { type Network, NetworkError, respond, type WireRequest, type WireResponse } from "../../wire/Network.ts"
import { sign } from "../twilio/Signature.ts"
import type { Callback, Fault, RestRequest } from "./Fault.ts"
import { isMeant, type Trouble, worldTime } from "./Trouble.ts"

type Http = Network["Type"]["http"]
type Exchange = Effect.Effect<WireResponse, NetworkError>

const now = Effect.clockWith((clock) => Effect.sync(() => worldTime(clock)))

const meeting = (trouble: Trouble, fault: Fault): Effect.Effect<void> =>
  Effect.map(now, (at) => trouble.meet(at, fault))

const broken = (kind: NetworkError["kind"]) => new NetworkError({ kind, message: `the simulated network: ${kind}` })

/** A proxy's error page. */
const badGateway = respond(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", { "content-type": "text/html" })

const twilioError = (status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) =>
  respond(status, JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }), {
    "content-type": "application/json",
    ...headers
  })

/** What of Twilio's REST interface is asked for; `undefined` for anything else. */
const restRequestOf = ({ method, url }: WireRequest): RestRequest | undefined => {
  const { pathname } = new URL(url)
  if (/\/Recordings\//.test(pathname)) return "recording"
  if (/\/Calls\.json$/.test(pathname)) return method === "POST" ? "create" : "list"
  if (/\/Calls\/CA\w+\.json$/.test(pathname)) return method === "POST" ? "update" : "read"
  return undefined
}

const tells: Readonly<Record<string, Callback>> = {
  initiated: "initiated",
  ringing: "ringing",
  "in-progress": "answered"
}

/** Which webhook this is; `undefined` for anything else. */
const callbackOf = ({ body, url }: WireRequest): Callback | undefined => {
  const endpoint = /\/twilio\/\w+\/\w+\/(\w+)$/.exec(new URL(url).pathname)?.[1]
  if (endpoint === "status") return tells[new URLSearchParams(body).get("CallStatus") ?? ""] ?? "completed"
  if (endpoint === "voice") return "twiml"
  return endpoint === "amd" || endpoint === "recording" || endpoint === "stream" ? endpoint : undefined
}

const inTime = (request: WireRequest, exchange: Exchange): Exchange =>
  request.timeout === undefined
    ? exchange
    : Effect.timeoutFail(exchange, { duration: request.timeout, onTimeout: () => broken("timeout") })

/** What a fault makes of an exchange; `undefined`: it is not about this one. */
const spoilRest = (fault: Fault, kind: RestRequest, nth: number, send: Exchange): Exchange | undefined => {
  const meant = (which: { readonly request: RestRequest; readonly nth?: number; readonly times?: number }) =>
    which.request === kind && isMeant(which, nth)
  if ("refuse" in fault && meant(fault.refuse)) return broken("refused")
  if ("answer" in fault && meant(fault.answer)) {
    const { retryAfter, status } = fault.answer
    const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }
    if (status === 429) return Effect.succeed(twilioError(429, 20429, "Too Many Requests", wait))
    if (status === 502) return Effect.succeed(badGateway)
    return Effect.succeed(twilioError(status, 20500, "An internal server error has occurred", wait))
  }
  if ("loseAnswer" in fault && meant(fault.loseAnswer)) {
    const { instead } = fault.loseAnswer
    return Effect.zipRight(
      send,
      instead === "silence" ? Effect.never : instead === "broken" ? broken("broken") : Effect.succeed(badGateway)
    )
  }
  if ("delayRequest" in fault && meant(fault.delayRequest))
    return Effect.delay(send, `${fault.delayRequest.by} seconds`)
  return undefined
}

/** The service's requests. `answerDetector`: where verdicts on who answered are wanted, as the creation of a call says it. */
export const restFaults =
  (trouble: Trouble, answerDetector: (url: string) => void) =>
  (http: Http): Http =>
  (request) =>
    Effect.flatMap(now, (at) => {
      const kind = restRequestOf(request)
      if (kind === undefined) return http(request)
      const nth = trouble.count(kind)
      const wanted = kind === "create" ? new URLSearchParams(request.body).get("AsyncAmdStatusCallback") : null
      if (wanted !== null) answerDetector(wanted)
      for (const fault of trouble.plan) {
        const spoiled = spoilRest(fault, kind, nth, http(request))
        if (spoiled === undefined) continue
        trouble.meet(at, fault)
        return inTime(request, spoiled)
      }
      return http(request)
    })

const spoilCallback = (
  fault: Fault,
  kind: Callback,
  nth: number,
  send: Exchange,
  later: (again: Exchange) => Effect.Effect<void>,
  meet: Effect.Effect<void>
): Exchange | undefined => {
  const meant = (which: { readonly callback: Callback; readonly nth?: number }) =>
    which.callback === kind && isMeant(which, nth)
  if ("loseCallback" in fault && meant(fault.loseCallback)) return Effect.zipRight(meet, Effect.never)
  if ("delayCallback" in fault && meant(fault.delayCallback))
    return Effect.zipRight(meet, Effect.delay(send, `${fault.delayCallback.by} seconds`))
  if ("repeatCallback" in fault && meant(fault.repeatCallback)) {
    const { after } = fault.repeatCallback
    return Effect.tap(send, () => later(Effect.delay(Effect.zipRight(meet, send), `${after} seconds`)))
  }
  return undefined
}

/** Twilio's verdict on who answered, as it would send it. */
const verdict = (url: string, callSid: string, answeredBy: string): WireRequest => {
  const form = [
    ["AccountSid", simulatedCredentials.accountSid],
    ["CallSid", callSid],
    ["AnsweredBy", answeredBy]
  ] as const
  return {
    method: "POST",
    url,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": sign(simulatedCredentials.authToken, url, form)
    },
    body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString()
  }
}

/** Twilio's webhooks. What comes late or again comes as long as the scope of the run is open. */
export const callbackFaults =
  (trouble: Trouble, scope: Scope.Scope, answerDetector: () => string | undefined) =>
  (http: Http): Http => {
    const later = (exchange: Effect.Effect<unknown, NetworkError>) => Effect.asVoid(Effect.forkIn(exchange, scope))
    const detect = (callSid: string) =>
      Effect.forEach(trouble.plan, (fault) => {
        const url = answerDetector()
        if (!("detect" in fault) || url === undefined) return Effect.void
        const { after, as } = fault.detect
        return later(
          Effect.zipRight(Effect.delay(meeting(trouble, fault), `${after} seconds`), http(verdict(url, callSid, as)))
        )
      })
    return (request) =>
      Effect.gen(function* () {
        const kind = callbackOf(request)
        if (kind === undefined) return yield* http(request)
        const nth = trouble.count(`callback ${kind}`)
        if (kind === "twiml" && nth === 1) yield* detect(new URLSearchParams(request.body).get("CallSid") ?? "")
        for (const fault of trouble.plan) {
          const spoiled = spoilCallback(fault, kind, nth, http(request), later, meeting(trouble, fault))
          if (spoiled !== undefined) return yield* inTime(request, spoiled)
        }
        return yield* http(request)
      })
  }
