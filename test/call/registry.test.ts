/** Calls as their owners see them: admitted or refused, ended exactly once, slots given back, whatever goes wrong. */
import { DateTime, Effect, Exit, Fiber } from "effect"
import { describe, expect } from "vitest"
import {
  CallFailed,
  LineUnavailable,
  ModelUnavailable,
  RateLimited,
  StoreUnavailable
} from "../../src/domain/errors.ts"
import { RequestId } from "../../src/domain/Ids.ts"
import { answered, ended, says, settle, story, talking, type World } from "./support.ts"

const one = { config: { maxConcurrentCalls: 1 } } as const

/** Ends the call on the line as busy. */
const busy = (world: World) => Effect.sync(() => world.line().status("busy"))

describe("how calls end", () => {
  story("busy, failed, and what Twilio says about it", (world) =>
    Effect.gen(function* () {
      const first = yield* world.place()
      yield* settle
      yield* busy(world)
      expect(yield* Effect.flip(world.calls.await(first))).toMatchObject({ _tag: "CallBusy", callId: first })
      const second = yield* world.place()
      yield* settle
      world.line().emit({ _tag: "Status", status: "failed", code: "32009", price: 0.013 })
      expect(yield* Effect.flip(world.calls.await(second))).toMatchObject({ _tag: "CallFailed", code: "32009" })
      const call = yield* world.calls.status(second)
      expect(call).toMatchObject({ status: "failed", duration: 0, cost: { telephone: 0.013, total: 0.033 } })
      expect(call.outcome?.success).toBe(false)
    })
  )

  story("late, repeated and contradicting reports change nothing: one end, told once, stored once", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Hello?")
      const watching = yield* Effect.fork(world.watch(id))
      yield* settle
      world.line().callerGone()
      for (const status of ["completed", "busy", "failed", "ringing", "in-progress", "completed"] as const) {
        world.line().status(status)
      }
      const events = yield* Fiber.join(watching)
      expect(events.filter(({ _tag }) => _tag === "Ended")).toHaveLength(1)
      expect(events.flatMap((event) => (event._tag === "Status" ? [event.status] : []))).toEqual([
        "queued",
        "dialing",
        "ringing",
        "in-progress",
        "completed"
      ])
      expect((yield* world.calls.status(id)).status).toBe("completed")
    })
  )

  story("ringing that is reported after the answer does not take the answer back", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place()
      yield* settle
      world.line().answer()
      world.line().status("ringing")
      yield* Effect.sleep("40 seconds")
      world.line().callerGone()
      expect((yield* ended(world, id)).status).toBe("completed")
    })
  )

  story("a dial that is refused leaves a record with its end", (world) =>
    Effect.gen(function* () {
      world.telephone.behaviour.dial = new CallFailed({ reason: "21211", code: "21211", message: "Not a number." })
      const id = yield* world.place()
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "CallFailed", code: "21211" })
      const call = yield* world.calls.status(id)
      expect(call).toMatchObject({ status: "failed", duration: 0 })
      expect(call.endedAt).toBeDefined()
      expect(call.answeredAt).toBeUndefined()
    })
  )

  story("whose limit it was that stopped us is told", (world) =>
    Effect.gen(function* () {
      world.telephone.behaviour.dial = new RateLimited({ service: "twilio", message: "Too many." })
      const id = yield* world.place()
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "RateLimited", service: "twilio" })
      world.model.behaviour.open = new RateLimited({ service: "openai", message: "Too many." })
      const second = yield* world.place()
      expect(yield* Effect.flip(world.calls.await(second))).toMatchObject({ _tag: "RateLimited", service: "openai" })
    })
  )

  story("after the end nothing of the call is left: line released, session closed, no guidance taken", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.line().callerGone()
      yield* ended(world, id)
      yield* settle
      expect(world.line().released()).toBe(true)
      expect(world.session().closed()).toBe(true)
      expect(yield* Effect.flip(world.calls.hangUp(id))).toMatchObject({ _tag: "CallEnded" })
      expect(yield* Effect.flip(world.calls.say(id, "Hello?"))).toMatchObject({ _tag: "CallEnded" })
      expect(yield* Effect.flip(world.calls.hangUp("nobody00"))).toMatchObject({ _tag: "CallNotFound" })
    })
  )
})

