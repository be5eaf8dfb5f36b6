/** Faults of the network between the service and Twilio, as views to be laid over it, and callbacks that Twilio might send. */
import { Duration, Effect } from "effect"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { type NetworkView, Outside } from "../../src/simulation/Simulation.ts"
import { sign } from "../../src/simulation/twilio/Signature.ts"
import { Network, NetworkError, respond, type WireRequest, type WireResponse } from "../../src/wire/Network.ts"

type Exchange = Effect.Effect<WireResponse, NetworkError>

/** Which requests are meant. */
export type Which = (request: WireRequest) => boolean

const pathOf = ({ url }: WireRequest) => new URL(url).pathname

/** The service asks Twilio for a call. */
export const creates: Which = (request) => request.method === "POST" && pathOf(request).endsWith("/Calls.json")
/** The service changes a call: hangs up, or gives other instructions. */
export const updates: Which = (request) => request.method === "POST" && /\/Calls\/CA\w+\.json$/.test(pathOf(request))
/** Twilio calls a webhook of this name. */
export const webhook =
  (...endpoints: ReadonlyArray<"voice" | "status" | "amd" | "recording" | "stream">): Which =>
  (request) =>
    endpoints.some((endpoint) => pathOf(request).endsWith(`/${endpoint}`))
/** Twilio tells this status. */
export const tells =
  (...statuses: ReadonlyArray<string>): Which =>
  (request) =>
    webhook("status")(request) && statuses.includes(new URLSearchParams(request.body).get("CallStatus") ?? "")

/** `change` gets the request that would be sent, and its number among those that are meant, from 1. */
export const change =
  (which: Which, change: (send: Exchange, nth: number, request: WireRequest) => Exchange): NetworkView =>
  (network) => {
    let nth = 0
    return {
      ...network,
      http: (request) =>
        Effect.suspend(() => {
          if (!which(request)) return network.http(request)
          nth += 1
          const asked = change(network.http(request), nth, request)
          return request.timeout === undefined
            ? asked
            : Effect.timeoutFail(asked, { duration: request.timeout, onTimeout: () => failed("timeout") })
        })
    }
  }

export const failed = (kind: NetworkError["kind"]) => new NetworkError({ kind, message: `the network: ${kind}` })

/** A proxy's error page. */
export const badGateway = respond(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", {
  "content-type": "text/html"
})

/** Arrives and is done, but the answer is lost: an error page, a broken connection, or silence in its place. */
export const losesAnswer = (which: Which, instead: Exchange | "silence"): NetworkView =>
  change(which, (send) => Effect.zipRight(send, instead === "silence" ? Effect.never : instead))

/** Never arrives. */
export const drops = (which: Which): NetworkView => change(which, () => Effect.never)

/** Arrives so much later. */
export const delays = (which: Which, by: Duration.DurationInput): NetworkView =>
  change(which, (send) => Effect.delay(send, by))

/** Arrives twice, the second time `after` so long. */
export const repeats = (which: Which, after: Duration.DurationInput): NetworkView =>
  change(which, (send) => Effect.tap(send, () => Effect.forkDaemon(Effect.delay(send, after))))

/** One after the other: the last one is nearest to who uses it. */
export const both =
  (...views: ReadonlyArray<NetworkView>): NetworkView =>
  (network) =>
    views.reduce((seen, view) => view(seen), network)

/** The nth socket (from 1) is cut without a close frame so long after it was opened. */
export const cuts = (nth: number, after: Duration.DurationInput): NetworkView => {
  let opened = 0
  return (network) => ({
    ...network,
    webSocket: (url, options) =>
      Effect.tap(network.webSocket(url, options), (socket) => {
        opened += 1
        return opened === nth ? Effect.forkScoped(Effect.delay(Effect.sync(socket.terminate), after)) : Effect.void
      })
  })
}

/** No socket is ever opened. */
export const opensNoSocket: NetworkView = (network) => ({
  ...network,
  webSocket: (_, { timeout }) => Effect.zipRight(Effect.sleep(timeout), failed("timeout"))
})

/**
 * Sends a genuine, signed callback about the latest call that Twilio has, to the address that the service gave for it
 * ("AsyncAmdStatusCallback", "StatusCallback", "Url"). Gives the HTTP status of the answer.
 */
export const callBack = Effect.fnUntraced(function* (
  address: "AsyncAmdStatusCallback" | "StatusCallback" | "Url",
  fields: Readonly<Record<string, string>>
) {
  const { twilio } = yield* Outside
  const network = yield* Network
  const leg = twilio.calls().at(-1)
  const created = leg?.requests[0]?.parameters ?? []
  const url = created.find(([name]) => name === address)?.[1]
  if (leg === undefined || url === undefined) return yield* Effect.dieMessage(`nobody asked for ${address}`)
  const form = Object.entries({ AccountSid: simulatedCredentials.accountSid, CallSid: leg.sid, ...fields })
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": sign(simulatedCredentials.authToken, url, form)
  }
  const answer = yield* network.http({ method: "POST", url, headers, body: new URLSearchParams(form).toString() })
  return answer.status
})

/** Twilio's verdict on who answered. */
export const tellsAnswerer = (answeredBy: string) => callBack("AsyncAmdStatusCallback", { AnsweredBy: answeredBy })

/** Waits until something is so, looked at every 20 ms. */
export const until = (so: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (so() ? Effect.void : Effect.zipRight(Effect.sleep(Duration.millis(20)), until(so))))
