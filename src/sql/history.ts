/** Reads whole calls: one by id, or pages of the history, newest first. Writes nothing. */
import type { SqlClient } from "@effect/sql"
import { DateTime, Effect, Either, Option } from "effect"
import type { Call } from "../domain/Call.ts"
import type { HistoryQuery } from "../Transcripts.ts"
import { type Place, readCursor, writeCursor } from "./cursor.ts"
import { type Filters, readFilters } from "./filters.ts"
import { type Row, readCall } from "./rows.ts"
import { orUnavailable } from "./storeErrors.ts"

const maxLimit = 1_000

/** Calls looked at per statement: SQLite works on the thread that also carries audio, so no statement may take long. */
const windowSize = 200

/** Whole numbers from 0 to 1,000; what is no number asks for nothing. */
const clampLimit = (limit: number): number =>
  Number.isNaN(limit) ? 0 : Math.floor(Math.min(Math.max(limit, 0), maxLimit))

export const makeHistory = (sql: SqlClient.SqlClient) => {
  /** Whether a folded text holds a word. Not LIKE: it reads `%` and `_` as wildcards and bounds the word's length. */
  const holds = sql.onDialectOrElse({
    pg: () => (column: string, word: string) => sql`strpos(${sql(column)}, ${word}) > 0`,
    orElse: () => (column: string, word: string) => sql`instr(${sql(column)}, ${word}) > 0`
  })

  /** Whether the outcome claims success; NULL without an outcome. */
  const successful = sql.onDialectOrElse({
    pg: () => sql`outcome::json ->> 'success' = 'true'`,
    orElse: () => sql`json_extract(outcome, '$.success') = 1`
  })

  const everything = sql`1 = 1`

  /** Whether a call is meant, but for the time of its start. */
  const matches = ({ number, statuses, success, words }: Filters) => {
    const conditions = [
      ...(statuses === undefined ? [] : [statuses.length === 0 ? sql`1 = 0` : sql.in("status", statuses)]),
      ...(number === undefined ? [] : [holds("calls.to_number", number)]),
      ...(success === undefined
        ? []
        : [success ? successful : sql`(ended_at IS NOT NULL AND NOT COALESCE(${successful}, 1 = 0))`]),
      ...words.map(
        (word) => sql`(${holds("calls.folded", word)} OR ${holds("calls.folded_summary", word)} OR EXISTS (
          SELECT 1 FROM turns WHERE turns.call_id = calls.id AND ${holds("turns.folded", word)}))`
      )
    ]
    return conditions.length === 0 ? everything : sql.and(conditions)
  }

  /** The calls of these ids, in their order, with three statements however many they are. */
  const load = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
    if (ids.length === 0) return []
    const rows = yield* sql<Row>`SELECT * FROM calls WHERE ${sql.in("id", ids)}`
    const turns = yield* sql<Row>`SELECT * FROM turns WHERE ${sql.in("call_id", ids)} ORDER BY call_id, position`
    const questions = yield* sql<Row>`SELECT * FROM questions WHERE ${sql.in("call_id", ids)} ORDER BY call_id, id`
    const byId = new Map(rows.map((row) => [String(row.id), row]))
    const turnsOf = Map.groupBy(turns, (turn) => String(turn.call_id))
    const questionsOf = Map.groupBy(questions, (question) => String(question.call_id))
    const known = ids.map((id) => byId.get(id)).filter((row) => row !== undefined)
    return yield* Either.all(
      known.map((row) => {
        const id = String(row.id)
        return readCall(row, turnsOf.get(id) ?? [], questionsOf.get(id) ?? [])
      })
    )
  })

  const find = Effect.fn("Transcripts.find")(
    function* (id: string) {
      return Option.fromNullable((yield* load([id]))[0])
    },
    (effect, id) => orUnavailable(`read call ${id.slice(0, 40)}`)(effect)
  )

  /** The next calls of the asked time after `place`, whether they match or not. */
  const look = (place: Option.Option<Place>, filters: Filters) => {
    const within = [
      ...Option.match(place, {
        onNone: () => [],
        onSome: ({ startedAt, id }) => [sql`(started_at, id) < (${startedAt}, ${id})`]
      }),
      ...(filters.since === undefined ? [] : [sql`started_at >= ${filters.since}`]),
      ...(filters.until === undefined ? [] : [sql`started_at < ${filters.until}`])
    ]
    return sql<Row>`
      SELECT id, started_at, CASE WHEN ${matches(filters)} THEN 1 ELSE 0 END AS hit
      FROM calls
      WHERE ${within.length === 0 ? everything : sql.and(within)}
      ORDER BY started_at DESC, id DESC LIMIT ${windowSize}`
  }

  const page = Effect.fn("Transcripts.history")(function* (query: HistoryQuery) {
    const limit = clampLimit(query.limit)
    const filters = yield* readFilters(query)
    let place = Option.fromNullable(query.cursor === undefined ? undefined : yield* readCursor(query.cursor))
    const calls: Array<Call> = []
    const cursorAt = (call: Call) => writeCursor({ startedAt: DateTime.formatIso(call.startedAt), id: call.id })
    while (limit > 0) {
      const seen = yield* look(place, filters)
      const hits = seen.filter((row) => Number(row.hit) === 1).slice(0, limit - calls.length + 1)
      calls.push(...(yield* load(hits.map((row) => String(row.id)))))
      const last = calls[limit - 1]
      if (calls.length > limit && last !== undefined) return { calls: calls.slice(0, limit), cursor: cursorAt(last) }
      const end = seen.at(-1)
      if (seen.length < windowSize || end === undefined) break
      place = Option.some({ startedAt: String(end.started_at), id: String(end.id) })
      // Lets sockets and audio have their turn between two windows.
      yield* Effect.sleep(0)
    }
    return { calls }
  }, orUnavailable("read the history"))

  return { find, load, page }
}
