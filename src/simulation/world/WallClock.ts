/**
 * The clock of one simulated machine on the clock of its world: what hangs on its wall can be put forward or back, what lasts
 * (sleeps, the monotonic nanoseconds) cannot. It also knows how many on this machine are asleep.
 */
import { Clock, type Duration, Effect } from "effect"

export class WallClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly #world: Clock.Clock
  #offset = 0
  #asleep = 0

  constructor(world: Clock.Clock) {
    this.#world = world
  }

  /** Puts the wall forward by so many milliseconds, or back. */
  put(ms: number): void {
    this.#offset += ms
  }

  get asleep(): number {
    return this.#asleep
  }

  /** Whoever slept on this machine is dead, and will not wake to say so. */
  forget(): void {
    this.#asleep = 0
  }

  unsafeCurrentTimeMillis(): number {
    return this.#world.unsafeCurrentTimeMillis() + this.#offset
  }

  unsafeCurrentTimeNanos(): bigint {
    return this.#world.unsafeCurrentTimeNanos()
  }

  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        this.#asleep++
      }),
      () => this.#world.sleep(duration),
      () =>
        Effect.sync(() => {
          this.#asleep--
        })
    )
  }
}
