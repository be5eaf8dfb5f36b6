/** What a crash left behind: calls without an end. Each is looked for at the network, hung up if it lives, and ended. Never redialled. */
import { DateTime, Effect } from "effect"
import { factualOutcome } from "../domain/Outcome.ts"
import { Telephone } from "../Telephone.ts"
import { Transcripts, type UnfinishedCall } from "../Transcripts.ts"

const settle = Effect.fnUntraced(function* (call: UnfinishedCall) {
  const telephone = yield* Telephone
  const transcripts = yield* Transcripts
  const dialled = call.status !== "queued"
  const found = dialled
    ? yield* telephone
        .reconcile({
          callId: call.id,
          to: call.to,
          from: call.from,
          since: call.startedAt,
          ...(call.providerId === undefined ? {} : { providerId: call.providerId })
        })
        .pipe(
          Effect.tapError((error) => Effect.logWarning(`Call ${call.id} could not be looked up: ${error.message}`)),
          Effect.orElseSucceed(() => undefined)
        )
    : undefined
  const message = dialled
    ? "The service stopped in the middle of this call."
    : "The service stopped before this call was dialled."
  yield* transcripts.end(call.id, {
    status: found === undefined || found === "completed" ? "failed" : found,
    endedAt: DateTime.toDate(yield* DateTime.now),
    outcome: factualOutcome(`${message} What was said until then is in the transcript.`),
    error: { type: "CallFailed", message }
  })
  yield* Effect.logInfo(`Call ${call.id} was left by a stop of the service and is ended now.`)
})

/** Runs once, before new calls are taken. A store that cannot be read is reported and leaves the calls for the next start. */
export const reconcile = Effect.gen(function* () {
  const transcripts = yield* Transcripts
  const left = yield* transcripts.unfinished
  yield* Effect.forEach(left, (call) => Effect.catchAll(settle(call), (error) => Effect.logError(error.message)), {
    concurrency: 4,
    discard: true
  })
}).pipe(Effect.catchAll((error) => Effect.logError(`Calls of an earlier run were not settled: ${error.message}`)))
