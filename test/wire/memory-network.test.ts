import { expect, it } from "@effect/vitest"
import { Cause, Clock, Deferred, Duration, Effect, Exit, type Scope } from "effect"
import { run } from "../../src/simulation/VirtualTime.ts"
import { layerMemory, MemoryNetwork, makeMemoryNetwork, socketPair } from "../../src/wire/Memory.ts"
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

const virtually = async <A, E>(program: Effect.Effect<A, E, Scope.Scope>) =>
  Exit.getOrElse(await run(Effect.scoped(program), { seed: 1 }), (cause) => {
    throw new Error(Cause.pretty(cause))
  })

const accept = (owner: (socket: WireSocket) => Effect.Effect<void, never, Scope.Scope>): Handshake => ({
  _tag: "Accept",
  run: owner
})
const host = (parts: Partial<Host>): Host => ({
  http: () => Effect.succeed(respond(404)),
  webSocket: () => Effect.succeed({ _tag: "Refuse", response: respond(404) }),
  ...parts
})
const get = (url: string, more: Partial<WireRequest> = {}): WireRequest => ({
  method: "GET",
  url,
  headers: {},
  body: "",
  ...more
})
const opening = { headers: {}, timeout: Duration.seconds(5) }

/** Hears a socket out: everything it says, until it closes. */
const hearOut = (socket: WireSocket) =>
  Effect.async<{ readonly heard: ReadonlyArray<string | null>; readonly close: WireClose }>((resume) => {
    const heard: Array<string | null> = []
    socket.listen({
      message: (text) => heard.push(text),
      close: (close) => resume(Effect.succeed({ heard, close }))
    })
  })

/** Says every text it hears back, until the other side closes. */
const echo = (socket: WireSocket) =>
  Effect.async<void>((resume) => {
    socket.listen({ message: (text) => socket.send(`echo ${text}`), close: () => resume(Effect.void) })
  })

it("brings a request to the host of its origin, under http or https, as a server would see it", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const seen: Array<WireRequest> = []
      const keeping = host({
        http: (request) =>
          Effect.sync(() => {
            seen.push(request)
            return respond(201, "made")
          })
      })
      yield* mount("wss://phone.example", keeping)
      const response = yield* network.http(
        get("https://phone.example/calls?limit=1", { method: "POST", headers: { "X-Who": "me" }, body: "a=b" })
      )
      expect([response.status, bodyText(response)]).toEqual([201, "made"])
      expect(seen).toEqual([
        {
          method: "POST",
          url: "http://phone.example/calls?limit=1",
          headers: { "x-who": "me", host: "phone.example" },
          body: "a=b"
        }
      ])
      const elsewhere = yield* Effect.flip(network.http(get("http://phone.example/calls")))
      expect(elsewhere).toMatchObject({ _tag: "NetworkError", kind: "refused" })
    })
  ))

it("refuses when nobody is there, or nobody is there any more", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      yield* Effect.scoped(mount("http://127.0.0.1:8080", host({})))
      expect((yield* Effect.flip(network.http(get("http://127.0.0.1:8080/")))).kind).toBe("refused")
      const socket = yield* Effect.flip(network.webSocket("ws://127.0.0.1:8080/", opening))
      expect(socket).toMatchObject({ _tag: "NetworkError", kind: "refused" })
    })
  ))

it("answers a host's defect with 500, and lets a timed-out request go on at the host", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const processed = yield* Deferred.make<string>()
      yield* mount("http://broken.example", host({ http: () => Effect.die("bug") }))
      yield* mount(
        "http://slow.example",
        host({
          http: () =>
            Effect.as(Effect.zipRight(Effect.sleep("3 seconds"), Deferred.succeed(processed, "dialled")), respond(200))
        })
      )
      expect((yield* network.http(get("http://broken.example/"))).status).toBe(500)
      const started = yield* Clock.currentTimeMillis
      const lost = yield* Effect.flip(network.http(get("http://slow.example/", { timeout: "1 second" })))
      expect([lost.kind, (yield* Clock.currentTimeMillis) - started]).toEqual(["timeout", 1000])
      expect(yield* Deferred.await(processed)).toBe("dialled")
    })
  ))

