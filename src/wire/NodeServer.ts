/**
 * Serves a `Host` on a real port: one HTTP server, WebSockets by upgrade. It knows HTTP's bounds and manners, and nothing
 * of what the host answers. It never waits for a peer when it stops.
 */
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Cause, Effect, FiberSet, Schema, type Scope } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import { type Host, respond, type WireHandshake, type WireRequest, type WireResponse } from "./Network.ts"
import { adoptSocket, socketOptions } from "./NodeSocket.ts"
import { codeOf, headersOf } from "./nodeHttp.ts"
import { answerHandshake, answerRequest, ownSocket } from "./serving.ts"

/** Nothing can be served on this port. */
export class CannotListen extends Schema.TaggedError<CannotListen>("phone/CannotListen")("CannotListen", {
  hostname: Schema.String,
  port: Schema.Number,
  /** The system's code: EADDRINUSE when somebody else has the port, EACCES when it may not be taken. */
  code: Schema.String
}) {
  override get message() {
    const why = this.code === "EADDRINUSE" ? "is in use already" : `cannot be listened on (${this.code})`
    return `port ${this.port} on ${this.hostname} ${why}`
  }
}

export interface HandlerOptions {
  /** Bytes of a request's body; a longer one is answered 413. Default 64 KiB. */
  readonly maxBody?: number
  /** Bytes of one WebSocket message; a longer one closes the socket with 1009. Default 1 MiB. */
  readonly maxPayload?: number
}

export interface ServeOptions extends HandlerOptions {
  readonly hostname: string
  /** 0 takes a free one. */
  readonly port: number
}

/** A body over the limit is read on, so that the caller gets to see the answer, but not beyond this. */
const maxDiscarded = 16 * 1024 * 1024

/**
 * How long a caller may take to send a request, and how often that is looked at; milliseconds. Idle connections are kept
 * longer than proxies in front of us keep theirs, so that none of them sends a request into one that was just closed.
 */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 95_000
}

/** What the caller asked for, as an absolute URL; `undefined` when that makes no URL. */
const seenUrl = ({ headers, url = "/" }: IncomingMessage): string | undefined => {
  const absolute = url.startsWith("/") ? `http://${headers.host ?? "localhost"}${url}` : url
  return URL.canParse(absolute) ? absolute : undefined
}

/** The whole body; `undefined` when it is too long. Interrupts itself when the caller breaks off: nobody waits for the answer. */
const readBody = (incoming: IncomingMessage, limit: number) =>
  Effect.async<string | undefined>((resume) => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    incoming.on("data", (chunk: Uint8Array) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else if (size > maxDiscarded) incoming.destroy()
    })
    incoming.once("end", () => resume(Effect.succeed(size > limit ? undefined : Buffer.concat(chunks).toString())))
    incoming.once("close", () => resume(Effect.interrupt))
  })

const write = (outgoing: ServerResponse, { status, headers, body }: WireResponse): void => {
  outgoing.writeHead(status, headers).end(body)
}

/** Writes the answer; one that HTTP cannot carry is a defect of the host. */
const deliver = (outgoing: ServerResponse, answer: Effect.Effect<WireResponse>) =>
  Effect.map(answer, (response) => write(outgoing, response)).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.zipRight(
        Effect.logError("an answer could not be sent", Cause.die(defect)),
        Effect.sync(() => (outgoing.headersSent ? outgoing.destroy() : write(outgoing, respond(500))))
      )
    )
  )

const listen = (server: Server, { hostname, port }: ServeOptions) =>
  Effect.async<number, CannotListen>((resume) => {
    server.once("error", (error) => {
      resume(new CannotListen({ hostname, port, code: codeOf(error) }))
    })
    server.listen({ host: hostname, port }, () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address ? address.port : port))
    })
  })

/** Stops at once: whoever is connected is cut off. */
const stop = (server: Server, connections: ReadonlySet<Socket>) =>
  Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    for (const connection of connections) connection.destroy()
  })

/** What a node HTTP server calls for its events "request" and "upgrade". */
export interface NodeHandlers {
  readonly request: (incoming: IncomingMessage, outgoing: ServerResponse) => void
  readonly upgrade: (incoming: IncomingMessage, stream: Duplex, head: Buffer) => void
}

