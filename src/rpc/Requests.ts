/** The requests that are being answered, so that a stop can wait for answers that are about to come. Knows no request. */
import { Effect, Stream } from "effect"

export class Requests extends Effect.Service<Requests>()("phone/Requests", {
  effect: Effect.gen(function* () {
    const idle = yield* Effect.makeLatch(true)
    let open = 0
    const begin = Effect.suspend(() => {
      open += 1
      return idle.close
    })
    const end = Effect.suspend(() => {
      open -= 1
      return open === 0 ? idle.open : Effect.void
    })
    return {
      whole: <A, E, R>(answer: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
        Effect.acquireUseRelease(
          begin,
          () => answer,
          () => end
        ),
      stream: <A, E, R>(answer: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
        Stream.flatMap(
          Stream.acquireRelease(begin, () => end),
          () => answer
        ),
      /** Waits until there is none. */
      answered: idle.await
    }
  })
}) {}
