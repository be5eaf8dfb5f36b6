/** The one place where what SQL, files and schemas report becomes `StoreUnavailable`. It decides words, not reactions. */
import type { PlatformError } from "@effect/platform/Error"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Predicate } from "effect"
import { type ParseError, TreeFormatter } from "effect/ParseResult"
import { StoreUnavailable } from "../domain/errors.ts"

/** What a person can do, by SQLite's result code or the reason of a file error. */
const advice: Readonly<Record<string, string>> = {
  SQLITE_FULL: "Free some disk space.",
  SQLITE_BUSY: "Another process holds the database: stop it.",
  SQLITE_READONLY: "Make the file and its folder writable for this user.",
  SQLITE_CANTOPEN: "Make the file and its folder readable and writable for this user.",
  SQLITE_NOTADB: "The file is no SQLite database: move it away, or name another one.",
  SQLITE_CORRUPT: "The database is damaged: restore it from a backup, or move it away.",
  PermissionDenied: "Make the folder writable for this user.",
  BadResource: "Check that the path is not something else than it should be."
}

const text = (value: unknown, key: "code" | "message" | "reason"): string | undefined =>
  Predicate.hasProperty(value, key) && typeof value[key] === "string" ? value[key] : undefined

/** The innermost reason of an error: SqlError and PlatformError wrap the one that says something. */
const innermost = (error: unknown): unknown =>
  Predicate.hasProperty(error, "cause") && error.cause instanceof Error ? innermost(error.cause) : error

/** Describes any failure of the store: what was being done, what came back, what to do about it. */
export const storeUnavailable = (doing: string, error: unknown): StoreUnavailable => {
  const root = innermost(error)
  const code = text(root, "code") ?? text(error, "reason") ?? ""
  const hint = advice[code] ?? advice[code.split("_").slice(0, 2).join("_")] ?? advice[text(error, "reason") ?? ""]
  const reason = text(root, "message") ?? text(error, "message") ?? String(error)
  return new StoreUnavailable({ message: `Cannot ${doing}: ${reason}.${hint === undefined ? "" : ` ${hint}`}` })
}

/** A row that no longer reads as what was written: said aloud with the call's id, never skipped. */
export const corruptCall = (id: string, error: ParseError): StoreUnavailable =>
  new StoreUnavailable({
    message: `The stored call ${id} cannot be read, its row is damaged: ${TreeFormatter.formatErrorSync(error)}`
  })

type Foreign = SqlError | PlatformError

const isForeign = <E extends { readonly _tag: string }>(error: E | Foreign): error is Foreign =>
  error._tag === "SqlError" || error._tag === "SystemError" || error._tag === "BadArgument"

/** Turns what SQL and files report into `StoreUnavailable`; errors of ours pass through. */
export const orUnavailable =
  (doing: string) =>
  <A, E extends { readonly _tag: string }, R>(
    effect: Effect.Effect<A, E | Foreign, R>
  ): Effect.Effect<A, Exclude<E, Foreign> | StoreUnavailable, R> =>
    Effect.catchIf(effect, isForeign<E>, (error) => storeUnavailable(doing, error))
