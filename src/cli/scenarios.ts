/** What `phone simulate` does with scenarios: gathers them, tries each with its seeds, shows what came of it. */
import { FileSystem } from "@effect/platform"
import { Array, type Context, Data, Effect, Option } from "effect"
import { findConfigFile, loadConfigFile } from "../config/loadConfig.ts"
import type { Scenario } from "../simulation/scenario/Scenario.ts"
import type { Trial } from "../simulation/scenario/trial.ts"
import type { RealModel } from "../simulation/world/realModel.ts"
import { ExitCode, Stop } from "./exitCodes.ts"
import { junit } from "./junit.ts"
import { Screen } from "./Screen.ts"
import { passed, seedsLines, summary, type Tried, triedAsJson, triedLines } from "./scenarioText.ts"
import { paint } from "./text.ts"

export interface ScenariosAsked {
  readonly files: ReadonlyArray<string>
  readonly callee: Option.Option<string>
  readonly task: Option.Option<string>
  readonly seed: Option.Option<number>
  readonly runs: number
  readonly timeline: boolean
  readonly json: boolean
  readonly junit: Option.Option<string>
  readonly realModel: boolean
  readonly config: Option.Option<string>
}

/** What was asked cannot be done; nothing was tried. */
export class CannotSimulate extends Data.TaggedError("CannotSimulate")<{ readonly message: string }> {}

interface Given {
  readonly file: string | undefined
  readonly scenario: Scenario
}

const anyTask = "Make an appointment for Tuesday at 2 pm."

/** Of the files, or made from the options alone. Options replace what the files say. */
const gather = Effect.fnUntraced(function* ({ callee, files, task }: ScenariosAsked) {
  if (Option.exists(task, (text) => text.trim() === "")) {
    return yield* new CannotSimulate({ message: "--task must be a text that is not blank." })
  }
  const { loadScenarios } = yield* Effect.promise(() => import("../simulation/scenario/scenarioFile.ts"))
  const { calleeNamed, calleeNames } = yield* Effect.promise(() => import("../simulation/callee/library.ts"))
  if (Option.isSome(callee) && calleeNamed(callee.value) === undefined) {
    const message = `There is no callee ${callee.value}. Known are ${calleeNames.join(", ")}.`
    return yield* new CannotSimulate({ message })
  }
  if (files.length === 0 && Option.isNone(callee) && Option.isNone(task)) {
    return yield* new CannotSimulate({
      message: "Give a file of scenarios, or --task or --callee to try a call out. See docs/scenarios.md."
    })
  }
  const loaded = yield* Effect.forEach(files, (file) =>
    Effect.either(Effect.map(loadScenarios(file), (all) => all.map((scenario): Given => ({ file, scenario }))))
  )
  const wrong = loaded.flatMap((one) => (one._tag === "Left" ? one.left.message : []))
  if (wrong.length > 0) return yield* new CannotSimulate({ message: wrong.join("\n") })
  const given = loaded.flatMap((one) => (one._tag === "Right" ? one.right : []))
  const alone: Given = { file: undefined, scenario: { call: { task: anyTask } } }
  return (files.length === 0 ? [alone] : given).map(
    ({ file, scenario }): Given => ({
      file,
      scenario: {
        ...scenario,
        ...Option.match(callee, { onNone: () => ({}), onSome: (callee) => ({ callee }) }),
        call: { ...scenario.call, ...Option.match(task, { onNone: () => ({}), onSome: (task) => ({ task }) }) }
      }
    })
  )
})

