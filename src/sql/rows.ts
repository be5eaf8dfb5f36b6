/** How calls and turns lie in the tables, and back. Knows columns and JSON, no SQL. */
import { DateTime, Either, Schema } from "effect"
import { type Call, CallError, Cost, Latency } from "../domain/Call.ts"
import { CallStatus } from "../domain/CallStatus.ts"
import { Evidence } from "../domain/Evidence.ts"
import type { StoreUnavailable } from "../domain/errors.ts"
import { CallId } from "../domain/Ids.ts"
import { Incident } from "../domain/Incident.ts"
import { AnsweredBy, Outcome } from "../domain/Outcome.ts"
import { PhoneNumber } from "../domain/PhoneNumber.ts"
import { type Closing, Question } from "../domain/Question.ts"
import { Standing } from "../domain/Standing.ts"
import { Transfer } from "../domain/Transfer.ts"
import { type PlacedTurn, Turn } from "../domain/Turn.ts"
import type { CallChange, CallEnd, NewCall } from "../Transcripts.ts"
import { fold } from "./search.ts"
import { corruptCall } from "./storeErrors.ts"

/** A row as the database gives it: NULL for what is not there. */
export type Row = Readonly<Record<string, unknown>>

const maybe = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })
const named = <A, I, R>(column: string, schema: Schema.Schema<A, I, R>) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(column))
const json = <A, I, R>(schema: Schema.Schema<A, I, R>) => maybe(Schema.parseJson(schema))

/** Everything of a call but its turns and questions. */
const CallRow = Schema.Struct({
  id: CallId,
  to: named("to_number", PhoneNumber),
  from: named("from_number", PhoneNumber),
  task: Schema.String,
  context: maybe(Schema.String),
  status: CallStatus,
  answeredBy: maybe(AnsweredBy).pipe(Schema.fromKey("answered_by")),
  answeredByEvidence: json(Schema.Array(Evidence)).pipe(Schema.fromKey("answered_by_evidence")),
  startedAt: named("started_at", Schema.DateTimeUtc),
  answeredAt: maybe(Schema.DateTimeUtc).pipe(Schema.fromKey("answered_at")),
  endedAt: maybe(Schema.DateTimeUtc).pipe(Schema.fromKey("ended_at")),
  transferredTo: json(Transfer).pipe(Schema.fromKey("transferred_to")),
  outcome: json(Outcome),
  recording: maybe(Schema.String),
  cost: json(Cost),
  latency: json(Latency),
  error: json(CallError),
  incidents: json(Schema.Array(Incident))
})

const Flag = Schema.transform(Schema.Number, Schema.Boolean, {
  strict: true,
  decode: (stored) => stored !== 0,
  encode: (flag) => (flag ? 1 : 0)
})

const TurnRow = Schema.Struct({ ...Turn.fields, interrupted: maybe(Flag) })

const QuestionRow = Schema.Struct({
  ...Question.fields,
  askedAt: named("asked_at", Schema.DateTimeUtc),
  answeredAt: maybe(Schema.DateTimeUtc).pipe(Schema.fromKey("answered_at"))
})

/** What of an unfinished call is no part of its record. */
const Left = Schema.Struct({
  providerId: maybe(Schema.String).pipe(Schema.fromKey("provider_id")),
  questions: named("asks", Flag),
  standing: Schema.optionalWith(Schema.parseJson(Standing), { exact: true, default: () => ({}) }),
  nextPosition: named("next_position", Schema.Int)
})

/** Decodes a row, without its NULLs; `id` names the call in the error. */
const reader = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema)
  return (id: string, row: Row): Either.Either<A, StoreUnavailable> =>
    decode(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))).pipe(
      Either.mapLeft((error) => corruptCall(id, error))
    )
}

const readCallRow = reader(CallRow)
const readTurn = reader(TurnRow)
const readQuestion = reader(QuestionRow)
const readLeftRow = reader(Left)

/** The call of a row, its turns and its questions, both in order. Turns in which nothing was said stay in the database only. */
export const readCall = (
  row: Row,
  turns: ReadonlyArray<Row>,
  questions: ReadonlyArray<Row>
): Either.Either<Call, StoreUnavailable> => {
  const id = String(row.id)
  return Either.gen(function* () {
    const call = yield* readCallRow(id, row)
    const said = yield* Either.all(turns.map((turn) => readTurn(id, turn)))
    const asked = yield* Either.all(questions.map((question) => readQuestion(id, question)))
    const { answeredAt, endedAt } = call
    const talked = answeredAt === undefined || endedAt === undefined ? 0 : DateTime.distance(answeredAt, endedAt)
    return {
      ...call,
      duration: Math.max(0, talked) / 1000,
      transcript: said.filter((turn) => turn.text !== ""),
      ...(asked.length === 0 ? {} : { questions: asked })
    }
  })
}

