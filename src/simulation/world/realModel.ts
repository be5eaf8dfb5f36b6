/**
 * The call of a scenario with a real voice model: the service and the simulated Twilio on real sockets of this machine, in real
 * time, the model wherever it is. It hears the callee's recordings and speaks for itself; what a scenario has that cannot be
 * had so is refused before anything starts.
 */
import { FileSystem } from "@effect/platform"
import { Clock, Context, Data, Duration, Effect, Layer, Option, Schema } from "effect"
import { PhoneConfigFields, type PhoneConfigInput, PhoneConfigSchema, type PhoneConfigValues } from "../../Config.ts"
import { simulatedCredentials } from "../../config/simulated.ts"
import { PhoneClient } from "../../rpc/client.ts"
import { startService } from "../../Service.ts"
import type { CalleeScript, CalleeStep } from "../callee/CalleeScript.ts"
import type { Scenario } from "../scenario/Scenario.ts"
import { haveCalled, recordOf, type Serviced } from "./Owner.ts"
import type { Logged, Run } from "./Run.ts"
import { calleeOf, calleesOf, parse, patience } from "./simulate.ts"
import { collecting } from "./watching.ts"

/** Where the model is and which one: keys of the configuration. */
export type RealModel = Pick<
  PhoneConfigValues,
  "openaiApiKey" | "realtimeUrl" | "realtimeModel" | "transcriptionModel" | "defaultVoice"
>

/** The scenario has what a real model cannot hear, or what only the simulated world can do. */
export class NotForRealModel extends Data.TaggedError("NotForRealModel")<{ readonly message: string }> {}

/** What in the steps is understood by the simulated model alone: words coded into sound, and words heard in such sound. */
const inaudible = (steps: ReadonlyArray<CalleeStep>): ReadonlyArray<string> =>
  steps.flatMap((step): ReadonlyArray<string> => {
    if ("say" in step) return ["say"]
    if ("bargeIn" in step) return ["bargeIn"]
    if ("menu" in step) return ["menu"]
    if ("repeat" in step) return inaudible(step.repeat.steps)
    if (!("reply" in step)) return []
    return step.reply.flatMap(({ say, steps: more = [], when }) => [
      ...(say === undefined ? [] : ["reply.say"]),
      ...(when === undefined ? [] : ["reply.when"]),
      ...inaudible(more)
    ])
  })

const check = ({ agent = [], faults = [], operations = [] }: Scenario, callee: CalleeScript) => {
  const steps = [...new Set("steps" in callee ? inaudible(callee.steps) : [])]
  const reasons = [
    ...(steps.length === 0
      ? []
      : [
          `a real model hears recordings only, and the callee has ${steps.join(", ")} steps: their words are coded for the simulated model. Use play with WAV files`
        ]),
    ...(agent.length === 0 ? [] : ["a real model speaks for itself: leave agent out"]),
    ...(faults.length === 0 ? [] : ["faults happen in the simulated world only"]),
    ...(operations.some((operation) => "stop" in operation) ? ["stop happens in the simulated world only"] : [])
  ]
  return reasons.length === 0 ? Effect.void : new NotForRealModel({ message: `${reasons.join("; ")}.` })
}

/** Fails when the scenario cannot be had with a real model. */
export const playableWithModel = (scenario: Scenario) =>
  Effect.flatMap(calleeOf(scenario), (callee) => check(scenario, callee))

/** OpenAI's, as the configuration has it when nothing else is said. */
export const defaultModel = (openaiApiKey: string): RealModel =>
  Schema.decodeSync(PhoneConfigFields)({
    ...simulatedCredentials,
    webhookHost: "http://127.0.0.1",
    openaiApiKey
  })

/** For the last callbacks of a call that has ended. */
const afterwards = Duration.seconds(2)

const tell = Effect.fnUntraced(function* (scenario: Scenario, model: RealModel, logs: ReadonlyArray<Logged>) {
  const callees = yield* calleesOf(scenario)
  yield* check(scenario, yield* calleeOf(scenario))
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "phone-scenario-" })
  const { defaultVoice, openaiApiKey, realtimeModel, realtimeUrl, transcriptionModel } = model
  const keys: Partial<PhoneConfigInput> = { defaultVoice, realtimeModel, transcriptionModel, ...scenario.config }
  const config = yield* Schema.decode(PhoneConfigSchema)({
    recordCalls: false,
    ...simulatedCredentials,
    ...keys,
    provider: "simulated",
    webhookHost: "http://127.0.0.1",
    webhookPort: 0,
    rpcPort: 0,
    database: `${folder}/phone.db`,
    transcriptsDir: `${folder}/transcripts`
  })
  const startedAt = yield* Clock.currentTimeMillis
  const service = yield* startService({ ...config, openaiApiKey }, { callees, realtimeUrl })
  const client = Context.get(
    yield* Layer.build(PhoneClient.layer({ url: service.rpcUrl, token: service.rpcToken })),
    PhoneClient
  )
  const lives: Run["lives"] = [{ startedAt, endedAt: undefined, end: undefined }]
  const machine: Serviced = {
    process: Effect.succeed({ ask: (question) => Effect.asSome(question(client)) }),
    stop: Effect.void,
    lives
  }
  const events: Array<Run["events"][number]> = []
  const longest = Duration.sum(Duration.sum(config.ringTimeout, config.maxCallDuration), patience)
  const { ids, refused } = yield* haveCalled(machine, scenario, events, longest)
  yield* Effect.sleep(afterwards)
  const [id] = ids
  const call = id === undefined ? Option.none() : yield* recordOf(machine, id)
  const file = yield* Effect.option(fs.readFileString(`${folder}/transcripts/${id}.json`))
  const seen: Run = {
    scenario,
    startedAt,
    endedAt: yield* Clock.currentTimeMillis,
    refused,
    ids,
    call: Option.getOrUndefined(call),
    file: Option.getOrUndefined(Option.flatMap(file, parse)),
    events,
    sent: [],
    legs: service.simulators?.twilio.calls() ?? [],
    // the model's side is not ours to see
    sessions: [],
    logs,
    met: [],
    unplayed: [],
    lives,
    // not seen here
    late: [],
    residue: undefined
  }
  return seen
})

/** Makes the call of a scenario with a real model, in real time, and gives all that was seen of it. Costs what the model costs. */
export const simulateWithModel = (scenario: Scenario, model: RealModel) => {
  const logs: Array<Logged> = []
  return Effect.scoped(tell(scenario, model, logs)).pipe(Effect.provide(collecting(logs)))
}
