/**
 * One thing after the other: each is dealt with where it comes in, synchronously, so that what comes many times a second wakes
 * no fiber. Only what takes its time is left to the owner's fiber, and all that comes meanwhile waits behind it. Knows
 * nothing of what is dealt with.
 */
import { Effect } from "effect"

/** Deals with one thing; what it yields takes its time, and is waited for before it goes on. */
export type Deal<A> = (thing: A) => Iterable<Effect.Effect<unknown>>

export class InOrder<A> {
  readonly #deal: Deal<A>
  #isOver: () => boolean
  readonly #waiting: Array<A> = []
  readonly #wake = Effect.unsafeMakeLatch(false)
  /** Somebody is at it, or waits for what takes its time. */
  #busy = false
  /** What takes its time, and how it goes on after that. */
  #slow: { readonly work: Effect.Effect<unknown>; readonly then: Iterator<Effect.Effect<unknown>> } | undefined

  /** Once `isOver`, nothing more is dealt with. */
  constructor(deal: Deal<A>, isOver: () => boolean) {
    this.#deal = deal
    this.#isOver = isOver
  }

  /** Deals with it now, or right after what came before. Never throws: a defect is that of `settle` and `follow`. */
  readonly take = (thing: A): void => {
    this.#waiting.push(thing)
    if (!this.#busy) this.#goOn(this.#all())
  };

  *#all(): Generator<Effect.Effect<unknown>> {
    while (!this.#isOver()) {
      const thing = this.#waiting.shift()
      if (thing === undefined) return
      yield* this.#deal(thing)
    }
  }

  #goOn(then: Iterator<Effect.Effect<unknown>>): void {
    this.#busy = true
    try {
      const next = then.next()
      this.#slow = next.done === true ? undefined : { work: next.value, then }
    } catch (defect) {
      this.#slow = { work: Effect.die(defect), then }
    }
    this.#busy = this.#slow !== undefined
    if (this.#busy || this.#isOver()) this.#wake.unsafeOpen()
  }

  /** Does what takes its time, until nothing is left of all that came. */
  readonly settle: Effect.Effect<void> = Effect.suspend(() => {
    const slow = this.#slow
    if (slow === undefined) return Effect.void
    return Effect.flatMap(slow.work, () => {
      this.#goOn(slow.then)
      return this.settle
    })
  })

  /** Settles again and again, until it is over. Nothing is dealt with after its end, whatever ended it. */
  readonly follow: Effect.Effect<void> = Effect.suspend(() => this.#next).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        this.#isOver = () => true
      })
    )
  )

  get #next(): Effect.Effect<void> {
    if (this.#isOver()) return Effect.void
    const woken = Effect.zipRight(this.#wake.await, this.#wake.close)
    return Effect.flatMap(Effect.zipRight(woken, this.settle), () => this.#next)
  }
}