describe("hang up by the owner", () => {
  story("before anything was dialled: canceled, nothing is dialled", (world) =>
    Effect.gen(function* () {
      world.model.behaviour.open = Effect.sleep("2 seconds")
      const id = yield* world.place()
      yield* Effect.sleep("1 second")
      yield* world.calls.hangUp(id)
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "CallCanceled" })
      expect(world.telephone.dialled).toEqual([])
    })
  )

  story("while it rings: canceled, and the line hung up", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place()
      yield* settle
      world.line().status("ringing")
      yield* Effect.sleep("5 seconds")
      yield* world.calls.hangUp(id)
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "CallCanceled" })
      expect(world.line().tags()).toEqual(["hangUp"])
      expect(yield* world.calls.status(id)).toMatchObject({ status: "canceled", duration: 0 })
    })
  )

  story("twice is once", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* world.calls.hangUp(id)
      yield* world.calls.hangUp(id)
      yield* ended(world, id)
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "hangUp")
      ).toHaveLength(1)
    })
  )
})

describe("slots", () => {
  story(
    "no more calls than allowed, and a slot is free again when its call has ended",
    (world) =>
      Effect.gen(function* () {
        const first = yield* world.place()
        yield* settle
        expect(yield* Effect.flip(world.place())).toMatchObject({ _tag: "TooManyCalls", limit: 1 })
        yield* busy(world)
        yield* ended(world, first)
        yield* world.place()
      }),
    one
  )

  story(
    "twenty calls fail in turn, each in its own way, and the next one gets through",
    (world) =>
      Effect.gen(function* () {
        const ways: ReadonlyArray<() => void> = [
          () => {
            world.telephone.behaviour.dial = new CallFailed({ reason: "x", message: "x" })
          },
          () => {
            world.telephone.behaviour.dial = new LineUnavailable({ message: "x" })
          },
          () => {
            world.telephone.behaviour.dial = Effect.die("a bug")
          },
          () => {
            world.model.behaviour.open = new ModelUnavailable({ message: "x" })
          },
          () => {
            world.model.behaviour.open = Effect.die("another bug")
          }
        ]
        for (let n = 0; n < 20; n++) {
          world.telephone.behaviour.dial = Effect.void
          world.model.behaviour.open = Effect.void
          ways[n % ways.length]?.()
          const id = yield* world.place()
          expect((yield* ended(world, id)).status).toBe("failed")
        }
        world.telephone.behaviour.dial = Effect.void
        world.model.behaviour.open = Effect.void
        const id = yield* talking(world)
        expect((yield* world.calls.status(id)).status).toBe("in-progress")
      }),
    one
  )

  story(
    "refusals hold no slot and dial nobody",
    (world) =>
      Effect.gen(function* () {
        for (const to of ["911", "+1 900 555 1234", "+15550009999", "+442071838750", "411", "garbage", ""]) {
          expect(Exit.isFailure(yield* Effect.exit(world.place({ to })))).toBe(true)
        }
        expect(yield* Effect.flip(world.place({ task: "  " }))).toMatchObject({ _tag: "InvalidRequest", field: "task" })
        expect(yield* Effect.flip(world.place({ task: "x".repeat(100_000) }))).toMatchObject({ _tag: "InvalidRequest" })
        expect(world.telephone.dialled).toEqual([])
        expect((yield* world.calls.history({ limit: 10 })).calls).toEqual([])
        yield* world.place()
      }),
    one
  )

  story(
    "calls of one second are spread as the account allows, and still go out in their order",
    (world) =>
      Effect.gen(function* () {
        for (let n = 0; n < 3; n++) yield* world.place({ to: `+1555123456${n}` })
        yield* settle
        expect(world.telephone.dialled).toHaveLength(1)
        yield* Effect.sleep("1 second")
        expect(world.telephone.dialled).toHaveLength(2)
        yield* Effect.sleep("1 second")
        expect(world.telephone.dialled.map(({ to }) => to)).toEqual(["+15551234560", "+15551234561", "+15551234562"])
      }),
    { config: { callsPerSecond: 1 } }
  )
})

