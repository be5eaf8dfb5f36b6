import { createServer, type Server } from "node:http"
import { connect, createServer as createTcpServer } from "node:net"
import { expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Either, Exit, Fiber, Layer, Logger, Scope } from "effect"
import { WebSocket } from "ws"
import {
  bodyText,
  type Handshake,
  type Host,
  Network,
  respond,
  type WireClose,
  type WireRequest,
  type WireSocket
} from "../../src/wire/Network.ts"
import { layerNode, nodeHandlers, serveHost } from "../../src/wire/Node.ts"

/** A story over real sockets in real time; what is logged as an error is collected. */
const really = <A, E>(story: (errors: ReadonlyArray<string>) => Effect.Effect<A, E, Network | Scope.Scope>) => {
  const errors: Array<string> = []
  const collecting = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ message }) => errors.push(String(message)))
  )
  return Effect.runPromise(Effect.scoped(story(errors)).pipe(Effect.provide(Layer.merge(layerNode, collecting))))
}

const local = { hostname: "127.0.0.1", port: 0 }
const host = (parts: Partial<Host>): Host => ({
  http: () => Effect.succeed(respond(404)),
  webSocket: () => Effect.succeed({ _tag: "Refuse", response: respond(404) }),
  ...parts
})
const accept = (owner: (socket: WireSocket) => Effect.Effect<void, never, Scope.Scope>) =>
  host({ webSocket: () => Effect.succeed<Handshake>({ _tag: "Accept", run: owner }) })
const get = (url: string, more: Partial<WireRequest> = {}): WireRequest => ({
  method: "GET",
  url,
  headers: {},
  body: "",
  ...more
})
const opening = { headers: {}, timeout: Duration.seconds(5) }

const hearOut = (socket: WireSocket) =>
  Effect.async<{ readonly heard: ReadonlyArray<string | null>; readonly close: WireClose }>((resume) => {
    const heard: Array<string | null> = []
    socket.listen({ message: (text) => heard.push(text), close: (close) => resume(Effect.succeed({ heard, close })) })
  })

const echo = (socket: WireSocket) =>
  Effect.async<void>((resume) => {
    socket.listen({ message: (text) => socket.send(`echo ${text}`), close: () => resume(Effect.void) })
  })

/** A server that is not ours: an HTTP or bare TCP one, on a free port. */
const foreign = <S extends Server | ReturnType<typeof createTcpServer>>(server: S) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address ? address.port : 0))
      })
    }),
    () => Effect.sync(() => server.close())
  )

/** What a bare TCP client gets to read for what it writes, until the server ends. */
const raw = (port: number, text: string) =>
  Effect.async<string>((resume) => {
    let read = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    socket.on("data", (data) => {
      read += data.toString()
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resume(Effect.succeed(read)))
    return Effect.sync(() => socket.destroy())
  })

it("carries a request and its answer, both with their bytes", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const seen: Array<WireRequest> = []
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const { port } = yield* serveHost(
        host({
          http: (request) =>
            Effect.sync(() => {
              seen.push(request)
              return respond(201, bytes, { "x-answer": "yes" })
            })
        }),
        local
      )
      const url = `http://127.0.0.1:${port}/a%20b?To=%2B1&x=ü`
      const response = yield* network.http(get(url, { method: "POST", headers: { "X-Who": "me" }, body: "Größe=😀" }))
      expect([response.status, response.headers["x-answer"]]).toEqual([201, "yes"])
      expect(new Uint8Array(response.body)).toEqual(bytes)
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatchObject({
        method: "POST",
        url: `http://127.0.0.1:${port}/a%20b?To=%2B1&x=%C3%BC`,
        headers: { "x-who": "me", host: `127.0.0.1:${port}` },
        body: "Größe=😀"
      })
    })
  ))