it("breaks the requests and cuts the sockets of a host that goes away", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      yield* Effect.gen(function* () {
        yield* mount(
          "http://x.example",
          host({ http: () => Effect.never, webSocket: () => Effect.succeed(accept(() => Effect.never)) })
        )
        yield* Effect.sleep("1 second")
      }).pipe(Effect.scoped, Effect.fork)
      yield* Effect.yieldNow()
      const socket = yield* network.webSocket("ws://x.example/", opening)
      const [request, { close }] = yield* Effect.all(
        [Effect.flip(network.http(get("http://x.example/"))), hearOut(socket)],
        {
          concurrency: "unbounded"
        }
      )
      expect([request.kind, close.code, socket.send("too late")]).toEqual(["broken", 1006, false])
    })
  ))

it("talks both ways in order, and closes with the code that was given", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const served = yield* Deferred.make<string>()
      const owner = (socket: WireSocket) => Effect.ensuring(echo(socket), Deferred.succeed(served, "done"))
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(owner)) }))
      const socket = yield* network.webSocket("wss://x.example/media", opening)
      for (const text of ["1", "2", "3"]) expect(socket.send(text)).toBe(true)
      socket.close(4000, "enough")
      expect(socket.send("4")).toBe(false)
      expect(yield* hearOut(socket)).toEqual({
        heard: ["echo 1", "echo 2", "echo 3"],
        close: { code: 4000, reason: "enough" }
      })
      expect(yield* Deferred.await(served)).toBe("done")
    })
  ))

it("hands the refusal of a handshake over, and its reason", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const refuse = respond(401, "no key", { "x-request-id": "r1" })
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed({ _tag: "Refuse", response: refuse }) }))
      yield* mount("https://bug.example", host({ webSocket: () => Effect.die("bug") }))
      expect(yield* Effect.flip(network.webSocket("wss://x.example/", opening))).toMatchObject({
        _tag: "HandshakeRefused",
        status: 401,
        headers: { "x-request-id": "r1" },
        message: "no key"
      })
      expect(yield* Effect.flip(network.webSocket("wss://bug.example/", opening))).toMatchObject({ status: 500 })
    })
  ))

it("keeps what arrives before anybody listens, in order, and the close after it", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const greet = (socket: WireSocket) =>
        Effect.sync(() => {
          socket.send("hello")
          socket.send("world")
        })
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(greet)) }))
      const socket = yield* network.webSocket("wss://x.example/", opening)
      yield* Effect.sleep("1 minute")
      expect(yield* hearOut(socket)).toEqual({ heard: ["hello", "world"], close: { code: 1000, reason: "" } })
    })
  ))

it("cuts the socket when its scope closes, without a close frame", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const ended = yield* Deferred.make<WireClose>()
      const owner = (socket: WireSocket) =>
        Effect.flatMap(hearOut(socket), ({ close }) => Deferred.succeed(ended, close))
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(owner)) }))
      yield* Effect.scoped(network.webSocket("wss://x.example/", opening))
      expect((yield* Deferred.await(ended)).code).toBe(1006)
    })
  ))

it("closes with 1011 when the owner of an accepted socket breaks", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(() => Effect.die("bug"))) }))
      const socket = yield* network.webSocket("wss://x.example/", opening)
      expect((yield* hearOut(socket)).close.code).toBe(1011)
    })
  ))

it("gives up a handshake that takes too long", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      const ended = yield* Deferred.make<WireClose>()
      const owner = (socket: WireSocket) =>
        Effect.flatMap(hearOut(socket), ({ close }) => Deferred.succeed(ended, close))
      yield* mount(
        "https://x.example",
        host({ webSocket: () => Effect.delay(Effect.succeed(accept(owner)), "10 seconds") })
      )
      expect(yield* Effect.flip(network.webSocket("wss://x.example/", opening))).toMatchObject({ kind: "timeout" })
      expect((yield* Deferred.await(ended)).code).toBe(1006)
    })
  ))

