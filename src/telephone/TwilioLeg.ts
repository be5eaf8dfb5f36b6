/** The leg of a dialled line: what the port promises, done by call updates (facts/twilio.md 1.3, 9) and the line's stream. */
import { Deferred, Duration, Effect } from "effect"
import { CallFailed, type LineUnavailable } from "../domain/errors.ts"
import type { Leg, TransferReport } from "../Telephone.ts"
import type { Addresses } from "./Addresses.ts"
import { hangUp } from "./HangUp.ts"
import type { Line } from "./Line.ts"
import { newStream, streamGone, updateRetry } from "./Patience.ts"
import type { Rest } from "./Rest.ts"
import { toCallError } from "./RestErrors.ts"
import type { Scripts } from "./Scripts.ts"
import * as Twiml from "./Twiml.ts"

/** How long Twilio takes to press these keys, generously. */
const tonesTake = (digits: string): Duration.Duration => Duration.millis(500 * digits.length)

/** A transfer that an earlier process began: until Twilio tells how it went nobody replaces what is running. */
export const awaitTransfer = Effect.fnUntraced(function* (line: Line) {
  const transfer = yield* Deferred.make<TransferReport>()
  line.transfer = transfer
  yield* Effect.forkScoped(
    Effect.zipRight(
      Deferred.await(transfer),
      Effect.sync(() => {
        line.transfer = undefined
      })
    )
  )
})

export const makeLeg = (
  { rest, scripts, addresses }: { readonly rest: Rest; readonly scripts: Scripts; readonly addresses: Addresses },
  line: Line,
  providerId: string
): Leg => {
  const { callId } = line
  const failed = (reason: string) => new CallFailed({ callId, reason, message: `${reason} (call ${callId})` })
  const over = Effect.flatMap(Deferred.await(line.ended), () => Effect.fail(failed("The call has ended.")))

  const run = (twiml: string): Effect.Effect<void, CallFailed | LineUnavailable> =>
    line.isOver
      ? over
      : rest.update(providerId, { twiml }).pipe(
          Effect.retry(updateRetry),
          Effect.mapError((error) => toCallError(error, callId))
        )

  return {
    providerId,
    follow: line.follow,
    listen: line.listen,
    play: line.play,
    mark: line.mark,
    clear: line.clear,

    pressDigits: Effect.fn("Leg.pressDigits")(function* (digits) {
      if (!/^[0-9*#wW]{1,32}$/.test(digits)) {
        return yield* failed("Only 1 to 32 of the keys 0-9 * # and the pauses w (0.5 s) and W (1 s) can be pressed.")
      }
      // <Play digits> knows only the short pause.
      const keys = digits.replaceAll("W", "ww")
      const { twiml, ticket } = yield* scripts.thenStream(line, Twiml.playDigits(keys))
      yield* run(twiml)
      yield* Deferred.await(ticket.started).pipe(
        Effect.timeoutFail({
          duration: Duration.sum(newStream, tonesTake(keys)),
          onTimeout: () => failed("The audio did not come back after the keys were pressed.")
        }),
        Effect.raceFirst(over)
      )
    }, line.turn),

    transfer: Effect.fn("Leg.transfer")(
      function* (to, { timeout }) {
        const transfer = yield* Deferred.make<TransferReport>()
        line.transfer = transfer
        const dial = Twiml.dial({
          number: to,
          callerId: line.order.from,
          timeout: Math.ceil(Duration.toSeconds(timeout)),
          action: addresses.webhook(line, "dial"),
          answered: addresses.webhook(line, "dialed")
        })
        const report = Effect.raceFirst(Deferred.await(transfer), over)
        // an unclear answer may mean that it rings: then the stream is gone, and Twilio tells what comes of it
        const unclear = (error: LineUnavailable) =>
          Effect.sleep(streamGone).pipe(
            Effect.filterOrFail(
              () => !line.isStreaming,
              () => error
            ),
            Effect.zipRight(report),
            Effect.timeoutFail({ duration: Duration.sum(timeout, newStream), onTimeout: () => error })
          )
        return yield* run(Twiml.document(dial)).pipe(
          Effect.matchEffect({
            onSuccess: () => report,
            onFailure: (error) => (error._tag === "LineUnavailable" ? unclear(error) : error)
          })
        )
      },
      Effect.ensuring(
        Effect.sync(() => {
          line.transfer = undefined
        })
      ),
      line.turn
    ),

    sayAndHangUp: Effect.fn("Leg.sayAndHangUp")(function* (words) {
      line.leave()
      yield* run(Twiml.document(Twiml.say(words), Twiml.hangUp))
    }, line.turn),

    hangUp: hangUp(rest, line)
  }
}