export const readLeft = (row: Row) => readLeftRow(String(row.id), row)

const MetadataJson = Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.String }))
const readMetadataRow = reader(
  Schema.Struct({ metadata: Schema.optionalWith(MetadataJson, { exact: true, default: () => ({}) }) })
)
export const readMetadata = (id: string, row: Row) => Either.map(readMetadataRow(id, row), (read) => read.metadata)

/** A value as a JSON text, through its schema. */
const asJson = <A, I>(schema: Schema.Schema<A, I>) => Schema.encodeSync(Schema.parseJson(schema))
const evidenceJson = asJson(Schema.Array(Evidence))
const outcomeJson = asJson(Outcome)
const costJson = asJson(Cost)
const latencyJson = asJson(Latency)
const errorJson = asJson(CallError)
const incidentsJson = asJson(Schema.Array(Incident))
const standingJson = asJson(Standing)
const transferJson = asJson(Transfer)
const metadataJson = Schema.encodeSync(MetadataJson)
const encodeTurn = Schema.encodeSync(TurnRow)

/** Columns and values of an INSERT or UPDATE. */
type Values = Record<string, string | number | null>

export const newCallRow = (call: NewCall): Values => ({
  id: call.id,
  to_number: call.to,
  from_number: call.from,
  task: call.task,
  context: call.context ?? null,
  request_id: call.requestId ?? null,
  client: call.client ?? null,
  metadata: call.metadata === undefined ? null : metadataJson(call.metadata),
  status: "queued",
  asks: call.questions === true ? 1 : 0,
  started_at: call.startedAt.toISOString(),
  folded: fold([call.to, call.task, call.context ?? ""].join("\n"))
})

export const turnRow = (callId: CallId, { position, turn }: PlacedTurn): Values => {
  const { timestamp, role, text, heard, latency, interrupted, generated } = encodeTurn(turn)
  return {
    call_id: callId,
    position,
    timestamp,
    role,
    text,
    heard: heard ?? null,
    latency: latency ?? null,
    interrupted: interrupted ?? null,
    generated: generated ?? null,
    folded: fold(text)
  }
}

export const questionRow = (
  callId: CallId,
  { askedAt, id, question }: Pick<Question, "id" | "question" | "askedAt">
) => ({
  call_id: callId,
  id,
  question,
  asked_at: DateTime.formatIso(askedAt)
})

/** How a question was closed. `answered_at` only where there is an answer. */
export const closingColumns = (closing: Closing, at: Date): Values =>
  "answer" in closing ? { answer: closing.answer, answered_at: at.toISOString() } : { unanswered: closing.unanswered }

/** The columns of what is given; nothing for what is not. `status` is left to the caller, who knows what may follow. */
export const changeColumns = (change: Omit<CallChange, "status"> | Omit<CallEnd, "status" | "endedAt">): Values => {
  const values: Values = {}
  if (change.answeredBy !== undefined) values.answered_by = change.answeredBy
  if ("answeredByEvidence" in change && change.answeredByEvidence !== undefined) {
    values.answered_by_evidence = evidenceJson(change.answeredByEvidence)
  }
  if (change.cost !== undefined) {
    values.cost = costJson(change.cost)
    values.cost_total = change.cost.total
  }
  if (change.outcome !== undefined) {
    values.outcome = outcomeJson(change.outcome)
    values.folded_summary = fold(change.outcome.summary)
  }
  if ("providerId" in change && change.providerId !== undefined) values.provider_id = change.providerId
  if ("answeredAt" in change && change.answeredAt !== undefined) values.answered_at = change.answeredAt.toISOString()
  if ("standing" in change && change.standing !== undefined) values.standing = standingJson(change.standing)
  if ("recording" in change && change.recording !== undefined) values.recording = change.recording
  if ("incidents" in change && change.incidents !== undefined) values.incidents = incidentsJson(change.incidents)
  if ("transferredTo" in change && change.transferredTo !== undefined)
    values.transferred_to = transferJson(change.transferredTo)
  if ("latency" in change && change.latency !== undefined) values.latency = latencyJson(change.latency)
  if ("error" in change && change.error !== undefined) values.error = errorJson(change.error)
  return values
}
