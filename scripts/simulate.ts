/**
 * The long search: makes random calls with random faults in virtual time, judges each by all invariants, and shows for every
 * kind of failure its smallest scenario and its timeline. `npm run simulate -- --help` tells how to ask for it.
 */
import { availableParallelism, tmpdir } from "node:os"
import { parseArgs } from "node:util"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect, Exit, Stream } from "effect"
import { drained } from "../src/cli/drained.ts"
import { breachLines, shownTimeline, tellFindings } from "../src/simulation/search/findings.ts"
import { attemptAt, scenarioAt } from "../src/simulation/search/search.ts"
import { smallestOf, tryAll } from "../src/simulation/search/threads.ts"
import { timelineOf } from "../src/simulation/timeline.ts"

class SearchFailed extends Data.TaggedError("SearchFailed")<{ readonly message: string }> {}
class WrongOptions extends Data.TaggedError("WrongOptions")<{ readonly message: string }> {}

const help = `npm run simulate -- [--runs N] [--jobs K] [--seed S] [--from I]
npm run simulate -- --seed S --index I

  --runs N    scenarios to try (1000)
  --jobs K    threads that try them (all cores but one); one more makes failures smaller
  --seed S    of the search (1): the same seed makes up the same scenarios
  --from I    number of the first scenario (0)
  --index I   only this scenario, with its timeline
  --shrink S  seconds that the first failure of each kind may be made smaller (60)
  --out DIR   where the smallest scenarios are kept, one file each (a new folder among the temporary ones)`

const readOptions = Effect.try({
  try: () =>
    parseArgs({
      options: {
        runs: { type: "string" },
        jobs: { type: "string" },
        seed: { type: "string" },
        from: { type: "string" },
        index: { type: "string" },
        shrink: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false }
      }
    }).values,
  catch: (error) => new WrongOptions({ message: error instanceof Error ? error.message : String(error) })
})
type Options = Effect.Effect.Success<typeof readOptions>

const usual = {
  runs: "1000",
  jobs: String(Math.max(1, availableParallelism() - 1)),
  seed: "1",
  from: "0",
  shrink: "60",
  index: "0"
}

const whole = (values: Options, name: keyof typeof usual, least: number) => {
  const value = values[name] ?? usual[name]
  return /^\d{1,15}$/.test(value) && Number(value) >= least
    ? Effect.succeed(Number(value))
    : new WrongOptions({ message: `--${name} must be a whole number, ${least} or more, not "${value}".` })
}

/** How many calls broke what must hold, so far: an interruption does not undo them. */
let broken = 0

/** Where temporary files go, and stay. */
const lasting = tmpdir()

/** What a thread is stopped in the middle of leaves folders behind: those of all threads are in one, which ends with the search. */
const ownTemporary = Effect.acquireRelease(
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectory({ prefix: "phone-simulation-" })).pipe(
    // threads are given the environment as it is when they start
    Effect.tap((folder) =>
      Effect.sync(() => {
        process.env.TMPDIR = folder
      })
    )
  ),
  (folder) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.ignore(fs.remove(folder, { recursive: true, force: true })))
)

/** Where the smallest scenarios go. A folder that is named is made at once: who cannot write there shall not search for hours. */
const folderOf = Effect.fnUntraced(function* ({ out }: Options) {
  const fs = yield* FileSystem.FileSystem
  if (out === undefined)
    return yield* Effect.cached(fs.makeTempDirectory({ directory: lasting, prefix: "phone-search-" }))
  yield* fs
    .makeDirectory(out, { recursive: true })
    .pipe(Effect.mapError(({ message }) => new WrongOptions({ message: `--out ${out} cannot be made: ${message}` })))
  return Effect.succeed(out)
})

const searchAll = Effect.fnUntraced(function* (values: Options) {
  const [runs, jobs, seed, from, shrink] = yield* Effect.all([
    whole(values, "runs", 1),
    whole(values, "jobs", 1),
    whole(values, "seed", 0),
    whole(values, "from", 0),
    whole(values, "shrink", 0)
  ])
  const tries = tryAll({ seed, from, to: from + runs }, jobs).pipe(
    Stream.tap(({ breaches }) =>
      Effect.sync(() => {
        if (breaches.length > 0) broken += 1
      })
    )
  )
  yield* tellFindings(tries, {
    seed,
    runs,
    shrinkFor: shrink * 1000,
    smallestOf,
    folder: yield* folderOf(values),
    print: Console.log
  })
  if (broken > 0) return yield* new SearchFailed({ message: `${broken} of ${runs} calls broke what must hold.` })
})

/** One scenario, with all that can be told of it. */
const searchOne = Effect.fnUntraced(function* (values: Options) {
  const beside = (["runs", "jobs", "from", "shrink", "out"] as const).filter((name) => values[name] !== undefined)
  if (beside.length > 0) {
    const named = beside.map((name) => `--${name}`).join(", ")
    return yield* new WrongOptions({
      message: `--index is one scenario, and goes with --seed alone. Leave out ${named}.`
    })
  }
  const [seed, index] = yield* Effect.all([whole(values, "seed", 0), whole(values, "index", 0)])
  const { breaches, run } = yield* Effect.promise(() => attemptAt(seed, index))
  yield* Console.log(
    [
      `#${index} of seed ${seed}`,
      `  ${JSON.stringify(scenarioAt(seed, index))}`,
      ...breachLines(breaches),
      ...(run === undefined ? [] : shownTimeline(timelineOf(run)))
    ].join("\n")
  )
  if (breaches.length > 0) return yield* new SearchFailed({ message: "It broke what must hold." })
})

const program = Effect.flatMap(readOptions, (values) =>
  values.help
    ? Console.log(help)
    : Effect.scoped(Effect.zipRight(ownTemporary, values.index === undefined ? searchAll(values) : searchOne(values)))
)

const endsWith = (code: number, message: string) =>
  Effect.zipRight(
    Console.error(message),
    Effect.sync(() => {
      process.exitCode = code
    })
  )

/** As of a program that a signal has ended. */
const signals = { SIGINT: 130, SIGTERM: 143 }
let interrupted = signals.SIGINT
const heard = (signal: NodeJS.Signals) => {
  interrupted = signal === "SIGTERM" ? signals.SIGTERM : signals.SIGINT
  // another one ends the process at once
  process.off("SIGINT", heard).off("SIGTERM", heard)
}
process.on("SIGINT", heard).on("SIGTERM", heard)

program.pipe(
  Effect.catchTags({
    SearchFailed: ({ message }) => endsWith(1, message),
    WrongOptions: ({ message }) => endsWith(2, `${message}\nnpm run simulate -- --help tells what can be asked.`)
  }),
  Effect.onInterrupt(() =>
    broken > 0
      ? endsWith(1, `Interrupted; ${broken} calls broke what must hold.`)
      : endsWith(interrupted, "Interrupted; no call broke what must hold.")
  ),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({
    teardown: (exit, onExit) => {
      const code = Number(process.exitCode ?? (Exit.isSuccess(exit) ? 0 : 1))
      void drained([process.stdout, process.stderr]).then(() => onExit(code))
    }
  })
)
