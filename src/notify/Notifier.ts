/**
 * Tells the configured receiver of every call that has ended, at least once, whatever happens to it or to us in between. A
 * worker of its own: calls neither wait for it nor notice what becomes of it.
 */
import { Clock, Duration, Effect, Fiber, FiberSet, Layer, Option, Random } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { StoreUnavailable } from "../domain/errors.ts"
import type { CallId } from "../domain/Ids.ts"
import type { Transcripts } from "../Transcripts.ts"
import type { Network } from "../wire/Network.ts"
import { Attempt, makeDelivery, type Receiver, receiverName } from "./delivery.ts"
import { type Notice, Outbox } from "./Outbox.ts"
import { attemptsAtOnce, farewell, jitter, storePause, waitAfter } from "./patience.ts"

/** The longest sleep at a stretch; a timer beyond 24.8 days never fires (facts/effect.md 5). */
const longestSleep = Duration.days(1)

const about = ({ callId }: Notice) => `The notification of the end of call ${callId}`

const whenStoreFails = (error: StoreUnavailable) =>
  Effect.zipRight(
    Effect.logError(`Notifications wait ${Duration.format(storePause)}: ${error.message}`),
    Effect.sleep(storePause)
  )

const start = Effect.fnUntraced(function* (receiver: Receiver) {
  const outbox = yield* Outbox
  const attempt = yield* makeDelivery(receiver)
  const name = receiverName(receiver)
  const fibers = yield* FiberSet.make<void, never>()
  const underway = new Set<CallId>()
  let stopping = false

  /** Sets the next attempt after one that failed, or gives up. */
  const postpone = Effect.fnUntraced(function* (notice: Notice, why: string) {
    const attempts = notice.attempts + 1
    const wait = waitAfter(attempts)
    if (wait === undefined) {
      yield* Effect.logError(
        `${about(notice)} is given up after ${attempts} attempts at ${name}: ${why}. phone_history has the call.`
      )
      return yield* outbox.remove(notice.callId)
    }
    const stretched = Duration.times(wait, yield* Random.nextRange(jitter.min, jitter.max))
    const now = yield* Clock.currentTimeMillis
    yield* Effect.logWarning(
      `${about(notice)} was not taken by ${name}: ${why}. It is tried again in ${Duration.format(wait)} or so.`
    )
    yield* outbox.postpone({ ...notice, attempts, dueAt: new Date(now + Duration.toMillis(stretched)) })
  })

  const deliver = (notice: Notice) =>
    attempt(notice.callId).pipe(
      Effect.catchAllDefect((defect) =>
        Effect.as(Effect.logError(`${about(notice)} met a bug`, defect), Attempt.Failed({ why: "a bug of Phone" }))
      ),
      Effect.flatMap(
        Attempt.$match({
          Taken: () => outbox.remove(notice.callId),
          Refused: ({ why }) =>
            Effect.zipRight(
              Effect.logWarning(`${about(notice)} is not sent to ${name} again: ${why}.`),
              outbox.remove(notice.callId)
            ),
          Failed: ({ why }) => postpone(notice, why)
        })
      ),
      // Not free before the pause is over: it may have been taken, and would be sent over and over.
      Effect.catchTag("StoreUnavailable", whenStoreFails),
      Effect.ensuring(
        Effect.suspend(() => {
          underway.delete(notice.callId)
          return outbox.bell.offer(undefined)
        })
      )
    )

  /** Starts what is due, first due first, and sleeps until something is. Ends only at the stop, with nothing left to do. */
  const work = Effect.gen(function* () {
    for (;;) {
      const next = underway.size < attemptsAtOnce ? yield* outbox.next(underway) : Option.none()
      const wait = Option.isNone(next) ? Infinity : next.value.dueAt.getTime() - (yield* Clock.currentTimeMillis)
      if (Option.isSome(next) && wait <= 0) {
        underway.add(next.value.callId)
        yield* FiberSet.run(fibers, deliver(next.value))
        continue
      }
      if (stopping && underway.size === 0) return
      const rest = Duration.min(wait, longestSleep)
      yield* Effect.raceFirst(outbox.bell.take, wait === Infinity ? Effect.never : Effect.sleep(rest))
    }
  })

  const working = yield* Effect.forkScoped(
    work.pipe(
      Effect.tapErrorTag("StoreUnavailable", whenStoreFails),
      Effect.retry({ while: (error) => error._tag === "StoreUnavailable" }),
      Effect.tapDefect((defect) => Effect.logError("The notifier broke; notifications wait for the next start", defect))
    )
  )
  // The last ends are written right before this: whoever makes one call and exits has it told, too.
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      stopping = true
      yield* outbox.bell.offer(undefined)
      yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(working)), farewell)
    })
  )
})

/** Does nothing without `notify`. To be released after the calls: their ends at a stop are still sent, for 2 s at most. */
export const layerNotifier: Layer.Layer<never, never, PhoneConfig | Outbox | Transcripts | Network> =
  Layer.scopedDiscard(Effect.flatMap(PhoneConfig, ({ notify }) => (notify === undefined ? Effect.void : start(notify))))
