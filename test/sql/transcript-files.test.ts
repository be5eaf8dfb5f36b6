import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Option, Schema } from "effect"
import { Call } from "../../src/domain/Call.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, platform, storeIn, storeInMemory, temporaryFolder, turn } from "./stores.ts"

const id = idOf(1)
const wav = new Uint8Array([82, 73, 70, 70])

/** A whole call, as the service writes it. */
const talk = Effect.gen(function* () {
  const store = yield* Transcripts
  yield* store.insert(newCall(1, { context: "Dr. Weiß" }))
  yield* store.update(id, { status: "in-progress", answeredAt: new Date("2026-01-01T00:00:10Z"), answeredBy: "human" })
  yield* store.putTurn(id, turn(0, "assistant", "Hello."))
  yield* store.putTurn(id, turn(1, "user", "Grüß Gott 😀"))
  // Interrupted before anything was heard: kept in the database, not part of what was said.
  yield* store.putTurn(id, {
    position: 2,
    turn: { ...turn(2, "assistant", "").turn, interrupted: true, generated: "I…" }
  })
  yield* store.putTurn(id, {
    position: 5,
    turn: { ...turn(5, "assistant", "Goodbye.").turn, heard: 0.8, interrupted: false }
  })
  yield* store.end(id, {
    status: "completed",
    endedAt: new Date("2026-01-01T00:01:00.500Z"),
    outcome: { success: true, taskCompleted: true, summary: "Done", nextSteps: [], evidence: [1] },
    cost: { telephone: 0.01, model: 0.2, total: 0.21 },
    latency: { answerToFirstWord: 0.9 }
  })
})

