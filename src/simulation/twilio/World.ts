/** What all parts of one simulated Twilio share: whose account it is, the network, time, and how long things take. */
import { type Context, Duration, Effect, Random, type Redacted, type Scope } from "effect"
import type { Network } from "../../wire/Network.ts"
import type { CalleeScript } from "../callee/CalleeScript.ts"

/** How long the telephone network takes for what it does. */
export interface Timing {
  /** From the request to the dialling, when no other call is before this one. */
  readonly queue: Duration.Duration
  /** From the dialling to the first ring, or to the news that it will not ring. */
  readonly dialDelay: Duration.Duration
  /** From the answer to the request for TwiML. */
  readonly answerDelay: Duration.Duration
  /** From an event to its webhook leaving. */
  readonly callbackDelay: Duration.Duration
  /** From the end of the call to the recording being ready. */
  readonly recordingDelay: Duration.Duration
  /** From the end of the call to its price being known. */
  readonly priceDelay: Duration.Duration
  /** How long whoever is dialled by `<Dial>` talks. */
  readonly transferTalk: Duration.Duration
}

export const usualTiming: Timing = {
  queue: Duration.millis(50),
  dialDelay: Duration.millis(400),
  answerDelay: Duration.millis(100),
  callbackDelay: Duration.millis(25),
  recordingDelay: Duration.seconds(3),
  priceDelay: Duration.seconds(5),
  transferTalk: Duration.seconds(5)
}

export interface World {
  readonly accountSid: string
  readonly authToken: Redacted.Redacted
  readonly callees: (to: string) => CalleeScript
  readonly timing: Timing
  /** `completed` on a call that still rings hangs it up, or is refused with 21220: Twilio is seen to do both (facts/twilio.md 1.3). */
  readonly completesRinging: boolean
  readonly network: Context.Tag.Service<Network>
  /** Epoch milliseconds of the Effect Clock. */
  readonly now: () => number
  /** The life of the simulated Twilio. */
  readonly scope: Scope.Scope
  /** Runs what outlives its cause (webhooks, the call itself) until the simulated Twilio is gone. Defects are logged. */
  readonly spawn: (effect: Effect.Effect<void>) => void
}

/** `count` random hex digits. */
export const hex = (count: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, 16), count), (digits) =>
    digits.map((digit) => digit.toString(16)).join("")
  )

/** A new SID: two letters and 32 hex digits. */
export const newSid = (prefix: "CA" | "MZ" | "RE" | "RQ"): Effect.Effect<string> =>
  Effect.map(hex(32), (digits) => prefix + digits)
