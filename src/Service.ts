/**
 * The running service: configuration in, two ports open. Composes; decides nothing. The webhook port is for Twilio, the RPC
 * port for clients; the two never share one. Everything is released, in the order that goodbyes need, when the scope closes.
 */
import type { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Context, Deferred, Effect, Layer, type Redacted, type Scope } from "effect"
import { Calls } from "./Calls.ts"
import { PhoneConfig, type PhoneConfigValues } from "./Config.ts"
import { type RpcTokenUnusable, readOrCreateRpcToken } from "./config/rpcToken.ts"
import type { StoreUnavailable } from "./domain/errors.ts"
import { type PortUnavailable, RpcAddress, serveRpc } from "./http/serveRpc.ts"
import { layerOn } from "./Phone.ts"
import { Requests } from "./rpc/Requests.ts"
import { type SimulatorOptions, type Simulators, startSimulators } from "./simulation/simulators.ts"
import { TwilioHost } from "./telephone/Twilio.ts"
import { type Host, respond } from "./wire/Network.ts"
import { type CannotListen, layerNode, serveHost } from "./wire/Node.ts"

export interface RunningService {
  /** Where the webhooks are listened to, on this machine. */
  readonly webhookPort: number
  /** Where clients connect to. */
  readonly rpcUrl: string
  readonly rpcToken: Redacted.Redacted
  /** With `provider: simulated`: the world outside, and what it saw. */
  readonly simulators: Simulators | undefined
}

/** With `provider: simulated`: who answers, and where the voice model is, when it is not to be simulated as well. */
export interface SimulatedWorld extends Pick<SimulatorOptions, "callees"> {
  readonly realtimeUrl?: string
}

/** Why there is no service: each says what to do about it. */
export type StartFailure = CannotListen | PortUnavailable | RpcTokenUnusable | StoreUnavailable

/** Twilio calls from anywhere; simulators only from this machine. */
const webhookHostname = (config: PhoneConfigValues): string =>
  config.provider === "simulated" ? "127.0.0.1" : "0.0.0.0"

/** Answers 503 until the real host is there: the port must be known before the configuration that the host is made from. */
const makeDoor = Effect.gen(function* () {
  const ready = yield* Deferred.make<Host>()
  const whenReady = <A>(use: (host: Host) => Effect.Effect<A>, otherwise: A) =>
    Effect.flatMap(Deferred.isDone(ready), (done) =>
      done ? Effect.flatMap(Deferred.await(ready), use) : Effect.succeed(otherwise)
    )
  const host: Host = {
    http: (request) => whenReady((host) => host.http(request), respond(503)),
    webSocket: (handshake) =>
      whenReady((host) => host.webSocket(handshake), { _tag: "Refuse" as const, response: respond(503) })
  }
  return { host, open: (real: Host) => Deferred.succeed(ready, real) }
})

/** With `provider: simulated` the world is in this process: its addresses replace those of the configuration. */
const settle = Effect.fnUntraced(function* (config: PhoneConfigValues, webhookPort: number, world: SimulatedWorld) {
  if (config.provider === "twilio") return { config, simulators: undefined }
  const { realtimeUrl: model, ...line } = world
  const simulators = yield* startSimulators(config, { callsPerSecond: config.callsPerSecond, ...line })
  const { twilioApiUrl } = simulators
  const realtimeUrl = model ?? simulators.realtimeUrl
  const webhookHost = `http://127.0.0.1:${webhookPort}`
  return { config: { ...config, twilioApiUrl, realtimeUrl, webhookHost }, simulators }
})

/** For the news that a call has ended to reach those who wait for it, when the service stops. */
const lastAnswers = "1 second"

/**
 * Starts the service and keeps it running as long as the scope. Fails, with one clear line, when a port is taken, the store
 * cannot be opened, or the token file cannot be used. Stopping says goodbye to live calls and takes less than 10 s.
 */
export const startService: (
  config: PhoneConfigValues,
  world?: SimulatedWorld
) => Effect.Effect<RunningService, StartFailure, FileSystem.FileSystem | Scope.Scope> = Effect.fn("Service.start")(
  function* (given, world = {}) {
    const door = yield* makeDoor
    const { port: webhookPort } = yield* serveHost(door.host, {
      hostname: webhookHostname(given),
      port: given.webhookPort
    })
    const { config, simulators } = yield* settle(given, webhookPort, world)
    const rpcToken = yield* readOrCreateRpcToken(config)

    const opened = Layer.scopedDiscard(Effect.flatMap(TwilioHost, door.open))
    const rpc = serveRpc({ host: config.rpcHost, port: config.rpcPort, token: rpcToken })
    const service = rpc.pipe(
      Layer.provideMerge(layerOn(opened)),
      Layer.provide(Layer.mergeAll(Layer.succeed(PhoneConfig, config), layerNode, NodeContext.layer))
    )
    const built = yield* Layer.build(service)
    // first of all at the stop, while watchers are still connected: they see how their calls end
    const answered = Effect.interruptible(Context.get(built, Requests).answered)
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(Context.get(built, Calls).stop, Effect.timeoutOption(answered, lastAnswers))
    )
    const { url } = Context.get(built, RpcAddress)
    const running: RunningService = { webhookPort, rpcUrl: url, rpcToken, simulators }
    return running
  }
)
