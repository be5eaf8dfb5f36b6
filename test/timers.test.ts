/** Timers that are plain functions ring alike in virtual time, where they cost no fiber, and on any other Effect clock. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Scope, TestClock } from "effect"
import { run } from "../src/simulation/VirtualTime.ts"
import { makeTimers } from "../src/Timers.ts"

/** Three timers of which one is taken back, and one that outlives its scope. `pass` lets a second pass. */
const story = (pass: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const clock = yield* Effect.clock
    const start = clock.unsafeCurrentTimeMillis()
    const note = (what: string) => () => log.push(`${what} ${clock.unsafeCurrentTimeMillis() - start}`)
    const scope = yield* Scope.make()
    const timers = yield* makeTimers.pipe(Scope.extend(scope))
    timers.after(30, note("second"))
    timers.after(10, () => {
      note("first")()
      timers.after(30, note("third"))
    })
    const cancel = timers.after(15, note("never"))
    timers.after(5_000, note("too late"))
    expect(log).toEqual([])
    cancel()
    yield* pass
    cancel()
    yield* Scope.close(scope, Exit.void)
    for (let second = 0; second < 10; second++) yield* pass
    return log
  })

const failure = async (program: Effect.Effect<never, never, Scope.Scope>) =>
  Exit.match(await run(Effect.scoped(program), { seed: 1 }), { onSuccess: () => undefined, onFailure: Cause.squash })

const expected = ["first 10", "second 30", "third 40"]

describe("timers", () => {
  it("ring in virtual time", async () => {
    expect(await run(story(Effect.sleep("1 second")), { seed: 1 })).toEqual(Exit.succeed(expected))
  })

  it.effect("ring the same on a clock that has only sleeps", () =>
    Effect.map(story(TestClock.adjust("1 second")), (log) => expect(log).toEqual(expected))
  )

  it("of a closed scope keep nobody waiting", async () => {
    const left = Effect.zipRight(
      Effect.scoped(Effect.map(makeTimers, (timers) => void timers.after(60_000, () => {}))),
      Effect.never
    )
    expect(await failure(left)).toMatchObject({ _tag: "SimulationDeadlock", at: "2026-01-05T15:00:00.000Z" })
  })

  it("that set themselves again without time passing are stopped", async () => {
    const endless = Effect.flatMap(makeTimers, (timers) => {
      const again = () => void timers.after(0, again)
      again()
      return Effect.never
    })
    expect(await failure(endless)).toMatchObject({ _tag: "SimulationLivelock" })
  })

  it("that break end the run", async () => {
    const defect = new Error("broken")
    const broken = Effect.flatMap(makeTimers, (timers) => {
      timers.after(10, () => {
        throw defect
      })
      return Effect.never
    })
    expect(await failure(broken)).toBe(defect)
  })
})
