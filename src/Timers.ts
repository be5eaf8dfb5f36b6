/**
 * Plain functions called later, on the Effect Clock: for what happens many times a second, where a fiber per timer would cost
 * more than the work. It knows nothing of what is timed.
 */
import { type Clock, Duration, Effect, FiberId, FiberSet, type Scope } from "effect"

/** Takes a timer back. Does nothing once it has rung. */
export type Cancel = () => void

/** Whose timers they are; once it is over, none of them rings. */
export interface Owner {
  readonly over: boolean
}

/** A clock that calls plain functions by itself when their time has come: that of virtual time. */
export interface AlarmClock extends Clock.Clock {
  readonly alarm: (millis: number, ring: () => void, owner: Owner) => Cancel
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
    const owner = { over: false }
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        owner.over = true
      })
    )
    return { after: (millis: number, ring: () => void) => clock.alarm(millis, ring, owner) }
  })

const sleepers = (clock: Clock.Clock) =>
  Effect.map(FiberSet.makeRuntime(), (run) => ({
    after: (millis: number, ring: () => void) => {
      const fiber = run(Effect.zipRight(clock.sleep(Duration.millis(millis)), Effect.sync(ring)))
      return () => fiber.unsafeInterruptAsFork(FiberId.none)
    }
  }))
