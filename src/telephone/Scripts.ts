/**
 * Which TwiML a line gets at which moment. It must carry the callee through our own death too, when there is nobody left to
 * ask: so it holds, after the stream, what Twilio is to try and to say then. Every stream that is offered has a ticket of its own.
 */
import { Effect } from "effect"
import type { Addresses } from "./Addresses.ts"
import type { Line } from "./Line.ts"
import type { StreamTicket } from "./StreamTickets.ts"
import * as Twiml from "./Twiml.ts"

/** Seconds of silence before the callee is told to wait, and then until we are given up: a restart has the sum of both. */
const silentFor = 3
const waitFor = 10

/** Milliseconds of a clock that nobody sets. Not `currentTimeNanos`: that of the TestClock dies at a fraction of a nanosecond. */
export const monotonic = Effect.map(Effect.clock, (clock) => Number(clock.unsafeCurrentTimeNanos()) / 1e6)

export interface Scripts {
  /** These verbs, then a stream, and what is to be done when it ends and the call does not. */
  readonly thenStream: (
    line: Line,
    ...verbs: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly twiml: string; readonly ticket: StreamTicket }>
  /** What Twilio is to do whenever it asks: talk, unless the call is being ended. */
  readonly voice: (line: Line) => Effect.Effect<string>
}

export const makeScripts = (addresses: Addresses, newToken: Effect.Effect<string>): Scripts => {
  /**
   * A stream that drops is followed by another at once. Where that one ends too, or cannot be opened, we are probably gone:
   * Twilio waits, since who comes back replaces this by an update. Nothing here is fetched: a fetch that fails would end the
   * call with Twilio's "application error", a stream that fails only goes on to the next verb (facts/twilio.md 6).
   */
  const thenStream: Scripts["thenStream"] = Effect.fnUntraced(function* (line, ...verbs) {
    const tokens = [yield* newToken, yield* newToken, yield* newToken] as const
    const ticket = line.tickets.issue(...tokens)
    line.offeredAt = yield* monotonic
    const [first, second, last] = tokens
    const { apology, wait } = line.order.absence
    const stream = (token: string) =>
      Twiml.connect({
        url: addresses.media,
        statusCallback: addresses.webhook(line, "stream"),
        parameters: { call: line.callId, token }
      })
    const twiml = Twiml.document(
      ...verbs,
      stream(first),
      stream(second),
      Twiml.pause(silentFor),
      Twiml.say(wait),
      Twiml.pause(waitFor),
      stream(last),
      Twiml.say(apology),
      Twiml.hangUp
    )
    return { twiml, ticket }
  })

  return {
    thenStream,
    voice: (line) => {
      if (line.isLeaving) return Effect.succeed(Twiml.document(Twiml.hangUp))
      const first = line.order.record && !line.recordingAsked
      if (first) line.recordingAsked = true
      const verbs = first ? [Twiml.record(addresses.webhook(line, "recording"))] : []
      return Effect.map(thenStream(line, ...verbs), ({ twiml }) => twiml)
    }
  }
}
