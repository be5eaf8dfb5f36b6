/**
 * The outgoing side of the wire, written down: REST requests and the voice model's sockets. A connection belongs to the call
 * that its fiber works for, and that is what the log annotation `callId` says, which every fiber of a call carries.
 */
import { Effect, FiberRef, HashMap, Layer, Option } from "effect"
import { bodyText, Network, type NetworkError, type WireRequest, type WireResponse } from "../wire/Network.ts"
import type { CallLog } from "./CallLog.ts"
import type { Direction } from "./Entry.ts"
import { recordSocket, socketLog } from "./recordSocket.ts"
import { WireLogs } from "./WireLogs.ts"

const callOfFiber = Effect.map(FiberRef.get(FiberRef.currentLogAnnotations), (annotations) =>
  Option.match(HashMap.get(annotations, "callId"), {
    onNone: () => undefined,
    onSome: (callId) => (typeof callId === "string" ? callId : undefined)
  })
)

/** Path and query: where the server is, is the configuration's business. */
export const pathOf = (url: string): string => {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}

export const formOf = (log: CallLog, dir: Direction, body: string): ReadonlyArray<readonly [string, string]> =>
  [...new URLSearchParams(body)].map(([name, value]) => [name, log.hide(value, dir)] as const)

/** Credentials are in headers, so of headers only these are ever kept. */
const telling = ["content-type", "retry-after"]

export const answerOf = (log: CallLog, dir: Direction, { body, headers, status }: WireResponse) => {
  const kept = Object.entries(headers).filter(([name]) => telling.includes(name.toLowerCase()))
  const text = /^(text\/|application\/(json|xml|problem\+json))/.test(headers["content-type"] ?? "text/plain")
  return {
    status,
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }),
    ...(text && body.length > 0 ? { body: log.hide(bodyText({ status, headers, body }), dir) } : {})
  }
}

const failure = ({ kind, message }: NetworkError) => ({ is: "failed", kind, message }) as const

const recordHttp = (log: CallLog, request: WireRequest, exchange: Effect.Effect<WireResponse, NetworkError>) =>
  Effect.suspend(() => {
    const id = log.nextRequest()
    const { body, method, url } = request
    const path = log.hide(pathOf(url), "out")
    log.add({ on: "rest", dir: "out", is: "request", id, method, path, form: formOf(log, "out", body) })
    return Effect.tapBoth(exchange, {
      onSuccess: (response) =>
        Effect.sync(() => log.add({ on: "rest", dir: "in", is: "response", id, ...answerOf(log, "in", response) })),
      onFailure: (error) => Effect.sync(() => log.add({ on: "rest", dir: "in", ...failure(error), id }))
    })
  })

/** The network, with what the calls do on it written into their logs. */
export const layerRecordedNetwork = Layer.effect(
  Network,
  Effect.gen(function* () {
    const network = yield* Network
    const logs = yield* WireLogs
    const ifLogged = <A, E, R>(
      plain: Effect.Effect<A, E, R>,
      recorded: (log: CallLog) => Effect.Effect<A, E, R>
    ): Effect.Effect<A, E, R> =>
      Effect.flatMap(callOfFiber, (callId) => {
        const log = logs.of(callId)
        return log === undefined ? plain : recorded(log)
      })

    return Network.of({
      http: (request) => {
        const exchange = network.http(request)
        return ifLogged(exchange, (log) => recordHttp(log, request, exchange))
      },
      webSocket: (url, options) => {
        const opening = network.webSocket(url, options)
        return ifLogged(opening, (log) => {
          const on = log.connection("realtime")
          log.add({ on, dir: "out", is: "open", path: pathOf(url) })
          return opening.pipe(
            Effect.tapError((error) =>
              Effect.sync(() => {
                if (error._tag === "NetworkError") return log.add({ on, dir: "in", ...failure(error) })
                const body = new TextEncoder().encode(error.message)
                log.add({ on, dir: "in", is: "refused", ...answerOf(log, "in", { ...error, body }) })
              })
            ),
            Effect.flatMap((plain) => {
              log.add({ on, dir: "in", is: "opened" })
              const socket = recordSocket(plain, socketLog(log, on))
              // the end of the scope cuts the connection: that is our doing, and must be seen as ours
              return Effect.as(
                Effect.addFinalizer(() => Effect.sync(socket.terminate)),
                socket
              )
            })
          )
        })
      }
    })
  })
)
