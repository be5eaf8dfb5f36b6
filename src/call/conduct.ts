/** A call from its start to its stored end: whatever happens, one terminal status is written, and watchers hear of it. */
import { type Cause, DateTime, Deferred, Duration, Effect, Exit, FiberSet, Option } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { Call, CallError } from "../domain/Call.ts"
import { isTerminal } from "../domain/CallStatus.ts"
import type { CallId } from "../domain/Ids.ts"
import { factualOutcome } from "../domain/Outcome.ts"
import { Telephone } from "../Telephone.ts"
import { type CallEnd, Transcripts, type UnfinishedCall } from "../Transcripts.ts"
import { type CallOrder, type Ended, type Resumption, runCall } from "./CallSession.ts"
import { costOf } from "./Cost.ts"
import { recordOf } from "./failures.ts"
import type { LiveCall } from "./LiveCall.ts"
import { fateOf, keepLastWords, orderOf } from "./leftCalls.ts"
import { makeWrites, type Writes } from "./Writes.ts"

/** For so long the news of an end waits for a store that cannot be written; what is not stored then is stored later. */
const patience = Duration.minutes(1)
/** The same when the service stops: what is not stored then is settled at the next start. */
const lastPatience = Duration.seconds(2)

const store = Effect.fnUntraced(function* (callId: CallId, writes: Writes, end: CallEnd, atMost = patience) {
  const transcripts = yield* Transcripts
  yield* writes.write(transcripts.end(callId, end))
  if (yield* writes.settled(atMost)) return
  yield* Effect.logError(`The end of call ${callId} is not stored yet: the store cannot be written.`)
})

/** The end of a call that broke before or outside its talk. */
const storeBroken = Effect.fnUntraced(function* (
  callId: CallId,
  writes: Writes,
  error: CallError,
  atMost?: Duration.Duration
) {
  const end: CallEnd = {
    status: "failed",
    endedAt: DateTime.toDate(yield* DateTime.now),
    outcome: factualOutcome(`The call failed. ${error.message}`),
    error
  }
  yield* store(callId, writes, end, atMost)
})

const storeEnded = (callId: CallId, writes: Writes, ended: Ended, recorded: boolean) =>
  store(callId, writes, {
    status: ended.status,
    endedAt: new Date(Math.round(ended.endedAt)),
    outcome: ended.outcome,
    latency: ended.latency,
    cost: costOf({ answeredMs: ended.answeredMs, recorded, price: ended.price, model: ended.usage }),
    ...(ended.answeredBy === undefined ? {} : { answeredBy: ended.answeredBy }),
    ...(ended.error === undefined ? {} : { error: ended.error })
  })

const keepRecording = Effect.fnUntraced(
  function* (callId: CallId) {
    const telephone = yield* Telephone
    const transcripts = yield* Transcripts
    const wav = yield* telephone.recording(callId)
    if (wav !== undefined) yield* transcripts.putRecording(callId, wav)
  },
  (keeping, callId) =>
    Effect.catchAll(keeping, (error) =>
      Effect.logWarning(`The recording of call ${callId} was not kept: ${error.message}`)
    )
)

/** Tells whoever watches or waits. A call whose end could not be stored closes its events without an `Ended`. */
const announceEnd = Effect.fnUntraced(function* (callId: CallId, call: LiveCall) {
  const transcripts = yield* Transcripts
  const stored = yield* transcripts.find(callId).pipe(Effect.orElseSucceed(() => Option.none<Call>()))
  if (Option.isSome(stored) && isTerminal(stored.value.status)) {
    call.publish({ _tag: "Status", at: yield* DateTime.now, status: stored.value.status })
    call.publish({ _tag: "Ended", call: stored.value })
  }
  yield* call.close
  yield* Deferred.succeed(call.ended, undefined)
})

interface Surroundings {
  /** Waits until the next call may be dialled. */
  readonly pace: Effect.Effect<void>
  /** Owns what goes on when the call is over: its recording is fetched once it is ready. */
  readonly afterwards: FiberSet.FiberSet<void, never>
  /** Gives the call's place free, before anybody hears that it has ended. */
  readonly leave: Effect.Effect<unknown>
}

const cutOff: CallError = {
  type: "CallFailed",
  message: "The service stopped or broke while the call was in progress."
}

/** Runs one call, once it may be dialled; with `left`, goes on with one that is on the line. */
export const conduct = (
  order: CallOrder,
  call: LiveCall,
  { afterwards, leave, pace }: Surroundings,
  left?: Resumption
) =>
  Effect.flatMap(makeWrites(afterwards), (writes) =>
    Effect.gen(function* () {
      const { recordCalls } = yield* PhoneConfig
      yield* left === undefined ? pace : keepLastWords(left, writes)
      const ended = yield* runCall(order, call, writes, left)
      const recorded = recordCalls && ended.answeredMs !== undefined
      yield* storeEnded(order.callId, writes, ended, recorded)
      if (recorded) yield* FiberSet.run(afterwards, keepRecording(order.callId))
    }).pipe(
      Effect.catchAll((error) => storeBroken(order.callId, writes, recordOf(error))),
      Effect.tapErrorCause((cause: Cause.Cause<never>) => Effect.logError(`Call ${order.callId} broke`, cause)),
      Effect.onExit((exit) =>
        Exit.isSuccess(exit) ? Effect.void : storeBroken(order.callId, writes, cutOff, lastPatience)
      ),
      Effect.ensuring(Effect.zipRight(leave, announceEnd(order.callId, call))),
      Effect.annotateLogs("callId", order.callId)
    )
  )

/**
 * Goes on with a call that another process left, or ends it. A stop while the network cannot say which leaves it to the next
 * start.
 */
export const conductLeft = (left: UnfinishedCall, call: LiveCall, surroundings: Surroundings) => {
  const { id } = left.call
  const { afterwards, leave } = surroundings
  const close = Effect.suspend(() => Effect.zipRight(leave, announceEnd(id, call)))
  return fateOf(left).pipe(
    Effect.onInterrupt(() => close),
    Effect.flatMap((fate) =>
      fate._tag === "Lives"
        ? conduct(orderOf(left), call, surroundings, fate.resumption)
        : Effect.gen(function* () {
            const transcripts = yield* Transcripts
            const writes = yield* makeWrites(afterwards)
            yield* keepLastWords(left, writes)
            const at = yield* DateTime.now
            if (fate.transfer !== undefined) {
              const transferredTo = { ...fate.transfer, at }
              call.publish({ _tag: "Transfer", ...transferredTo })
              yield* writes.write(transcripts.update(id, { transferredTo }))
            }
            yield* store(id, writes, { ...fate.end, endedAt: DateTime.toDate(fate.endedAt ?? at) })
            yield* Effect.logInfo(`Call ${id} was left by a stop of the service and is ended now.`)
          }).pipe(Effect.ensuring(close))
    ),
    Effect.annotateLogs("callId", id)
  )
}
