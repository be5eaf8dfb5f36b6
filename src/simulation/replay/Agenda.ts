/** What is to happen when, in milliseconds of the clock: one thing after the other, at one instant in the order of the log. */
import { type Clock, Duration, Effect } from "effect"

interface Due {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

export class Agenda {
  readonly #due: Array<Due> = []
  readonly #changed = Effect.unsafeMakeLatch(false)
  readonly #clock: Clock.Clock

  constructor(clock: Clock.Clock) {
    this.#clock = clock
  }

  get now(): number {
    return this.#clock.unsafeCurrentTimeMillis()
  }

  put(at: number, order: number, act: () => void): void {
    const due = { at, order, act }
    let low = 0
    let high = this.#due.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#due[middle]
      if (other !== undefined && before(due, other)) high = middle
      else low = middle + 1
    }
    this.#due.splice(low, 0, due)
    if (low === 0) this.#changed.unsafeOpen()
  }

  /** Does what is due, for ever. What an act throws ends it. */
  readonly run: Effect.Effect<never> = Effect.gen(this, function* () {
    for (;;) {
      yield* this.#changed.close
      for (let [next] = this.#due; next !== undefined && next.at <= this.now; [next] = this.#due) {
        this.#due.shift()
        next.act()
        // what came of it happens before what is due at the same instant
        yield* Effect.yieldNow()
      }
      const [next] = this.#due
      if (next === undefined) yield* this.#changed.await
      else {
        const wait = this.#clock.sleep(Duration.millis(next.at - this.now))
        yield* Effect.raceFirst(wait, this.#changed.await)
      }
    }
  })
}
