/**
 * The repository of calls on any SqlClient. The database is the truth; `<callId>.json` and `<callId>.wav` are copies for
 * people. It decides nothing about calls: what may follow on what is the domain's.
 */
import { SqlClient } from "@effect/sql"
import { Array, Clock, Context, Effect, Either, Layer, Option, Schema } from "effect"
import { PhoneConfig } from "../Config.ts"
import { Call } from "../domain/Call.ts"
import { StoreUnavailable } from "../domain/errors.ts"
import { CallId } from "../domain/Ids.ts"
import * as Question from "../domain/Question.ts"
import { Outbox } from "../notify/Outbox.ts"
import { Transcripts, type UnfinishedCall } from "../Transcripts.ts"
import { makeCallFiles } from "./callFiles.ts"
import { makeHistory } from "./history.ts"
import { migrate } from "./migrations.ts"
import { makeOutbox } from "./outbox.ts"
import {
  changeColumns,
  closingColumns,
  newCallRow,
  questionRow,
  type Row,
  readLeft,
  readMetadata,
  turnRow
} from "./rows.ts"
import { orUnavailable } from "./storeErrors.ts"

const encodeCall = Schema.encodeSync(Call)
const encoder = new TextEncoder()

/** The text of a transcript file: the call exactly as the tools return it, for people's eyes. */
const fileOf = (call: Call): Uint8Array => encoder.encode(`${JSON.stringify(encodeCall(call), null, 2)}\n`)

const completionsAtOnce = 50

const noCall = (id: string) => new StoreUnavailable({ message: `There is no call ${id} in the store to write to.` })

const idOf = (rows: ReadonlyArray<Row>) =>
  Option.map(Option.fromNullable(rows[0]), (row) => CallId.make(String(row.id)))

/**
 * The repository, and the outbox that its ends go to when `notify` is configured.
 *
 * Migrates when built, and writes the transcript files that a crash or a full disk kept from being written.
 *
 * The end of a call counts once it is in the database. When its file cannot be written, the error is logged, `end`
 * succeeds all the same, and the file is made good at the next change of the call or the next start.
 */
