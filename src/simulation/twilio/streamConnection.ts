/** Runs `<Connect><Stream>`: dials the server's media socket, joins it to the line, and reports how it went. */
import { Deferred, Duration, Effect, ExecutionStrategy, Exit, Redacted, Scope } from "effect"
import type { HandshakeRefused, NetworkError, WireClose } from "../../wire/Network.ts"
import type { StreamLog } from "./logs.ts"
import { MediaStream } from "./MediaStream.ts"
import type { Callback } from "./orders.ts"
import type { PhoneLine } from "./PhoneLine.ts"
import { sign } from "./Signature.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { notify } from "./Webhooks.ts"
import { newSid, type World } from "./World.ts"

export interface StreamOrder {
  readonly url: string
  readonly name: string | undefined
  readonly parameters: Readonly<Record<string, string>>
  readonly status: Callback | undefined
}

const openLimit = Duration.seconds(10)
/** How long a socket that we closed may take to say so, before it is cut. */
const closeLimit = Duration.seconds(5)

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)

/** Twilio insists on `wss`; plain `ws` is allowed on loopback, where there is no TLS. The query is dropped, as observed. */
const targetOf = (text: string): { readonly url: string } | { readonly code: number; readonly message: string } => {
  if (!URL.canParse(text)) return { code: 31923, message: `Stream - malformed URL ${text}` }
  const { hostname, protocol } = new URL(text)
  return protocol === "wss:" || (protocol === "ws:" && isLoopback(hostname))
    ? { url: text.replace(/[?#].*$/, "") }
    : { code: 31922, message: "Stream - the scheme must be wss" }
}

const faultOf = (error: NetworkError | HandshakeRefused): { readonly code: number; readonly message: string } => {
  if (error._tag === "HandshakeRefused") {
    return { code: 31920, message: `Stream - Websocket - Handshake Error (${error.status})` }
  }
  const code = { timeout: 31901, refused: 31902, broken: 31910 }[error.kind]
  return { code, message: `Stream - Connection - ${error.message}` }
}

/** Normal ends, and 1005: closed without saying why. */
const faultOfClose = ({ code }: WireClose) => {
  if (code === 1000 || code === 1001 || code === 1005) return undefined
  return code === 1006
    ? { code: 31903, message: "Stream - Connection - Broken Pipe" }
    : { code: 31921, message: `Stream - Websocket - Close Code ${code}` }
}

/**
 * Ends when the server closes the socket, or when there never is one; interruption (the call ends, or gets other TwiML)
 * sends `stop` and closes. A failed stream is an alert and a callback; the TwiML goes on after it either way.
 */
export const connectStream = Effect.fnUntraced(function* (
  world: World,
  call: SimulatedCall,
  line: PhoneLine,
  order: StreamOrder
) {
  const sid = newSid(world, "MZ")
  const report = (event: string, error?: string) =>
    notify(world, call, "stream", order.status, [
      ["AccountSid", world.accountSid],
      ["CallSid", call.sid],
      ["StreamSid", sid],
      ["StreamName", order.name ?? sid],
      ["StreamEvent", event],
      ...(error === undefined ? [] : ([["StreamError", error]] as const)),
      ["Timestamp", new Date(world.now()).toISOString()]
    ])
  const fail = ({ code, message }: { readonly code: number; readonly message: string }) => {
    call.alert(world.now(), code, message)
    report("stream-error", message)
  }

  const target = targetOf(order.url)
  if ("code" in target) return fail(target)
  const { url } = target
  const headers = {
    "x-twilio-signature": sign(Redacted.value(world.authToken), url, []),
    "user-agent": "TwilioMediaStreams/1.0"
  }
  // The socket outlives the stream a little: it must be able to say `stop` and close in good order.
  const scope = yield* Scope.fork(world.scope, ExecutionStrategy.sequential)
  const closed = yield* Deferred.make<WireClose>()
  let ended = () => {}
  const letGo = Effect.sync(() => {
    ended()
    world.spawn(
      Deferred.await(closed).pipe(Effect.timeoutOption(closeLimit), Effect.zipRight(Scope.close(scope, Exit.void)))
    )
  })

  const converse = Effect.gen(function* () {
    const socket = yield* world.network.webSocket(url, { headers, timeout: openLimit }).pipe(
      Scope.extend(scope),
      Effect.tapError(() => Deferred.succeed(closed, { code: 1006, reason: "" }))
    )
    const stream = new MediaStream(
      { sid, accountSid: world.accountSid, parameters: order.parameters },
      socket,
      call,
      world.now
    )
    const log: StreamLog = {
      sid,
      url,
      parameters: order.parameters,
      startedAt: world.now(),
      endedAt: undefined,
      closedByServer: undefined
    }
    call.streams.push(log)
    ended = () => {
      log.endedAt = world.now()
      line.disconnect(stream)
      if (log.closedByServer !== undefined) return
      stream.end()
      report("stream-stopped")
    }
    report("stream-started")
    stream.begin()
    socket.listen({
      message: (text) => stream.receive(text),
      close: (close) => {
        if (log.endedAt === undefined) log.closedByServer = close.code
        Deferred.unsafeDone(closed, Effect.succeed(close))
      }
    })
    line.connect(stream)
    const fault = faultOfClose(yield* Deferred.await(closed))
    if (fault === undefined) report("stream-stopped")
    else fail(fault)
  })
  yield* converse.pipe(
    Effect.catchAll((error) => Effect.sync(() => fail(faultOf(error)))),
    Effect.ensuring(letGo)
  )
})
