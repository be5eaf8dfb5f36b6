/**
 * The whole of Phone in memory: the real service from `Calls` down to its adapters, with Twilio, Realtime, network and disk
 * simulated beneath them. Run it with `VirtualTime.run`; what happened can be compared from the outside.
 */
import { Path } from "@effect/platform"
import { Context, type Duration, Effect, Layer, Redacted, Schema } from "effect"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "../Config.ts"
import { layerOn } from "../Phone.ts"
import { inMemory } from "../sql/Sqlite.ts"
import { TwilioHost } from "../telephone/Twilio.ts"
import { layerMemory, MemoryNetwork } from "../wire/Memory.ts"
import { ownNumber } from "./callee/numbers.ts"
import { layerMemoryFiles } from "./MemoryFiles.ts"
import {
  makeSimulatedRealtime,
  type SimulatedRealtime,
  type SimulatedRealtimeOptions
} from "./realtime/SimulatedRealtime.ts"
import { makeSimulatedTwilio, type SimulatedTwilio, type SimulatedTwilioOptions } from "./twilio/SimulatedTwilio.ts"

export interface SimulationOptions {
  /** Keys of the configuration that differ from the simulation's. */
  readonly config?: Partial<PhoneConfigInput>
  readonly twilio?: Omit<Partial<SimulatedTwilioOptions>, "accountSid" | "authToken">
  readonly realtime?: Omit<Partial<SimulatedRealtimeOptions>, "apiKey">
  /** Of the network, one way. Default 20 ms. */
  readonly latency?: Duration.DurationInput
}

/** What stands outside of the service and saw all of it. */
export class Outside extends Context.Tag("phone/Outside")<
  Outside,
  { readonly twilio: SimulatedTwilio; readonly realtime: SimulatedRealtime }
>() {}

const origins = {
  phone: "https://phone.example",
  twilio: "https://api.twilio.example",
  realtime: "wss://realtime.example"
}

/** The account, keys and addresses of the simulated world, as the configuration would name them. */
export const simulatedAccount = {
  provider: "simulated",
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "simulated-auth-token",
  phoneNumber: ownNumber,
  openaiApiKey: "simulated-openai-key"
} as const

const configOf = (options: SimulationOptions) =>
  Schema.decodeUnknown(PhoneConfigSchema)({
    ...simulatedAccount,
    webhookHost: origins.phone,
    twilioApiUrl: origins.twilio,
    realtimeUrl: `${origins.realtime}/v1/realtime`,
    database: inMemory,
    transcriptsDir: "/transcripts",
    ...options.config
  })

/** Lets the simulated Twilio reach the service's webhooks. */
const layerMounted = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { mount } = yield* MemoryNetwork
    yield* mount(origins.phone, yield* TwilioHost)
  })
)

/** `Calls` and everything beside it that a test may want to look at. One instance is one world. */
export const layerSimulation = (options: SimulationOptions = {}) => {
  const network = layerMemory({ latency: options.latency ?? "20 millis" })
  const outside = Layer.scoped(
    Outside,
    Effect.gen(function* () {
      const { mount } = yield* MemoryNetwork
      const { accountSid, authToken, openaiApiKey } = simulatedAccount
      const twilio = yield* makeSimulatedTwilio({
        callsPerSecond: 100,
        ...options.twilio,
        accountSid,
        authToken: Redacted.make(authToken)
      })
      const realtime = yield* makeSimulatedRealtime({ ...options.realtime, apiKey: Redacted.make(openaiApiKey) })
      yield* mount(origins.twilio, twilio.host)
      yield* mount(origins.realtime, realtime.host)
      return { twilio, realtime }
    })
  )
  return layerOn(layerMounted).pipe(
    Layer.provideMerge(outside),
    Layer.provideMerge(network),
    Layer.provideMerge(Layer.effect(PhoneConfig, configOf(options))),
    Layer.provideMerge(layerMemoryFiles),
    Layer.provideMerge(Path.layer)
  )
}
