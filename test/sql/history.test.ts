import { SqlClient } from "@effect/sql"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, FastCheck, Option, Stream } from "effect"
import type { NewCall } from "../../src/Transcripts.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, number, storeInMemory, turn } from "./stores.ts"

const insertAll = (calls: ReadonlyArray<NewCall>) =>
  Effect.flatMap(Transcripts, (store) => Effect.forEach(calls, store.insert, { discard: true }))

const found = (search: string, limit = 100) =>
  Effect.gen(function* () {
    const store = yield* Transcripts
    return (yield* store.history({ limit, search })).calls.map((call) => call.task)
  })

/** Every page from the newest on, until there is no cursor. */
const pages = (limit: number, search?: string) =>
  Stream.paginateChunkEffect(Option.none<string>(), (cursor) =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const page = yield* store.history({
        limit,
        ...(Option.isSome(cursor) && { cursor: cursor.value }),
        ...(search !== undefined && { search })
      })
      return [
        Chunk.of(page.calls.map((call) => call.id)),
        Option.fromNullable(page.cursor).pipe(Option.map(Option.some))
      ]
    })
  ).pipe(Stream.runCollect, Effect.map(Chunk.toReadonlyArray))

describe("the history", () => {
  it.effect("reads limits as a person means them", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      yield* insertAll(Array.from({ length: 1_005 }, (_, n) => newCall(n)))
      const count = (limit: number) => Effect.map(store.history({ limit }), (page) => page.calls.length)
      const counts = yield* Effect.forEach([0, 1, 2.7, 0.5, -3, Number.NaN, 1_000_000, Number.POSITIVE_INFINITY], count)
      expect(counts).toEqual([0, 1, 2, 0, 0, 0, 1_000, 1_000])
      expect(yield* store.history({ limit: 0 })).toEqual({ calls: [] })
      expect((yield* store.history({ limit: 1 })).calls[0]?.id).toBe(idOf(1_004))
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("is paged without a call twice or lost, many of one moment, with calls coming in between", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.integer({ min: 0, max: 4 }), { maxLength: 40 }),
          FastCheck.integer({ min: 1, max: 7 }),
          (moments, limit) =>
            Effect.gen(function* () {
              const calls = moments.map((moment, n) =>
                newCall(n, { startedAt: new Date(Date.UTC(2026, 0, 1) + moment) })
              )
              yield* insertAll(calls)
              const store = yield* Transcripts
              const first = yield* store.history({ limit })
              yield* store.insert(newCall(999, { startedAt: new Date("2027-01-01") }))
              const rest =
                first.cursor === undefined ? [] : (yield* store.history({ limit: 1_000, cursor: first.cursor })).calls
              const newestFirst = calls
                .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1))
                .map((call) => call.id)
              expect([...first.calls, ...rest].map((call) => call.id)).toEqual(newestFirst)
              const all = yield* pages(limit)
              expect(all.flat()).toEqual([idOf(999), ...newestFirst])
              expect(all.slice(0, -1).every((page) => page.length === limit)).toBe(true)
            }).pipe(Effect.provide(storeInMemory), Effect.runPromise)
        ),
        { numRuns: 25 }
      )
    )
  )

  it.effect("of 10,000 calls is read whole, and searched, in pages", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql.withTransaction(insertAll(Array.from({ length: 10_000 }, (_, n) => newCall(n))))
      const all = (yield* pages(1_000)).flat()
      expect(all).toHaveLength(10_000)
      expect(new Set(all).size).toBe(10_000)
      expect(all[0]).toBe(idOf(9_999))
      const having = (digits: string) =>
        Array.from({ length: 10_000 }, (_, n) => 9_999 - n).filter((n) => String(n).includes(digits))
      expect(yield* found("777 task")).toEqual(having("777").map((n) => `Task ${n}`))
      expect((yield* pages(4, "TASK 777")).flat()).toEqual(having("777").map(idOf))
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("refuses a cursor that is none, and does not begin again at the newest", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      for (const cursor of ["", "x", "%%%", "eyJhIjoxfQ", btoa("2026-01-01T00:00:00.000Z/../../x")]) {
        expect((yield* Effect.flip(store.history({ limit: 5, cursor }))).message).toContain("cursor")
      }
    }).pipe(Effect.provide(storeInMemory))
  )
})

describe("search", () => {
  it.effect("wants every word, wherever it is: number, task, context, summary, turns", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      yield* insertAll([
        newCall(1, { task: "Dentist", context: "Dr. Smith", to: number("+498912345678") }),
        newCall(2, { task: "Plumber" })
      ])
      yield* store.putTurn(idOf(1), turn(0, "user", "Praxis Weiß, Schöne Straße, grüß Gott"))
      yield* store.putTurn(idOf(1), turn(1, "assistant", "Tuesday?"))
      yield* store.putTurn(idOf(1), turn(1, "assistant", "Wednesday?"))
      yield* store.end(idOf(1), {
        status: "completed",
        endedAt: new Date(),
        outcome: { success: true, taskCompleted: true, summary: "Termin am Mittwoch", nextSteps: [], evidence: [0] }
      })
      const one = [
        "dentist",
        "SMITH",
        "4989",
        "mittwoch dentist smith",
        "grüß",
        "GRÜß",
        "gru\u0308ß",
        "STRASSE weiss",
        "WEDNES"
      ]
      for (const search of one) expect([search, yield* found(search)]).toEqual([search, ["Dentist"]])
      for (const search of ["tuesday", "dentist plumber", "gruß"])
        expect([search, yield* found(search)]).toEqual([search, []])
      for (const search of ["", "  \n "]) expect(yield* found(search)).toEqual(["Plumber", "Dentist"])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("takes every character for itself: no wildcard, no quote, no length breaks it", () =>
    Effect.promise(() => {
      const odd = FastCheck.array(FastCheck.constantFrom("%", "_", "\\", '"', "'", "*", "?", "a", "ü", "😀", ";--"), {
        minLength: 1,
        maxLength: 6
      }).map((parts) => parts.join(""))
      return FastCheck.assert(
        FastCheck.asyncProperty(FastCheck.uniqueArray(odd, { minLength: 1, maxLength: 8 }), odd, (tasks, word) =>
          Effect.gen(function* () {
            yield* insertAll(tasks.map((task, n) => newCall(n, { task })))
            expect(yield* found(word)).toEqual(tasks.filter((task) => task.includes(word)).reverse())
          }).pipe(Effect.provide(storeInMemory), Effect.runPromise)
        ),
        { numRuns: 40 }
      )
    })
  )

  it.effect("of absurd size is answered", () =>
    Effect.gen(function* () {
      yield* insertAll([newCall(1, { task: "x".repeat(100_000) })])
      expect(yield* found("x".repeat(100_000))).toHaveLength(1)
      expect(yield* found(Array.from({ length: 5_000 }, (_, n) => `w${n}`).join(" "))).toEqual([])
    }).pipe(Effect.provide(storeInMemory))
  )
})