const makeHandlers = Effect.fnUntraced(function* (host: Host, options: HandlerOptions) {
  let closed = false
  const runFork = yield* FiberSet.makeRuntime()
  const broke = (defect: unknown) => Effect.logError("serving a connection broke", Cause.die(defect))
  const run = (effect: Effect.Effect<unknown>): void => {
    runFork(Effect.catchAllDefect(effect, broke))
  }
  const report = (defect: unknown): void => run(broke(defect))
  const { maxBody = 64 * 1024, maxPayload = 1024 * 1024 } = options
  const upgrades = new WebSocketServer({ ...socketOptions, noServer: true, maxPayload, clientTracking: false })
  yield* Effect.addFinalizer(() => Effect.sync(() => (closed = true)))

  const answer = Effect.fnUntraced(function* (incoming: IncomingMessage) {
    const url = seenUrl(incoming)
    const body = yield* readBody(incoming, maxBody)
    if (url === undefined) return respond(400)
    if (body === undefined) return respond(413)
    const request: WireRequest = { method: incoming.method ?? "GET", url, headers: headersOf(incoming), body }
    return yield* answerRequest(host, request)
  })

  /** The protocol's part: `ws` answers a malformed handshake by itself, and gives no socket. */
  const upgrade = (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
    let socket: WebSocket | undefined
    upgrades.handleUpgrade(incoming, stream, head, (ws) => {
      socket = ws
    })
    return socket
  }

  const open = Effect.fnUntraced(function* (incoming: IncomingMessage, stream: Duplex, head: Buffer) {
    const url = seenUrl(incoming)
    const handshake: WireHandshake = { url: url ?? "http://localhost/", headers: headersOf(incoming) }
    const refused = { _tag: "Refuse", response: respond(400) } as const
    const decision = url === undefined ? refused : yield* answerHandshake(host, handshake)
    if (decision._tag === "Refuse") {
      const outgoing = new ServerResponse(incoming)
      outgoing.shouldKeepAlive = false
      outgoing.assignSocket(incoming.socket)
      outgoing.once("finish", () => incoming.socket.end())
      return yield* deliver(outgoing, Effect.succeed(decision.response))
    }
    const ws = upgrade(incoming, stream, head)
    if (ws) yield* ownSocket(decision, adoptSocket(ws, report))
  })

  const handlers: NodeHandlers = {
    request: (incoming, outgoing) => {
      if (closed) return write(outgoing, respond(503))
      // The server may live on when we do not: nobody is left waiting for an answer.
      run(Effect.onInterrupt(deliver(outgoing, answer(incoming)), () => Effect.sync(() => outgoing.destroy())))
    },
    upgrade: (incoming, stream, head) => {
      // Its close follows; without a listener a reset during the host's decision would be thrown.
      stream.on("error", () => {})
      if (closed) return void stream.destroy()
      run(Effect.onInterrupt(open(incoming, stream, head), () => Effect.sync(() => stream.destroy())))
    }
  }
  return { handlers, report }
})

/**
 * The host for a server of your own: give it the requests and upgrades that are meant for it. When the scope closes, its
 * sockets are cut, what it still does is interrupted, and whoever comes later is refused.
 */
export const nodeHandlers = (
  host: Host,
  options: HandlerOptions = {}
): Effect.Effect<NodeHandlers, never, Scope.Scope> =>
  Effect.map(makeHandlers(host, options), ({ handlers }) => handlers)

/** Serves the host until the scope closes; then its port is free, its sockets are cut, and what it still does is interrupted. */
export const serveHost: (
  host: Host,
  options: ServeOptions
) => Effect.Effect<{ readonly port: number }, CannotListen, Scope.Scope> = Effect.fnUntraced(function* (host, options) {
  const { handlers, report } = yield* makeHandlers(host, options)
  const connections = new Set<Socket>()
  const server = createServer(patience, handlers.request)
  server.on("connection", (connection) => {
    connections.add(connection)
    connection.once("close", () => connections.delete(connection))
  })
  server.on("upgrade", handlers.upgrade)

  const port = yield* Effect.acquireRelease(listen(server, options), () => stop(server, connections))
  server.on("error", report)
  return { port }
})
