/**
 * What one call writes to the store, in order and none lost: a store that refuses for a while (locked, disk full) is asked
 * again until it takes what waits. The call itself is never held up by it.
 */
import { Duration, Effect, FiberSet } from "effect"
import type { StoreUnavailable } from "../domain/errors.ts"

export interface Writes {
  /** Writes at once, behind what waits already; what is refused waits. */
  readonly write: (write: Effect.Effect<void, StoreUnavailable>) => Effect.Effect<void>
  /** Waits until nothing waits any more, so long at most. `false`: something still does, and is still tried. */
  readonly settled: (atMost: Duration.DurationInput) => Effect.Effect<boolean>
}

const tryAgain = Duration.millis(500)

/** `owner` runs what is tried again, also after the call; when it closes, what still waits is left to the next start. */
export const makeWrites = Effect.fnUntraced(function* (owner: FiberSet.FiberSet<void, never>) {
  const waiting: Array<Effect.Effect<void, StoreUnavailable>> = []
  const oneAtATime = yield* Effect.makeSemaphore(1)
  let refused = false

  /** Writes from the front until the store refuses one. */
  const flush = Effect.gen(function* () {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      yield* next
      waiting.shift()
    }
  }).pipe(oneAtATime.withPermits(1))

  const untilStored: Effect.Effect<void> = Effect.catchAll(flush, () =>
    Effect.zipRight(
      Effect.sleep(tryAgain),
      Effect.suspend(() => untilStored)
    )
  )

  const keepTrying = Effect.gen(function* () {
    yield* Effect.sleep(tryAgain)
    yield* untilStored
    refused = false
    yield* Effect.logInfo("The store takes writes again; everything that waited is stored.")
  })

  const refuse = (error: StoreUnavailable) =>
    Effect.suspend(() => {
      if (refused) return Effect.void
      refused = true
      return Effect.zipRight(
        Effect.logError(`Not stored yet, tried again: ${error.message}`),
        // out of an uninterruptible region (the end of a broken call) it would never end with its owner
        FiberSet.run(owner, Effect.interruptible(keepTrying))
      )
    })

  const writes: Writes = {
    write: (write) =>
      Effect.suspend(() => {
        waiting.push(write)
        return Effect.catchAll(flush, refuse)
      }),
    // by itself, since the owner may be gone already
    settled: (atMost) =>
      untilStored.pipe(
        Effect.interruptible,
        Effect.timeoutOption(atMost),
        Effect.map((done) => done._tag === "Some")
      )
  }
  return writes
})
