/** What a crash left behind: calls without an end. Each is looked for at the network, hung up if it lives, and ended. Never redialled. */
import { DateTime, Duration, Effect, Schedule, type Scope } from "effect"
import { factualOutcome } from "../domain/Outcome.ts"
import { Telephone } from "../Telephone.ts"
import { type CallEnd, Transcripts, type UnfinishedCall } from "../Transcripts.ts"

/** Twilio or the store may be out of reach for as long as it takes: a leg that may live is never given up. */
const tryAgain = Schedule.spaced(Duration.seconds(10))

const endOf = (call: UnfinishedCall, found: CallEnd["status"] | undefined): Omit<CallEnd, "endedAt"> => {
  const dialled = call.status !== "queued"
  const message = dialled
    ? "The service stopped in the middle of this call."
    : "The service stopped before this call was dialled."
  const status = found === undefined || found === "completed" ? "failed" : found
  return {
    status,
    outcome: factualOutcome(`${message} What was said until then is in the transcript.`),
    ...(status === "failed" ? { error: { type: "CallFailed", message } } : {})
  }
}

const settle = Effect.fnUntraced(function* (call: UnfinishedCall) {
  const telephone = yield* Telephone
  const transcripts = yield* Transcripts
  const found =
    call.status === "queued"
      ? undefined
      : yield* telephone.reconcile({
          callId: call.id,
          to: call.to,
          from: call.from,
          since: call.startedAt,
          ...(call.providerId === undefined ? {} : { providerId: call.providerId })
        })
  yield* transcripts.end(call.id, { ...endOf(call, found), endedAt: DateTime.toDate(yield* DateTime.now) })
  yield* Effect.logInfo(`Call ${call.id} was left by a stop of the service and is ended now.`)
})

/**
 * Runs once, before new calls are taken. What cannot be settled then (Twilio out of reach, a store that cannot be written) is
 * reported and tried again as long as the scope is open.
 */
export const reconcile: Effect.Effect<void, never, Telephone | Transcripts | Scope.Scope> = Effect.gen(function* () {
  const transcripts = yield* Transcripts
  const left = yield* transcripts.unfinished
  const [unsettled] = yield* Effect.partition(
    left,
    (call) => Effect.mapError(settle(call), (error) => ({ call, error })),
    {
      concurrency: 4
    }
  )
  yield* Effect.forEach(unsettled, ({ call, error }) =>
    Effect.zipRight(
      Effect.logWarning(`Call ${call.id} of an earlier run is not settled yet: ${error.message}`),
      Effect.forkScoped(Effect.retry(Effect.delay(settle(call), Duration.seconds(10)), tryAgain))
    )
  )
}).pipe(Effect.catchAll((error) => Effect.logError(`Calls of an earlier run were not settled: ${error.message}`)))
