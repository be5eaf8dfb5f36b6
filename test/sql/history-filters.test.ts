/** The history narrowed down: each filter, all of them together, and what is refused instead of guessed at. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Option } from "effect"
import type { TerminalStatus } from "../../src/domain/CallStatus.ts"
import { type HistoryQuery, type NewCall, Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, number, storeInMemory } from "./stores.ts"

interface Past {
  readonly n: number
  readonly status?: TerminalStatus
  readonly success?: boolean
  readonly call?: Partial<NewCall>
}

const outcome = { taskCompleted: true, summary: "", nextSteps: [], evidence: [] }

const happened = (pasts: ReadonlyArray<Past>) =>
  Effect.flatMap(Transcripts, (store) =>
    Effect.forEach(
      pasts,
      ({ call, n, status, success }) =>
        Effect.zipRight(
          store.insert(newCall(n, call)),
          status === undefined
            ? Effect.void
            : store.end(idOf(n), {
                status,
                endedAt: new Date(),
                ...(success === undefined ? {} : { outcome: { ...outcome, success } })
              })
        ),
      { discard: true }
    )
  )

const found = (query: Omit<HistoryQuery, "limit">) =>
  Effect.flatMap(Transcripts, (store) =>
    Effect.map(store.history({ limit: 100, ...query }), ({ calls }) => calls.map(({ task }) => task))
  )

describe("the history", () => {
  it.effect("is narrowed down by status, number, time and success", () =>
    Effect.gen(function* () {
      yield* happened([
        { n: 1, status: "completed", success: true },
        { n: 2, status: "completed", success: false },
        { n: 3, status: "busy", call: { to: number("+41441234567") } },
        { n: 4 },
        { n: 5, status: "no-answer", success: false }
      ])
      expect(yield* found({ status: ["busy", "no-answer"] })).toEqual(["Task 5", "Task 3"])
      expect(yield* found({ status: ["queued"] })).toEqual(["Task 4"])
      expect(yield* found({ status: [] })).toEqual([])
      expect(yield* found({ success: true })).toEqual(["Task 1"])
      expect(yield* found({ success: false })).toEqual(["Task 5", "Task 3", "Task 2"])
      for (const to of ["+41", "+41 44 123 45 67", "441234567", "(44)"]) {
        expect(yield* found({ to })).toEqual(["Task 3"])
      }
      expect(yield* found({ to: "+44" })).toEqual([])
      const second = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString()
      expect(yield* found({ since: second(4) })).toEqual(["Task 5", "Task 4"])
      expect(yield* found({ until: second(2) })).toEqual(["Task 1"])
      expect(yield* found({ since: "2026-01-01T01:00:02+01:00", until: "2026-01-01T00:00:04Z" })).toEqual([
        "Task 3",
        "Task 2"
      ])
      expect(yield* found({ since: "2026-01-02" })).toEqual([])
      expect(yield* found({ since: second(2), status: ["completed"], success: false, search: "task 2" })).toEqual([
        "Task 2"
      ])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("refuses what it does not understand, by the name of the field", () =>
    Effect.gen(function* () {
      for (const [field, query] of [
        ["status", { status: ["completed", "done"] }],
        ["to", { to: "" }],
        ["to", { to: "Bob" }],
        ["since", { since: "yesterday" }],
        ["since", { since: "2026-13-01" }],
        ["until", { until: "2026-01-01T10:00" }]
      ] as const) {
        expect(yield* Effect.flip(found(query))).toMatchObject({ _tag: "InvalidRequest", field })
      }
    }).pipe(Effect.provide(storeInMemory))
  )

  const statuses = FastCheck.constantFrom<TerminalStatus>("completed", "busy", "failed")
  const pasts = FastCheck.array(FastCheck.tuple(statuses, FastCheck.option(FastCheck.boolean(), { nil: undefined })), {
    maxLength: 30
  })

  it.effect("is the same in one page or many, whatever is asked for", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          pasts,
          FastCheck.integer({ min: 1, max: 5 }),
          FastCheck.subarray(["completed", "busy"]),
          FastCheck.boolean(),
          FastCheck.integer({ min: 0, max: 30 }),
          (ends, limit, status, success, from) =>
            Effect.gen(function* () {
              yield* happened(
                ends.map(([status, success], n) => ({ n, status, ...(success === undefined ? {} : { success }) }))
              )
              const since = new Date(Date.UTC(2026, 0, 1) + from * 1_000).toISOString()
              const query = { status, success, since }
              const expected = ends
                .map(([ended, succeeded], n) => ({ ended, succeeded: succeeded === true, n }))
                .filter(
                  ({ ended, n, succeeded }) => n >= from && status.some((s) => s === ended) && succeeded === success
                )
                .map(({ n }) => `Task ${n}`)
                .reverse()
              const store = yield* Transcripts
              const tasks: Array<string> = []
              let cursor = Option.none<string>()
              do {
                const page = yield* store.history({
                  limit,
                  ...query,
                  ...(Option.isSome(cursor) ? { cursor: cursor.value } : {})
                })
                tasks.push(...page.calls.map(({ task }) => task))
                cursor = Option.fromNullable(page.cursor)
              } while (Option.isSome(cursor))
              expect(tasks).toEqual(expected)
            }).pipe(Effect.provide(storeInMemory), Effect.runPromise)
        ),
        { numRuns: 30 }
      )
    )
  )
})
