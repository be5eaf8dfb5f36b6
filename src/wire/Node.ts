/**
 * Outgoing connections over the real network: HTTP by node's own client, one connection per request (a kept one may be
 * dead, and then nobody knows whether a POST was processed), and WebSockets by `ws`.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http"
import { request as httpsRequest } from "node:https"
import { Cause, Effect, FiberSet, Layer } from "effect"
import { WebSocket } from "ws"
import { HandshakeRefused, Network, NetworkError, type WireRequest, type WireResponse } from "./Network.ts"
import { adoptSocket, socketOptions } from "./NodeSocket.ts"
import { codeOf, headersOf } from "./nodeHttp.ts"

export { CannotListen, type NodeHandlers, nodeHandlers, serveHost } from "./NodeServer.ts"

/** Bytes of an answer that we are ready to hold: a recording of hours. */
const maxBody = 200 * 1024 * 1024
/** Bytes of one WebSocket message; Realtime sends audio in pieces far below. */
const maxPayload = 16 * 1024 * 1024
/** Bytes of the answer that refuses a handshake. */
const maxRefusal = 64 * 1024

/** Failures of finding and reaching the peer: it has surely seen nothing of the request. */
const unreachable = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"])

const failure = (kind: NetworkError["kind"], message: string) => new NetworkError({ kind, message })

/** Node's error of a connection; one that tried several addresses has a code and no message. */
const connectionFailure = (error: Error): NetworkError => {
  const code = codeOf(error)
  return failure(unreachable.has(code) ? "refused" : "broken", error.message || code)
}

/** Node and `ws` throw at once what they cannot even start: a bad URL, a header with a line break. */
const unsendable = (thrown: unknown) => failure("refused", thrown instanceof Error ? thrown.message : String(thrown))

/** Gathers a body of at most `limit` bytes; then, or when it breaks off, `done` is called once. */
const gather = (incoming: IncomingMessage, limit: number, done: (body: Uint8Array | NetworkError) => void): void => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  incoming.on("data", (chunk: Uint8Array) => {
    size += chunk.length
    if (size > limit) incoming.destroy(new Error(`the answer is longer than ${limit} bytes`))
    else chunks.push(chunk)
  })
  incoming.once("end", () => done(Buffer.concat(chunks)))
  incoming.once("error", (error) => done(failure("broken", error.message)))
}

const exchange = (request: WireRequest) =>
  Effect.async<WireResponse, NetworkError>((resume) => {
    const { method, headers } = request
    const secure = request.url.startsWith("https:")
    let outgoing: ClientRequest | undefined
    try {
      outgoing = (secure ? httpsRequest : httpRequest)(request.url, { method, headers, agent: false }, (incoming) =>
        gather(incoming, maxBody, (body) => {
          if (body instanceof NetworkError) resume(body)
          else resume(Effect.succeed({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body }))
        })
      )
      outgoing.on("error", (error) => resume(connectionFailure(error)))
      outgoing.end(request.body)
    } catch (thrown) {
      resume(unsendable(thrown))
    }
    return Effect.sync(() => outgoing?.destroy())
  })

/** Waits until a socket is open; a refusal is read before the connection is thrown away. */
const opened = (ws: WebSocket) =>
  Effect.async<void, NetworkError | HandshakeRefused>((resume) => {
    ws.once("open", () => resume(Effect.void))
    ws.once("error", (error) => resume(connectionFailure(error)))
    ws.once("unexpected-response", (_, incoming) =>
      gather(incoming, maxRefusal, (body) => {
        const message = body instanceof NetworkError ? body.message : new TextDecoder().decode(body)
        resume(new HandshakeRefused({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), message }))
      })
    )
  })

const makeNetwork = Effect.gen(function* () {
  const run = yield* FiberSet.makeRuntime()
  const report = (defect: unknown): void => {
    run(Effect.logError("the handler of a socket broke", Cause.die(defect)))
  }
  return Network.of({
    http: (request) =>
      request.timeout === undefined
        ? exchange(request)
        : Effect.timeoutFail(exchange(request), {
            duration: request.timeout,
            onTimeout: () => failure("timeout", `no answer from ${new URL(request.url).host}`)
          }),
    webSocket: (url, { headers, timeout }) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const options = { ...socketOptions, headers, maxPayload }
          const ws = yield* Effect.try({ try: () => new WebSocket(url, options), catch: unsendable })
          const socket = adoptSocket(ws, report)
          const cut = Effect.sync(socket.terminate)
          yield* restore(
            Effect.timeoutFail(opened(ws), {
              duration: timeout,
              onTimeout: () => failure("timeout", `${new URL(url).host} did not open a socket`)
            })
          ).pipe(Effect.onError(() => cut))
          yield* Effect.addFinalizer(() => cut)
          return socket
        })
      )
  })
})

/** The real network. */
export const layerNode: Layer.Layer<Network> = Layer.scoped(Network, makeNetwork)
