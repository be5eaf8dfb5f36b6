/** What the machine must have: Node, folders that can be written, room on the disk, a sound database. Changes nothing. */
import { statfs } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { FileSystem } from "@effect/platform"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { rpcTokenPath } from "../../config/rpcToken.ts"
import { type Finding, ok, problem, skipped, warning } from "./Finding.ts"

export const nodeVersion = (running: string): Finding => {
  const major = Number(running.split(".")[0])
  if (major < 22) return problem("node", running, "install Node 22 or newer")
  return ok("node", running)
}

/** A recorded minute of a call takes about 1 MB. */
const enough = 200 * 1024 * 1024

/** The folder itself, or the nearest above it that is there: the rest will be made at the first start. */
const nearest = (folder: string): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const there = yield* Effect.orElseSucceed(fs.exists(folder), () => false)
    return there || dirname(folder) === folder ? folder : yield* nearest(dirname(folder))
  })

const folder = (check: string, key: string, path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const there = yield* nearest(resolve(path))
    const info = yield* Effect.option(fs.stat(there))
    const usable = yield* Effect.isSuccess(fs.access(there, { writable: true }))
    if (info._tag === "None" || info.value.type !== "Directory" || !usable) {
      return problem(check, `${there} cannot be written`, `give this user the right to write there, or change ${key}`)
    }
    const disk = yield* Effect.option(Effect.tryPromise(() => statfs(there)))
    if (disk._tag === "None") return ok(check, path)
    const free = disk.value.bavail * disk.value.bsize
    const found = `${path}, ${Math.floor(free / 1024 / 1024)} MB free`
    return free < enough
      ? warning(check, found, "make room: transcripts and recordings are kept there")
      : ok(check, found)
  })

export const folders = ({ database, transcriptsDir }: PhoneConfigValues) =>
  Effect.all([folder("transcripts", "transcriptsDir", transcriptsDir), folder("data", "database", dirname(database))])

/** Reads the whole file, read-only, also while the service uses it. */
const quickCheck = (path: string) =>
  Effect.gen(function* () {
    const { SqliteClient } = yield* Effect.promise(() => import("@effect/sql-sqlite-node"))
    const sqlite = SqliteClient.layer({ filename: path, readonly: true, disableWAL: true })
    const rows = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`PRAGMA quick_check(1)`).pipe(
      Effect.provide(sqlite)
    )
    const said = Object.values(rows[0] ?? {})[0]
    return said === "ok" ? ok("database", `${path} is sound`) : broken(path, String(said))
  }).pipe(
    // a file that is no database is refused while the layer is built, as a defect
    Effect.catchAllCause(() => Effect.succeed(broken(path, "it cannot be opened")))
  )

const broken = (path: string, why: string): Finding =>
  problem("database", `${path}: ${why}`, "stop the service, move the file away and start again, or restore a backup")

export const database = (config: PhoneConfigValues) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const there = yield* Effect.orElseSucceed(fs.exists(config.database), () => false)
    if (!there) return skipped("database", `${config.database} will be made at the first start`)
    return yield* quickCheck(config.database)
  })

/** Whoever reads the token can make calls. */
export const tokenFile = (config: PhoneConfigValues) =>
  Effect.gen(function* () {
    if (config.rpcToken !== undefined) return ok("rpc token", "configured")
    const fs = yield* FileSystem.FileSystem
    const path = rpcTokenPath(config)
    const info = yield* Effect.option(fs.stat(path))
    if (info._tag === "None") return skipped("rpc token", `${path} will be made at the first start`)
    const others = (info.value.mode & 0o077) !== 0
    return others ? warning("rpc token", `${path} can be read by others`, `chmod 600 ${path}`) : ok("rpc token", path)
  })
