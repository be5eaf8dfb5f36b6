/**
 * A scenario over real sockets in real time: service, simulated Twilio and simulated Realtime each on a port of this machine,
 * asked by an RPC client over its socket. Faults of network, sockets and model lie where they lie in virtual time; those of
 * the machine (kill, stop, clock, disk) are not for here.
 */

import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Context, Deferred, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { PhoneConfig, PhoneConfigSchema } from "../../src/Config.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { RpcAddress, serveRpc } from "../../src/http/serveRpc.ts"
import { layerOn } from "../../src/Phone.ts"
import { PhoneClient } from "../../src/rpc/client.ts"
import { type Fault, nameOf } from "../../src/simulation/faults/Fault.ts"
import { quirky, serverFaults } from "../../src/simulation/faults/model.ts"
import { callbackFaults, restFaults } from "../../src/simulation/faults/requests.ts"
import { mediaFaults, modelFaults } from "../../src/simulation/faults/sockets.ts"
import { Trouble } from "../../src/simulation/faults/Trouble.ts"
import { makeSimulatedRealtime } from "../../src/simulation/realtime/SimulatedRealtime.ts"
import { mindOf } from "../../src/simulation/scenario/agent.ts"
import type { Scenario } from "../../src/simulation/scenario/Scenario.ts"
import { makeSimulatedTwilio } from "../../src/simulation/twilio/SimulatedTwilio.ts"
import { haveCalled, recordOf, type Serviced } from "../../src/simulation/world/Owner.ts"
import type { Run } from "../../src/simulation/world/Run.ts"
import { calleesOf } from "../../src/simulation/world/simulate.ts"
import { collecting, watching } from "../../src/simulation/world/watching.ts"
import { TwilioHost } from "../../src/telephone/Twilio.ts"
import { type Host, Network } from "../../src/wire/Network.ts"
import { layerNode, serveHost } from "../../src/wire/Node.ts"

const hostname = "127.0.0.1"

const ofMachine = new Set(["kill", "setClock", "fillDisk", "lockDatabase", "lateTranscription"])

/** Whether nothing but wires is needed for it. */
export const isForSockets = ({ faults = [], operations = [] }: Scenario): boolean =>
  !faults.some((fault: Fault) => ofMachine.has(nameOf(fault))) && !operations.some((one) => "stop" in one)

/** The call of a scenario, with as much of a run as there is to be seen: no residue, and times are the clock's on the wall. */
export const overSockets = Effect.fnUntraced(function* (scenario: Scenario) {
  const clock = yield* Effect.clock
  const scope = yield* Effect.scope
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "phone-sockets-" })
  const now = () => clock.unsafeCurrentTimeMillis()
  const startedAt = now()
  const trouble = new Trouble(scenario.faults ?? [])
  const sent: Array<Run["sent"][number]> = []
  const events: Array<Run["events"][number]> = []
  let detector: string | undefined
  const noLateness = () => 0

  const wire = Context.get(yield* Layer.build(layerNode), Network)
  const callees = yield* calleesOf(scenario)
  const { accountSid, authToken, openaiApiKey } = simulatedCredentials
  const twilio = yield* makeSimulatedTwilio({
    accountSid,
    authToken: Redacted.make(authToken),
    callsPerSecond: 100,
    callees
  }).pipe(Effect.provideService(Network, { ...wire, http: callbackFaults(trouble, scope, () => detector)(wire.http) }))
  const realtime = yield* makeSimulatedRealtime({
    apiKey: Redacted.make(openaiApiKey),
    mind: quirky(trouble, mindOf(scenario.agent), now),
    faults: serverFaults(trouble, now)
  })

  const host = yield* Deferred.make<Host>()
  const door: Host = {
    http: (request) => Effect.flatMap(Deferred.await(host), (real) => real.http(request)),
    webSocket: (handshake) => Effect.flatMap(Deferred.await(host), (real) => real.webSocket(handshake))
  }
  const at = (port: number, scheme = "http") => `${scheme}://${hostname}:${port}`
  const webhooks = yield* serveHost(mediaFaults(trouble, noLateness)(door), { hostname, port: 0 })
  const rest = yield* serveHost(twilio.host, { hostname, port: 0 })
  const model = yield* serveHost(realtime.host, { hostname, port: 0, maxPayload: 16 * 1024 * 1024 })
  const config = yield* Schema.decodeUnknown(PhoneConfigSchema)({
    ...simulatedCredentials,
    provider: "simulated",
    webhookHost: at(webhooks.port),
    twilioApiUrl: at(rest.port),
    realtimeUrl: `${at(model.port, "ws")}/v1/realtime`,
    database: `${folder}/phone.db`,
    transcriptsDir: `${folder}/transcripts`,
    ...scenario.config
  })
  const seen = Layer.succeed(Network, {
    http: watching(
      sent,
      now
    )(
      restFaults(trouble, (url) => {
        detector = url
      })(wire.http)
    ),
    webSocket: modelFaults(trouble, noLateness)(wire.webSocket)
  })
  const token = Redacted.make("sockets")
  const service = yield* Layer.build(
    serveRpc({ host: hostname, port: 0, token }).pipe(
      Layer.provideMerge(
        layerOn(Layer.scopedDiscard(Effect.flatMap(TwilioHost, (real) => Deferred.succeed(host, real))))
      ),
      Layer.provide(Layer.mergeAll(Layer.succeed(PhoneConfig, config), seen, NodeContext.layer))
    )
  )
  const { url } = Context.get(service, RpcAddress)
  const client = Context.get(yield* Layer.build(PhoneClient.layer({ url, token })), PhoneClient)
  const machine: Serviced = {
    process: Effect.succeed({ ask: (question) => Effect.asSome(question(client)) }),
    stop: Effect.void,
    lives: []
  }
  const { ids, refused } = yield* haveCalled(machine, scenario, events, Duration.minutes(3))
  const [id] = ids
  const call = id === undefined ? Option.none() : yield* recordOf(machine, id)
  const run: Omit<Run, "logs"> = {
    scenario,
    startedAt,
    endedAt: now(),
    refused,
    ids,
    call: Option.getOrUndefined(call),
    file: undefined,
    events,
    sent,
    legs: twilio.calls(),
    sessions: realtime.sessions(),
    met: trouble.met,
    unplayed: [],
    lives: [{ startedAt, endedAt: undefined, end: undefined }],
    // not seen here
    late: [],
    residue: undefined
  }
  return run
})

/** The same with its log, on this machine. */
export const runOverSockets = (scenario: Scenario): Promise<Run> => {
  const logs: Array<Run["logs"][number]> = []
  return Effect.runPromise(
    overSockets(scenario).pipe(
      Effect.scoped,
      Effect.map((run): Run => ({ ...run, logs })),
      Effect.provide(Layer.merge(NodeContext.layer, collecting(logs)))
    )
  )
}
