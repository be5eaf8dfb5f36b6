/** What all parts of one simulated Twilio share: whose account it is, the network, time, and how long things take. */
import { type Context, Duration, type Effect, type Redacted, type Scope } from "effect"
import type { PCGRandom } from "effect/Utils"
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
  /** Of SIDs and tokens; seeded by Effect's Random. */
  readonly random: PCGRandom
  /** Epoch milliseconds of the Effect Clock. */
  readonly now: () => number
  /** The life of the simulated Twilio. */
  readonly scope: Scope.Scope
  /** Runs what outlives its cause (webhooks, the call itself) until the simulated Twilio is gone. Defects are logged. */
  readonly spawn: (effect: Effect.Effect<void>) => void
}

/** `count` random hex digits. */
export const hex = ({ random }: Pick<World, "random">, count: number): string => {
  let digits = ""
  while (digits.length < count) digits += random.integer(16).toString(16)
  return digits
}

/** A new SID: two letters and 32 hex digits. */
export const newSid = (world: Pick<World, "random">, prefix: "CA" | "MZ" | "RE" | "RQ"): string =>
  prefix + hex(world, 32)
