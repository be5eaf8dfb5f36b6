import { expect, it } from "@effect/vitest"
import { Duration, Effect, FastCheck, Fiber } from "effect"
import { VirtualClock } from "../../src/simulation/VirtualClock.ts"

const sleeps = FastCheck.array(FastCheck.record({ millis: FastCheck.nat(20), dropped: FastCheck.boolean() }))

it.effect.prop(
  "wakes every sleeper once, by time and then by turn, and none that was interrupted",
  [sleeps],
  ([wanted]) =>
    Effect.gen(function* () {
      const start = new Date("2026-01-05T00:00:00Z")
      const clock = new VirtualClock(start)
      const woken: Array<{ readonly at: number; readonly nth: number }> = []
      const fibers = yield* Effect.forEach(wanted, ({ millis }, nth) =>
        clock.sleep(Duration.millis(millis)).pipe(
          Effect.map(() => woken.push({ at: clock.unsafeCurrentTimeMillis() - start.getTime(), nth })),
          Effect.fork
        )
      )
      yield* Effect.yieldNow()
      yield* Effect.forEach(fibers, (fiber, nth) => (wanted[nth]?.dropped ? Fiber.interrupt(fiber) : Effect.void))
      while (clock.nextWake !== undefined) {
        clock.wakeNext()
        yield* Effect.yieldNow()
      }
      yield* Effect.forEach(fibers, (fiber) => Fiber.await(fiber))
      const expected = wanted
        .flatMap(({ millis, dropped }, nth) => (dropped ? [] : [{ at: millis, nth }]))
        .sort((a, b) => a.at - b.at || a.nth - b.nth)
      expect(woken).toEqual(expected)
    })
)
