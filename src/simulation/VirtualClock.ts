/**
 * An Effect clock whose time is moved by hand, in whole milliseconds. It owns who sleeps and until when; `VirtualTime.ts`
 * decides when time passes.
 */
import { Clock, Duration, Effect } from "effect"
import type { AlarmClock, Cancel, Owner } from "../Timers.ts"

interface Sleeper {
  readonly due: number
  /** Who fell asleep first wakes first, among those due at the same time. */
  readonly order: number
  /** Gone when the sleep was interrupted. */
  wake: (() => void) | undefined
  readonly owner: Owner
}

/** Of the sleeps of fibers: each is taken back by itself. */
const fibers: Owner = { over: false }

const before = (a: Sleeper, b: Sleeper): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

/** A binary heap with the next to wake on top. */
class Sleepers {
  readonly #heap: Array<Sleeper> = []

  get first(): Sleeper | undefined {
    return this.#heap[0]
  }

  push(sleeper: Sleeper): void {
    let at = this.#heap.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#heap[above]
      if (!parent || before(parent, sleeper)) break
      this.#heap[at] = parent
      at = above
    }
    this.#heap[at] = sleeper
  }

  pop(): void {
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return
    let at = 0
    for (;;) {
      const left = this.#heap[2 * at + 1]
      if (!left) break
      const right = this.#heap[2 * at + 2]
      const child = right && before(right, left) ? right : left
      if (before(last, child)) break
      this.#heap[at] = child
      at = 2 * at + (child === left ? 1 : 2)
    }
    this.#heap[at] = last
  }
}

export class VirtualClock implements AlarmClock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly #start: number
  readonly #sleepers = new Sleepers()
  #now: number
  #sleeps = 0
  #nanosOf = 0
  #nanos = 0n
  /** How many wait for the real world right now: time must not pass. */
  holds = 0

  constructor(startAt: Date) {
    this.#start = startAt.getTime()
    this.#now = this.#start
  }

  get elapsed(): Duration.Duration {
    return Duration.millis(this.#now - this.#start)
  }

  unsafeCurrentTimeMillis(): number {
    return this.#now
  }

  /** Asked for several times at each instant, and a product of big integers is dear. */
  unsafeCurrentTimeNanos(): bigint {
    if (this.#nanosOf !== this.#now) {
      this.#nanosOf = this.#now
      this.#nanos = BigInt(this.#now) * 1_000_000n
    }
    return this.#nanos
  }

  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())

  /** Parts of a millisecond are rounded up, so that nobody wakes early. An infinite sleep wakes nobody. */
  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Math.ceil(Duration.toMillis(duration))
    if (millis === Number.POSITIVE_INFINITY) return Effect.never
    return Effect.async<void>((resume) => Effect.sync(this.alarm(millis, () => resume(Effect.void), fibers)))
  }

  /** Calls `ring` when so many milliseconds have passed, in one row with those who sleep. */
  alarm(millis: number, ring: () => void, owner: Owner): Cancel {
    const sleeper: Sleeper = { due: this.#now + Math.ceil(millis), order: this.#sleeps++, wake: ring, owner }
    this.#sleepers.push(sleeper)
    return () => {
      sleeper.wake = undefined
    }
  }

  /** When the next sleep ends, in milliseconds of the clock; `undefined` when nobody sleeps. */
  get nextWake(): number | undefined {
    let first = this.#sleepers.first
    while (first && (!first.wake || first.owner.over)) {
      this.#sleepers.pop()
      first = this.#sleepers.first
    }
    return first?.due
  }

  /** Moves time to the next end of a sleep and wakes that one sleeper. */
  wakeNext(): void {
    if (this.nextWake === undefined) return
    const sleeper = this.#sleepers.first
    this.#sleepers.pop()
    if (!sleeper) return
    this.#now = sleeper.due
    sleeper.wake?.()
  }
}
