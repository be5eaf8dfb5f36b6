/** The search itself: it makes the same scenarios of the same seed, finds smaller ones, and the same twice for each. */
import { Effect, Schema } from "effect"
import { expect, it } from "vitest"
import { type Fault, nameOf } from "../../src/simulation/faults/Fault.ts"
import { judgeTwins } from "../../src/simulation/invariants/twins.ts"
import { Scenario } from "../../src/simulation/scenario/Scenario.ts"
import { coverageOf, possible } from "../../src/simulation/search/coverage.ts"
import { attempt, scenarioAt, shrink } from "../../src/simulation/search/search.ts"
import type { Sabotage } from "../../src/simulation/world/Sabotage.ts"
import { plain, seen } from "./invariants/wrongs.ts"

it("the same seed and index are the same scenario, whatever was searched before", () => {
  const alone = scenarioAt(7, 3)
  for (let index = 0; index < 3; index++) scenarioAt(7, index)
  expect(scenarioAt(7, 3)).toEqual(alone)
  expect(scenarioAt(7, 4)).not.toEqual(alone)
  expect(scenarioAt(8, 3)).not.toEqual(alone)
})

it("scenarios are plain data: what is printed can be read back and made again", () => {
  const isScenario = Schema.is(Scenario)
  for (let index = 0; index < 200; index++) {
    const scenario = scenarioAt(1, index)
    expect(isScenario(scenario)).toBe(true)
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario)
  }
})

it("every kind of fault has its turn", () => {
  const names = new Set<string>()
  for (let index = 0; index < 1_000; index++)
    for (const fault of scenarioAt(1, index).faults ?? []) names.add(nameOf(fault))
  expect([...names].sort()).toEqual(allFaults.map(nameOf).sort())
})

it("what has been gone through is told by name", async () => {
  const covered = coverageOf(await seen({ ...plain, faults: [{ loseCallback: { callback: "ringing" } }] }))
  expect(covered).toEqual([
    "fault loseCallback",
    "fault loseCallback callback ringing",
    "end completed",
    "answered by human",
    "success"
  ])
})

it("what can be gone through is known before: every fault, and its kinds", async () => {
  for (const fault of allFaults) expect(possible).toContain(`fault ${nameOf(fault)}`)
  expect(possible).toEqual(expect.arrayContaining(["fault answer status 503", "fault quirk does ends-twice"]))
  for (let index = 0; index < 10; index++) {
    const { run } = await attempt(scenarioAt(4, index))
    if (run !== undefined) expect(possible).toEqual(expect.arrayContaining([...coverageOf(run)]))
  }
})

/** Its calls never end, whatever else happens: the smallest scenario is a call to which nothing happens. */
const forgetful: Sabotage = { store: (store) => ({ ...store, end: () => Effect.void }) }

it("a scenario that breaks something is made smaller, as far as it still breaks it", { timeout: 240_000 }, async () => {
  const index = Array.from({ length: 100 }, (_, each) => each).find(
    (each) => (scenarioAt(2, each).faults?.length ?? 0) > 2
  )
  const large = scenarioAt(2, index ?? 0)
  const { breaches } = await attempt(large, false, { sabotage: forgetful })
  const breach = breaches.find(({ invariant }) => invariant === 1)
  if (breach === undefined) return expect.fail("nothing was broken")
  // 5 s on an idle machine: what ends it is that nothing smaller is left, not the time
  const small = await shrink(2, index ?? 0, breach, 200_000, { sabotage: forgetful })
  expect(small.faults).toEqual([])
  expect(small.operations).toEqual([])
  expect(JSON.stringify(small).length).toBeLessThan(JSON.stringify(large).length)
  const again = await attempt(small, false, { sabotage: forgetful })
  expect(again.breaches).toContainEqual(expect.objectContaining({ invariant: 1 }))
})

/** It forgets its calls when it starts: one kill is enough to see it. */
const amnesiac: Sabotage = { store: (store) => ({ ...store, unfinished: Effect.succeed([]) }) }

it("of a scenario that is made smaller nothing is left that it does not need", { timeout: 240_000 }, async () => {
  const isKill = (fault: Fault) => nameOf(fault) === "kill"
  const search = Array.from({ length: 1_000 }, (_, index) => index).filter((index) => {
    const { faults = [] } = scenarioAt(2, index)
    return faults.length > 1 && faults.every(isKill)
  })
  for (const index of search) {
    const { breaches } = await attempt(scenarioAt(2, index), false, { sabotage: amnesiac })
    const breach = breaches.find(({ invariant }) => invariant === 1)
    if (breach === undefined) continue
    // also when there is hardly any time to make it smaller
    const small = await shrink(2, index, breach, 500, { sabotage: amnesiac })
    expect(small.faults?.map(nameOf)).toEqual(["kill"])
    expect(small.operations).toEqual([])
    return
  }
  expect.fail("nothing was broken")
})

it("a scenario that breaks nothing stays as it is", async () => {
  const nothing = { invariant: 99, says: "", what: "" }
  expect(await shrink(1, 0, nothing, 10_000)).toEqual(scenarioAt(1, 0))
})

/** One of each. */
const allFaults: ReadonlyArray<Fault> = [
  { refuse: { request: "create" } },
  { answer: { request: "update", status: 503 } },
  { loseAnswer: { request: "create", instead: "broken" } },
  { delayRequest: { request: "create", by: 2 } },
  { loseCallback: { callback: "answered" } },
  { delayCallback: { callback: "completed", by: 3 } },
  { repeatCallback: { callback: "amd", after: 2 } },
  { detect: { as: "machine_start", after: 2 } },
  { refuseMedia: {} },
  { cutMedia: { after: 5 } },
  { stopMedia: { after: 5 } },
  { muteMedia: { after: 5 } },
  { loseMedia: { after: 1, for: 1 } },
  { holdMedia: { after: 1, for: 1 } },
  { stuffMedia: { after: 4, for: 1 } },
  { delayMarks: { after: 1, by: 1 } },
  { loseMarks: { after: 5 } },
  { refuseModel: { status: 503 } },
  { hangModel: { nth: 2 } },
  { rejectModel: { nth: 2, reason: "server-error" } },
  { cutModel: { after: 8 } },
  { muteModel: { after: 8 } },
  { holdModel: { after: 5, for: 2 } },
  { expireModel: { after: 9 } },
  { response: { nth: 2, does: "noise" } },
  { transcription: { turn: 1, does: "failed" } },
  { lateTranscription: { by: 2 } },
  { quirk: { nth: 2, does: "talks-long" } },
  { jitter: { upTo: 0.2 } },
  { fillDisk: { at: 5, for: 30 } },
  { lockDatabase: { at: 1.5, for: 1 } },
  { setClock: { at: 6, by: -600 } },
  { kill: { at: 9, steps: 30 } }
]

it.each(
  // a fault with its neighbour, so that a dozen and a half of runs have them all
  Array.from({ length: Math.ceil(allFaults.length / 2) }, (_, pair) => allFaults.slice(pair * 2, pair * 2 + 2)).map(
    (faults) => [faults.map(nameOf).join(" and "), faults] as const
  )
)("two runs with %s are the same", async (_, faults) => {
  const scenario: Scenario = { ...plain, seed: 5, callee: "barges-in", faults }
  expect(judgeTwins(await seen(scenario), await seen(scenario))).toEqual([])
})
