/**
 * Runs a scenario: the real service from its RPC handlers down to its adapters, on a simulated machine, network, Twilio and
 * Realtime, in virtual time. The same scenario gives the same run, event for event.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Path } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Data, Duration, Effect, Either, Exit, Layer, Option, type ParseResult, Random, Schema, Utils } from "effect"
import type { Network } from "../../wire/Network.ts"
import type { CalleeScript } from "../callee/CalleeScript.ts"
import { calleeNamed, calleeNames } from "../callee/library.ts"
import { polite } from "../callee/numbers.ts"
import { faultsOf } from "../faults/Fault.ts"
import { quirky, serverFaults } from "../faults/model.ts"
import { callbackFaults, restFaults } from "../faults/requests.ts"
import { mediaFaults, modelFaults } from "../faults/sockets.ts"
import { Trouble } from "../faults/Trouble.ts"
import { MemoryFiles } from "../MemoryFiles.ts"
import type { Mind } from "../realtime/Mind.ts"
import { configOf, layerOutside, type NetworkView, Outside, type SimulationOptions } from "../Simulation.ts"
import { mindOf } from "../scenario/agent.ts"
import type { Scenario } from "../scenario/Scenario.ts"
import { readScenario, recordingsRead } from "../scenario/scenarioFile.ts"
import { run, type SimulationStopped } from "../VirtualTime.ts"
import { hostWatched, type Late, modelWatched } from "./lateSends.ts"
import { makeMachine, troubledUntil } from "./Machine.ts"
import { haveCalled, callee as ownCallee, recordOf } from "./Owner.ts"
import { type MindFailed, watched } from "./ownMind.ts"
import type { Logged, Run, Sent } from "./Run.ts"
import type { Sabotage } from "./Sabotage.ts"
import { collecting, watching } from "./watching.ts"

export interface SimulateOptions {
  /** What the model says, in place of the scenario's `agent`. */
  readonly mind?: Mind
  /** What the service does wrong by itself. Default: nothing that we know of. */
  readonly sabotage?: Sabotage
}

/** After the end of a call late things must not spoil it; a recording is waited for, and then downloaded, for a minute each. */
const aftermath = Duration.minutes(3)

/** What a call may take beyond ringing and talking before we stop waiting for its end. */
export const patience = Duration.minutes(4)

/** Chance for what is not an Effect, in milliseconds up to `upTo` seconds. */
const makeLateness = Effect.fnUntraced(function* (upTo: number) {
  const random = new Utils.PCGRandom(yield* Random.nextIntBetween(0, 2 ** 31))
  return () => (upTo === 0 ? 0 : 1 + Math.floor(random.number() * upTo * 1000))
})

/** A request and its answer, each later by chance: what is sent first need not arrive first. */
const jittery =
  (lateness: () => number) =>
  (http: Network["Type"]["http"]): Network["Type"]["http"] =>
  (request) =>
    Effect.zipLeft(
      Effect.zipRight(Effect.sleep(lateness()), http(request)),
      Effect.suspend(() => Effect.sleep(lateness()))
    )

/** The scenario says what cannot be: all that is wrong with it, a line each. */
export class ScenarioInvalid extends Data.TaggedError("ScenarioInvalid")<{ readonly message: string }> {}

/** There is no callee of this name. */
export class UnknownCallee extends Data.TaggedError("UnknownCallee")<{ readonly message: string }> {}

/** Who answers. Whoever names nobody calls a documented number, or the polite receptionist. */
export const calleeOf = ({ call, callee: who }: Scenario): Either.Either<CalleeScript, UnknownCallee> => {
  if (who === undefined) return Either.right((call.to === undefined ? undefined : calleeNamed(call.to)) ?? polite)
  if (typeof who !== "string") return Either.right(who)
  const known = calleeNamed(who)
  return known === undefined
    ? Either.left(new UnknownCallee({ message: `There is no callee ${who}. Known are ${calleeNames.join(", ")}.` }))
    : Either.right(known)
}

/** Who answers at which number: at a documented one that calls are transferred to whoever is documented there, else the callee. */
export const calleesOf = (scenario: Scenario): Effect.Effect<(to: string) => CalleeScript, UnknownCallee> =>
  Effect.map(calleeOf(scenario), (callee) => {
    const { call, config } = scenario
    const others = new Set(Object.values(config?.transferTo ?? {}).filter((to) => to !== (call.to ?? ownCallee)))
    return (to) => (others.has(to) ? (calleeNamed(to) ?? callee) : callee)
  })

/** The JSON of a file that a service wrote. */
export const parse = Schema.decodeOption(Schema.parseJson())

interface Telling {
  readonly scenario: Scenario
  /** What the model says. */
  readonly mind: Mind
  readonly sabotage: Sabotage
  /** For a database that is a file. */
  readonly folder: string | undefined
}

