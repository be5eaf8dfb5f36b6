/**
 * Creating the call at Twilio, once and never twice. There is no idempotency for this POST (facts/twilio.md 1.4): an answer
 * that leaves open whether the call exists is resolved by looking for it, or by a callback that bears its token.
 */
import { Clock, Deferred, Duration, Effect, Fiber } from "effect"
import { isTerminal } from "../domain/CallStatus.ts"
import type { DialOrder } from "../Telephone.ts"
import type { Addresses } from "./Addresses.ts"
import type { Line } from "./Line.ts"
import type { Lines } from "./Lines.ts"
import { createRetry, searchAgain } from "./Patience.ts"
import type { RemoteCall, Rest } from "./Rest.ts"
import { type RestError, toDialError, Unclear } from "./RestErrors.ts"

/** Twilio rings a little longer than we do, so that it is we who give up; its limits are the backstop. */
const ringMargin = Duration.seconds(5)

const wholeSeconds = (duration: Duration.Duration) => Math.ceil(Duration.toSeconds(duration))

const createParams = (line: Line, addresses: Addresses) => {
  const { order } = line
  return {
    to: order.to,
    from: order.from,
    url: addresses.webhook(line, "voice"),
    // asked when the first fetch failed: one broken connection must not drop the callee
    fallbackUrl: addresses.webhook(line, "voice"),
    statusCallback: addresses.webhook(line, "status"),
    statusCallbackEvent: ["initiated", "ringing", "answered", "completed"],
    timeout: wholeSeconds(Duration.sum(order.ringTimeout, ringMargin)),
    timeLimit: wholeSeconds(order.timeLimit),
    ...(order.detectMachine
      ? {
          machineDetection: "DetectMessageEnd",
          // a receptionist's greeting takes longer than the default of 2.4 s
          machineDetectionSpeechThreshold: 4_000,
          asyncAmd: "true",
          asyncAmdStatusCallback: addresses.webhook(line, "amd")
        }
      : {})
  }
}

/** Clocks differ, and Twilio's times are whole seconds. */
const clockTolerance = 60_000
const endedTolerance = 5_000

/**
 * The call of ours among those to the same number: none that belongs to another line; a live one before an ended one, and
 * an ended one only if it is surely not older than the attempt.
 */
const ours = (calls: ReadonlyArray<RemoteCall>, lines: Lines, since: number): RemoteCall | undefined => {
  const free = calls.filter((call) => !lines.knows(call.sid))
  return (
    free.find((call) => !isTerminal(call.status)) ??
    free.find((call) => call.createdAt !== undefined && call.createdAt.getTime() >= since - endedTolerance)
  )
}

const search = (rest: Rest, lines: Lines, order: DialOrder, since: number): Effect.Effect<RemoteCall, RestError> =>
  rest.list({ to: order.to, from: order.from, since: new Date(since - clockTolerance) }).pipe(
    Effect.flatMap((calls) => {
      const found = ours(calls, lines, since)
      return found === undefined
        ? Effect.fail(new Unclear({ message: "The call was not found after an unclear answer." }))
        : Effect.succeed(found)
    }),
    Effect.retry(searchAgain)
  )

/** Gives Twilio's id of the call, which the line knows from then on. While the POST itself is open this cannot be interrupted (10 s at most). */
export const createCall = (rest: Rest, addresses: Addresses, lines: Lines, line: Line) => {
  const bySearchOrCallback = Effect.fnUntraced(function* (since: number) {
    yield* Effect.logWarning("Twilio left open whether it placed the call: looking for it")
    return yield* Effect.raceFirst(search(rest, lines, line.order, since), Deferred.await(line.sidKnown)).pipe(
      // Whatever went wrong in looking, the POST stays unclear: nothing here may lead to a second one.
      Effect.mapError(({ message }) => new Unclear({ message }))
    )
  })

  /**
   * A callback can be quicker than the answer, or replace it when that is lost. The fibers are daemons, ended here,
   * because an interruption reaches child fibers even out of an uninterruptible region: a phone would ring that nobody
   * knows of.
   */
  const post = Effect.gen(function* () {
    const outcome = yield* Deferred.make<string, RestError>()
    const posting = rest.create(createParams(line, addresses)).pipe(
      Effect.tap((placed) =>
        Effect.sync(() => {
          line.identify(placed.sid)
          line.report(placed.status)
        })
      ),
      Effect.map(({ sid }) => sid)
    )
    const fibers = yield* Effect.forEach([posting, Deferred.await(line.sidKnown)], (way) =>
      Effect.forkDaemon(Effect.intoDeferred(Effect.interruptible(way), outcome))
    )
    return yield* Deferred.await(outcome).pipe(Effect.ensuring(Fiber.interruptAll(fibers)))
  }).pipe(Effect.uninterruptible)

  const attempt = Effect.fnUntraced(function* () {
    const since = yield* Clock.currentTimeMillis
    return yield* post.pipe(
      Effect.catchTag("Unclear", () => bySearchOrCallback(since)),
      Effect.map((placed) => {
        if (typeof placed === "string") return placed
        line.identify(placed.sid)
        line.report(placed.status)
        return placed.sid
      })
    )
  })

  return attempt().pipe(
    Effect.retry(createRetry),
    Effect.mapError((error) => toDialError(error, line.callId)),
    Effect.annotateLogs({ callId: line.callId })
  )
}
