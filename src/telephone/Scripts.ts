/** Which TwiML a line gets at which moment. Every stream that is offered has a ticket of its own. */
import { Effect } from "effect"
import type { Addresses } from "./Addresses.ts"
import type { Line } from "./Line.ts"
import type { StreamTicket } from "./StreamTickets.ts"
import * as Twiml from "./Twiml.ts"

/** After so many streams in a row that never started Twilio cannot reach us: more would only go round in circles. */
const hopeless = 6
const struggling = 2

export interface Scripts {
  /** These verbs, then a new stream, then back to the voice webhook when it ends. */
  readonly thenStream: (
    line: Line,
    ...verbs: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly twiml: string; readonly ticket: StreamTicket }>
  /** What Twilio is to do whenever it asks: talk, unless the call is being ended. */
  readonly voice: (line: Line) => Effect.Effect<string>
}

export const makeScripts = (addresses: Addresses, newToken: Effect.Effect<string>): Scripts => {
  const thenStream: Scripts["thenStream"] = (line, ...verbs) =>
    Effect.map(newToken, (token) => {
      const ticket = line.tickets.issue(token)
      const stream = Twiml.connect({
        url: addresses.media,
        statusCallback: addresses.webhook(line, "stream"),
        parameters: { call: line.callId, token }
      })
      return { ticket, twiml: Twiml.document(...verbs, stream, Twiml.redirect(addresses.webhook(line, "voice"))) }
    })

  return {
    thenStream,
    voice: (line) => {
      if (line.tickets.unused >= hopeless) line.leave()
      if (line.isLeaving) return Effect.succeed(Twiml.document(Twiml.hangUp))
      const first = line.order.record && !line.recordingAsked
      if (first) line.recordingAsked = true
      const verbs = [
        ...(first ? [Twiml.record(addresses.webhook(line, "recording"))] : []),
        ...(line.tickets.unused >= struggling ? [Twiml.pause(1)] : [])
      ]
      return Effect.map(thenStream(line, ...verbs), ({ twiml }) => twiml)
    }
  }
}
