import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Option } from "effect"
import { RequestId } from "../../src/domain/Ids.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, number, platform, storeIn, storeInMemory, temporaryFolder } from "./stores.ts"

const requestId = RequestId.make("order 66 'x'; DROP TABLE calls")

describe("the same request", () => {
  it.live("is one call, however many ask at once, also from two connections and after a restart", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const ask = (from: number) =>
        Effect.flatMap(Transcripts, (store) =>
          Effect.forEach(Arr.range(from, from + 24), (n) => store.insert(newCall(n, { requestId })), {
            concurrency: "unbounded"
          })
        ).pipe(Effect.provide(storeIn(folder)))
      yield* ask(1)
      const ids = (yield* Effect.all([ask(100), ask(200), ask(300)], { concurrency: "unbounded" })).flat()
      expect(new Set(ids)).toEqual(new Set([idOf(1)]))
      yield* Effect.gen(function* () {
        const store = yield* Transcripts
        expect((yield* store.history({ limit: 100 })).calls.map((call) => call.task)).toEqual(["Task 1"])
        expect(yield* store.byRequest(requestId)).toEqual(Option.some(idOf(1)))
        expect(yield* store.byRequest(RequestId.make("another"))).toEqual(Option.none())
      }).pipe(Effect.provide(storeIn(folder)))
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.effect("is asked without an id: every call is its own, and an id that is taken is refused", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      expect(yield* store.insert(newCall(1))).toBe(idOf(1))
      expect(yield* store.insert(newCall(2))).toBe(idOf(2))
      yield* Effect.flip(store.insert(newCall(2, { task: "other" })))
      expect((yield* store.history({ limit: 10 })).calls.map((call) => call.task)).toEqual(["Task 2", "Task 1"])
    }).pipe(Effect.provide(storeInMemory))
  )
})

describe("what the policy asks", () => {
  it.effect("counts calls and cost since a moment, and remembers who opted out", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const to = number("+15551110000")
      yield* store.insert(newCall(1, { to }))
      yield* store.insert(newCall(2, { to }))
      yield* store.insert(newCall(3))
      yield* store.update(idOf(2), { cost: { telephone: 0.25, model: 0.5, total: 0.75 } })
      yield* store.end(idOf(3), { status: "failed", endedAt: new Date(), cost: { telephone: 1, model: 0, total: 1 } })
      expect(yield* store.usageSince(newCall(1).startedAt, to)).toEqual({ toNumber: 2, total: 3, cost: 1.75 })
      expect(yield* store.usageSince(newCall(2).startedAt, to)).toEqual({ toNumber: 1, total: 2, cost: 1.75 })
      expect(yield* store.usageSince(newCall(9).startedAt, to)).toEqual({ toNumber: 0, total: 0, cost: 0 })
      expect(yield* store.hasOptedOut(to)).toBe(false)
      yield* store.optOut(to, idOf(1))
      yield* store.optOut(to, idOf(2))
      expect(yield* store.hasOptedOut(to)).toBe(true)
      expect(yield* store.hasOptedOut(number("+15551110001"))).toBe(false)
    }).pipe(Effect.provide(storeInMemory))
  )
})
