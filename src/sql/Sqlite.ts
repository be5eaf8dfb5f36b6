/** Opens the SQLite database of the configuration. Knows files and pragmas, not what is stored. */
import * as Reactivity from "@effect/experimental/Reactivity"
import { FileSystem, Path } from "@effect/platform"
import { SqlClient } from "@effect/sql"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Context, Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import { orUnavailable, storeUnavailable } from "./storeErrors.ts"

/** A database that lives and dies with its layer; no file is touched. */
export const inMemory = ":memory:"

/** How long a statement waits for another process. Short, because SQLite waits on the thread that also carries audio. */
const busyTimeout = 1_000

/** Makes the folder (0700) and the file (0600) before SQLite does; its -wal and -shm files inherit the mode. */
const preparePrivateFile = Effect.fnUntraced(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.makeDirectory(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 })
  yield* Effect.scoped(fs.open(file, { flag: "a", mode: 0o600 }))
  yield* fs.chmod(file, 0o600)
})

/**
 * The SqlClient on the file `database` (WAL), or on ":memory:". Fails with the path and what to do when the file cannot be
 * opened or is no database: a store that cannot be read is never mistaken for an empty one.
 */
export const layerSqlite = Layer.scopedContext(
  Effect.gen(function* () {
    const { database } = yield* PhoneConfig
    const doing = `open the database ${database}`
    if (database !== inMemory) yield* preparePrivateFile(database).pipe(orUnavailable(doing))
    // better-sqlite3 throws when it opens, and the client lets that through as a defect.
    const client = yield* SqliteClient.make({ filename: database, disableWAL: database === inMemory }).pipe(
      Effect.catchAllDefect((defect) => Effect.fail(storeUnavailable(doing, defect)))
    )
    yield* client.unsafe(`PRAGMA busy_timeout = ${busyTimeout}`).pipe(orUnavailable(doing))
    return Context.make(SqlClient.SqlClient, client).pipe(Context.add(SqliteClient.SqliteClient, client))
  })
).pipe(Layer.provide(Reactivity.layer))
