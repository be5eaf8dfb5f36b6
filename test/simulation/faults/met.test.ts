/** A fault counts as met when it acts, and as idle when it never does. */
import { expect, it } from "vitest"
import { type Fault, nameOf } from "../../../src/simulation/faults/Fault.ts"
import { tryOut } from "../../../src/simulation/scenario/trial.ts"
import { plain } from "../invariants/wrongs.ts"
import { since } from "./support.ts"

/** Of each kind one that acts in a plain call, and one that has no occasion to. */
const faults: ReadonlyArray<readonly [acts: Fault, idles: Fault]> = [
  [{ refuse: { request: "create" } }, { refuse: { request: "create", nth: 9 } }],
  [{ answer: { request: "create", status: 429 } }, { answer: { request: "create", status: 429, nth: 9 } }],
  [
    { loseAnswer: { request: "create", instead: "broken" } },
    { loseAnswer: { request: "create", instead: "broken", nth: 9 } }
  ],
  [{ delayRequest: { request: "create", by: 1 } }, { delayRequest: { request: "create", by: 1, nth: 9 } }],
  [{ loseCallback: { callback: "ringing" } }, { loseCallback: { callback: "ringing", nth: 9 } }],
  [{ delayCallback: { callback: "ringing", by: 1 } }, { delayCallback: { callback: "ringing", by: 1, nth: 9 } }],
  [{ repeatCallback: { callback: "ringing", after: 1 } }, { repeatCallback: { callback: "ringing", after: 80_000 } }],
  [{ detect: { as: "human", after: 1 } }, { detect: { as: "human", after: 80_000 } }],
  [{ refuseMedia: {} }, { refuseMedia: { nth: 9 } }],
  [{ cutMedia: { after: 5 } }, { cutMedia: { after: 500 } }],
  [{ stopMedia: { after: 5 } }, { stopMedia: { after: 0 } }],
  [{ muteMedia: { after: 5 } }, { muteMedia: { after: 500 } }],
  [{ loseMedia: { after: 5, for: 1 } }, { loseMedia: { after: 500, for: 1 } }],
  [{ holdMedia: { after: 5, for: 1 } }, { holdMedia: { after: 500, for: 1 } }],
  [{ stuffMedia: { after: 5, for: 1 } }, { stuffMedia: { after: 500, for: 1 } }],
  [{ delayMarks: { after: 1, by: 1 } }, { delayMarks: { after: 500, by: 1 } }],
  [{ loseMarks: { after: 1 } }, { loseMarks: { after: 500 } }],
  [{ refuseModel: { status: 503 } }, { refuseModel: { status: 503, nth: 9 } }],
  [{ hangModel: {} }, { hangModel: { nth: 9 } }],
  [{ rejectModel: { reason: "no-quota" } }, { rejectModel: { reason: "no-quota", nth: 9 } }],
  [{ cutModel: { after: 5 } }, { cutModel: { after: 500 } }],
  [{ muteModel: { after: 5 } }, { muteModel: { after: 500 } }],
  [{ holdModel: { after: 5, for: 1 } }, { holdModel: { after: 500, for: 1 } }],
  // its successor takes over before
  [{ expireModel: { after: 9 } }, { expireModel: { after: 9_000 } }],
  ...(["rate-limit", "server-error", "content-filter", "slow", "lose-tail", "noise", "drop", "freeze"] as const).map(
    (does) => [{ response: { nth: 1, does } }, { response: { nth: 99, does } }] as const
  ),
  ...(["failed", "empty", "missing"] as const).map(
    (does) => [{ transcription: { turn: 1, does } }, { transcription: { turn: 99, does } }] as const
  ),
  [{ quirk: { nth: 2, does: "talks-long" } }, { quirk: { nth: 99, does: "talks-long" } }],
  [{ kill: { at: 9 } }, { kill: { at: 9, steps: 100_000 } }]
]

it.each(
  faults.map(([acts, idles]) => [`${nameOf(acts)} ${JSON.stringify(Object.values(acts)[0])}`, acts, idles] as const)
)("%s is met when it acts, and idle when it does not", async (_, acts, idles) => {
  const scenario = { ...plain, config: { ...plain.config, prepareOpening: false } }
  const acted = await tryOut({ ...scenario, faults: [acts] })
  expect(acted.idle).toEqual([])
  expect(acted.run?.met.map(({ fault }) => fault)).toContainEqual(acts)
  const idled = await tryOut({ ...scenario, faults: [idles] })
  expect(idled.idle).toEqual([`fault 1: ${nameOf(idles)}`])
  expect(idled.run?.met).toEqual([])
})

it("the limit of a session is met when it ends it, once", async () => {
  const refused: Fault = { refuseModel: { nth: 2, times: 5, status: 503 } }
  const { run } = await tryOut({ ...plain, faults: [{ expireModel: { after: 6 } }, refused] })
  const met = run?.met.filter(({ fault }) => "expireModel" in fault)
  expect(met?.map(({ at }) => at)).toEqual([run?.sessions[0]?.closed?.at])
})

it("behind a door that is shut no other is shut", async () => {
  const { idle } = await tryOut({
    ...plain,
    faults: [{ refuseModel: { status: 503 } }, { rejectModel: { reason: "no-quota" } }]
  })
  expect(idle).toEqual(["fault 2: rejectModel"])
})

it.each([0, 40, 80])("a kill while no service is there strikes the next, %i steps into its start", async (steps) => {
  const { breaches, idle, run } = await tryOut({
    ...plain,
    faults: [{ kill: { at: 12, downFor: 5 } }, { kill: { at: 14, steps, downFor: 3 } }]
  })
  if (run === undefined) return expect.fail("there is no run")
  expect(idle).toEqual([])
  expect(breaches).toEqual([])
  expect(run.lives.map(({ end }) => end)).toEqual(["killed", "killed", undefined])
  const [first, second, third] = run.lives
  expect(since(run, second?.startedAt)).toBeCloseTo(since(run, first?.endedAt) + 5, 6)
  expect(since(run, second?.endedAt) - since(run, second?.startedAt)).toBeLessThan(2)
  expect(since(run, third?.startedAt)).toBeCloseTo(since(run, second?.endedAt) + 3, 6)
  expect(run.met.map(({ at }) => at)).toEqual([first?.endedAt, second?.endedAt])
  expect(run.call?.status).toBe("completed")
})

it("of two kills of the same service the later has no occasion", async () => {
  const { idle, run } = await tryOut({ ...plain, faults: [{ kill: { at: 9, steps: 90_000 } }, { kill: { at: 9 } }] })
  expect(idle).toEqual(["fault 1: kill"])
  expect(run?.lives).toHaveLength(2)
})
