/** Ending a call at Twilio, and being sure that it has ended. */
import { Deferred, Effect } from "effect"
import { isTerminal } from "../domain/CallStatus.ts"
import type { LineUnavailable } from "../domain/errors.ts"
import type { Line } from "./Line.ts"
import { hangUpConfirmation, harmlessRetry, teardown } from "./Patience.ts"
import { detailsOf, type Rest } from "./Rest.ts"
import { isNotInProgress, isUnknown, type RestError, toLineUnavailable } from "./RestErrors.ts"

/** Whether `completed` ends a ringing call is disputed: when it is refused, `canceled` does; when that is too, it is over (facts/twilio.md 1.3). */
export const endAtNetwork = (rest: Rest, sid: string): Effect.Effect<void, RestError> =>
  rest.update(sid, { status: "completed" }).pipe(
    Effect.catchIf(isNotInProgress, () => rest.update(sid, { status: "canceled" })),
    Effect.catchIf(
      (error) => isNotInProgress(error) || isUnknown(error),
      () => Effect.void
    ),
    Effect.retry(harmlessRetry)
  )

/** Hangs up and confirms: by the callback, else by asking, else by what a hang-up means. The terminal status is told once. */
export const hangUp = (rest: Rest, line: Line): Effect.Effect<void, LineUnavailable> =>
  Effect.gen(function* () {
    line.leave()
    if (line.isOver || line.sid === undefined) return
    yield* endAtNetwork(rest, line.sid)
    const heard = yield* Deferred.await(line.ended).pipe(Effect.timeoutOption(hangUpConfirmation))
    if (heard._tag === "Some") return
    const found = yield* rest.fetch(line.sid).pipe(Effect.option)
    // Reading lags behind (facts/twilio.md 1.3): a call that Twilio agreed to end is not live because a GET says so.
    if (found._tag === "Some" && isTerminal(found.value.status)) line.report(found.value.status, detailsOf(found.value))
    else line.report(line.presumedEnd)
  }).pipe(Effect.mapError((error) => toLineUnavailable(error, line.callId)))

/** The owner's scope closes: a live call is hung up, quickly and whatever happens; then nothing of the line remains. */
export const release = (rest: Rest, line: Line): Effect.Effect<void> =>
  Effect.gen(function* () {
    line.leave()
    if (line.isOver || line.sid === undefined) return
    const ended = yield* endAtNetwork(rest, line.sid).pipe(Effect.interruptible, Effect.timeoutOption(teardown))
    if (ended._tag === "None") return yield* Effect.logWarning("Twilio did not confirm a hang-up in time")
    line.report(line.presumedEnd)
  }).pipe(
    Effect.catchAll((error) => Effect.logWarning(`A call could not be hung up: ${error.message}`)),
    Effect.ensuring(Effect.sync(() => line.close())),
    Effect.annotateLogs({ callId: line.callId, callSid: line.sid ?? "unknown" })
  )
