/** Who asked to hear of the ends of its calls hears of each: whether it waits already, comes later, or the service broke meanwhile. */
import { Duration, Effect, Fiber } from "effect"
import { describe, expect } from "vitest"
import { settle, story } from "./support.ts"

const wait = { wait: Duration.seconds(20) }
const metadata = { sessionKey: "agent:main:main" }

describe("completions", () => {
  story("are given at once to who waits for them, and only to that client", (world) =>
    Effect.gen(function* () {
      const waiting = yield* Effect.fork(world.calls.completions("gateway", wait))
      const another = yield* Effect.fork(world.calls.completions("another", wait))
      yield* settle
      yield* world.place()
      const id = yield* world.place({ client: "gateway", metadata })
      yield* settle
      const since = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      for (const line of world.telephone.lines) line.status("busy")
      const found = yield* Fiber.join(waiting)
      expect(found.map((completion) => [completion.call.id, completion.call.status, completion.metadata])).toEqual([
        [id, "busy", metadata]
      ])
      expect((yield* Effect.clockWith((clock) => clock.currentTimeMillis)) - since).toBeLessThan(1_000)
      expect(yield* Fiber.join(another)).toEqual([])
    })
  )

  story("wait for who comes later, until they are acknowledged", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place({ client: "gateway" })
      yield* settle
      world.line().status("no-answer")
      yield* Effect.sleep("1 minute")
      for (const _ of [1, 2]) {
        expect((yield* world.calls.completions("gateway", wait)).map(({ call }) => call.id)).toEqual([id])
      }
      yield* world.calls.acknowledge("gateway", [id])
      expect(yield* world.calls.completions("gateway", { wait: Duration.zero })).toEqual([])
      expect(yield* world.calls.completions("gateway", wait)).toEqual([])
    })
  )

  story("need a client with a name", (world) =>
    Effect.gen(function* () {
      for (const client of ["", "x".repeat(201)]) {
        expect(yield* Effect.flip(world.place({ client }))).toMatchObject({ _tag: "InvalidRequest", field: "client" })
      }
      expect(world.telephone.lines).toHaveLength(0)
    })
  )
})