const seedsOf = ({ runs, seed }: ScenariosAsked, scenario: Scenario): ReadonlyArray<number> => {
  const first = Option.getOrElse(seed, () => (runs === 1 ? (scenario.seed ?? 1) : 1))
  return Array.makeBy(runs, (index) => first + index)
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`)

const againOf = ({ callee, realModel, task }: ScenariosAsked, file: string | undefined, seed: number) =>
  realModel
    ? undefined
    : [
        "phone simulate",
        ...(file === undefined ? [] : [quoted(file)]),
        ...Option.match(callee, { onNone: () => [], onSome: (name) => ["--callee", quoted(name)] }),
        ...Option.match(task, { onNone: () => [], onSome: (text) => ["--task", quoted(text)] }),
        `--seed ${seed}`,
        "--timeline"
      ].join(" ")

const noKey = "A real model needs a key: set OPENAI_API_KEY, or name a configuration with --config."

/** The model of the configuration; without any, OpenAI's with the key of the environment. */
const modelOf = Effect.fnUntraced(function* ({ config }: ScenariosAsked) {
  const path = yield* Effect.option(findConfigFile(config))
  if (Option.isSome(path)) {
    const loaded = yield* loadConfigFile(path.value)
    if (loaded.config.provider === "twilio") return loaded.config
    return yield* new CannotSimulate({
      message: `${path.value}: provider is simulated, and so is its model. Name another configuration with --config.`
    })
  }
  const key = process.env.OPENAI_API_KEY
  if (key === undefined || key === "") return yield* new CannotSimulate({ message: noKey })
  const { defaultModel } = yield* Effect.promise(() => import("../simulation/world/realModel.ts"))
  return defaultModel(key)
})

type Trying = (scenario: Scenario) => Effect.Effect<Trial, CannotSimulate, FileSystem.FileSystem>

const offline = Effect.promise(() => import("../simulation/scenario/trial.ts")).pipe(
  Effect.map(
    ({ tryOut }): Trying =>
      (scenario) =>
        Effect.promise(() => tryOut(scenario))
  )
)

/** Everything is refused before anything costs. */
const withModel = Effect.fnUntraced(function* (given: ReadonlyArray<Given>, model: RealModel) {
  const { playableWithModel, simulateWithModel } = yield* Effect.promise(
    () => import("../simulation/world/realModel.ts")
  )
  const { judged } = yield* Effect.promise(() => import("../simulation/scenario/trial.ts"))
  const told = (scenario: Scenario) => (error: { readonly message: string }) =>
    new CannotSimulate({ message: `${scenario.name ?? scenario.call.task}: ${error.message}` })
  yield* Effect.forEach(given, ({ scenario }) => Effect.mapError(playableWithModel(scenario), told(scenario)))
  const trying: Trying = (scenario) =>
    simulateWithModel(scenario, model).pipe(
      Effect.map((run) => judged(run, "record")),
      Effect.mapError(told(scenario))
    )
  return trying
})

const unwritable = (path: string) => (error: { readonly message: string }) =>
  new CannotSimulate({ message: `${path}: cannot be written: ${error.message}` })

/** Before anything is tried; what is in the file stays until there is something to write. */
const writable = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.mapError(Effect.scoped(fs.open(path, { flag: "a" })), unwritable(path))
})

/** Tries them all; fails with exit code 1 when one does not pass, with 2 when something is wrong with what was asked. */
export const runScenarios = Effect.fnUntraced(function* (asked: ScenariosAsked) {
  const screen: Context.Tag.Service<Screen> = yield* Screen
  const look = { paint: paint(screen.colour), timeZone: "UTC" }
  const given = yield* gather(asked)
  if (Option.isSome(asked.junit)) yield* writable(asked.junit.value)
  const trying = asked.realModel ? yield* withModel(given, yield* modelOf(asked)) : yield* offline
  const { problemsOf } = yield* Effect.promise(() => import("../simulation/scenario/trial.ts"))
  const { timelineOf } = yield* Effect.promise(() => import("../simulation/timeline.ts"))
  const shown = { timeline: asked.timeline, transcript: asked.files.length === 0 }
  const all: globalThis.Array<Tried> = []

  for (const { file, scenario } of given) {
    const tried: globalThis.Array<Tried> = []
    for (const seed of seedsOf(asked, scenario)) {
      const trial = yield* trying({ ...scenario, seed })
      const one: Tried = {
        file,
        trial,
        problems: problemsOf(trial),
        timeline: trial.run === undefined ? [] : timelineOf(trial.run),
        again: againOf(asked, file, seed)
      }
      // how the first one went is enough to read, and the others can be had again
      const silent = !asked.timeline && !passed(one) && !tried.every(passed)
      tried.push(one)
      if (asked.json || (asked.runs > 1 && passed(one) && !asked.timeline)) continue
      for (const line of triedLines(silent ? { ...one, timeline: [] } : one, shown, look)) screen.print(line)
    }
    all.push(...tried)
    const quiet = asked.runs > 1 && !asked.timeline && !asked.json
    if (Array.isNonEmptyReadonlyArray(tried) && quiet && tried.every(passed)) {
      for (const line of seedsLines(tried, look)) screen.print(line)
    }
  }

  screen.print(asked.json ? triedAsJson(all, asked.timeline) : summary(all))
  if (Option.isSome(asked.junit)) {
    const path = asked.junit.value
    const fs = yield* FileSystem.FileSystem
    yield* Effect.mapError(fs.writeFileString(path, junit(all)), unwritable(path))
  }
  if (!all.every(passed)) return yield* new Stop({ code: ExitCode.withoutSuccess })
})
