/**
 * The long search: makes random calls with random faults in virtual time, judges each by all invariants, and shows for every
 * failure its seed, its smallest scenario and its timeline. `npm run simulate -- --help` tells how to ask for it.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Console, Data, Duration, Effect, Mailbox, Schema, Stream } from "effect"
import { describe } from "../src/simulation/faults/Fault.ts"
import { Scenario } from "../src/simulation/scenario/Scenario.ts"
import { attempt, attemptAt, scenarioAt } from "../src/simulation/search/search.ts"
import { type Share, Tried } from "../src/simulation/search/share.ts"
import { timelineOf } from "../src/simulation/timeline.ts"

class SearchFailed extends Data.TaggedError("SearchFailed")<{ readonly message: string }> {}

const help = `npm run simulate -- [--runs N] [--jobs K] [--seed S] [--from I]
npm run simulate -- --seed S --index I

  --runs N    scenarios to try (1000)
  --jobs K    threads that try them (all cores but one)
  --seed S    of the search (1): the same seed makes up the same scenarios
  --from I    number of the first scenario (0)
  --index I   only this scenario, with its timeline
  --shrink S  seconds that a failure may be made smaller (60)`

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    jobs: { type: "string", default: String(Math.max(1, availableParallelism() - 1)) },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    index: { type: "string" },
    shrink: { type: "string", default: "60" },
    help: { type: "boolean", short: "h", default: false }
  }
})

const whole = (name: "runs" | "jobs" | "seed" | "from" | "shrink" | "index", least: number) =>
  Effect.suspend(() => {
    const value = Number(values[name])
    return Number.isInteger(value) && value >= least
      ? Effect.succeed(value)
      : new SearchFailed({ message: `--${name} must be a whole number, ${least} or more.` })
  })

const breachLines = (breaches: Tried["breaches"]): ReadonlyArray<string> =>
  breaches.map(({ invariant, says, what }) => `  breaks ${invariant} (${says}):\n    ${what}`)

/** One scenario, with all that can be told of it. */
const showOne = Effect.fnUntraced(function* (scenario: Scenario, title: string) {
  const { breaches, run } = yield* Effect.promise(() => attempt(scenario))
  yield* Console.log(
    [
      title,
      `  ${JSON.stringify(scenario)}`,
      ...breachLines(breaches),
      ...(run === undefined ? [] : timelineOf(run).map((line) => line.slice(0, 240)))
    ].join("\n")
  )
  return breaches.length === 0
})

/** So many scenarios are one thread's work; another thread takes the next ones. */
const shareSize = 250

/** One thread with its share; what it tells comes as a stream that ends with it. */
const searchShare = (share: Share) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const told = yield* Mailbox.make<Tried, SearchFailed>()
      const url = new URL("../src/simulation/search/worker.ts", import.meta.url)
      const worker = new Worker(url, { workerData: share })
      yield* Effect.addFinalizer(() => Effect.promise(() => worker.terminate()))
      let left = share.to - share.from
      worker.on("message", (message) => {
        told.unsafeOffer(Schema.decodeUnknownSync(Tried)(message))
        left -= 1
        // what a simulated process left behind may keep the thread from ending by itself
        if (left === 0) told.unsafeDone(Effect.runSyncExit(Effect.void))
      })
      worker.on("error", (error) => {
        told.unsafeDone(Effect.runSyncExit(new SearchFailed({ message: String(error) })))
      })
      worker.on("exit", (code) => {
        const message = `A thread ended with ${code}, with ${left} scenarios untried.`
        if (left > 0) told.unsafeDone(Effect.runSyncExit(new SearchFailed({ message })))
      })
      return Mailbox.toStream(told)
    })
  )

/** All scenarios from `from` to `share.to`, by so many threads at once. */
const search = (share: Omit<Share, "from" | "step">, from: number, jobs: number) =>
  Stream.range(0, Math.ceil((share.to - from) / shareSize) - 1).pipe(
    Stream.map((nth) => from + nth * shareSize),
    Stream.flatMap(
      (start) => searchShare({ ...share, from: start, to: Math.min(share.to, start + shareSize), step: 1 }),
      { concurrency: jobs }
    )
  )

const searchAll = Effect.gen(function* () {
  const [runs, jobs, seed, from] = yield* Effect.all([
    whole("runs", 1),
    whole("jobs", 1),
    whole("seed", 0),
    whole("from", 0)
  ])
  const shrinkFor = (yield* whole("shrink", 0)) * 1000
  const startedAt = yield* Clock.currentTimeMillis
  const coverage = new Map<string, number>()
  const failures: Array<Tried> = []
  const sums = { done: 0, connected: 0, elapsed: 0 }
  let shownAt = startedAt

  const progress = (now: number) => {
    const seconds = Math.max(0.001, (now - startedAt) / 1000)
    return `${sums.done} of ${runs} calls, ${failures.length} failed; ${Duration.format(Duration.seconds(Math.round(seconds)))}, ${(sums.done / seconds).toFixed(1)} calls/s, ${Math.round(sums.elapsed / seconds)} simulated s/s (${Math.round(sums.connected / seconds)} of them on the line)`
  }
  const note = Effect.fnUntraced(function* (tried: Tried) {
    sums.done += 1
    sums.connected += tried.connected
    sums.elapsed += tried.elapsed
    for (const what of tried.coverage) coverage.set(what, (coverage.get(what) ?? 0) + 1)
    if (tried.breaches.length > 0) {
      failures.push(tried)
      const plan = describe(scenarioAt(seed, tried.index).faults ?? [])
      yield* Console.log([`#${tried.index}  ${plan}`, ...breachLines(tried.breaches)].join("\n"))
    }
    const now = yield* Clock.currentTimeMillis
    if (now - shownAt < 5_000) return
    shownAt = now
    yield* Console.log(progress(now))
  })

  yield* Stream.runForEach(search({ seed, to: from + runs, shrinkFor }, from, jobs), note)

  yield* Console.log(`\nSeed ${seed}: ${progress(yield* Clock.currentTimeMillis)}`)
  const rows = [...coverage]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${String(count).padStart(7)}  ${what}`)
  yield* Console.log(`\nWhat they went through:\n${rows.join("\n")}`)
  for (const { index, smallest } of failures) {
    const scenario = yield* Schema.decodeUnknown(Scenario)(smallest)
    yield* showOne(
      scenario,
      `\n#${index}, at its smallest; again with: npm run simulate -- --seed ${seed} --index ${index}`
    )
  }
  if (failures.length > 0)
    return yield* new SearchFailed({ message: `${failures.length} of ${runs} calls broke what must hold.` })
})

const searchOne = Effect.gen(function* () {
  const [seed, index] = yield* Effect.all([whole("seed", 0), whole("index", 0)])
  const again = yield* Effect.promise(() => attemptAt(seed, index))
  const clean = yield* showOne(scenarioAt(seed, index), `#${index} of seed ${seed}`)
  if (!clean || again.breaches.length > 0) return yield* new SearchFailed({ message: "It broke what must hold." })
})

const program = values.help ? Console.log(help) : values.index === undefined ? searchAll : searchOne

NodeRuntime.runMain(
  Effect.catchTag(program, "SearchFailed", (error) =>
    Effect.zipRight(
      Console.error(error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  )
)
