/** The leg of a dialled line: what the port promises, done by call updates (facts/twilio.md 1.3, 9) and the line's stream. */
import { Deferred, Duration, Effect } from "effect"
import { CallFailed, type LineUnavailable } from "../domain/errors.ts"
import type { Leg, TransferResult } from "../Telephone.ts"
import type { Addresses } from "./Addresses.ts"
import { hangUp } from "./HangUp.ts"
import type { Line } from "./Line.ts"
import { newStream, updateRetry } from "./Patience.ts"
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

  /** Only one thing at a time can replace the running TwiML. */
  const turn = Effect.unsafeMakeSemaphore(1).withPermits(1)

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
    }, turn),

    transfer: Effect.fn("Leg.transfer")(
      function* (to, { timeout }) {
        const transfer = { result: yield* Deferred.make<TransferResult>(), answered: false }
        line.transfer = transfer
        const dial = Twiml.dial({
          number: to,
          callerId: line.order.from,
          timeout: Math.ceil(Duration.toSeconds(timeout)),
          action: addresses.webhook(line, "dial"),
          answered: addresses.webhook(line, "dialed")
        })
        yield* run(Twiml.document(dial))
        // Who was connected and hangs up ends the call: that can be known before the dial's own report.
        const ended = over.pipe(
          Effect.catchAll((error) => (transfer.answered ? Effect.succeed("connected" as const) : Effect.fail(error)))
        )
        return yield* Effect.raceFirst(Deferred.await(transfer.result), ended)
      },
      Effect.ensuring(
        Effect.sync(() => {
          line.transfer = undefined
        })
      ),
      turn
    ),

    sayAndHangUp: Effect.fn("Leg.sayAndHangUp")(function* (words) {
      line.leave()
      yield* run(Twiml.document(Twiml.say(words), Twiml.hangUp))
    }, turn),

    hangUp: hangUp(rest, line)
  }
}
