/**
 * The long search: makes random calls with random faults in virtual time, judges each by all invariants, and shows for every
 * kind of failure its smallest scenario and its timeline. `npm run simulate -- --help` tells how to ask for it.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect } from "effect"
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
        runs: { type: "string", default: "1000" },
        jobs: { type: "string", default: String(Math.max(1, availableParallelism() - 1)) },
        seed: { type: "string", default: "1" },
        from: { type: "string", default: "0" },
        index: { type: "string" },
        shrink: { type: "string", default: "60" },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false }
      }
    }).values,
  catch: (error) => new WrongOptions({ message: error instanceof Error ? error.message : String(error) })
})
type Options = Effect.Effect.Success<typeof readOptions>

const whole = (values: Options, name: "runs" | "jobs" | "seed" | "from" | "shrink" | "index", least: number) => {
  const value = values[name] ?? ""
  return /^\d{1,15}$/.test(value) && Number(value) >= least
    ? Effect.succeed(Number(value))
    : new WrongOptions({ message: `--${name} must be a whole number, ${least} or more, not "${value}".` })
}

/** Where the smallest scenarios go. A folder that is named is made at once: who cannot write there shall not search for hours. */
const folderOf = Effect.fnUntraced(function* ({ out }: Options) {
  const fs = yield* FileSystem.FileSystem
  if (out === undefined) return yield* Effect.cached(fs.makeTempDirectory({ prefix: "phone-search-" }))
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
  const failed = yield* tellFindings(tryAll({ seed, from, to: from + runs }, jobs), {
    seed,
    runs,
    shrinkFor: shrink * 1000,
    smallestOf,
    folder: yield* folderOf(values),
    print: Console.log
  })
  if (failed > 0) return yield* new SearchFailed({ message: `${failed} of ${runs} calls broke what must hold.` })
})

/** One scenario, with all that can be told of it. */
const searchOne = Effect.fnUntraced(function* (values: Options) {
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
  values.help ? Console.log(help) : values.index === undefined ? searchAll(values) : searchOne(values)
)

const endsWith = (code: number, message: string) =>
  Effect.zipRight(
    Console.error(message),
    Effect.sync(() => {
      process.exitCode = code
    })
  )

program.pipe(
  Effect.catchTags({
    SearchFailed: ({ message }) => endsWith(1, message),
    WrongOptions: ({ message }) => endsWith(2, `${message}\nnpm run simulate -- --help tells what can be asked.`)
  }),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
