/**
 * The whole of Phone in memory: the real service from `Calls` down to its adapters, with Twilio, Realtime, network and disk
 * simulated beneath them. Run it with `VirtualTime.run`; what happened can be compared from the outside.
 */
import { type FileSystem, Path } from "@effect/platform"
import { Context, type Duration, Effect, Layer, type ParseResult, Redacted, Schema } from "effect"
import type { Calls } from "../Calls.ts"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "../Config.ts"
import { simulatedCredentials } from "../config/simulated.ts"
import type { StoreUnavailable } from "../domain/errors.ts"
import { type Lines, layerLogged, layerStore, type Store } from "../Phone.ts"
import { inMemory } from "../sql/Sqlite.ts"
import { TwilioHost } from "../telephone/Twilio.ts"
import { layerMemory, MemoryNetwork } from "../wire/Memory.ts"
import { type Host, Network } from "../wire/Network.ts"
import { layerWireLogs } from "../wirelog/WireLogs.ts"
import { layerMemoryFiles, type MemoryFiles } from "./MemoryFiles.ts"
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
  /** Faults of the network, as they look from one of those who use it. Default: none. `host`: whoever calls the service. */
  readonly seenBy?: { readonly service?: NetworkView; readonly twilio?: NetworkView; readonly host?: HostView }
}

/** What others reach of the service, with faults laid over it. */
export type HostView = (host: Host) => Host

/** The network with faults laid over it: what one of its users has in its place. */
export type NetworkView = (network: Network["Type"]) => Network["Type"]

const asItIs: NetworkView = (network) => network

/** What stands outside of the service and saw all of it. */
export class Outside extends Context.Tag("phone/Outside")<
  Outside,
  { readonly twilio: SimulatedTwilio; readonly realtime: SimulatedRealtime }
>() {}

/** The service, and the disk it writes to. */
export type Simulated = Service | FileSystem.FileSystem | MemoryFiles

/** The service itself. */
export type Service = Calls | Lines | Store | PhoneConfig | Path.Path

const origins = {
  phone: "https://phone.example",
  twilio: "https://api.twilio.example",
  realtime: "wss://realtime.example"
}

/** The configuration of the simulated service. */
export const configOf = (options: SimulationOptions) =>
  Schema.decodeUnknown(PhoneConfigSchema)({
    ...simulatedCredentials,
    provider: "simulated",
    webhookHost: origins.phone,
    twilioApiUrl: origins.twilio,
    realtimeUrl: `${origins.realtime}/v1/realtime`,
    database: inMemory,
    transcriptsDir: "/transcripts",
    ...options.config
  })

/** Lets the simulated Twilio reach the service's webhooks. */
const layerMounted = (view: HostView) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { mount } = yield* MemoryNetwork
      yield* mount(origins.phone, view(yield* TwilioHost))
    })
  )

/** The network, with the simulated Twilio and Realtime on it, and the disk. They go on when a service on them stops. */
export const layerOutside = (
  options: SimulationOptions = {}
): Layer.Layer<Outside | MemoryNetwork | Network | MemoryFiles | FileSystem.FileSystem> =>
  Layer.scoped(
    Outside,
    Effect.gen(function* () {
      const { mount, network } = yield* MemoryNetwork
      const { accountSid, authToken, openaiApiKey } = simulatedCredentials
      const realtime = yield* makeSimulatedRealtime({ ...options.realtime, apiKey: Redacted.make(openaiApiKey) })
      const twilio = yield* makeSimulatedTwilio({
        callsPerSecond: 100,
        ...options.twilio,
        accountSid,
        authToken: Redacted.make(authToken)
      }).pipe(Effect.provideService(Network, (options.seenBy?.twilio ?? asItIs)(network)))
      yield* mount(origins.twilio, twilio.host)
      yield* mount(origins.realtime, realtime.host)
      return { twilio, realtime }
    })
  ).pipe(
    Layer.provideMerge(layerMemory({ latency: options.latency ?? "20 millis" })),
    Layer.provideMerge(layerMemoryFiles)
  )

/** The service alone, to be put on an outside: again after the one before has stopped, if need be. */
export const layerService = (
  options: SimulationOptions = {},
  store: Layer.Layer<Store, StoreUnavailable, PhoneConfig | FileSystem.FileSystem | Path.Path> = layerStore
): Layer.Layer<Service, ParseResult.ParseError | StoreUnavailable, MemoryNetwork | FileSystem.FileSystem> => {
  const network = Layer.effect(
    Network,
    Effect.map(MemoryNetwork, (memory) => (options.seenBy?.service ?? asItIs)(memory.network))
  )
  return layerLogged(store)(layerMounted(options.seenBy?.host ?? ((host) => host))).pipe(
    Layer.provide(layerWireLogs),
    Layer.provide(network),
    Layer.provideMerge(Layer.effect(PhoneConfig, configOf(options))),
    Layer.provideMerge(Path.layer)
  )
}

/** `Calls` and everything beside it that a test may want to look at. One instance is one world. */
export const layerSimulation = (
  options: SimulationOptions = {}
): Layer.Layer<Simulated | Outside | MemoryNetwork | Network, ParseResult.ParseError | StoreUnavailable> =>
  Layer.provideMerge(layerService(options), layerOutside(options))
