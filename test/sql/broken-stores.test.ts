import { FileSystem } from "@effect/platform"
import { SqlClient } from "@effect/sql"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Transcripts } from "../../src/Transcripts.ts"
import { idOf, newCall, platform, storeIn, storeInMemory, temporaryFolder } from "./stores.ts"

/** Why a store does not open. */
const refusal = (...store: Parameters<typeof storeIn>) =>
  Transcripts.pipe(Effect.zipRight(Effect.void), Effect.provide(storeIn(...store)), Effect.flip)

describe("a store that cannot be used says so, with its path", () => {
  it.live("when the database is some other file, which is left as it is", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      const database = `${folder}/notes.txt`
      yield* fs.writeFileString(database, "my notes ".repeat(1_000))
      const error = yield* refusal(folder, { database })
      expect(error._tag).toBe("StoreUnavailable")
      expect(error.message).toContain(database)
      expect(error.message).toContain("move it away")
      expect(yield* fs.readFileString(database)).toContain("my notes")
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.live("when the database is a folder, or its folder cannot be made", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      expect((yield* refusal(folder, { database: folder })).message).toContain(folder)
      yield* fs.writeFileString(`${folder}/file`, "")
      const inFile = `${folder}/file/phone.db`
      expect((yield* refusal(folder, { database: inFile })).message).toContain(inFile)
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.live("when transcriptsDir cannot be had, or is read-only", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      yield* fs.writeFileString(`${folder}/file`, "")
      const transcriptsDir = `${folder}/file/transcripts`
      const error = yield* refusal(folder, { transcriptsDir })
      expect(error.message).toContain(`transcriptsDir ${transcriptsDir}`)
      yield* fs.makeDirectory(`${folder}/locked`, { mode: 0o500 })
      // The superuser may write everywhere, so only others see this one refused.
      if (process.getuid?.() !== 0) {
        expect((yield* refusal(folder, { transcriptsDir: `${folder}/locked` })).message).toContain("locked")
      }
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.live("when pages of the database are overwritten, and is never an empty history", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* temporaryFolder
      yield* Effect.flatMap(Transcripts, (store) =>
        Effect.forEach(
          Array.from({ length: 200 }, (_, n) => newCall(n)),
          store.insert
        )
      ).pipe(Effect.provide(storeIn(folder)))
      const database = `${folder}/data/phone.db`
      const bytes = yield* fs.readFile(database)
      yield* fs.writeFile(
        database,
        bytes.map((byte, at) => (at < 4_096 ? byte : 0xa5))
      )
      const error = yield* Effect.flatMap(Transcripts, (store) => store.history({ limit: 10 })).pipe(
        Effect.provide(storeIn(folder)),
        Effect.flip
      )
      expect(error._tag).toBe("StoreUnavailable")
      expect(error.message).toContain("damaged")
    }).pipe(Effect.scoped, Effect.provide(platform))
  )
})

describe("a damaged row", () => {
  it.effect("is named by its call's id, in every reading, and is not skipped", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* Transcripts
      yield* store.insert(newCall(1))
      yield* store.insert(newCall(2))
      for (const damage of [
        sql`UPDATE calls SET outcome = '{"success":' WHERE id = ${idOf(1)}`,
        sql`UPDATE calls SET outcome = NULL, status = 'dreaming' WHERE id = ${idOf(1)}`
      ]) {
        yield* damage
        expect((yield* Effect.flip(store.find(idOf(1)))).message).toContain(idOf(1))
        expect((yield* Effect.flip(store.history({ limit: 10 }))).message).toContain(idOf(1))
      }
      expect((yield* Effect.flip(store.unfinished)).message).toContain(idOf(1))
      expect((yield* Effect.flatten(store.find(idOf(2)))).task).toBe("Task 2")
    }).pipe(Effect.provide(storeInMemory))
  )
})

describe("migrations", () => {
  it.live("run once, and beside those of a host service in the same database", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.flatMap(Transcripts, (store) => store.insert(newCall(1))).pipe(Effect.provide(storeIn(folder)))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const store = yield* Transcripts
        expect((yield* store.history({ limit: 10 })).calls).toHaveLength(1)
        expect(yield* sql`SELECT migration_id, name FROM phone_migrations`).toEqual([
          { migration_id: 1, name: "create_tables" },
          { migration_id: 2, name: "add_completions" },
          { migration_id: 3, name: "add_notices" },
          { migration_id: 4, name: "add_questions" },
          { migration_id: 5, name: "add_answerer_evidence" },
          { migration_id: 6, name: "add_turn_latency" },
          { migration_id: 7, name: "add_transfers" },
          { migration_id: 8, name: "add_takeover" },
          { migration_id: 9, name: "add_incidents" },
          { migration_id: 10, name: "add_standing" }
        ])
        expect(yield* sql`SELECT name FROM sqlite_master WHERE name = 'effect_sql_migrations'`).toEqual([])
        expect(yield* sql`PRAGMA journal_mode`).toEqual([{ journal_mode: "wal" }])
      }).pipe(Effect.provide(storeIn(folder)))
    }).pipe(Effect.scoped, Effect.provide(platform))
  )
})