describe("transcript files", () => {
  it.live("are the call as the tools return it, private, with no temporary file left", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      yield* Effect.gen(function* () {
        const store = yield* Transcripts
        yield* talk
        yield* store.putRecording(id, wav)
        const call = yield* Effect.flatten(store.find(id))
        expect(call.duration).toBe(50.5)
        expect(call.recording).toBe(`${folder}/transcripts/${id}.wav`)
        expect(call.transcript.map((said) => said.text)).toEqual(["Hello.", "Grüß Gott 😀", "Goodbye."])
        expect(call.transcript[2]).toMatchObject({ heard: 0.8, interrupted: false })
        const file = yield* fs.readFileString(`${folder}/transcripts/${id}.json`)
        expect(JSON.parse(file)).toEqual(yield* Schema.encode(Call)(call))
        expect(file).toContain('\n  "status": "completed"')
        expect([...(yield* fs.readDirectory(`${folder}/transcripts`))].sort()).toEqual([`${id}.json`, `${id}.wav`])
        expect([...(yield* fs.readFile(`${folder}/transcripts/${id}.wav`))]).toEqual([...wav])
        const modes = yield* Effect.forEach(
          [
            "transcripts",
            `transcripts/${id}.json`,
            `transcripts/${id}.wav`,
            "data",
            "data/phone.db",
            "data/phone.db-wal"
          ],
          (name) => Effect.map(fs.stat(`${folder}/${name}`), (info) => (info.mode & 0o777).toString(8))
        )
        expect(modes).toEqual(["700", "600", "600", "700", "600", "600"])
      }).pipe(Effect.provide(storeIn(folder)))
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.effect("are written once: a late end changes neither row nor file", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const files = yield* MemoryFiles
      yield* talk
      const before = files.text(`/transcripts/${id}.json`)
      expect(Option.isSome(before)).toBe(true)
      yield* store.end(id, { status: "failed", endedAt: new Date(), error: { type: "CallFailed", message: "late" } })
      yield* store.update(id, { status: "ringing" })
      expect((yield* Effect.flatten(store.find(id))).status).toBe("completed")
      expect(yield* Effect.flatten(store.find(id))).not.toHaveProperty("error")
      expect(files.text(`/transcripts/${id}.json`)).toEqual(before)
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("follow what is learnt after the end: price, recording, a late transcription", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const files = yield* MemoryFiles
      const written = Effect.suspend(() => files.text(`/transcripts/${id}.json`)).pipe(
        Effect.flatMap(Schema.decode(Schema.parseJson(Call)))
      )
      yield* talk
      yield* store.update(id, { cost: { telephone: 0.02, model: 0.2, total: 0.22 } })
      expect((yield* written).cost?.total).toBe(0.22)
      yield* store.putTurn(id, turn(9, "user", "Bye."))
      expect((yield* written).transcript.at(-1)?.text).toBe("Bye.")
      yield* store.putRecording(id, wav)
      expect(yield* written).toEqual(yield* Effect.flatten(store.find(id)))
      expect(files.paths()).toEqual([`/transcripts/${id}.json`, `/transcripts/${id}.wav`])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("that cannot be written (disk full) cost nothing but themselves", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const files = yield* MemoryFiles
      yield* store.insert(newCall(1))
      files.setFull(true)
      yield* store.end(id, { status: "busy", endedAt: new Date() })
      expect((yield* Effect.flatten(store.find(id))).status).toBe("busy")
      expect(files.paths()).toEqual([])
      const refused = yield* Effect.flip(store.putRecording(id, wav))
      expect(refused.message).toContain(`${id}.wav`)
      expect(refused.message).toContain("no space left")
      files.setFull(false)
      yield* store.update(id, { answeredBy: "unknown" })
      expect(files.paths()).toEqual([`/transcripts/${id}.json`])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("hold every text as it was said, in the order of positions, however they were written", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.uniqueArray(
            FastCheck.record({ position: FastCheck.nat(50), text: FastCheck.fullUnicodeString({ minLength: 1 }) }),
            { selector: (said) => said.position, maxLength: 12 }
          ),
          (said) =>
            Effect.gen(function* () {
              const store = yield* Transcripts
              const files = yield* MemoryFiles
              yield* store.insert(newCall(1))
              for (const { position } of said) yield* store.putTurn(id, turn(position, "user", "not yet complete"))
              for (const { position, text } of said.toReversed()) yield* store.putTurn(id, turn(position, "user", text))
              yield* store.end(id, { status: "completed", endedAt: new Date() })
              const inOrder = said.toSorted((a, b) => a.position - b.position).map(({ text }) => text)
              const call = yield* Effect.flatten(store.find(id))
              expect(call.transcript.map(({ text }) => text)).toEqual(inOrder)
              const file = yield* Effect.flatMap(
                files.text(`/transcripts/${id}.json`),
                Schema.decode(Schema.parseJson(Call))
              )
              expect(file).toEqual(call)
            }).pipe(Effect.provide(storeInMemory), Effect.runPromise)
        ),
        { numRuns: 30 }
      )
    )
  )

  it.effect("are never named after anything but a call id", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const files = yield* MemoryFiles
      for (const evil of ["../../etc/x", "..", "a/b", "", "abcdefgh\u0000", "ABCDEFGH"]) {
        const unchecked = CallId.make(evil, { disableValidation: true })
        const refused = yield* Effect.flip(store.putRecording(unchecked, wav))
        expect(refused.message).toContain("no call id")
        expect(yield* store.find(evil)).toEqual(Option.none())
      }
      expect(files.paths()).toEqual([])
    }).pipe(Effect.provide(storeInMemory))
  )

  it.effect("do not follow for a call that was never written down", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      const files = yield* MemoryFiles
      for (const attempt of [
        store.end(id, { status: "failed", endedAt: new Date() }),
        store.update(id, { status: "ringing" }),
        store.putTurn(id, turn(0, "user", "Hello?"))
      ]) {
        expect((yield* Effect.flip(attempt)).message).toContain(id)
      }
      expect(files.paths()).toEqual([])
    }).pipe(Effect.provide(storeInMemory))
  )
})
