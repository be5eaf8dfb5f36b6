/**
 * Plain functions called later, on the Effect Clock: for what happens many times a second, where a fiber per timer would cost
 * more than the work. It knows nothing of what is timed.
 */
import { type Clock, Duration, Effect, FiberId, FiberSet, type Scope } from "effect"

/** Takes a timer back. Does nothing once it has rung. */
export type Cancel = () => void

/** A clock that calls plain functions by itself when their time has come: that of virtual time. */
export interface AlarmClock extends Clock.Clock {
  readonly alarm: (millis: number, ring: () => void) => Cancel
}

const hasAlarms = (clock: Clock.Clock): clock is AlarmClock => "alarm" in clock

export interface Timers {
  /** Calls `ring` once so many milliseconds have passed, never within this call. `ring` must not throw. */
  readonly after: (millis: number, ring: () => void) => Cancel
}

/** What waits when the scope closes never rings. On a clock without alarms each timer is a fiber. */
export const makeTimers: Effect.Effect<Timers, never, Scope.Scope> = Effect.flatMap(Effect.clock, (clock) =>
  hasAlarms(clock) ? alarms(clock) : sleepers(clock)
)

const alarms = (clock: AlarmClock) =>
  Effect.gen(function* () {
    const waiting = new Set<Cancel>()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const cancel of waiting) cancel()
      })
    )
    return {
      after: (millis: number, ring: () => void) => {
        const cancel = clock.alarm(millis, () => {
          waiting.delete(cancel)
          ring()
        })
        waiting.add(cancel)
        return () => {
          waiting.delete(cancel)
          cancel()
        }
      }
    }
  })

const sleepers = (clock: Clock.Clock) =>
  Effect.map(FiberSet.makeRuntime(), (run) => ({
    after: (millis: number, ring: () => void) => {
      const fiber = run(Effect.zipRight(clock.sleep(Duration.millis(millis)), Effect.sync(ring)))
      return () => fiber.unsafeInterruptAsFork(FiberId.none)
    }
  }))
