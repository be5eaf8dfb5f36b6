/** The Twilio adapter: the `Telephone` port, and the host through which Twilio reaches it. Composes the parts; decides nothing. */
import { Cause, Context, Deferred, Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import { Entropy, newToken } from "../Entropy.ts"
import { type DialOrder, Telephone, type TransferReport } from "../Telephone.ts"
import { type Host, Network } from "../wire/Network.ts"
import { makeAddresses } from "./Addresses.ts"
import { createCall } from "./Dialing.ts"
import { release } from "./HangUp.ts"
import { makeHost } from "./Host.ts"
import { keepStreaming } from "./KeepStreaming.ts"
import { type Line, makeLine } from "./Line.ts"
import { Lines } from "./Lines.ts"
import { lineToken } from "./LineToken.ts"
import { makeFind } from "./LostCalls.ts"
import { makeMediaSockets } from "./MediaSocket.ts"
import { makeRecordings } from "./Recordings.ts"
import { makeRest } from "./Rest.ts"
import { makeScripts } from "./Scripts.ts"
import { makeLeg } from "./TwilioLeg.ts"
import { pollWhenQuiet } from "./Watchdog.ts"
import { makeWebhooks } from "./Webhooks.ts"

/** Webhooks and media sockets of Twilio: to be served on `webhookPort`, or mounted in memory. */
export class TwilioHost extends Context.Tag("phone/TwilioHost")<TwilioHost, Host>() {}

/** Touches the world only through `Network` and `TwilioHost`, and time only through the clock. */
export const layerTwilio: Layer.Layer<Telephone | TwilioHost, never, PhoneConfig | Network> = Layer.effectContext(
  Effect.gen(function* () {
    const config = yield* PhoneConfig
    const network = yield* Network
    // Webhooks run in fibers of the server, which may not have our source of randomness.
    const token = Effect.provideService(newToken, Entropy, yield* Entropy)
    const addresses = makeAddresses(config.webhookHost)
    const lines = new Lines()
    const rest = makeRest(config, network)
    const scripts = makeScripts(addresses, token)

    const own = (order: DialOrder) =>
      Effect.acquireRelease(
        Effect.tap(makeLine(order, lineToken(config.authToken, order.callId)), (made) =>
          Effect.sync(() => lines.add(made))
        ),
        (made) => release(rest, made)
      )

    /** Work that nobody waits for: that it has died is said, since else only its absence would be noticed. */
    const beside = (work: Effect.Effect<void>) =>
      Effect.forkScoped(
        Effect.tapErrorCause(work, (cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : Effect.logError("A line is no longer looked after.", cause)
        )
      )

    const attend = Effect.fnUntraced(function* (line: Line, sid: string, missing: boolean) {
      yield* beside(pollWhenQuiet(rest, line))
      yield* beside(keepStreaming({ rest, scripts }, line, missing))
      return makeLeg({ rest, scripts, addresses }, line, sid)
    })

    const dial: Telephone["Type"]["dial"] = Effect.fn("Telephone.dial")(function* (order) {
      const line = yield* own(order)
      const sid = yield* createCall(rest, addresses, lines, line)
      return yield* attend(line, sid, false)
    })

    const resume: Telephone["Type"]["resume"] = Effect.fn("Telephone.resume")(function* (
      order,
      { answered, away, providerId, status }
    ) {
      const line = yield* own(order)
      line.identify(providerId)
      line.report(status)
      const talking = answered || status === "in-progress"
      // the recording goes on by itself, whatever TwiML runs
      line.recordingAsked = talking && order.record
      // from the first callback on: until Twilio tells how it went nobody replaces what is running
      if (away) line.transfer = yield* Deferred.make<TransferReport>()
      return yield* attend(line, providerId, talking && !away)
    })

    return Context.make(Telephone, {
      dial,
      find: makeFind(rest, lines),
      resume,
      recording: makeRecordings(rest, network, lines, config.twilioApiUrl)
    }).pipe(
      Context.add(
        TwilioHost,
        makeHost(config, addresses, lines, {
          webhook: makeWebhooks(rest, scripts),
          media: makeMediaSockets(lines),
          // drawn when somebody asks, so that nothing else that is drawn depends on it
          instance: yield* Effect.cached(token)
        })
      )
    )
  })
)
