/** Facts are dealt with one after the other: at once where nothing takes its time, behind it where something does. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, FastCheck, Fiber } from "effect"
import { InOrder } from "../../src/call/InOrder.ts"

const never = () => false

/** Notes what is dealt with, and how far; `slow` things wait for `gate` in their middle. */
const noting = (slow: ReadonlySet<number>, gate: Effect.Effect<unknown>) => {
  const notes: Array<string> = []
  const deal = function* (thing: number): Generator<Effect.Effect<unknown>> {
    notes.push(`${thing} begun`)
    if (slow.has(thing)) yield gate
    notes.push(`${thing} done`)
  }
  return { notes, deal }
}

describe("one thing after the other", () => {
  it("what takes no time is dealt with where it comes in", () => {
    const { deal, notes } = noting(new Set(), Effect.void)
    const line = new InOrder(deal, never)
    line.take(1)
    line.take(2)
    expect(notes).toEqual(["1 begun", "1 done", "2 begun", "2 done"])
  })

  it("what comes up while one thing is dealt with comes after it", () => {
    const notes: Array<string> = []
    const line: InOrder<string> = new InOrder(function* (thing) {
      notes.push(`${thing} begun`)
      if (thing === "first") line.take("second")
      notes.push(`${thing} done`)
    }, never)
    line.take("first")
    expect(notes).toEqual(["first begun", "first done", "second begun", "second done"])
  })

  it.effect("what takes its time holds up all that comes behind it, until the owner has done it", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { deal, notes } = noting(new Set([1]), Deferred.await(gate))
      const line = new InOrder(deal, never)
      const owner = yield* Effect.fork(line.follow)
      line.take(1)
      line.take(2)
      yield* Effect.yieldNow()
      expect(notes).toEqual(["1 begun"])
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.yieldNow()
      yield* line.settle
      expect(notes).toEqual(["1 begun", "1 done", "2 begun", "2 done"])
      yield* Fiber.interrupt(owner)
    })
  )

  it.effect("the owner's fiber ends when it is over, and nothing is dealt with after that", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const line = new InOrder<number>(
        function* (thing) {
          seen.push(thing)
        },
        () => seen.includes(2)
      )
      const owner = yield* Effect.fork(line.follow)
      yield* Effect.yieldNow()
      line.take(1)
      line.take(2)
      line.take(3)
      yield* Fiber.join(owner)
      expect(seen).toEqual([1, 2])
    })
  )

  it.effect("a defect is the owner's, not that of whoever brings the thing", () =>
    Effect.gen(function* () {
      const line = new InOrder<number>(() => {
        throw new Error("broken")
      }, never)
      const owner = yield* Effect.fork(line.follow)
      line.take(1)
      const exit = yield* Fiber.await(owner)
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("broken")
    })
  )

  it.effect("nothing is dealt with once the owner was interrupted", () =>
    Effect.gen(function* () {
      const { deal, notes } = noting(new Set(), Effect.void)
      const line = new InOrder(deal, never)
      const owner = yield* Effect.fork(line.follow)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(owner)
      line.take(1)
      expect(notes).toEqual([])
    })
  )

  it.effect.prop(
    "whatever takes its time, all is dealt with in the order of its coming, one after the other",
    [FastCheck.array(FastCheck.tuple(FastCheck.boolean(), FastCheck.boolean()), { maxLength: 20 })],
    ([things]) =>
      Effect.gen(function* () {
        const slow = new Set(things.flatMap(([isSlow], thing) => (isSlow ? [thing] : [])))
        const { deal, notes } = noting(slow, Effect.yieldNow())
        const line = new InOrder(deal, never)
        const owner = yield* Effect.fork(line.follow)
        for (const [thing, [, pause]] of things.entries()) {
          line.take(thing)
          if (pause) yield* Effect.yieldNow()
        }
        while (notes.length < things.length * 2) yield* Effect.yieldNow()
        yield* Fiber.interrupt(owner)
        expect(notes).toEqual(things.flatMap((_, thing) => [`${thing} begun`, `${thing} done`]))
      })
  )
})
