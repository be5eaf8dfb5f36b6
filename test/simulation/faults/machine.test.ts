/** Faults of the machine that Phone runs on: its disk, its database, its clock, and its death. */
import { Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import { judgeTwins } from "../../../src/simulation/invariants/twins.ts"
import { run as inVirtualTime } from "../../../src/simulation/VirtualTime.ts"
import { simulate } from "../../../src/simulation/world/simulate.ts"
import { WallClock } from "../../../src/simulation/world/WallClock.ts"
import { plain, seen } from "../invariants/wrongs.ts"
import { metOf, since } from "./support.ts"

it("a full disk takes neither record nor file, and takes them when it has room", async () => {
  const run = await seen({ ...plain, faults: [{ fillDisk: { at: 5, for: 600 } }] })
  const texts = run.logs.map(({ text }) => text)
  expect(texts).toContainEqual(expect.stringMatching(/database or disk is full\. Free some disk space\.$/))
  expect(texts).toContainEqual(expect.stringMatching(/^The recording .* no space left on device\.$/))
  expect(texts.at(-1)).toBe("The store takes writes again; everything that waited is stored.")
  expect(run.file).toBeDefined()
  expect(run.call?.status).toBe("completed")
})

it("a full disk takes nothing into the database either", async () => {
  const run = await seen({ ...plain, faults: [{ fillDisk: { at: 0.5, for: 600 } }] })
  expect(run.refused).toEqual({
    tag: "StoreUnavailable",
    message: expect.stringMatching(/: database or disk is full\. Free some disk space\.$/)
  })
  expect(run.legs).toEqual([])
})

it("a locked database is read, and not written", async () => {
  const run = await seen({ ...plain, faults: [{ lockDatabase: { at: 0.5, for: 600 } }] })
  expect(run.refused).toEqual({
    tag: "StoreUnavailable",
    message: expect.stringMatching(/: database is locked\. Another process holds the database: stop it\.$/)
  })
  expect(run.legs).toEqual([])
  expect(metOf(run)).toEqual(["lockDatabase"])
})

describe("a clock that is put back or forward", () => {
  it.each([-3_600, 3_600])("moves what is written down from then on, and nothing that lasts: %i s", async (by) => {
    const usual = await seen(plain)
    const moved = await seen({ ...plain, faults: [{ setClock: { at: 0.5, by } }] })
    const begun = ({ call }: typeof usual) => call?.startedAt.epochMillis ?? 0
    expect(begun(moved) - begun(usual)).toBe(by * 1000)
    for (const at of [0.5, 10]) {
      const run = await seen({ ...plain, faults: [{ setClock: { at, by } }] })
      expect(metOf(run)).toEqual(["setClock"])
      expect(since(run, run.legs[0]?.endedAt)).toBe(since(usual, usual.legs[0]?.endedAt))
      expect(run.call?.duration).toBe(usual.call?.duration)
    }
  })

  it("moves the wall and no sleep, and knows who sleeps", async () => {
    const exit = await inVirtualTime(
      Effect.gen(function* () {
        const world = yield* Effect.clock
        const wall = new WallClock(world)
        const start = world.unsafeCurrentTimeMillis()
        const sleeper = yield* Effect.fork(Effect.withClock(Effect.sleep("10 seconds"), wall))
        yield* Effect.sleep("1 second")
        expect(wall.asleep).toBe(1)
        wall.put(3_600_000)
        expect(wall.unsafeCurrentTimeMillis()).toBe(start + 3_601_000)
        expect(wall.unsafeCurrentTimeNanos()).toBe(world.unsafeCurrentTimeNanos())
        yield* sleeper
        expect(world.unsafeCurrentTimeMillis()).toBe(start + 10_000)
        expect(wall.asleep).toBe(0)
      }),
      { seed: 1 }
    )
    expect(exit).toEqual(Exit.void)
  })
})

describe("a kill", () => {
  it("comes without a word: nobody says goodbye, nobody hangs up, and another service starts on the same disk", async () => {
    const run = await seen({ ...plain, faults: [{ kill: { at: 9, downFor: 2 } }] })
    expect(run.lives.map(({ end }) => end)).toEqual(["killed", undefined])
    const [dead, next] = run.lives
    expect(since(run, dead?.endedAt)).toBeGreaterThanOrEqual(9)
    expect(since(run, next?.startedAt)).toBe(since(run, dead?.endedAt) + 2)
    const between = run.sent.filter(({ at }) => at >= (dead?.endedAt ?? 0) && at < (next?.startedAt ?? 0))
    expect(between).toEqual([])
    expect(run.events.filter(({ event, life }) => life === 1 && event._tag === "Ended")).toEqual([])
    expect(run.ids).toHaveLength(1)
  })

  it.each([
    ["a kill", { faults: [{ kill: { at: 9, downFor: 600 } }] }, 0],
    ["a stop", { operations: [{ stop: { at: 9 } }] }, 1]
  ] as const)("runs no finalizer, as a stop does: %s", async (_, how, finalizers) => {
    let closed = 0
    const run = await seen(
      { ...plain, ...how },
      {
        sabotage: {
          network: (network) => ({
            ...network,
            webSocket: (url, options) =>
              Effect.zipLeft(
                network.webSocket(url, options),
                Effect.addFinalizer(() =>
                  Effect.sync(() => {
                    closed++
                  })
                )
              )
          })
        }
      }
    )
    // either way the connection is gone
    expect(run.sessions[0]?.closed?.code).toBe(1006)
    expect(closed).toBe(finalizers)
  })

  it("comes at the step that is said, and each step is another moment", async () => {
    const ends = new Set<string>()
    for (const steps of [0, 20, 40, 60, 80]) {
      const run = await seen({ ...plain, faults: [{ kill: { at: 1, steps } }] })
      ends.add(`${run.lives[0]?.endedAt} ${run.sent.length} ${run.events.filter(({ life }) => life === 1).length}`)
    }
    expect(ends.size).toBeGreaterThan(1)
  })
})

it("a stop in good order is none: goodbye is said", async () => {
  const run = await seen({ ...plain, operations: [{ stop: { at: 9 } }] })
  expect(run.lives.map(({ end }) => end)).toEqual(["stopped", undefined])
  expect(run.sessions[0]?.closed?.by).toBe("client")
  expect(run.sent.some(({ form }) => form.get("Status") === "completed")).toBe(true)
})

it("a world that cannot go on says so", async () => {
  const exit = await simulate(plain, {
    sabotage: { calls: (calls) => ({ ...calls, place: () => Effect.never }) }
  })
  expect(Exit.isFailure(exit)).toBe(true)
})

it("the same faults are the same run", async () => {
  const scenario = { ...plain, faults: [{ kill: { at: 9, steps: 17 } }, { jitter: { upTo: 0.2 } }] }
  expect(judgeTwins(await seen(scenario), await seen(scenario))).toEqual([])
})
