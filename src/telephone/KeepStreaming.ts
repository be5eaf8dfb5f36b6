/**
 * Gives a call a new stream where the one it had is gone and Twilio opens none by itself: by a call update, which replaces
 * whatever Twilio waits for. Who presses keys or transfers the call looks after its stream itself.
 */
import { Duration, Effect, Queue } from "effect"
import type { Line } from "./Line.ts"
import { harmlessRetry, streamByItself } from "./Patience.ts"
import type { Rest } from "./Rest.ts"
import { isNotInProgress, isUnknown } from "./RestErrors.ts"
import { monotonic, type Scripts } from "./Scripts.ts"

/** After so many renderings in a row of which no stream came Twilio cannot reach us: more would only go round in circles. */
const hopeless = 6

/** Runs until the call is over. `missing`: there is no stream already, and none is to be expected. */
export const keepStreaming = (
  { rest, scripts }: { readonly rest: Rest; readonly scripts: Scripts },
  line: Line,
  missing = false
): Effect.Effect<void> => {
  const offer = Effect.gen(function* () {
    const { sid } = line
    const now = yield* monotonic
    if (sid === undefined || line.isStreaming || line.isLeaving) return
    if (line.transfer !== undefined || line.handedOver) return
    if (line.tickets.unused >= hopeless) return
    // another rendering is on its way
    if (now - line.offeredAt < Duration.toMillis(streamByItself)) return line.missStream()
    const { twiml } = yield* scripts.thenStream(line)
    yield* rest.update(sid, { twiml }).pipe(
      // done twice it does no harm: each stream replaces the one before
      Effect.retry(harmlessRetry),
      Effect.catchIf(
        (error) => isNotInProgress(error) || isUnknown(error),
        () => Effect.map(rest.fetch(sid), ({ status }) => line.report(status))
      ),
      Effect.catchAll((error) =>
        Effect.zipRight(
          Effect.logWarning(`A new media stream could not be asked for: ${error.message}`),
          Effect.sync(() => line.missStream())
        )
      )
    )
  })

  return Effect.gen(function* () {
    if (missing) yield* line.turn(offer)
    while (!line.isOver) {
      yield* Queue.take(line.streamMissed)
      // a hang-up ends the stream first, and a stream that dropped is mostly followed by the next
      yield* Effect.sleep(streamByItself)
      yield* line.turn(offer)
    }
  }).pipe(Effect.annotateLogs({ callId: line.callId }))
}
