/** What a search tells while it goes on: also one that is interrupted has said all that it found. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import { loadScenarios } from "../../../src/simulation/scenario/scenarioFile.ts"
import { tellFindings } from "../../../src/simulation/search/findings.ts"
import { scenarioAt } from "../../../src/simulation/search/search.ts"
import type { Shrinking, Tried } from "../../../src/simulation/search/share.ts"
import { smallestOf, ThreadEnded, tryShare } from "../../../src/simulation/search/threads.ts"

const breach = (says: string) => ({ invariant: 6, says, what: "the file says nothing" })
const tried = (index: number, ...says: ReadonlyArray<string>): Tried => ({
  index,
  connected: 10,
  elapsed: 20,
  coverage: ["end completed"],
  breaches: says.map(breach)
})

const found = [tried(0), tried(1, "order", "file"), tried(2, "order"), tried(3, "file")]

/** A search that finds these and goes on; `until` a text is told. */
const interruptedSearch = Effect.fn(function* (
  until: (told: ReadonlyArray<string>) => boolean,
  smallest: (shrinking: Shrinking) => ReturnType<typeof smallestOf>
) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const told: Array<string> = []
  const enough = yield* Deferred.make<void>()
  const searching = yield* Effect.fork(
    tellFindings(Stream.concat(Stream.fromIterable(found), Stream.never), {
      seed: 7,
      runs: 100,
      shrinkFor: 5_000,
      smallestOf: smallest,
      folder: Effect.succeed(folder),
      print: (text) =>
        Effect.suspend(() => {
          told.push(text)
          return until(told) ? Effect.asVoid(Deferred.succeed(enough, undefined)) : Effect.void
        })
    })
  )
  yield* Deferred.await(enough)
  const exit = yield* Fiber.interrupt(searching)
  return { exit, told, folder }
})

const scenario = scenarioAt(7, 1)
const smallests = (told: ReadonlyArray<string>) => told.filter((text) => text.includes("at its smallest"))

describe("a search that is interrupted", () => {
  it.scopedLive("has shown each kind of failure at its smallest, once, and says what the calls went through", () =>
    Effect.gen(function* () {
      const asked: Array<Shrinking> = []
      const { exit, told } = yield* interruptedSearch(
        (told) => smallests(told).length === 2,
        (shrinking) =>
          Effect.sync(() => {
            asked.push(shrinking)
            return { scenario, breaches: [shrinking.breach], timeline: ["0.000  phone  the service starts"] }
          })
      )
      expect(Exit.isInterrupted(exit)).toBe(true)
      expect(asked).toEqual([
        { seed: 7, index: 1, breach: breach("order"), ms: 5_000 },
        { seed: 7, index: 3, breach: breach("file"), ms: 5_000 }
      ])
      expect(told.filter((text) => /^#\d of seed 7 /.test(text)).map((text) => text.slice(0, 2))).toEqual([
        "#1",
        "#2",
        "#3"
      ])
      expect(told.at(-1)).toContain("Seed 7: 4 of 100 calls, 3 failed")
      expect(told.at(-1)).toContain("      4  end completed")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("leaves the smallest in a file that is named and can be run", () =>
    Effect.gen(function* () {
      const { folder, told } = yield* interruptedSearch(
        (told) => smallests(told).length === 2,
        ({ breach }) => Effect.succeed({ scenario, breaches: [breach], timeline: [] })
      )
      const file = `${folder}/seed-7-1.yaml`
      expect(smallests(told)[0]).toContain(`again with: ./scripts/phone simulate ${file} --timeline`)
      const name = "#1 of seed 7, at its smallest: breaks 6 (order)"
      expect(yield* loadScenarios(file)).toEqual([{ name, ...scenario }])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("says what could not be made smaller, and goes on", () =>
    Effect.gen(function* () {
      const { told } = yield* interruptedSearch(
        (told) => told.filter((text) => text.includes("could not")).length === 2,
        () => new ThreadEnded({ message: "exit code 9" })
      )
      expect(told).toContain("#3 could not be made smaller and kept: exit code 9")
      expect(told.at(-1)).toContain("3 failed")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

it.live("a thread that ends early costs its scenario, which is a failure, and another goes on behind it", () =>
  Effect.gen(function* () {
    const dying = program(`
      import { parentPort, workerData } from "node:worker_threads"
      for (let index = workerData.from; index < workerData.to; index++) {
        if (index === 5) throw new Error("out of memory")
        if (index === 7) process.exit(3)
        parentPort.postMessage({ index, connected: 0, elapsed: 0, coverage: [], breaches: [] })
      }`)
    const tries = [...(yield* Stream.runCollect(tryShare({ seed: 1, from: 4, to: 8 }, dying)))]
    expect(tries.map(({ index }) => index)).toEqual([4, 5, 6, 7])
    expect(tries.map(({ breaches }) => breaches.map(({ what }) => what))).toEqual([
      [],
      ["Error: out of memory"],
      [],
      ["exit code 3"]
    ])
  })
)

it.live("the smallest is looked for on a thread: what breaks nothing stays as it is", () =>
  Effect.gen(function* () {
    const smallest = yield* smallestOf({ seed: 1, index: 0, breach: { invariant: 99, says: "", what: "" }, ms: 10_000 })
    expect(smallest.scenario).toEqual(scenarioAt(1, 0))
    expect(smallest.breaches).toEqual([])
    expect(smallest.timeline.length).toBeGreaterThan(5)
  })
)