describe("the same request again", () => {
  const requestId = RequestId.make("request-1")

  story("is the same call, during it and after it", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place({ requestId })
      yield* settle
      expect(yield* world.place({ requestId })).toBe(id)
      yield* busy(world)
      yield* ended(world, id)
      expect(yield* world.place({ requestId })).toBe(id)
      yield* settle
      expect(world.telephone.dialled).toHaveLength(1)
    })
  )

  story(
    "also when all come at once, and only one slot is there",
    (world) =>
      Effect.gen(function* () {
        const ids = yield* Effect.all(
          Array.from({ length: 5 }, () => world.place({ requestId })),
          { concurrency: "unbounded" }
        )
        yield* settle
        expect(new Set(ids).size).toBe(1)
        expect(world.telephone.dialled).toHaveLength(1)
        expect((yield* world.calls.history({ limit: 10 })).calls).toHaveLength(1)
      }),
    one
  )
})

describe("the service stops", () => {
  story("a live call hears a goodbye, is hung up and recorded, all within 6 s", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "A very long story begins here.", ms: 20_000 }]
      const id = yield* talking(world)
      yield* says(world, "Tell me all.")
      yield* Effect.sleep("1 second")
      const before = yield* DateTime.now
      yield* world.stop
      expect((yield* DateTime.now).epochMillis - before.epochMillis).toBeLessThan(6_000)
      expect(world.line().playedOf(4)).toBe(1_000)
      expect(world.line().tags().at(-1)).toBe("hangUp")
      expect(world.line().released()).toBe(true)
      expect(id).toBeDefined()
    })
  )

  story("a line on which nothing works any more does not hold the stop", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.line().behaviour.confirmsHangUp = false
      world.model.behaviour.silent = true
      const before = yield* DateTime.now
      yield* world.stop
      expect((yield* DateTime.now).epochMillis - before.epochMillis).toBeLessThan(7_000)
      expect(world.line().released()).toBe(true)
      expect(world.session().closed()).toBe(true)
    })
  )

  story("new calls are refused from then on", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      const stopping = yield* Effect.fork(world.stop)
      yield* settle
      expect(yield* Effect.flip(world.place({ to: "+15551234568" }))).toMatchObject({
        _tag: "CallNotAllowed",
        rule: "stopping"
      })
      yield* Fiber.join(stopping)
    })
  )
})

describe("a store that fails in mid-call", () => {
  const full = new StoreUnavailable({ message: "disk full" })
  let broken = false
  const store: Parameters<typeof story>[2] = {
    store: (real) => {
      const unlessBroken = (write: Effect.Effect<void, StoreUnavailable>) =>
        Effect.flatMap(
          Effect.sync(() => broken),
          (refused) => (refused ? full : write)
        )
      return {
        ...real,
        update: (id, change) => unlessBroken(real.update(id, change)),
        putTurn: (id, turn) => unlessBroken(real.putTurn(id, turn)),
        optOut: (number, id) => unlessBroken(real.optOut(number, id)),
        end: (id, end) => unlessBroken(real.end(id, end))
      }
    }
  }

  story(
    "is not noticed by the callee, and the end is written when it works again",
    (world) =>
      Effect.gen(function* () {
        const id = yield* answered(world)
        broken = true
        yield* Effect.sleep("3 seconds")
        yield* says(world, "Hello?")
        yield* Effect.sleep("1 second")
        expect(world.line().playedOf(1)).toBe(2_000)
        expect(world.session().asked()).toEqual(["opening", "reply"])
        broken = false
        world.line().callerGone()
        expect((yield* ended(world, id)).status).toBe("completed")
      }),
    store
  )

  story(
    "that stays broken: nobody waits for ever, and nobody is told a success",
    (world) =>
      Effect.gen(function* () {
        broken = true
        const id = yield* world.place()
        const watching = yield* Effect.fork(world.watch(id))
        yield* settle
        yield* busy(world)
        expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "StoreUnavailable" })
        expect((yield* Fiber.join(watching)).map(({ _tag }) => _tag)).not.toContain("Ended")
        yield* world.place()
        broken = false
      }),
    { ...store, ...one }
  )
})