it("follows no redirect, and says refused, timeout or broken for what brings no answer", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(
        host({
          http: ({ url }) =>
            url.endsWith("/slow") ? Effect.never : Effect.succeed(respond(302, "", { location: "http://127.0.0.1:1/" }))
        }),
        local
      )
      const breaking = yield* foreign(createTcpServer((socket) => socket.on("data", () => socket.destroy())))
      const half = yield* foreign(
        createServer((_, response) => {
          response.writeHead(200, { "content-length": 10 })
          response.write("half")
          response.socket?.destroySoon()
        })
      )
      const gone = yield* Effect.scoped(serveHost(host({}), local))
      const kindOf = (request: WireRequest) => Effect.map(Effect.flip(network.http(request)), ({ kind }) => kind)
      expect((yield* network.http(get(`http://127.0.0.1:${port}/`))).status).toBe(302)
      expect(yield* kindOf(get(`http://127.0.0.1:${port}/slow`, { timeout: "50 millis" }))).toBe("timeout")
      expect(yield* kindOf(get(`http://127.0.0.1:${gone.port}/`))).toBe("refused")
      expect(yield* kindOf(get(`http://127.0.0.1:${breaking}/`))).toBe("broken")
      expect(yield* kindOf(get(`http://127.0.0.1:${half}/`))).toBe("broken")
      expect(yield* kindOf(get("no url"))).toBe("refused")
      expect(yield* kindOf(get(`http://127.0.0.1:${port}/`, { headers: { "x-bad": "a\r\nb" } }))).toBe("refused")
    })
  ))

it("answers 413 to a body over the limit, 400 to a host that is none, 500 to a defect and to an answer that cannot be sent", () =>
  really((errors) =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(
        host({
          http: ({ url, body }) => {
            if (url.endsWith("/bug")) return Effect.die(new Error("bug"))
            if (url.endsWith("/bad")) return Effect.succeed(respond(200, "", { "x-bad": "a\r\nb" }))
            return Effect.succeed(respond(200, `${body.length}`))
          }
        }),
        { ...local, maxBody: 1000 }
      )
      const post = (path: string, length: number) =>
        network.http(get(`http://127.0.0.1:${port}${path}`, { method: "POST", body: "x".repeat(length) }))
      expect(bodyText(yield* post("/", 1000))).toBe("1000")
      expect((yield* post("/", 1001)).status).toBe(413)
      expect((yield* post("/", 1_000_000)).status).toBe(413)
      expect(yield* raw(port, "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 400/)
      expect(errors).toEqual([])
      expect((yield* post("/bug", 1)).status).toBe(500)
      expect((yield* post("/bad", 1)).status).toBe(500)
      expect(errors).toHaveLength(2)
      expect((yield* post("/", 1)).status).toBe(200)
    })
  ))

it("is not disturbed by callers that break off", () =>
  really((errors) =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(host({ http: () => Effect.succeed(respond(200)) }), local)
      const breakOff = (text: string) => Effect.timeoutOption(raw(port, text), "50 millis")
      yield* breakOff("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
      yield* breakOff("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      yield* breakOff("\r\n\r\ngarbage\r\n\r\n")
      expect((yield* network.http(get(`http://127.0.0.1:${port}/`))).status).toBe(200)
      expect(errors).toEqual([])
    })
  ))

it("names the port that somebody else has", () =>
  really(() =>
    Effect.gen(function* () {
      const { port } = yield* serveHost(host({}), local)
      const error = yield* Effect.flip(serveHost(host({}), { ...local, port }))
      expect(error).toMatchObject({
        _tag: "CannotListen",
        code: "EADDRINUSE",
        message: `port ${port} on 127.0.0.1 is in use already`
      })
    })
  ))

it("talks over a WebSocket both ways in order, umlauts and all, and closes with the code that was given", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const handshake = yield* Deferred.make<unknown>()
      const { port } = yield* serveHost(
        host({
          webSocket: (seen) => Effect.as(Deferred.succeed(handshake, seen), { _tag: "Accept", run: echo } as const)
        }),
        local
      )
      const socket = yield* network.webSocket(`ws://127.0.0.1:${port}/media?x=1`, {
        ...opening,
        headers: { Authorization: "Bearer k" }
      })
      expect(yield* Deferred.await(handshake)).toMatchObject({
        url: `http://127.0.0.1:${port}/media?x=1`,
        headers: { authorization: "Bearer k" }
      })
      const texts = Array.from({ length: 100 }, (_, turn) => `Grüße 😀 ${turn}`)
      for (const text of texts) expect(socket.send(text)).toBe(true)
      socket.close(4000, "ü".repeat(100))
      expect(socket.send("too late")).toBe(false)
      expect(yield* hearOut(socket)).toEqual({
        heard: texts.map((text) => `echo ${text}`),
        close: { code: 4000, reason: "ü".repeat(61) }
      })
    })
  ))

