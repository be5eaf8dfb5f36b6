/**
 * The WebSocket /rpc/ws: JSON messages, one per frame, on the `ws` package. It carries messages; what they ask is not
 * its business. Ours and not the platform's, which takes 100 MB frames and waits 30 s for a peer that does not close.
 */
import { HttpLayerRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { RpcMessage, RpcServer } from "@effect/rpc"
import { Effect, Either, Exit, FiberRef, Layer, Mailbox, Option, Stream } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import { maxRequestBytes, readEnvelopes, refusal, unknownTool } from "./envelope.ts"
import { httpPath, socketPath } from "./paths.ts"

/** How long a peer may take to say goodbye when we close. */
const closeGrace = "200 millis"
/** Messages read ahead of their handling; more wait in the network. */
const readAhead = 64

const closed = (socket: WebSocket) =>
  Effect.async<void>((resume) => {
    if (socket.readyState === socket.CLOSED) return resume(Effect.void)
    const done = () => resume(Effect.void)
    socket.once("close", done)
    return Effect.sync(() => socket.off("close", done))
  })

const release = (socket: WebSocket) =>
  Effect.sync(() => socket.close(1001, "the phone service stops")).pipe(
    // A finalizer cannot be interrupted, so what is given up after a while must say that it can.
    Effect.zipRight(Effect.timeoutOption(Effect.interruptible(closed(socket)), closeGrace)),
    Effect.zipRight(Effect.sync(() => socket.terminate()))
  )

const upgrade = (server: WebSocketServer, request: HttpServerRequest.HttpServerRequest) =>
  Effect.suspend(() => {
    const incoming = NodeHttpServerRequest.toIncomingMessage(request)
    let opened: WebSocket | undefined
    // calls back at once, or answers a malformed handshake by itself and never
    server.handleUpgrade(incoming, incoming.socket, Buffer.alloc(0), (socket) => {
      opened = socket
    })
    return opened === undefined ? Effect.interrupt : Effect.succeed(opened)
  })

/** What the socket says, in order, until it closes. A message that is too big closes it with 1009. */
const inboxOf = (socket: WebSocket) =>
  Effect.map(Mailbox.make<string>(), (inbox) => {
    const end = () => {
      inbox.unsafeDone(Exit.void)
    }
    socket.on("message", (data) => {
      inbox.unsafeOffer(String(data))
      if (Option.getOrElse(inbox.unsafeSize(), () => 0) >= readAhead) socket.pause()
    })
    socket.on("error", end)
    socket.on("close", end)
    return inbox
  })

const failureOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The RPC server's protocol over the route GET /rpc/ws. Sockets end with the route's server, all within the grace. */
export const layerSocketDoor = Layer.scoped(
  RpcServer.Protocol,
  RpcServer.Protocol.make(
    Effect.fnUntraced(function* (writeRequest) {
      const router = yield* HttpLayerRouter.HttpRouter
      const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxRequestBytes })
      const sockets = new Map<number, WebSocket>()
      const disconnects = yield* Mailbox.make<number>()
      let nextId = 0

      const send = (id: number, message: RpcMessage.FromServerEncoded) =>
        Effect.sync(() => {
          const socket = sockets.get(id)
          if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message))
        })
      const sendDefect = (id: number, error: unknown) => send(id, RpcMessage.ResponseDefectEncoded(failureOf(error)))

      const receive = (id: number, message: RpcMessage.FromClientEncoded) => {
        const unknown = unknownTool(message)
        if (unknown !== undefined && message._tag === "Request") return send(id, refusal(message.id, unknown))
        return Effect.catchAllDefect(writeRequest(id, message), (defect) => sendDefect(id, defect))
      }

      const converse = Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        if (request.headers.upgrade?.toLowerCase() !== "websocket") {
          return HttpServerResponse.text(`${socketPath} is a WebSocket. Over HTTP, POST to ${httpPath}.`, {
            status: 426
          })
        }
        // the platform ends a request that is cut off by a stop as a defect of ours (503); it is none
        yield* FiberRef.set(FiberRef.unhandledErrorLogLevel, Option.none())
        const id = nextId++
        const socket = yield* Effect.acquireRelease(upgrade(server, request), release)
        const inbox = yield* inboxOf(socket)
        sockets.set(id, socket)
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            sockets.delete(id)
            disconnects.unsafeOffer(id)
          })
        )
        yield* Stream.runForEach(Mailbox.toStream(inbox), (text) =>
          Effect.gen(function* () {
            const messages = readEnvelopes(text)
            if (Either.isLeft(messages)) yield* sendDefect(id, messages.left)
            else for (const message of messages.right) yield* receive(id, message)
            if (socket.isPaused) socket.resume()
          })
        )
        return HttpServerResponse.empty()
      })
      yield* router.add("GET", socketPath, Effect.scoped(converse))

      return {
        disconnects,
        send,
        end: () => Effect.void,
        clientIds: Effect.sync(() => new Set(sockets.keys())),
        initialMessage: Effect.succeedNone,
        supportsAck: true,
        supportsTransferables: false,
        supportsSpanPropagation: true
      }
    })
  )
)
