import { expect, it } from "@effect/vitest"
import { Duration, Effect, FastCheck, Fiber } from "effect"
import { VirtualClock } from "../../src/simulation/VirtualClock.ts"

const sleeps = FastCheck.array(FastCheck.record({ millis: FastCheck.nat(20), dropped: FastCheck.boolean() }))

it.prop(
  "wakes every sleeper once, in the order of their times, and none that was interrupted",
  [sleeps],
  ([wanted]) => {
    const start = new Date("2026-01-05T00:00:00Z")
    const clock = new VirtualClock(start)
    const woken: Array<{ readonly millis: number; readonly nth: number }> = []
    const fibers = wanted.map(({ millis }, nth) =>
      Effect.runFork(
        Effect.map(clock.sleep(Duration.millis(millis)), () => {
          woken.push({ millis: clock.unsafeCurrentTimeMillis() - start.getTime(), nth })
        })
      )
    )
    const dropped = fibers.filter((_, nth) => wanted[nth]?.dropped)
    return Effect.runPromise(
      Effect.gen(function* () {
        yield* Effect.forEach(dropped, (fiber) => Fiber.interrupt(fiber))
        while (clock.nextWake !== undefined) {
          clock.wakeNext()
          yield* Effect.yieldNow()
        }
        yield* Effect.forEach(fibers, (fiber) => Fiber.await(fiber))
        const expected = wanted
          .map(({ millis, dropped }, nth) => ({ millis, nth, dropped }))
          .filter((sleep) => !sleep.dropped)
          .sort((a, b) => a.millis - b.millis || a.nth - b.nth)
          .map(({ millis, nth }) => ({ millis, nth }))
        expect(woken).toEqual(expected)
        return true
      })
    )
  }
)
