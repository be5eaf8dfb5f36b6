/** The way into a running phone service for Node programs and browsers. Imports nothing of the server. */
import { Socket } from "@effect/platform"
import * as Headers from "@effect/platform/Headers"
import { RpcClient, type RpcClientError, RpcMiddleware, RpcSerialization } from "@effect/rpc"
import { Cause, Context, Deferred, Effect, Layer, Redacted, Schema } from "effect"
import { Authentication, PhoneRpcs } from "./PhoneRpcs.ts"
import { socketPath } from "./paths.ts"

/** Nothing usable answers at the URL: the service is not running, or something else is. */
export class PhoneUnreachable extends Schema.TaggedError<PhoneUnreachable>("phone/PhoneUnreachable")(
  "PhoneUnreachable",
  { url: Schema.String, message: Schema.String }
) {}

export interface PhoneClientOptions {
  /** The service's address, such as "http://127.0.0.1:18791". */
  readonly url: string
  /** Its `rpcToken`. A wrong one is answered with `Unauthorized` by every tool. */
  readonly token: Redacted.Redacted
}

const connectTimeout = "3 seconds"

const socketUrl = (url: string): string | undefined =>
  /^(http|ws)s?:\/\//i.test(url) && URL.canParse(url)
    ? `${url.replace(/^http/i, "ws").replace(/\/+$/, "")}${socketPath}`
    : undefined

const unreachable = (url: string, why: string) =>
  new PhoneUnreachable({
    url,
    message: `No phone service answers at ${url}: ${why}. Start it with "phone serve", or give the right URL.`
  })

const reasonOf = (error: unknown): string => {
  if (!Socket.isSocketError(error)) return "the connection broke"
  if (error.reason === "Close") return `the connection was closed at once (${error.code})`
  return error.reason === "OpenTimeout" ? "it accepted no connection in time" : "the connection was refused"
}

/** A socket that tells how its first attempt to connect went; from then on it reconnects as the RPC client likes. */
const watchFirst = (socket: Socket.Socket, first: Deferred.Deferred<void, string>): Socket.Socket => ({
  ...socket,
  runRaw: (handler, options) =>
    socket
      .runRaw(handler, { onOpen: Effect.zipRight(Deferred.succeed(first, undefined), options?.onOpen ?? Effect.void) })
      .pipe(Effect.tapErrorCause((cause) => Deferred.fail(first, reasonOf(Cause.squash(cause)))))
})

/** Every tool as a function of its payload: `phone_watch` gives a stream, the others an effect. */
export interface PhoneTools extends RpcClient.FromGroup<typeof PhoneRpcs, RpcClientError.RpcClientError> {}

/**
 * All tools of the service, typed. A connection that is lost fails what was in flight with `RpcClientError` and is made
 * anew by itself; a watch is taken up again with `after`. Interrupting a watch ends it at the service.
 */
export class PhoneClient extends Context.Tag("phone/PhoneClient")<PhoneClient, PhoneTools>() {
  /** Connects over WebSocket (Node 22 or newer, or a browser) and fails within 3 s when nobody is there. */
  static readonly layer = ({ url, token }: PhoneClientOptions): Layer.Layer<PhoneClient, PhoneUnreachable> =>
    Layer.scoped(
      PhoneClient,
      Effect.gen(function* () {
        const target = socketUrl(url)
        if (target === undefined) return yield* unreachable(url, 'it is no URL such as "http://127.0.0.1:18791"')
        const first = yield* Deferred.make<void, string>()
        const socket = yield* Socket.makeWebSocket(target, {
          openTimeout: connectTimeout,
          // Also an end without a close frame is a lost connection.
          closeCodeIsError: () => true
        }).pipe(Effect.provide(Socket.layerWebSocketConstructorGlobal))
        const protocol = yield* RpcClient.makeProtocolSocket().pipe(
          Effect.provideService(Socket.Socket, watchFirst(socket, first)),
          Effect.provide(RpcSerialization.layerJson)
        )
        yield* Deferred.await(first).pipe(Effect.mapError((why) => unreachable(url, why)))
        return yield* RpcClient.make(PhoneRpcs).pipe(
          Effect.provideService(RpcClient.Protocol, protocol),
          Effect.provide(withToken(token))
        )
      })
    )
}

/** Sends the token inside each message, so browsers can send it too. */
export const withToken = (token: Redacted.Redacted) =>
  RpcMiddleware.layerClient(Authentication, ({ request }) =>
    Effect.succeed({
      ...request,
      headers: Headers.set(request.headers, "authorization", `Bearer ${Redacted.value(token)}`)
    })
  )
