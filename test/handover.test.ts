/** Events on their way from callbacks to one listener. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Mailbox } from "effect"
import { Handover } from "../src/Handover.ts"

const make = (capacity = 10) =>
  Effect.map(
    Mailbox.make<number, string>({ capacity, strategy: "dropping" }),
    (waiting) => new Handover<number, string>(waiting)
  )

/** Follows from now on, in a fiber of its own. */
const follow = Effect.fnUntraced(function* (events: Handover<number, string>, seen: Array<number>) {
  const following = yield* Effect.fork(events.follow((event) => seen.push(event)))
  yield* Effect.yieldNow()
  return following
})

describe("a handover", () => {
  it.effect("gives what waited, then what comes at once, in order", () =>
    Effect.gen(function* () {
      const events = yield* make()
      const seen: Array<number> = []
      for (const event of [1, 2, 3]) events.offer(event)
      yield* follow(events, seen)
      expect(seen).toEqual([1, 2, 3])
      events.offer(4)
      expect(seen).toEqual([1, 2, 3, 4])
    })
  )

  it.effect("keeps no more than its bound for a listener, and tells so", () =>
    Effect.gen(function* () {
      const events = yield* make(2)
      expect([1, 2, 3].map((event) => events.offer(event))).toEqual([true, true, false])
      const seen: Array<number> = []
      yield* follow(events, seen)
      expect(events.offer(4)).toBe(true)
      expect(seen).toEqual([1, 2, 4])
    })
  )

  it.effect("ends for its listener with the reason, after all that waited, and drops what comes later", () =>
    Effect.gen(function* () {
      const events = yield* make()
      const seen: Array<number> = []
      events.offer(1)
      events.end(Exit.fail("gone"))
      expect(events.offer(2)).toBe(false)
      const following = yield* follow(events, seen)
      expect(yield* Effect.flip(Fiber.join(following))).toBe("gone")
      expect(seen).toEqual([1])
    })
  )

  it.effect("ends while it is followed", () =>
    Effect.gen(function* () {
      const events = yield* make()
      const seen: Array<number> = []
      const following = yield* follow(events, seen)
      events.offer(1)
      events.end(Exit.void)
      expect(events.offer(2)).toBe(false)
      yield* Fiber.join(following)
      expect(seen).toEqual([1])
    })
  )

  it.effect("goes to nobody any more when its listener was interrupted", () =>
    Effect.gen(function* () {
      const events = yield* make()
      const seen: Array<number> = []
      const following = yield* follow(events, seen)
      yield* Fiber.interrupt(following)
      events.offer(1)
      expect(seen).toEqual([])
    })
  )
})