const tell = Effect.fnUntraced(function* ({ folder, mind, sabotage, scenario }: Telling) {
  const clock = yield* Effect.clock
  const scope = yield* Effect.scope
  const now = () => clock.unsafeCurrentTimeMillis()
  const startedAt = now()
  const trouble = new Trouble(scenario.faults ?? [])
  // what lasts for the whole run is met as it begins
  for (const fault of trouble.plan)
    if ("jitter" in fault || "lateTranscription" in fault) trouble.meet(startedAt, fault)
  const upTo = Math.max(0, ...faultsOf(trouble.plan, "jitter").map((jitter) => jitter.upTo))
  const lateness = yield* makeLateness(upTo)
  const slow = upTo === 0 ? (http: Network["Type"]["http"]) => http : jittery(lateness)
  const sent: Array<Sent> = []
  const late: Array<Late> = []
  const events: Array<Run["events"][number]> = []
  let detector: string | undefined

  const service: NetworkView = (network) => ({
    http: watching(
      sent,
      now
    )(
      restFaults(trouble, (url) => {
        detector = url
      })(slow(network.http))
    ),
    webSocket: modelWatched(late, now)(modelFaults(trouble, lateness)(network.webSocket))
  })
  const twilio: NetworkView = (network) => ({
    ...network,
    http: callbackFaults(trouble, scope, () => detector)(slow(network.http))
  })
  const transcribedLate = faultsOf(trouble.plan, "lateTranscription")[0]?.by
  const callees = yield* calleesOf(scenario)
  const simulation: SimulationOptions = {
    config: { ...scenario.config, ...(folder === undefined ? {} : { database: join(folder, "phone.db") }) },
    twilio: { callees },
    realtime: {
      mind: quirky(trouble, mind, now),
      faults: serverFaults(trouble, now),
      ...(transcribedLate === undefined
        ? {}
        : {
            timing: { transcription: `${transcribedLate} seconds`, latestTranscription: `${transcribedLate} seconds` }
          })
    },
    seenBy: { service, twilio, host: (own) => mediaFaults(trouble, lateness)(hostWatched(late, now)(own)) }
  }

  const world = yield* Layer.build(Layer.merge(layerOutside(simulation), Path.layer))
  return yield* Effect.gen(function* () {
    const { realtime, twilio } = yield* Outside
    const files = yield* MemoryFiles
    const config = yield* configOf(simulation)
    const machine = yield* makeMachine(simulation, trouble, sabotage)
    const residue = Effect.map(
      Effect.flatMap(machine.process, (process) => process.fibers),
      (fibers) => ({ fibers, asleep: machine.wall.asleep, files: files.open() })
    )
    yield* Effect.sleep("1 second")
    const before = yield* residue
    const longest = Duration.sum(Duration.sum(config.ringTimeout, config.maxCallDuration), patience)
    const placed = yield* haveCalled(machine, scenario, events, longest)
    yield* Effect.sleep(
      Duration.max(
        aftermath,
        Duration.seconds(troubledUntil(trouble.plan) - (now() - startedAt) / 1000 + Duration.toSeconds(aftermath))
      )
    )
    const [id] = placed.ids
    const after = yield* residue
    const call = id === undefined ? Option.none() : yield* recordOf(machine, id)
    const seen: Omit<Run, "logs" | "unplayed"> = {
      scenario,
      startedAt,
      endedAt: now(),
      refused: placed.refused,
      ids: placed.ids,
      call: Option.getOrUndefined(call),
      file: Option.getOrUndefined(Option.flatMap(files.text(`/transcripts/${id}.json`), parse)),
      events,
      sent,
      late,
      legs: twilio.calls(),
      sessions: realtime.sessions(),
      met: trouble.met,
      lives: machine.lives,
      residue: { before, after }
    }
    return seen
  }).pipe(Effect.provide(world))
})

/** A database that outlives the process that wrote it has to be a file. */
const outlives = ({ faults = [], operations = [] }: Scenario): boolean =>
  faults.some((fault) => "kill" in fault) || operations.some((operation) => "stop" in operation)

/**
 * Makes the call of a scenario and gives all that was seen of it. Fails when the world itself cannot go on (a deadlock, or a
 * loop without end), with `ScenarioInvalid` before anything happens (a test may come from code whose types nobody checks, and a
 * recording may be missing), or with `MindFailed`.
 */
export const simulate = async (
  given: Scenario,
  options: SimulateOptions = {}
): Promise<
  Exit.Exit<Run, ScenarioInvalid | MindFailed | UnknownCallee | SimulationStopped | ParseResult.ParseError>
> => {
  // from code a recording's path is relative to the working directory
  const read = await Effect.flatMap(readScenario(given), (scenario) => recordingsRead(scenario, ".")).pipe(
    Effect.either,
    Effect.provide(NodeFileSystem.layer),
    Effect.runPromise
  )
  if (Either.isLeft(read)) return Exit.fail(new ScenarioInvalid({ message: read.left.join("\n") }))
  const scenario = read.right
  const logs: Array<Logged> = []
  const played = new Set<number>()
  const failures: Array<MindFailed> = []
  const mind =
    options.mind === undefined
      ? mindOf(scenario.agent, (index) => played.add(index))
      : watched(options.mind, (error) => failures.push(error))
  const unplayed = () => (options.mind === undefined ? [...(scenario.agent ?? []).keys()] : [])
  const folder = outlives(scenario) ? mkdtempSync(join(tmpdir(), "phone-simulation-")) : undefined
  const program = Effect.scoped(tell({ scenario, mind, sabotage: options.sabotage ?? {}, folder })).pipe(
    Effect.map((seen): Run => ({ ...seen, logs, unplayed: unplayed().filter((index) => !played.has(index)) })),
    Effect.provide(collecting(logs))
  )
  try {
    const exit = await run(program, { seed: scenario.seed ?? 1, maxVirtual: "6 hours" })
    const [failed] = failures
    return failed === undefined ? exit : Exit.fail(failed)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}
