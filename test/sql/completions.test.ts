import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, platform, storeIn, storeInMemory, temporaryFolder } from "./stores.ts"

const ended = (n: number) => ({ status: "completed" as const, endedAt: new Date(Date.UTC(2026, 0, 2) + n) })

describe("the ends that a client wants to hear of", () => {
  it.effect("come first ended first, with the metadata of the request, until they are acknowledged", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      yield* store.insert(newCall(1, { client: "gateway", metadata: { session: "a" } }))
      yield* store.insert(newCall(2, { client: "gateway" }))
      yield* store.insert(newCall(3, { client: "another" }))
      yield* store.insert(newCall(4, { metadata: { session: "b" } }))
      expect(yield* store.completions("gateway")).toEqual([])
      for (const n of [4, 3, 2, 1]) yield* store.end(idOf(n), ended(10 - n))

      const found = yield* store.completions("gateway")
      expect(found.map(({ call, metadata }) => [call.task, call.status, metadata])).toEqual([
        ["Task 2", "completed", {}],
        ["Task 1", "completed", { session: "a" }]
      ])
      // another client's, one that nobody asked for, and one that is not there: nothing happens
      yield* store.acknowledge("gateway", [idOf(2), idOf(3), idOf(4), "nobody"])
      yield* store.acknowledge("gateway", [])
      expect((yield* store.completions("gateway")).map(({ call }) => call.id)).toEqual([idOf(1)])
      expect((yield* store.completions("another")).map(({ call }) => call.id)).toEqual([idOf(3)])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("cannot be acknowledged before they are there", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      yield* store.insert(newCall(1, { client: "gateway" }))
      yield* store.acknowledge("gateway", [idOf(1)])
      yield* store.end(idOf(1), ended(1))
      expect((yield* store.completions("gateway")).map(({ call }) => call.id)).toEqual([idOf(1)])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.live("survive a restart, and so does the acknowledgement", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const inNewProcess = <A, E>(use: (store: Transcripts["Type"]) => Effect.Effect<A, E>) =>
        Effect.flatMap(Transcripts, use).pipe(Effect.provide(storeIn(folder)))
      yield* inNewProcess((store) =>
        store.insert(newCall(1, { client: "gateway" })).pipe(Effect.zipRight(store.end(idOf(1), ended(1))))
      )
      expect(yield* inNewProcess((store) => store.completions("gateway"))).toHaveLength(1)
      yield* inNewProcess((store) => store.acknowledge("gateway", [idOf(1)]))
      expect(yield* inNewProcess((store) => store.completions("gateway"))).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(platform))
  )
})