it("keeps frames that come right after the handshake until somebody listens, and marks binary ones", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(
        accept((socket) =>
          Effect.sync(() => {
            socket.send("hello")
            socket.send("world")
          })
        ),
        local
      )
      const socket = yield* network.webSocket(`ws://127.0.0.1:${port}/`, opening)
      yield* Effect.sleep("50 millis")
      expect(yield* hearOut(socket)).toEqual({ heard: ["hello", "world"], close: { code: 1000, reason: "" } })

      const heard = yield* Deferred.make<unknown>()
      const late = yield* serveHost(
        accept((theirs) =>
          Effect.flatMap(Effect.delay(hearOut(theirs), "50 millis"), ({ heard: all }) => Deferred.succeed(heard, all))
        ),
        local
      )
      const ws = new WebSocket(`ws://127.0.0.1:${late.port}/`)
      ws.on("open", () => {
        ws.send("text")
        ws.send(Buffer.from("binary"))
        ws.close()
      })
      expect(yield* Deferred.await(heard)).toEqual(["text", null])
    })
  ))

it("tells a refused handshake from a missing server and from one that never answers", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(
        host({
          webSocket: () =>
            Effect.succeed({ _tag: "Refuse", response: respond(401, "no key", { "x-request-id": "r1" }) })
        }),
        local
      )
      const gone = yield* Effect.scoped(serveHost(host({}), local))
      const mute = yield* foreign(createTcpServer())
      const open = (at: number, timeout: Duration.DurationInput) =>
        Effect.flip(network.webSocket(`ws://127.0.0.1:${at}/`, { headers: {}, timeout }))
      expect(yield* open(port, "5 seconds")).toMatchObject({
        _tag: "HandshakeRefused",
        status: 401,
        headers: { "x-request-id": "r1" },
        message: "no key"
      })
      expect(yield* open(gone.port, "5 seconds")).toMatchObject({ _tag: "NetworkError", kind: "refused" })
      expect(yield* open(mute, "50 millis")).toMatchObject({ _tag: "NetworkError", kind: "timeout" })
      expect(yield* Effect.flip(network.webSocket("no url", opening))).toMatchObject({ kind: "refused" })
    })
  ))

it("cuts its socket when the scope closes, and hears a cut as 1006", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const ended = yield* Deferred.make<WireClose>()
      const listening = accept((socket) =>
        Effect.flatMap(hearOut(socket), ({ close }) => Deferred.succeed(ended, close))
      )
      const { port } = yield* serveHost(listening, local)
      yield* Effect.scoped(network.webSocket(`ws://127.0.0.1:${port}/`, opening))
      expect((yield* Deferred.await(ended)).code).toBe(1006)
      const cutting = yield* serveHost(
        accept((socket) => Effect.sync(socket.terminate)),
        local
      )
      const socket = yield* network.webSocket(`ws://127.0.0.1:${cutting.port}/`, opening)
      expect((yield* hearOut(socket)).close.code).toBe(1006)
    })
  ))

it("loses only the socket whose handler throws, whose owner breaks, or which says too much", () =>
  really((errors) =>
    Effect.gen(function* () {
      const network = yield* Network
      const { port } = yield* serveHost(
        host({
          webSocket: ({ url }) =>
            Effect.succeed<Handshake>({
              _tag: "Accept",
              run: (socket) => {
                if (url.endsWith("/bug")) return Effect.die("bug")
                if (!url.endsWith("/throw")) return echo(socket)
                return Effect.async<void>((resume) => {
                  const bug = (): never => {
                    throw new Error("bug in a handler")
                  }
                  socket.listen({ message: bug, close: () => resume(Effect.void) })
                })
              }
            })
        }),
        { ...local, maxPayload: 1000 }
      )
      const open = (path: string) => network.webSocket(`ws://127.0.0.1:${port}${path}`, opening)
      const good = yield* open("/")
      const throwing = yield* open("/throw")
      throwing.send("go")
      expect((yield* hearOut(throwing)).close.code).toBe(1006)
      expect((yield* hearOut(yield* open("/bug"))).close.code).toBe(1011)
      const loud = yield* open("/")
      loud.send("x".repeat(1001))
      expect((yield* hearOut(loud)).close.code).toBe(1009)
      good.send("still here")
      good.close(1000, "")
      expect((yield* hearOut(good)).heard).toEqual(["echo still here"])
      expect(errors).toHaveLength(2)
    })
  ))