export const layerTranscripts = Layer.effectContext(
  Effect.gen(function* () {
    const { notify, transcriptsDir } = yield* PhoneConfig
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const files = yield* makeCallFiles(transcriptsDir)
    yield* migrate
    const { add: addNotice, outbox } = yield* makeOutbox(sql)
    const { find, load, page } = makeHistory(sql)
    const oneFileAtATime = yield* Effect.makeSemaphore(1)

    /** Writes the call's JSON file as the database has it now. One at a time, so that an older text never comes last. */
    const publish = (id: CallId) =>
      Effect.gen(function* () {
        const call = yield* Effect.flatten(find(id)).pipe(Effect.catchTag("NoSuchElementException", () => noCall(id)))
        yield* files.write(id, "json", fileOf(call))
        yield* sql`UPDATE calls SET filed = 1 WHERE id = ${id}`.pipe(orUnavailable(`note the file of call ${id}`))
      }).pipe(
        oneFileAtATime.withPermits(1),
        Effect.catchTag("StoreUnavailable", (error) =>
          Effect.logError(`The transcript file of call ${id} is not written yet: ${error.message}`)
        )
      )

    // What a crash or a full disk kept from being written.
    const owed = yield* sql<Row>`SELECT id FROM calls WHERE filed = 0 AND ended_at IS NOT NULL`.pipe(
      orUnavailable("look for transcript files that are owed")
    )
    yield* Effect.forEach(owed, (row) => publish(CallId.make(String(row.id))), { discard: true })

    const publishIfEnded = (id: CallId, endedAt: unknown) => (endedAt === null ? Effect.void : publish(id))

    const insert = Effect.fn("Transcripts.insert")(function* (call: Parameters<Transcripts["Type"]["insert"]>[0]) {
      // One statement decides who is first, and calls are never deleted, so the second look cannot miss.
      const inserted = yield* sql`
        INSERT INTO calls ${sql.insert(newCallRow(call))} ON CONFLICT (request_id) DO NOTHING RETURNING id`
      if (Option.isSome(idOf(inserted))) return call.id
      const first = yield* sql`SELECT id FROM calls WHERE request_id = ${call.requestId ?? null}`
      return Option.getOrElse(idOf(first), () => call.id)
    }, orUnavailable("write down the call"))

    const update = Effect.fn("Transcripts.update")(function* (
      id: CallId,
      { status, ...change }: Parameters<Transcripts["Type"]["update"]>[1]
    ) {
      // Until the file is written again it is out of date. An ended call keeps its status.
      const [row] = yield* sql<Row>`
        UPDATE calls SET ${sql.update({ ...changeColumns(change), filed: 0 })},
          status = CASE WHEN ended_at IS NULL THEN COALESCE(${status ?? null}, status) ELSE status END
        WHERE id = ${id} RETURNING ended_at`.pipe(orUnavailable(`write call ${id}`))
      if (row === undefined) return yield* noCall(id)
      yield* publishIfEnded(id, row.ended_at)
    })

    const isOpen = sql.literal("answer IS NULL AND unanswered IS NULL")

    /** Calls with what was given with them, first ones first. */
    const withMetadata = Effect.fnUntraced(function* (rows: ReadonlyArray<Row>) {
      const metadataOf = new Map(rows.map((row) => [String(row.id), row]))
      return yield* Effect.forEach(yield* load([...metadataOf.keys()]), (call) =>
        Effect.map(readMetadata(call.id, metadataOf.get(call.id) ?? {}), (metadata) => ({ call, metadata }))
      )
    })

    const transcripts = Transcripts.of({
      insert,
      update,
      putTurn: Effect.fn("Transcripts.putTurn")(function* (id, turn) {
        const row = turnRow(id, turn)
        const [call] = yield* Effect.zipRight(
          sql`INSERT INTO turns ${sql.insert(row)} ON CONFLICT (call_id, position)
              DO UPDATE SET ${sql.update(row, ["call_id", "position"])}`,
          sql<Row>`UPDATE calls SET filed = 0 WHERE id = ${id} RETURNING ended_at`
        ).pipe(sql.withTransaction, orUnavailable(`write a turn of call ${id}`))
        yield* publishIfEnded(id, call?.ended_at ?? null)
      }),
      putQuestion: Effect.fn("Transcripts.putQuestion")(function* (id, question) {
        yield* sql`INSERT INTO questions ${sql.insert(questionRow(id, question))} ON CONFLICT (call_id, id) DO NOTHING`
      }, orUnavailable("write down a question")),
      closeQuestion: Effect.fn("Transcripts.closeQuestion")(function* (id, questionId, closing) {
        const columns = closingColumns(closing, new Date(yield* Clock.currentTimeMillis))
        yield* sql`UPDATE questions SET ${sql.update(columns)} WHERE ${isOpen} AND call_id = ${id} AND id = ${questionId}`
      }, orUnavailable("write down an answer")),
      end: Effect.fn("Transcripts.end")(function* (id, { status, endedAt, ...rest }) {
        const columns = { ...changeColumns(rest), status, ended_at: endedAt.toISOString(), filed: 0 }
        const ended = yield* Effect.gen(function* () {
          const ended =
            yield* sql`UPDATE calls SET ${sql.update(columns)} WHERE id = ${id} AND ended_at IS NULL RETURNING id`
          if (ended.length === 0) {
            const known = yield* sql`SELECT 1 FROM calls WHERE id = ${id}`
            return known.length > 0 ? false : yield* noCall(id)
          }
          yield* sql`UPDATE questions SET unanswered = ${"withdrawn" satisfies Question.Unanswered} WHERE ${isOpen} AND call_id = ${id}`
          if (notify !== undefined) yield* addNotice(id, endedAt)
          return true
        }).pipe(sql.withTransaction, orUnavailable(`write the end of call ${id}`))
        if (!ended) return
        yield* outbox.bell.offer(undefined)
        yield* publish(id)
      }),
      putRecording: Effect.fn("Transcripts.putRecording")(function* (id, wav) {
        yield* update(id, { recording: yield* files.write(id, "wav", wav) })
      }),
      find,
      metadata: Effect.fn("Transcripts.metadata")(
        function* (id) {
          const [row] = yield* sql<Row>`SELECT metadata FROM calls WHERE id = ${id}`
          return yield* readMetadata(id, row ?? {})
        },
        (effect, id) => orUnavailable(`read call ${id}`)(effect)
      ),
      byRequest: Effect.fn("Transcripts.byRequest")(function* (requestId) {
        return idOf(yield* sql<Row>`SELECT id FROM calls WHERE request_id = ${requestId}`)
      }, orUnavailable("look for a request")),
      history: page,
      completions: Effect.fn("Transcripts.completions")(function* (client) {
        const rows = yield* sql<Row>`
          SELECT id, metadata FROM calls
          WHERE client = ${client} AND ended_at IS NOT NULL AND acknowledged_at IS NULL
          ORDER BY ended_at, id LIMIT ${completionsAtOnce}`
        return yield* withMetadata(rows)
      }, orUnavailable("look for ended calls")),
      openQuestions: Effect.fn("Transcripts.openQuestions")(function* (client) {
        // a call has at most one
        const rows = yield* sql<Row>`
          SELECT calls.id, calls.metadata FROM questions JOIN calls ON calls.id = questions.call_id
          WHERE ${isOpen} AND questions.acknowledged_at IS NULL AND calls.client = ${client} AND calls.ended_at IS NULL
          ORDER BY asked_at, calls.id LIMIT ${completionsAtOnce}`
        return (yield* withMetadata(rows)).flatMap((found) => {
          const question = found.call.questions?.find(Question.isOpen)
          return question === undefined ? [] : [{ ...found, question }]
        })
      }, orUnavailable("look for open questions")),
      acknowledgeQuestions: Effect.fn("Transcripts.acknowledgeQuestions")(function* (client, questions) {
        const acknowledged_at = new Date(yield* Clock.currentTimeMillis).toISOString()
        const ours = sql`call_id IN (SELECT id FROM calls WHERE client = ${client})`
        for (const { callId, questionId } of questions) {
          yield* sql`
            UPDATE questions SET ${sql.update({ acknowledged_at })}
            WHERE call_id = ${callId} AND id = ${questionId} AND acknowledged_at IS NULL AND ${ours}`
        }
      }, orUnavailable("note that questions are known")),
      acknowledge: Effect.fn("Transcripts.acknowledge")(function* (client, ids) {
        if (ids.length === 0) return
        const acknowledged_at = new Date(yield* Clock.currentTimeMillis).toISOString()
        yield* sql`
          UPDATE calls SET ${sql.update({ acknowledged_at })}
          WHERE ${sql.in("id", ids)} AND client = ${client} AND ended_at IS NOT NULL AND acknowledged_at IS NULL`
      }, orUnavailable("note that ended calls are known")),
      unfinished: Effect.gen(function* () {
        const rows = yield* sql<Row>`
          SELECT id, provider_id, asks, standing, (
            SELECT COALESCE(MAX(position) + 1, 0) FROM turns WHERE turns.call_id = calls.id) AS next_position
          FROM calls WHERE ended_at IS NULL ORDER BY started_at, id`
        const left = yield* Either.all(rows.map(readLeft))
        const calls = yield* load(rows.map((row) => String(row.id)))
        return Array.zipWith(calls, left, (call, rest): UnfinishedCall => ({ call, ...rest }))
      }).pipe(orUnavailable("read the unfinished calls")),
      usageSince: Effect.fn("Transcripts.usageSince")(function* (since, to) {
        const [row] = yield* sql<Row>`
          SELECT COUNT(*) AS total, SUM(CASE WHEN to_number = ${to} THEN 1 ELSE 0 END) AS to_number,
                 SUM(cost_total) AS cost
          FROM calls WHERE started_at >= ${since.toISOString()}`
        const number = (value: unknown) => Number(value ?? 0)
        return { toNumber: number(row?.to_number), total: number(row?.total), cost: number(row?.cost) }
      }, orUnavailable("count the calls")),
      optOut: Effect.fn("Transcripts.optOut")(function* (number, callId) {
        const saidAt = new Date(yield* Clock.currentTimeMillis).toISOString()
        yield* sql`INSERT INTO do_not_call ${sql.insert({ number, call_id: callId, said_at: saidAt })}
                   ON CONFLICT (number) DO NOTHING`
      }, orUnavailable("write down a do-not-call wish")),
      hasOptedOut: Effect.fn("Transcripts.hasOptedOut")(function* (number) {
        return (yield* sql`SELECT 1 FROM do_not_call WHERE number = ${number}`).length > 0
      }, orUnavailable("read the do-not-call list"))
    })
    return Context.make(Transcripts, transcripts).pipe(Context.add(Outbox, outbox))
  })
)
