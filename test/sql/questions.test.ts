import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import { Call } from "../../src/domain/Call.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, platform, storeIn, storeInMemory, temporaryFolder } from "./stores.ts"

const askedAt = DateTime.unsafeMake("2026-01-01T00:00:05Z")
const question = (id: number) => ({ id, question: `Question ${id}?`, askedAt })
const ended = { status: "completed" as const, endedAt: new Date(Date.UTC(2026, 0, 2)) }

describe("the questions of a call", () => {
  it.effect("are in the record in their order, with what came of each, and in the file", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const id = idOf(1)
      yield* store.insert(newCall(1))
      yield* store.insert(newCall(2))
      for (const n of [1, 2, 3]) yield* store.putQuestion(id, question(n))
      // asked again, it is the one it was
      yield* store.closeQuestion(id, 1, { answer: "Friday" })
      yield* store.putQuestion(id, { ...question(1), question: "Another?" })
      yield* store.closeQuestion(id, 2, { unanswered: "timeout" })
      // only the first closing counts
      yield* store.closeQuestion(id, 1, { unanswered: "timeout" })
      yield* store.closeQuestion(id, 2, { answer: "late" })
      yield* store.end(id, ended)
      const call = yield* Effect.flatten(store.find(id))
      const [first, ...others] = call.questions ?? []
      expect(first).toMatchObject({ ...question(1), answer: "Friday", answeredAt: expect.anything() })
      // the end of the call withdraws what is open
      expect(others).toEqual([
        { ...question(2), unanswered: "timeout" },
        { ...question(3), unanswered: "withdrawn" }
      ])
      const files = yield* MemoryFiles
      const file = yield* Effect.flatten(Effect.sync(() => files.text(`/transcripts/${id}.json`)))
      expect(yield* Schema.decode(Schema.parseJson(Call))(file)).toEqual(call)
      expect(yield* Effect.flatten(store.find(idOf(2)))).not.toHaveProperty("questions")
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("that are open lie in their client's inbox until they are acknowledged or closed, or the call ends", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      for (const n of [1, 2, 3, 4]) {
        yield* store.insert(newCall(n, { client: n === 4 ? "another" : "gateway", metadata: { session: `${n}` } }))
        yield* store.putQuestion(idOf(n), question(1))
      }
      yield* store.insert(newCall(5))
      yield* store.putQuestion(idOf(5), question(1))
      const inbox = Effect.map(store.openQuestions("gateway"), (found) => found.map(({ metadata }) => metadata.session))
      expect([...(yield* inbox)].sort()).toEqual(["1", "2", "3"])
      const known = (callId: string, questionId = 1) => [{ callId, questionId }]
      // another's, one that was not asked, and one that is not there: nothing happens
      yield* store.acknowledgeQuestions("gateway", [...known(idOf(4)), ...known(idOf(1), 2), ...known("nobody")])
      expect((yield* store.openQuestions("another")).map(({ question }) => question)).toMatchObject([question(1)])
      yield* store.acknowledgeQuestions("gateway", known(idOf(1)))
      yield* store.closeQuestion(idOf(2), 1, { answer: "Friday" })
      expect(yield* inbox).toEqual(["3"])
      yield* store.end(idOf(3), ended)
      expect(yield* inbox).toEqual([])
      // the end itself is news of its own
      expect((yield* store.completions("gateway")).map(({ call }) => call.id)).toEqual([idOf(3)])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.live("survive a kill, and are withdrawn when the next start ends the call", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const inNewProcess = <A, E>(use: (store: Transcripts["Type"]) => Effect.Effect<A, E>) =>
        Effect.flatMap(Transcripts, use).pipe(Effect.provide(storeIn(folder)))
      const id = idOf(1)
      yield* inNewProcess((store) =>
        Effect.zipRight(store.insert(newCall(1, { client: "gateway" })), store.putQuestion(id, question(1)))
      )
      expect(yield* inNewProcess((store) => store.openQuestions("gateway"))).toHaveLength(1)
      yield* inNewProcess((store) => store.end(id, ended))
      expect(yield* inNewProcess((store) => Effect.flatten(store.find(id)))).toMatchObject({
        questions: [{ ...question(1), unanswered: "withdrawn" }]
      })
    }).pipe(Effect.scoped, Effect.provide(platform))
  )
})
