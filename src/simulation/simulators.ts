/** The simulated Twilio and Realtime on real sockets of this machine: for `provider: simulated`, the demo, and other people's tests. */
import { Effect, Layer, type Scope } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import { type CannotListen, layerNode, serveHost } from "../wire/Node.ts"
import type { Faults } from "./realtime/Faults.ts"
import { makeSimulatedRealtime, type SimulatedRealtime } from "./realtime/SimulatedRealtime.ts"
import { makeSimulatedTwilio, type SimulatedTwilio, type SimulatedTwilioOptions } from "./twilio/SimulatedTwilio.ts"

export interface SimulatorOptions
  extends Pick<SimulatedTwilioOptions, "account" | "callees" | "callsPerSecond" | "ownNumbers"> {
  /** 0 or absent: any free port. */
  readonly twilioPort?: number
  readonly realtimePort?: number
  /** What goes wrong in every session of the simulated Realtime server. */
  readonly faults?: Faults
}

export interface Simulators {
  /** The addresses, as the configuration names them. */
  readonly twilioApiUrl: string
  readonly realtimeUrl: string
  readonly twilio: SimulatedTwilio
  readonly realtime: SimulatedRealtime
}

const hostname = "127.0.0.1"

/** Starts both; they stop with the scope. */
export const startSimulators: (
  account: Pick<PhoneConfigValues, "accountSid" | "authToken" | "openaiApiKey">,
  options?: SimulatorOptions
) => Effect.Effect<Simulators, CannotListen, Scope.Scope> = Effect.fnUntraced(function* (
  { accountSid, authToken, openaiApiKey },
  { faults = {}, realtimePort = 0, twilioPort = 0, ...line } = {}
) {
  const network = yield* Layer.build(layerNode)
  const twilio = yield* makeSimulatedTwilio({ accountSid, authToken, ...line }).pipe(Effect.provide(network))
  const realtime = yield* makeSimulatedRealtime({ apiKey: openaiApiKey, faults })
  const rest = yield* serveHost(twilio.host, { hostname, port: twilioPort })
  const model = yield* serveHost(realtime.host, {
    hostname,
    port: realtimePort,
    maxPayload: 16 * 1024 * 1024
  })
  const simulators: Simulators = {
    twilioApiUrl: `http://${hostname}:${rest.port}`,
    realtimeUrl: `ws://${hostname}:${model.port}/v1/realtime`,
    twilio,
    realtime
  }
  return simulators
})
