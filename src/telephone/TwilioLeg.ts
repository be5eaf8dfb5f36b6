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

  /** Until Twilio tells how a transfer went, or the call is over. */
  const transferred = Effect.suspend(() =>
    line.transfer === undefined
      ? Effect.fail(failed("No transfer is under way."))
      : Effect.raceFirst(Deferred.await(line.transfer), over)
  )
  const transferOver = Effect.sync(() => {
    line.transfer = undefined
  })

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
        line.transfer = yield* Deferred.make<TransferReport>()
        const dial = Twiml.dial({
          number: to,
          callerId: line.order.from,
          timeout: Math.ceil(Duration.toSeconds(timeout)),
          action: addresses.webhook(line, "dial"),
          answered: addresses.webhook(line, "dialed")
        })
        // an unclear answer may mean that it rings: then the stream is gone, and Twilio tells what comes of it
        const unclear = (error: LineUnavailable) =>
          Effect.sleep(streamGone).pipe(
            Effect.filterOrFail(
              () => !line.isStreaming,
              () => error
            ),
            Effect.zipRight(transferred),
            Effect.timeoutFail({ duration: Duration.sum(timeout, newStream), onTimeout: () => error })
          )
        return yield* run(Twiml.document(dial)).pipe(
          Effect.matchEffect({
            onSuccess: () => transferred,
            onFailure: (error) => (error._tag === "LineUnavailable" ? unclear(error) : error)
          })
        )
      },
      Effect.ensuring(transferOver),
      line.turn
    ),

    awaitTransfer: Effect.ensuring(transferred, transferOver),

    sayAndHangUp: Effect.fn("Leg.sayAndHangUp")(function* (words) {
      line.leave()
      yield* run(Twiml.document(Twiml.say(words), Twiml.hangUp))
    }, line.turn),

    hangUp: hangUp(rest, line)
  }
}