it("stops within a second whoever is connected, and interrupts what it was doing", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const interrupted: Array<string> = []
      const noted = (what: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(what)))
      const [elapsed] = yield* Effect.gen(function* () {
        const busy = host({
          http: () => noted("request"),
          webSocket: ({ url }) =>
            url.endsWith("/slow")
              ? noted("handshake")
              : Effect.succeed<Handshake>({ _tag: "Accept", run: () => noted("socket") })
        })
        const { port } = yield* serveHost(busy, local)
        const ws = new WebSocket(`ws://127.0.0.1:${port}/`)
        ws.on("error", () => undefined)
        yield* Effect.async<void>((resume) => {
          ws.once("open", () => resume(Effect.void))
        })
        // A dead peer: its end of the socket is open and nobody reads it.
        ws.pause()
        yield* Effect.fork(Effect.either(network.http(get(`http://127.0.0.1:${port}/`))))
        yield* Effect.forkScoped(
          Effect.either(Effect.scoped(network.webSocket(`ws://127.0.0.1:${port}/slow`, opening)))
        )
        yield* Effect.forkScoped(raw(port, "GET / HTTP/1.1\r\n"))
        yield* Effect.sleep("100 millis")
      }).pipe(Effect.scoped, Effect.timed)
      expect(Duration.toMillis(elapsed)).toBeLessThan(1000)
      expect(interrupted.sort()).toEqual(["handshake", "request", "socket"])
    })
  ))

it("opens no socket for one who stopped waiting", () =>
  really(() =>
    Effect.gen(function* () {
      const network = yield* Network
      const closed = yield* Deferred.make<void>()
      const port = yield* foreign(
        createTcpServer((socket) => {
          socket.on("error", () => undefined)
          socket.resume().on("close", () => Deferred.unsafeDone(closed, Effect.void))
        })
      )
      const opened = yield* network
        .webSocket(`ws://127.0.0.1:${port}/`, opening)
        .pipe(Effect.timeout("50 millis"), Effect.either)
      expect(Either.isLeft(opened)).toBe(true)
      yield* Deferred.await(closed)
    })
  ))

it("serves a server of somebody else's, and leaves nobody waiting when it ends before that server", () =>
  really((errors) =>
    Effect.gen(function* () {
      const life = yield* Scope.make()
      const server = createServer()
      const port = yield* foreign(server)
      const arrived = yield* Deferred.make<void>()
      const never = Effect.zipRight(Deferred.succeed(arrived, undefined), Effect.never)
      const { request, upgrade } = yield* Scope.extend(
        nodeHandlers({
          ...accept(echo),
          http: ({ url }) => (url.endsWith("/slow") ? never : Effect.succeed(respond(200, "ours")))
        }),
        life
      )
      server.on("request", request)
      server.on("upgrade", upgrade)
      const network = yield* Network
      const base = `http://127.0.0.1:${port}`
      expect(bodyText(yield* network.http(get(`${base}/`)))).toBe("ours")
      const socket = yield* network.webSocket(`ws://127.0.0.1:${port}/`, opening)
      const heard = yield* Effect.fork(hearOut(socket))
      const slow = yield* Effect.fork(Effect.either(network.http(get(`${base}/slow`))))
      yield* Deferred.await(arrived)
      yield* Scope.close(life, Exit.void)
      expect(yield* Fiber.join(slow)).toMatchObject({ _tag: "Left", left: { kind: "broken" } })
      expect((yield* Fiber.join(heard)).close.code).toBe(1006)
      expect((yield* network.http(get(`${base}/`))).status).toBe(503)
      const late = yield* Effect.either(network.webSocket(`ws://127.0.0.1:${port}/`, opening))
      expect(late).toMatchObject({ _tag: "Left", left: { kind: "broken" } })
      expect(errors).toEqual([])
    })
  ))
