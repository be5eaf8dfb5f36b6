/**
 * One thing after the other: each is dealt with where it comes in, synchronously, so that what comes many times a second wakes
 * no fiber. Only what takes its time is left to the owner's fiber, and all that comes meanwhile waits behind it. Knows
 * nothing of what is dealt with.
 */
import { Effect } from "effect"

/** Deals with one thing. What comes out takes its time, and is waited for before it goes on; `undefined`: nothing does. */
export type Deal<A> = (thing: A) => Iterator<Effect.Effect<unknown>> | undefined

export class InOrder<A> {
  readonly #deal: Deal<A>
  #isOver: () => boolean
  readonly #waiting: Array<A> = []
  readonly #wake = Effect.unsafeMakeLatch(false)
  /** Somebody is at it, or waits for what takes its time. */
  #busy = false
  /** What takes its time. */
  #slow: Effect.Effect<unknown> | undefined
  /** How the thing that is being dealt with goes on after that. */
  #rest: Iterator<Effect.Effect<unknown>> | undefined

  /** Once `isOver`, nothing more is dealt with. */
  constructor(deal: Deal<A>, isOver: () => boolean) {
    this.#deal = deal
    this.#isOver = isOver
  }

  /** Deals with it now, or right after what came before. Never throws: a defect is that of `settle` and `follow`. */
  readonly take = (thing: A): void => {
    this.#waiting.push(thing)
    if (!this.#busy) this.#goOn()
  }

  /** Goes on to the next that takes its time; `undefined`: all that came is dealt with, or it is over. */
  #next(): Effect.Effect<unknown> | undefined {
    for (;;) {
      const slow = this.#rest?.next()
      if (slow !== undefined && slow.done !== true) return slow.value
      this.#rest = undefined
      const thing = this.#isOver() ? undefined : this.#waiting.shift()
      if (thing === undefined) return undefined
      this.#rest = this.#deal(thing)
    }
  }

  #goOn(): void {
    this.#busy = true
    try {
      this.#slow = this.#next()
    } catch (defect) {
      this.#slow = Effect.die(defect)
    }
    this.#busy = this.#slow !== undefined
    if (this.#busy || this.#isOver()) this.#wake.unsafeOpen()
  }

  /** Does what takes its time, until nothing is left of all that came. */
  readonly settle: Effect.Effect<void> = Effect.suspend(() => {
    const slow = this.#slow
    if (slow === undefined) return Effect.void
    return Effect.flatMap(slow, () => {
      this.#goOn()
      return this.settle
    })
  })

  /** Settles again and again, until it is over. Nothing is dealt with after its end, whatever ended it. */
  readonly follow: Effect.Effect<void> = Effect.suspend(() => this.#untilOver).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        this.#isOver = () => true
      })
    )
  )

  get #untilOver(): Effect.Effect<void> {
    if (this.#isOver()) return Effect.void
    const woken = Effect.zipRight(this.#wake.await, this.#wake.close)
    return Effect.flatMap(Effect.zipRight(woken, this.settle), () => this.#untilOver)
  }
}
