/** What a run leaves behind is let go of: nothing of it stays in memory. */
import { expect, it } from "@effect/vitest"
import { Effect, GlobalValue } from "effect"
import { run } from "../../src/simulation/VirtualTime.ts"

const scope = GlobalValue.globalValue(Symbol.for("effect/FiberScope/Global"), () => ({ roots: new Set<unknown>() }))

it("fibers that a run leaves behind are not kept, those of others are", async () => {
  const before = new Set(scope.roots)
  const others = Effect.runFork(Effect.never)
  let within = 0
  await run(
    Effect.gen(function* () {
      yield* Effect.forkDaemon(Effect.never)
      const runtime = yield* Effect.runtime<never>()
      yield* Effect.forkDaemon(Effect.provide(Effect.sleep("1 days"), runtime))
      yield* Effect.sleep("1 seconds")
      within = scope.roots.size
    }),
    { seed: 1 }
  )
  expect(within).toBeGreaterThanOrEqual(before.size + 3)
  expect(scope.roots).toEqual(new Set([...before, others]))
  others.unsafeInterruptAsFork(others.id())
})
