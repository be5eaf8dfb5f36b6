/** One life of the service on a simulated machine: it is started, used by its typed client, and stopped or killed. */
import { type RpcClient, type RpcClientError, RpcTest } from "@effect/rpc"
import type { SqlClient } from "@effect/sql"
import { type Context, Effect, Exit, Fiber, FiberRef, Layer, Option, Redacted, Scope, Supervisor } from "effect"
import { PhoneConfig } from "../../Config.ts"
import { layerAuthentication } from "../../rpc/authentication.ts"
import { withToken } from "../../rpc/client.ts"
import { layerHandlers } from "../../rpc/handlers.ts"
import { PhoneRpcs } from "../../rpc/PhoneRpcs.ts"
import { Requests } from "../../rpc/Requests.ts"
import { layerSqlite } from "../../sql/Sqlite.ts"
import { layerTranscripts } from "../../sql/SqlTranscripts.ts"
import { MemoryNetwork } from "../../wire/Memory.ts"
import type { WireSocket } from "../../wire/Network.ts"
import { configOf, layerService, type NetworkView, type SimulationOptions } from "../Simulation.ts"
import { type InTheWay, layerRefusing } from "./Database.ts"
import type { Mortal } from "./Mortal.ts"
import { type Sabotage, sabotaged } from "./Sabotage.ts"
import type { WallClock } from "./WallClock.ts"

export type Client = RpcClient.FromGroup<typeof PhoneRpcs, RpcClientError.RpcClientError>

export interface Process {
  /** Asks the service, as a client of its RPC interface. Nothing: it died meanwhile. */
  readonly ask: <A, E>(question: (client: Client) => Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>, E>
  /** Ends it without a word, at once. */
  readonly kill: Effect.Effect<void>
  /** Ends it in good order: goodbyes are said. `false`: it died over that. */
  readonly stop: Effect.Effect<boolean>
  /** How many fibers live in it. */
  readonly fibers: Effect.Effect<number>
}

const asItIs = <A>(plain: A): A => plain

/** With which the service is asked. */
export const rpcToken = "simulated-rpc-token"

const token = Redacted.make(rpcToken)

/**
 * Starts the service. It lives until it is stopped or killed, whatever becomes of the scope of whoever started it. Nothing: it
 * died over its start.
 */
export const startProcess = Effect.fnUntraced(function* (
  options: SimulationOptions,
  wall: WallClock,
  inTheWay: InTheWay,
  sabotage: Sabotage,
  mortal: Mortal
) {
  const memory = yield* MemoryNetwork
  const living = yield* FiberRef.get(FiberRef.currentScheduler)
  const tracked = yield* Supervisor.track
  const machine = yield* Scope.make()
  const disk = yield* Scope.make()
  const scope = yield* Scope.make()
  const sockets: Array<WireSocket> = []

  const inProcess = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(Effect.supervised(tracked), Effect.withClock(wall), Effect.withScheduler(mortal.scheduler))

  /** A handshake on its way is the machine's: it is cut, not left open, when the process dies meanwhile. */
  const view: NetworkView = (network) => ({
    ...network,
    webSocket: (url, how) =>
      network.webSocket(url, how).pipe(
        Effect.tap((socket) => Effect.sync(() => (mortal.alive ? void sockets.push(socket) : socket.terminate()))),
        Effect.withScheduler(living)
      )
  })
  const { host = asItIs, service: outside = asItIs } = options.seenBy ?? {}
  const seenBy: SimulationOptions["seenBy"] = {
    service: (network) => (sabotage.network ?? asItIs)(outside(view(network))),
    host: (own) => host((sabotage.host ?? asItIs)(own))
  }

  const serviceOn = (database: Context.Context<SqlClient.SqlClient>) =>
    Layer.mergeAll(
      layerHandlers.pipe(Layer.provideMerge(Requests.Default)),
      layerAuthentication(token),
      withToken(token)
    ).pipe(
      Layer.provideMerge(
        sabotaged.service(
          layerService(
            { ...options, seenBy },
            sabotaged.store(Layer.provide(layerTranscripts, Layer.succeedContext(database)), sabotage)
          ),
          sabotage
        )
      )
    )

  const start = Effect.gen(function* () {
    // before this, none of its steps is one of a mortal
    yield* Effect.yieldNow()
    const database = yield* Layer.buildWithScope(
      layerRefusing(inTheWay).pipe(
        Layer.provide(layerSqlite),
        Layer.provide(Layer.effect(PhoneConfig, configOf(options)))
      ),
      disk
    )
    const context = yield* Layer.buildWithScope(serviceOn(database), scope)
    return yield* RpcTest.makeClient(PhoneRpcs).pipe(Effect.provide(context), Scope.extend(scope))
  }).pipe(
    Effect.provideService(MemoryNetwork, {
      ...memory,
      // the listening port is the machine's, which takes it back when the process is gone
      mount: (origin, host) => memory.mount(origin, host).pipe(Scope.extend(machine), Effect.withScheduler(living))
    })
  )

  const gone = Effect.suspend(() => {
    for (const socket of sockets) socket.terminate()
    return Effect.zipRight(Scope.close(machine, Exit.void), Scope.close(disk, Exit.void))
  })
  /** On a fiber of its own: whoever waits for a process that dies must not die with it. */
  const unlessItDies = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R> =>
    Effect.flatMap(Effect.forkDaemon(inProcess(work)), (working) =>
      Effect.raceFirst(Effect.asSome(Fiber.join(working)), Effect.as(mortal.death, Option.none()))
    )

  const started = yield* Effect.onError(unlessItDies(start), () => Effect.zipRight(Scope.close(scope, Exit.void), gone))
  if (Option.isNone(started)) return yield* Effect.as(gone, Option.none())
  const client = started.value
  const process: Process = {
    ask: (question) => unlessItDies(question(client)),
    kill: Effect.suspend(() => {
      mortal.die()
      return gone
    }),
    stop: Effect.zipLeft(Effect.map(unlessItDies(Scope.close(scope, Exit.void)), Option.isSome), gone),
    fibers: Effect.map(tracked.value, (fibers) => fibers.length)
  }
  return Option.some(process)
})
