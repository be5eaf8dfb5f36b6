import { connect as connectTcp, createServer } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Schedule, Scope, Stream } from "effect"
import { WebSocket } from "ws"
import { PortUnavailable, serveRpc } from "../../src/http/serveRpc.ts"
import { PhoneClient, PhoneUnreachable } from "../../src/rpc/client.ts"
import { callId, connect, fakeCalls, serve, token } from "./service.ts"

/** A TCP server that accepts and says nothing. */
const silentServer = Effect.acquireRelease(
  Effect.async<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer((socket) => socket.on("error", () => socket.destroy()))
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      resume(Effect.succeed({ port, close: () => server.close() }))
    })
  }),
  (server) => Effect.sync(server.close)
)

/** An upgrade that `ws` refuses: it has no key. Waits for the refusal. */
const malformedUpgrade = (url: string) =>
  Effect.async<void>((resume) => {
    const { hostname, port } = new URL(url)
    const socket = connectTcp({ host: hostname, port: Number(port) }, () =>
      socket.write(`GET /rpc/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    )
    socket.once("close", () => resume(Effect.void))
    socket.on("error", () => socket.destroy())
    socket.resume()
  })

describe("stopping the service", () => {
  it.scopedLive("is not held up by a stranger's malformed upgrade", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { url } = yield* Scope.extend(serve(), scope)
      yield* malformedUpgrade(url)
      const closed = yield* Scope.close(scope, Exit.void).pipe(Effect.interruptible, Effect.timeoutOption("10 seconds"))
      expect(Option.isSome(closed)).toBe(true)
    })
  )

  it.scopedLive("takes less than a second with open watches, waiting calls and a peer that never says goodbye", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const watching = yield* Deferred.make<void>()
      const waiting = yield* Deferred.make<void>()
      const { url } = yield* Scope.extend(
        serve({
          watch: () =>
            Stream.concat(Stream.drain(Stream.fromEffect(Deferred.succeed(watching, undefined))), Stream.never),
          await: () => Effect.zipRight(Deferred.succeed(waiting, undefined), Effect.never)
        }),
        scope
      )
      const client = yield* connect(url)
      const watcher = yield* Effect.fork(Stream.runDrain(client.phone_watch({ callId })))
      const overHttp = yield* Effect.fork(
        Effect.tryPromise(() =>
          fetch(`${url}/rpc`, {
            method: "POST",
            headers: { authorization: "Bearer the-token" },
            body: JSON.stringify({ tag: "phone_call", payload: { to: "1", task: "t" } })
          })
        )
      )
      // Connected, and then deaf: it answers no close frame.
      const deaf = yield* Effect.acquireRelease(
        Effect.async<WebSocket>((resume) => {
          const socket = new WebSocket(`${url.replace("http", "ws")}/rpc/ws`)
          socket.on("open", () => resume(Effect.succeed(socket)))
        }),
        (socket) => Effect.sync(() => socket.terminate())
      )
      deaf.pause()
      yield* Deferred.await(watching)
      yield* Deferred.await(waiting)
      const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
      expect(Duration.toMillis(took)).toBeLessThan(1_000)
      expect(Exit.isFailure(yield* Fiber.await(watcher))).toBe(true)
      yield* Fiber.await(overHttp)
      expect(Exit.isFailure(yield* Effect.exit(connect(url)))).toBe(true)
    })
  )
})

describe("a port that is taken", () => {
  it.scopedLive("is named, and nothing is served", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const second = serveRpc({ host: "127.0.0.1", port, token }).pipe(Layer.provide(fakeCalls()))
      const error = yield* Effect.flip(Layer.build(second))
      expect(error).toBeInstanceOf(PortUnavailable)
      expect(error.port).toBe(port)
      expect(error.message).toContain(`127.0.0.1:${port}`)
      expect(error.message).toContain("rpcPort")
    })
  )
})

describe("a service that is not there", () => {
  it.scopedLive("is reported with its URL, in time, whatever is wrong", () =>
    Effect.gen(function* () {
      const silent = yield* silentServer
      const closedPort = yield* Effect.scoped(Effect.map(serve(), ({ port }) => port))
      const urls = [`http://127.0.0.1:${closedPort}`, `http://127.0.0.1:${silent.port}`, "localhost:1", ""]
      const results = yield* Effect.forEach(
        urls,
        (url) => Effect.flip(Effect.scoped(Layer.build(PhoneClient.layer({ url, token })))),
        { concurrency: "unbounded" }
      ).pipe(Effect.timeoutOption("5 seconds"))
      const errors = Option.getOrThrow(results)
      expect(errors.map((error) => error.url)).toEqual(urls)
      for (const error of errors) {
        expect(error).toBeInstanceOf(PhoneUnreachable)
        expect(error.message).toContain(error.url)
      }
    })
  )

  it.scopedLive("when it comes back, is used again by the same client", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { url, port } = yield* Scope.extend(serve({ say: () => Effect.void }), scope)
      const client = yield* connect(url)
      yield* client.phone_say({ callId, text: "one" })
      yield* Scope.close(scope, Exit.void)
      expect(Exit.isFailure(yield* Effect.exit(client.phone_say({ callId, text: "two" })))).toBe(true)
      yield* Layer.build(
        serveRpc({ host: "127.0.0.1", port, token }).pipe(Layer.provide(fakeCalls({ say: () => Effect.void })))
      )
      yield* Effect.retry(client.phone_say({ callId, text: "three" }), {
        times: 100,
        schedule: Schedule.spaced("50 millis")
      })
    })
  )
})
