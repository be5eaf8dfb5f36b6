/** Asks Twilio about a call of which nothing has been heard for a while: a lost `completed` callback must still end it. */
import { Clock, Duration, Effect } from "effect"
import type { Line } from "./Line.ts"
import { pollInterval, quietBeforePolling } from "./Patience.ts"
import { detailsOf, type Rest } from "./Rest.ts"

/** Runs until the call is over. Audio counts as a sign of life, so a talking call is never asked about. */
export const pollWhenQuiet = (rest: Rest, line: Line): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!line.isOver) {
      const now = yield* Clock.currentTimeMillis
      const quietAt = line.heardAt + Duration.toMillis(quietBeforePolling)
      if (line.sid === undefined || now < quietAt) {
        yield* Effect.sleep(Math.max(quietAt - now, 1000))
        continue
      }
      const found = yield* rest.fetch(line.sid).pipe(
        // Twilio may be out of reach for a while, the call lives on: ask again.
        Effect.catchAll((error) =>
          Effect.as(Effect.logDebug(`Twilio cannot say how a call is: ${error.message}`), null)
        )
      )
      if (found !== null) line.report(found.status, detailsOf(found))
      yield* Effect.sleep(pollInterval)
    }
  }).pipe(Effect.annotateLogs({ callId: line.callId }))
