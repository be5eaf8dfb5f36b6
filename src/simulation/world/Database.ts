/** The database of the simulated machine: another process may hold its lock, or the disk beneath it be full. */
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "@effect/sql"
import { Effect, Layer } from "effect"

/** What is in the way of writing now. Reading goes on. */
export interface InTheWay {
  locked: boolean
  full: boolean
}

/** What SQLite says then, by its code. */
const refusals = {
  SQLITE_BUSY: "database is locked",
  SQLITE_FULL: "database or disk is full"
}

const refused = (code: keyof typeof refusals) =>
  new SqlError.SqlError({
    cause: Object.assign(new Error(refusals[code]), { code }),
    message: "Failed to execute statement"
  })

const writes = /^\s*(INSERT|UPDATE|DELETE)\b/i

/** The same database, whose writes fail while something is in the way. */
export const layerRefusing = (inTheWay: InTheWay) =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.flatMap(SqlClient.SqlClient, (database) => {
      const connection = Effect.map(
        database.reserve,
        (right): SqlConnection.Connection => ({
          ...right,
          // all that the store writes goes this way
          execute: (sql, params, transformRows) =>
            Effect.suspend(() => {
              if (inTheWay.locked && writes.test(sql)) return refused("SQLITE_BUSY")
              if (inTheWay.full && writes.test(sql)) return refused("SQLITE_FULL")
              return right.execute(sql, params, transformRows)
            })
        })
      )
      return SqlClient.make({ acquirer: connection, compiler: Statement.makeCompilerSqlite(), spanAttributes: [] })
    })
  ).pipe(Layer.provide(Reactivity.layer))
