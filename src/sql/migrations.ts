/** The tables, as a list of steps that only grows: a step that has shipped is never changed or renumbered. */
import { Migrator, SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { storeUnavailable } from "./storeErrors.ts"

/**
 * Times are ISO 8601 UTC texts of equal length, so they sort as they are. `outcome`, `cost`, `latency`, `error` and
 * `metadata` hold JSON. The `folded` columns repeat texts in the form that search compares (search.ts).
 */
const createTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE calls (
      id TEXT PRIMARY KEY NOT NULL,
      to_number TEXT NOT NULL,
      from_number TEXT NOT NULL,
      task TEXT NOT NULL,
      context TEXT,
      request_id TEXT UNIQUE,
      metadata TEXT,
      status TEXT NOT NULL,
      provider_id TEXT,
      answered_by TEXT,
      started_at TEXT NOT NULL,
      answered_at TEXT,
      ended_at TEXT,
      outcome TEXT,
      recording TEXT,
      cost TEXT,
      cost_total DOUBLE PRECISION,
      latency TEXT,
      error TEXT,
      folded TEXT NOT NULL,
      folded_summary TEXT NOT NULL DEFAULT '',
      filed INTEGER NOT NULL DEFAULT 0
    )`
  yield* sql`CREATE INDEX calls_by_start ON calls (started_at, id)`
  yield* sql`CREATE INDEX calls_by_number ON calls (to_number, started_at)`
  yield* sql`CREATE INDEX calls_without_end ON calls (started_at) WHERE ended_at IS NULL`
  yield* sql`CREATE INDEX calls_without_file ON calls (started_at) WHERE filed = 0 AND ended_at IS NOT NULL`
  yield* sql`
    CREATE TABLE turns (
      call_id TEXT NOT NULL REFERENCES calls (id),
      position INTEGER NOT NULL,
      timestamp TEXT NOT NULL,
      role TEXT NOT NULL,
      text TEXT NOT NULL,
      heard DOUBLE PRECISION,
      interrupted INTEGER,
      generated TEXT,
      folded TEXT NOT NULL,
      PRIMARY KEY (call_id, position)
    )`
  yield* sql`
    CREATE TABLE do_not_call (
      number TEXT PRIMARY KEY NOT NULL,
      call_id TEXT NOT NULL,
      said_at TEXT NOT NULL
    )`
})

/** Ends that a client wants to hear of, until it has acknowledged them. */
const addCompletions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN client TEXT`
  yield* sql`ALTER TABLE calls ADD COLUMN acknowledged_at TEXT`
  yield* sql`
    CREATE INDEX calls_to_acknowledge ON calls (client, ended_at)
    WHERE client IS NOT NULL AND ended_at IS NOT NULL AND acknowledged_at IS NULL`
})

/** Ends of calls that the receiver of notifications has not taken yet. */
const addNotices = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE notices (
      call_id TEXT PRIMARY KEY NOT NULL REFERENCES calls (id),
      attempts INTEGER NOT NULL DEFAULT 0,
      due_at TEXT NOT NULL
    )`
  yield* sql`CREATE INDEX notices_by_time ON notices (due_at, call_id)`
})

/** What agents ask in mid-call. Open: neither `answer` nor `unanswered`. */
const addQuestions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE questions (
      call_id TEXT NOT NULL REFERENCES calls (id),
      id INTEGER NOT NULL,
      question TEXT NOT NULL,
      asked_at TEXT NOT NULL,
      answer TEXT,
      answered_at TEXT,
      unanswered TEXT,
      acknowledged_at TEXT,
      PRIMARY KEY (call_id, id)
    )`
  yield* sql`CREATE INDEX questions_open ON questions (asked_at) WHERE answer IS NULL AND unanswered IS NULL`
})

/** What a process must know that takes over a call of one that died: whether its owner answers questions, and who has the callee. */
const addTakeover = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN asks INTEGER NOT NULL DEFAULT 0`
  yield* sql`ALTER TABLE calls ADD COLUMN away INTEGER NOT NULL DEFAULT 0`
})

/** What speaks for `answered_by`, as JSON. */
const addAnswererEvidence = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN answered_by_evidence TEXT`
})

/** To whom the callee was handed over, as JSON. */
const addTransfers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN transferred_to TEXT`
})

/** How long the callee waited for a turn, in seconds. */
const addTurnLatency = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE turns ADD COLUMN latency DOUBLE PRECISION`
})

/** What went wrong during a call, as JSON. */
const addIncidents = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN incidents TEXT`
})

/** How the talk stands, as JSON; it tells what `away` told, and by name. */
const addStanding = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN standing TEXT`
})

/**
 * Brings the tables up to date, in one transaction. Touches no file, so it runs on ":memory:" in virtual time too.
 * Its own ledger table keeps it apart from the migrations of a host service in the same database.
 */
export const migrate = Migrator.make({})({
  loader: Migrator.fromRecord({
    "0001_create_tables": createTables,
    "0002_add_completions": addCompletions,
    "0003_add_notices": addNotices,
    "0004_add_questions": addQuestions,
    "0005_add_answerer_evidence": addAnswererEvidence,
    "0006_add_turn_latency": addTurnLatency,
    "0007_add_transfers": addTransfers,
    "0008_add_takeover": addTakeover,
    "0009_add_incidents": addIncidents,
    "0010_add_standing": addStanding
  }),
  table: "phone_migrations"
}).pipe(
  Effect.asVoid,
  Effect.mapError((error) => storeUnavailable("prepare the tables of calls", error)),
  // The migrator reports a failing step as a defect, though a full disk or a damaged file is no bug of ours.
  Effect.catchSomeDefect((defect) =>
    defect instanceof Migrator.MigrationError
      ? Option.some(Effect.fail(storeUnavailable("prepare the tables of calls", defect)))
      : Option.none()
  )
)
