import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { RequestId } from "../../src/domain/Ids.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, platform, storeIn, temporaryFolder, turn } from "./stores.ts"

/** The disk as a kill would leave it right now: the files are copied while the database is open and nothing was closed. */
const imageOf = (folder: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const copy = yield* temporaryFolder
    yield* fs.copy(folder, copy, { overwrite: true })
    return copy
  })

describe("a kill at any instant", () => {
  it.live("keeps the call and every completed turn, and says that the call has no end", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const images = yield* Effect.gen(function* () {
        const store = yield* Transcripts
        yield* store.insert(
          newCall(1, { questions: true, requestId: RequestId.make("r1"), metadata: { session: "s-1" } })
        )
        const queued = yield* imageOf(folder)
        yield* store.update(idOf(1), {
          status: "in-progress",
          providerId: "CA1",
          standing: { awayTo: "reception" },
          answeredAt: new Date("2026-01-01T00:00:05Z")
        })
        yield* store.putTurn(idOf(1), turn(0, "assistant", "Hello, this is an assistant."))
        yield* store.putTurn(idOf(1), turn(2, "user", "Guten Tag, Müller am Apparat 👋"))
        return { queued, talking: yield* imageOf(folder) }
      }).pipe(Effect.provide(storeIn(folder)))

      yield* Effect.gen(function* () {
        const store = yield* Transcripts
        const [left] = yield* store.unfinished
        expect(left).toMatchObject({ call: { id: idOf(1), status: "queued" }, nextPosition: 0 })
        expect(left).not.toHaveProperty("providerId")
      }).pipe(Effect.provide(storeIn(images.queued)))

      yield* Effect.gen(function* () {
        const store = yield* Transcripts
        const call = yield* Effect.flatten(store.find(idOf(1)))
        expect(call.status).toBe("in-progress")
        expect(call.transcript.map((said) => said.text)).toEqual([
          "Hello, this is an assistant.",
          "Guten Tag, Müller am Apparat 👋"
        ])
        expect(yield* store.unfinished).toEqual([
          { call, providerId: "CA1", questions: true, standing: { awayTo: "reception" }, nextPosition: 3 }
        ])
        expect(yield* store.byRequest(RequestId.make("r1"))).toEqual(Option.some(idOf(1)))
        expect(yield* store.metadata(idOf(1))).toEqual({ session: "s-1" })
      }).pipe(Effect.provide(storeIn(images.talking)))
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.live("between the end and its file: the next start writes the file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      yield* Effect.gen(function* () {
        const store = yield* Transcripts
        yield* store.insert(newCall(1))
        yield* fs.remove(`${folder}/transcripts`, { recursive: true })
        yield* fs.writeFileString(`${folder}/transcripts`, "in the way")
        yield* store.end(idOf(1), { status: "failed", endedAt: new Date() })
        expect((yield* Effect.flatten(store.find(idOf(1)))).status).toBe("failed")
      }).pipe(Effect.provide(storeIn(folder)))
      yield* fs.remove(`${folder}/transcripts`)
      yield* Effect.void.pipe(Effect.provide(storeIn(folder)))
      const file = yield* fs.readFileString(`${folder}/transcripts/${idOf(1)}.json`)
      expect(JSON.parse(file)).toMatchObject({ id: idOf(1), status: "failed" })
    }).pipe(Effect.scoped, Effect.provide(platform))
  )
})
