/**
 * A network in memory: hosts mounted under origins, requests and sockets between them, with a latency that passes on the
 * Effect Clock. What the simulation runs on. It loses and breaks nothing by itself; faults are laid over it.
 */
import { Context, Deferred, Duration, Effect, Exit, Fiber, FiberRef, FiberSet, Layer, type Scope } from "effect"
import { makeTimers } from "../Timers.ts"
import {
  bodyText,
  HandshakeRefused,
  type Host,
  Network,
  NetworkError,
  type WireHandshake,
  type WireHeaders,
  type WireRequest,
  type WireSocket
} from "./Network.ts"
import { type Post, type SocketPair, socketPair } from "./SocketPair.ts"
import { answerHandshake, answerRequest, ownSocket } from "./serving.ts"

export { socketPair }

export interface MemoryNetworkOptions {
  /** How long anything takes in one direction. Default 0: at once, but never within the call that sent it. */
  readonly latency?: Duration.DurationInput
}

/** A network in memory, and the way to put hosts on it. */
export class MemoryNetwork extends Context.Tag("phone/MemoryNetwork")<
  MemoryNetwork,
  {
    readonly network: Context.Tag.Service<Network>
    /**
     * Puts a host under an origin ("https://phone.example", "ws://127.0.0.1:8080"; http and ws, https and wss are the same)
     * until the scope closes: then its requests are interrupted and its sockets cut. A taken origin is a defect.
     */
    readonly mount: (origin: string, host: Host) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

/** Posts by way of the fiber scheduler: later than the caller's current step, before any time passes. */
const makePromptPost = Effect.map(FiberRef.get(FiberRef.currentScheduler), (scheduler): Post => {
  let tasks: Array<() => void> = []
  const deliver = () => {
    const batch = tasks
    tasks = []
    for (const task of batch) task()
  }
  return (task) => {
    if (tasks.push(task) === 1) scheduler.scheduleTask(deliver, 0)
  }
})

/** Posts a fixed time later. One timer runs while anything is on its way, however much that is. */
const makeDelayedPost = Effect.fnUntraced(function* (latency: Duration.Duration) {
  const clock = yield* Effect.clock
  const { after } = yield* makeTimers
  const delay = Duration.toMillis(latency)
  const underway: Array<{ readonly due: number; readonly task: () => void }> = []
  const carry = () => {
    let next = underway[0]
    for (; next && next.due <= clock.unsafeCurrentTimeMillis(); next = underway[0]) {
      next.task()
      underway.shift()
    }
    if (next) after(next.due - clock.unsafeCurrentTimeMillis(), carry)
  }
  return (task: () => void): void => {
    if (underway.push({ due: clock.unsafeCurrentTimeMillis() + delay, task }) === 1) after(delay, carry)
  }
})

/** `host:port` with the port always said. */
const originKey = (url: URL): string => {
  const secure = url.protocol === "https:" || url.protocol === "wss:"
  return `${url.hostname}:${url.port || (secure ? "443" : "80")}`
}

/** As a server sees it: an http URL of the host that the caller named. */
const seenUrl = (url: URL): string => `http://${url.host}${url.pathname}${url.search}`

const seenHeaders = (url: URL, headers: WireHeaders): WireHeaders => ({
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  host: url.host
})

interface Mounted {
  readonly host: Host
  /** Runs what the host does in the host's own life: a caller that gives up does not stop it, as over a real network. */
  readonly run: <A>(effect: Effect.Effect<A>) => Fiber.RuntimeFiber<A>
  readonly sockets: Set<WireSocket>
}

const failure = (kind: NetworkError["kind"], message: string) => new NetworkError({ kind, message })

/** Decides about a handshake, tells the caller, and lets the host own its end of the socket. */
const serveSocket = (
  { host, sockets }: Mounted,
  handshake: WireHandshake,
  socket: WireSocket,
  answer: Deferred.Deferred<void, NetworkError | HandshakeRefused>
) =>
  Effect.flatMap(answerHandshake(host, handshake), (decision) => {
    if (decision._tag === "Refuse") {
      const { status, headers } = decision.response
      return Deferred.fail(answer, new HandshakeRefused({ status, headers, message: bodyText(decision.response) }))
    }
    sockets.add(socket)
    return Effect.zipRight(Deferred.succeed(answer, undefined), ownSocket(decision, socket)).pipe(
      Effect.ensuring(Effect.sync(() => sockets.delete(socket)))
    )
  }).pipe(Effect.ensuring(Deferred.fail(answer, failure("broken", "the server went away"))))

/** An in-memory network, empty. What is on its way when the scope closes never arrives. */
export const makeMemoryNetwork = Effect.fnUntraced(function* (options: MemoryNetworkOptions = {}) {
  const latency = Duration.decode(options.latency ?? 0)
  const delayed = Duration.greaterThan(latency, Duration.zero)
  const post = yield* delayed ? makeDelayedPost(latency) : makePromptPost
  const travel = delayed ? Effect.sleep(latency) : Effect.void
  const hosts = new Map<string, Mounted>()

  const find = (url: URL) => {
    const mounted = hosts.get(originKey(url))
    return mounted ? Effect.succeed(mounted) : failure("refused", `nothing listens at ${url.host}`)
  }

  const parse = (text: string) =>
    Effect.try({ try: () => new URL(text), catch: () => failure("refused", `not a URL: ${text}`) })

  const exchange = Effect.fnUntraced(function* (request: WireRequest) {
    const url = yield* parse(request.url)
    const mounted = yield* find(url)
    yield* travel
    const seen = { ...request, url: seenUrl(url), headers: seenHeaders(url, request.headers) }
    const exit = yield* Fiber.await(mounted.run(answerRequest(mounted.host, seen)))
    yield* travel
    return yield* Exit.isSuccess(exit) ? exit : failure("broken", `${url.host} went away`)
  })

  const open = Effect.fnUntraced(function* (text: string, headers: WireHeaders, [ours, theirs]: SocketPair) {
    const url = yield* parse(text)
    const mounted = yield* find(url)
    const answer = yield* Deferred.make<void, NetworkError | HandshakeRefused>()
    yield* travel
    mounted.run(serveSocket(mounted, { url: seenUrl(url), headers: seenHeaders(url, headers) }, theirs, answer))
    yield* Deferred.await(answer)
    yield* travel
    return ours
  })

  const network: Context.Tag.Service<Network> = {
    http: (request) =>
      request.timeout === undefined
        ? exchange(request)
        : Effect.timeoutFail(exchange(request), {
            duration: request.timeout,
            onTimeout: () => failure("timeout", `no answer from ${request.url}`)
          }),
    webSocket: (url, { headers, timeout }) =>
      Effect.uninterruptibleMask((restore) => {
        const pair = socketPair(post)
        const cut = Effect.sync(pair[0].terminate)
        return restore(
          Effect.timeoutFail(open(url, headers, pair), {
            duration: timeout,
            onTimeout: () => failure("timeout", `${url} did not open`)
          })
        ).pipe(
          Effect.onError(() => cut),
          Effect.tap(() => Effect.addFinalizer(() => cut))
        )
      })
  }

  const mount = Effect.fnUntraced(function* (origin: string, host: Host) {
    const key = originKey(new URL(origin))
    if (hosts.has(key)) return yield* Effect.dieMessage(`${origin} is taken`)
    const mounted: Mounted = { host, run: yield* FiberSet.makeRuntime(), sockets: new Set() }
    hosts.set(key, mounted)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        hosts.delete(key)
        for (const socket of mounted.sockets) socket.terminate()
      })
    )
  })

  return MemoryNetwork.of({ network, mount })
})

/** `MemoryNetwork`, and its `Network` for those who only call. */
export const layerMemory = (options?: MemoryNetworkOptions) =>
  Layer.scopedContext(
    Effect.map(makeMemoryNetwork(options), (memory) =>
      Context.add(Context.make(MemoryNetwork, memory), Network, memory.network)
    )
  )
