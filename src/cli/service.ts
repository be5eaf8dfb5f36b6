/**
 * Where the command reaches the service's own code. Loaded when `phone serve` or `phone simulators` runs, so that client
 * commands start fast: nothing else here may import the service, and nothing at all statically.
 */
import { Effect, Redacted } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import { simulatedCredentials } from "../config/simulated.ts"

/** Runs until it is interrupted (SIGTERM, SIGINT); then takes no new calls, ends what lives, releases everything. */
export const runService = (config: PhoneConfigValues) =>
  Effect.gen(function* () {
    const { startService } = yield* Effect.promise(() => import("../Service.ts"))
    const { rpcUrl, webhookPort } = yield* startService(config)
    const { provider } = config
    yield* Effect.logInfo("phone is serving").pipe(Effect.annotateLogs({ provider, rpcUrl, webhookPort }))
    return yield* Effect.never
  }).pipe(Effect.scoped)

/** A service of the command's own, for as long as the scope. */
export const ownService = (config: PhoneConfigValues) =>
  Effect.flatMap(
    Effect.promise(() => import("../Service.ts")),
    ({ startService }) => startService(config)
  )

interface SimulatorsAsked {
  readonly twilioPort: number
  readonly realtimePort: number
  readonly callsPerSecond: number
  /** A file of callees; without it those of the documented numbers. */
  readonly callees: string | undefined
  /** Whose credentials they accept; without it those of the simulated line. */
  readonly account: PhoneConfigValues | undefined
  /** Told the addresses, as the configuration names them, once both listen. */
  readonly ready: (addresses: { readonly twilioApiUrl: string; readonly realtimeUrl: string }) => void
}

/** Simulated Twilio and Realtime on loopback ports, for a service elsewhere, until interrupted. */
export const runSimulators = ({ account, callees, ready, ...options }: SimulatorsAsked) =>
  Effect.gen(function* () {
    const { loadCallees } = yield* Effect.promise(() => import("../simulation/callee/calleesFile.ts"))
    const { startSimulators } = yield* Effect.promise(() => import("../simulation/simulators.ts"))
    const { accountSid, authToken, openaiApiKey } = simulatedCredentials
    const simulated = { accountSid, authToken: Redacted.make(authToken), openaiApiKey: Redacted.make(openaiApiKey) }
    const script = callees === undefined ? {} : { callees: yield* loadCallees(callees) }
    const { realtimeUrl, twilioApiUrl } = yield* startSimulators(account ?? simulated, { ...options, ...script })
    ready({ twilioApiUrl, realtimeUrl })
    return yield* Effect.never
  }).pipe(Effect.scoped)
