/** `phone simulate`: calls in virtual time, on this machine alone: scenarios (`../scenarios.ts`), or a recorded call again. */
import { Args, Command, Options } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { Data, Effect, Option } from "effect"
import { unreadable } from "../../config/unreadable.ts"
import { json } from "../connection.ts"
import { ExitCode, Stop, WrongUsage } from "../exitCodes.ts"
import { unknownOption } from "../help.ts"
import { Manual } from "../manual.ts"
import { whole } from "../numbers.ts"
import { isSame, replayJson, replayLines } from "../replayText.ts"
import { reporting } from "../reporting.ts"
import { Screen } from "../Screen.ts"
import { runScenarios, type ScenariosAsked } from "../scenarios.ts"
import { paint } from "../text.ts"

/** The file cannot be read at all. */
class FileUnreadable extends Data.TaggedError("FileUnreadable")<{ readonly message: string }> {}

const files = Args.text({ name: "file" }).pipe(
  Args.withDescription("YAML files of scenarios (docs/scenarios.md); none to try one call out."),
  Args.repeated
)

const options = {
  replay: Options.text("replay").pipe(
    Options.withPseudoName("path"),
    Options.withDescription(
      "Run the call of this wire log again, and compare what comes of it (docs/replay.md). Default: none."
    ),
    Options.optional
  ),
  strict: Options.boolean("strict").pipe(
    Options.withDescription("With --replay: fail as well when the service only does something else on the wire.")
  ),
  callee: Options.text("callee").pipe(
    Options.withPseudoName("name"),
    Options.withDescription("Who answers: a callee of docs/scenarios.md. Default: the scenario's."),
    Options.optional
  ),
  task: Options.text("task").pipe(
    Options.withDescription("What to achieve. Default: the scenario's."),
    Options.optional
  ),
  seed: whole("seed", "Of chance: the same seed is the same call. Default: the scenario's, else 1.").pipe(
    Options.optional
  ),
  runs: whole("runs", "So many runs of each scenario, with the seeds 1, 2, 3, …, or from --seed on. Default: 1.", {
    least: 1,
    most: 100_000
  }).pipe(Options.withDefault(1)),
  timeline: Options.boolean("timeline").pipe(Options.withDescription("Tell all that happened, also when all is well.")),
  json,
  junit: Options.text("junit").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("Write a JUnit report there as well. Default: none."),
    Options.optional
  ),
  realModel: Options.boolean("real-model").pipe(
    Options.withDescription(
      "With the real voice model, over sockets and in real time; costs what it costs. Callees may only play recordings."
    )
  ),
  config: Options.text("config").pipe(
    Options.withPseudoName("path"),
    Options.withDescription(
      "For --real-model: the configuration with key and model. Default: the usual one if it is there, else $OPENAI_API_KEY."
    ),
    Options.optional
  )
}

type Asked = ScenariosAsked & {
  readonly replay: Option.Option<string>
  readonly strict: boolean
}

/** Options that would do nothing beside the others: whoever wrote them expects that they do. */
const idleOptions = ({ config, files, realModel, replay, strict, ...asked }: Asked): string | undefined => {
  if (Option.isNone(replay)) {
    if (strict) return "--strict is for a call that is run again: it goes with --replay."
    return Option.isSome(config) && !realModel
      ? "--config is for the real model: it goes with --real-model."
      : undefined
  }
  const beside = [
    ...files,
    ...(Option.isSome(asked.callee) ? ["--callee"] : []),
    ...(Option.isSome(asked.task) ? ["--task"] : []),
    ...(Option.isSome(asked.seed) ? ["--seed"] : []),
    ...(asked.runs === 1 ? [] : ["--runs"]),
    ...(Option.isSome(asked.junit) ? ["--junit"] : []),
    ...(realModel ? ["--real-model"] : []),
    ...(Option.isSome(config) ? ["--config"] : [])
  ]
  if (beside.length === 0) return undefined
  return `--replay runs one recorded call again, with --strict, --timeline and --json alone. Leave out ${beside.join(", ")}.`
}

/** What stands behind the first file is a file to the library, whatever it looks like. */
const checked = Effect.fnUntraced(function* (asked: Asked) {
  const command = (yield* Manual).find(({ name }) => name === "simulate")
  const wrong = unknownOption(asked.files, command?.options ?? []) ?? idleOptions(asked)
  if (wrong !== undefined) return yield* new WrongUsage({ message: wrong })
})

const replayFile = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs
    .readFileString(path)
    .pipe(Effect.mapError((error) => new FileUnreadable({ message: `${path}: ${unreadable(error)}` })))
  // the simulator is loaded by this command alone
  const { replay } = yield* Effect.promise(() => import("../../simulation/replay/replay.ts"))
  return yield* Effect.promise(() => replay(text)).pipe(
    Effect.flatten,
    Effect.catchTag("WireLogInvalid", ({ message }) => new FileUnreadable({ message: `${path}: ${message}` }))
  )
})

const replayed = Effect.fnUntraced(function* (path: string, { json, strict, timeline }: Asked) {
  const screen = yield* Screen
  const replayed = yield* replayFile(path)
  const lines = json
    ? [replayJson(replayed, strict, timeline)]
    : replayLines(replayed, strict, timeline, paint(screen.colour))
  for (const line of lines) screen.print(line)
  if (!isSame(replayed, strict)) return yield* new Stop({ code: ExitCode.withoutSuccess })
})

const tried = Effect.fnUntraced(function* (asked: Asked) {
  yield* checked(asked)
  if (Option.isSome(asked.replay)) return yield* replayed(asked.replay.value, asked)
  return yield* runScenarios(asked)
})

export const simulate = Command.make("simulate", { files, ...options }, (asked) =>
  tried(asked).pipe(reporting(asked.json))
).pipe(
  Command.withDescription("Try a task out on simulated callees before anyone is called, or run a recorded call again.")
)