it("takes the latency in each direction, for every message, keeping their order", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork({ latency: "40 millis" })
      const echoing = host({ http: () => Effect.succeed(respond(200)), webSocket: () => Effect.succeed(accept(echo)) })
      yield* mount("https://x.example", echoing)
      const started = yield* Clock.currentTimeMillis
      const elapsed = Effect.map(Clock.currentTimeMillis, (millis) => millis - started)
      yield* network.http(get("https://x.example/"))
      expect(yield* elapsed).toBe(80)
      const socket = yield* network.webSocket("wss://x.example/", opening)
      expect(yield* elapsed).toBe(160)
      const clock = yield* Effect.clock
      const heard: Array<string> = []
      socket.listen({
        message: (text) => heard.push(`${text} ${clock.unsafeCurrentTimeMillis() - started}`),
        close: () => heard.push("closed")
      })
      socket.send("a")
      yield* Effect.sleep("20 millis")
      socket.send("b")
      socket.send("c")
      yield* Effect.sleep("1 second")
      expect(heard).toEqual(["echo a 240", "echo b 260", "echo c 260"])
    })
  ))

it("never delivers within the call that sends, so that nobody hears an answer before having asked", () =>
  virtually(
    Effect.gen(function* () {
      const { mount, network } = yield* makeMemoryNetwork()
      yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(echo)) }))
      const socket = yield* network.webSocket("wss://x.example/", opening)
      const log: Array<string | null> = []
      socket.listen({ message: (text) => log.push(text), close: () => {} })
      socket.send("a")
      log.push("sent")
      yield* Effect.sleep(0)
      expect(log).toEqual(["sent", "echo a"])
    })
  ))

it("gives the network to those who only call, as a layer", () =>
  virtually(
    Effect.gen(function* () {
      const { mount } = yield* MemoryNetwork
      yield* mount("https://x.example", host({ http: () => Effect.succeed(respond(204)) }))
      const network = yield* Network
      expect((yield* network.http(get("https://x.example/"))).status).toBe(204)
    }).pipe(Effect.provide(layerMemory()))
  ))

it("ends the run loudly when a handler throws", async () => {
  const program = Effect.gen(function* () {
    const { mount, network } = yield* makeMemoryNetwork()
    yield* mount("https://x.example", host({ webSocket: () => Effect.succeed(accept(echo)) }))
    const socket = yield* network.webSocket("wss://x.example/", opening)
    socket.listen({
      message: () => {
        throw new Error("bug in a handler")
      },
      close: () => {}
    })
    socket.send("a")
    return yield* Effect.never
  })
  const exit = await run(Effect.scoped(program), { seed: 1 })
  expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("bug in a handler")
})

it("joins two sockets by hand; what a handler sends arrives after that handler", () => {
  const [here, there] = socketPair()
  const log: Array<string> = []
  there.listen({
    message: (text) => {
      log.push(`there: ${text}`)
      there.send(`1 after ${text}`)
      there.send(`2 after ${text}`)
      log.push("there: done")
    },
    close: ({ code }) => log.push(`there closed ${code}`)
  })
  here.listen({ message: (text) => log.push(`here: ${text}`), close: ({ code }) => log.push(`here closed ${code}`) })
  here.send("a")
  here.close(1000, "")
  here.terminate()
  expect(log).toEqual([
    "there: a",
    "there: done",
    "here: 1 after a",
    "here: 2 after a",
    "there closed 1000",
    "here closed 1000"
  ])
  expect([here.send("b"), there.send("b")]).toEqual([false, false])
})

it("keeps the order when the first words are answered while they are handed over", () => {
  const [here, there] = socketPair()
  const heard: Array<string | null> = []
  there.listen({ message: (text) => there.send(`re ${text}`), close: () => {} })
  there.send("1")
  there.send("2")
  here.listen({
    message: (text) => {
      heard.push(text)
      if (text === "1") here.send("1")
    },
    close: () => {}
  })
  expect(heard).toEqual(["1", "2", "re 1"])
})
