/** The notices of ended calls in the database. When one is made and what becomes of it is decided elsewhere. */
import type { SqlClient } from "@effect/sql"
import { Effect, Option, Queue } from "effect"
import { CallId } from "../domain/Ids.ts"
import type { Notice, Outbox } from "../notify/Outbox.ts"
import type { Row } from "./rows.ts"
import { orUnavailable } from "./storeErrors.ts"

const readNotice = (row: Row): Notice => ({
  callId: CallId.make(String(row.call_id)),
  attempts: Number(row.attempts),
  dueAt: new Date(String(row.due_at))
})

export const makeOutbox = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const bell = yield* Queue.sliding<void>(1)
  const outbox: Outbox["Type"] = {
    bell,
    next: Effect.fnUntraced(function* (except) {
      const [row] = yield* sql<Row>`
        SELECT call_id, attempts, due_at FROM notices
        WHERE NOT ${sql.in("call_id", [...except])} ORDER BY due_at, call_id LIMIT 1`
      return Option.map(Option.fromNullable(row), readNotice)
    }, orUnavailable("look for notifications")),
    postpone: ({ attempts, callId, dueAt }) =>
      sql`UPDATE notices SET ${sql.update({ attempts, due_at: dueAt.toISOString() })} WHERE call_id = ${callId}`.pipe(
        Effect.asVoid,
        orUnavailable(`note the notification of call ${callId}`)
      ),
    remove: (callId) =>
      sql`DELETE FROM notices WHERE call_id = ${callId}`.pipe(
        Effect.asVoid,
        orUnavailable(`note the notification of call ${callId}`)
      )
  }
  return {
    outbox,
    /** To be run in the transaction that writes the end. */
    add: (callId: CallId, endedAt: Date) =>
      sql`INSERT INTO notices ${sql.insert({ call_id: callId, due_at: endedAt.toISOString() })}`
  }
})
