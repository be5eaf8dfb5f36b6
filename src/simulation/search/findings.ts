/**
 * What a search tells, as it finds it: every failure at once; the first of its kind also at its smallest, kept as a scenario
 * file; and at the end, however it comes to it, what the calls went through.
 */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Clock, Duration, Effect, FiberSet, Predicate, Stream } from "effect"
import { stringify } from "yaml"
import { describe } from "../faults/Fault.ts"
import { possible } from "./coverage.ts"
import { scenarioAt } from "./search.ts"
import type { Broken, Shrinking, Smallest, Tried } from "./share.ts"
import type { ThreadEnded } from "./threads.ts"

export interface FindingsOptions {
  readonly seed: number
  /** How many scenarios are tried. */
  readonly runs: number
  /** How long a failure may be made smaller, in milliseconds of real time; 0: it stays as it is. */
  readonly shrinkFor: number
  readonly smallestOf: (shrinking: Shrinking) => Effect.Effect<Smallest, ThreadEnded>
  /** Where scenario files go. Asked when there is one. */
  readonly folder: Effect.Effect<string, PlatformError>
  readonly print: (text: string) => Effect.Effect<void>
}

/** Progress is told so often, in milliseconds. */
const toldEvery = 5_000

export const breachLines = (breaches: ReadonlyArray<Broken>): ReadonlyArray<string> =>
  breaches.map(({ invariant, says, what }) => `  breaks ${invariant} (${says}):\n    ${what}`)

/** One line for each thing that happened, as wide as can be read. */
export const shownTimeline = (timeline: ReadonlyArray<string>): ReadonlyArray<string> =>
  timeline.map((line) => line.slice(0, 240))

const kindOf = ({ invariant, says }: Broken): string => `${invariant} ${says}`

const fileText = (title: string, scenario: unknown): string =>
  stringify(Predicate.isRecord(scenario) ? { name: title, ...scenario } : scenario, { lineWidth: 120 })

/** Tells of all that is tried, and gives the number of failures. What was told so far is told whole also when it is interrupted. */
export const tellFindings = Effect.fnUntraced(function* <E>(tries: Stream.Stream<Tried, E>, options: FindingsOptions) {
  const { folder, print, runs, seed, shrinkFor, smallestOf } = options
  const fs = yield* FileSystem.FileSystem
  const startedAt = yield* Clock.currentTimeMillis
  const coverage = new Map(possible.map((what) => [what, 0]))
  const kinds = new Set<string>()
  const sums = { done: 0, failed: 0, connected: 0, elapsed: 0 }
  let toldAt = startedAt
  const shrinking = yield* FiberSet.make()
  const oneAtATime = yield* Effect.makeSemaphore(1)

  const progress = (now: number) => {
    const seconds = Math.max(0.001, (now - startedAt) / 1000)
    return `${sums.done} of ${runs} calls, ${sums.failed} failed; ${Duration.format(Duration.seconds(Math.round(seconds)))}, ${(sums.done / seconds).toFixed(1)} calls/s, ${Math.round(sums.elapsed / seconds)} simulated s/s (${Math.round(sums.connected / seconds)} of them on the line)`
  }

  const tellSmallest = (index: number, breach: Broken) =>
    Effect.gen(function* () {
      const { breaches, scenario, timeline } = yield* smallestOf({ seed, index, breach, ms: shrinkFor })
      const file = `${yield* folder}/seed-${seed}-${index}.yaml`
      const title = `#${index} of seed ${seed}, at its smallest: breaks ${breach.invariant} (${breach.says})`
      yield* fs.writeFileString(file, fileText(title, scenario))
      yield* print(
        [
          `\n${title}; again with: ./scripts/phone simulate ${file} --timeline`,
          `  ${JSON.stringify(scenario)}`,
          ...breachLines(breaches),
          ...shownTimeline(timeline)
        ].join("\n")
      )
    }).pipe(
      oneAtATime.withPermits(1),
      Effect.catchAll(({ message }) => print(`#${index} could not be made smaller and kept: ${message}`))
    )

  const note = Effect.fnUntraced(function* ({ breaches, connected, coverage: through, elapsed, index }: Tried) {
    sums.done += 1
    sums.connected += connected
    sums.elapsed += elapsed
    for (const what of through) coverage.set(what, (coverage.get(what) ?? 0) + 1)
    const [first] = breaches
    if (first !== undefined) {
      sums.failed += 1
      const plan = describe(scenarioAt(seed, index).faults ?? [])
      yield* print([`#${index} of seed ${seed}  ${plan}`, ...breachLines(breaches)].join("\n"))
      if (!kinds.has(kindOf(first))) {
        kinds.add(kindOf(first))
        yield* FiberSet.run(shrinking, tellSmallest(index, first))
      }
    }
    const now = yield* Clock.currentTimeMillis
    if (now - toldAt < toldEvery) return
    toldAt = now
    yield* print(progress(now))
  })

  const tellCoverage = Effect.suspend(() => {
    const rows = [...coverage]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${String(count).padStart(7)}  ${what}`)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      print(`\nSeed ${seed}: ${progress(now)}\n\nWhat they went through:\n${rows.join("\n")}`)
    )
  })

  yield* Stream.runForEach(tries, note).pipe(
    Effect.zipRight(FiberSet.awaitEmpty(shrinking)),
    Effect.ensuring(tellCoverage)
  )
  return sums.failed
}, Effect.scoped)
