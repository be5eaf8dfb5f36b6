/**
 * Where the command reaches the service's own code. Loaded only by `phone serve` and `phone simulators`, so that client
 * commands start fast: nothing else here may import the service statically.
 */
import type { NodeContext } from "@effect/platform-node"
import { Data, Effect } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import type { Failure } from "./reporting.ts"

/** The service could not start or stopped by itself. */
export class ServiceFailed extends Data.TaggedError("ServiceFailed")<{ readonly message: string }> {}

export interface ServiceCode {
  /** Runs until it is interrupted (SIGTERM, SIGINT); then takes no new calls, ends what lives, releases everything. */
  readonly serve: (config: PhoneConfigValues) => Effect.Effect<never, Failure, NodeContext.NodeContext>
  /** Simulated Twilio and Realtime on loopback ports (0: any), for a service elsewhere, until interrupted. */
  readonly simulators: (ports: {
    readonly twilioPort: number
    readonly realtimePort: number
  }) => Effect.Effect<never, Failure, NodeContext.NodeContext>
}

const missing = (what: string) => new ServiceFailed({ message: `${what} is not part of this build yet.` })

/** To be replaced by `import("../Service.ts")` once it is there. */
export const loadService: Effect.Effect<ServiceCode> = Effect.succeed({
  serve: () => missing("The service"),
  simulators: () => missing("The simulators")
})
