/**
 * The repository of calls and their turns (port). Everything that must survive a crash passes through here, written before
 * the world is touched. Implemented by `sql/` on any SqlClient; the JSON and WAV files for people lie beside it.
 */
import { Context, type Effect, type Option } from "effect"
import type { Call, CallError, Cost, Latency } from "./domain/Call.ts"
import type { CallStatus, TerminalStatus } from "./domain/CallStatus.ts"
import type { Completion } from "./domain/Completion.ts"
import type { Evidence } from "./domain/Evidence.ts"
import type { InvalidRequest, StoreUnavailable } from "./domain/errors.ts"
import type { CallId, RequestId } from "./domain/Ids.ts"
import type { Incident } from "./domain/Incident.ts"
import type { AnsweredBy, Outcome } from "./domain/Outcome.ts"
import type { PhoneNumber } from "./domain/PhoneNumber.ts"
import type { Closing, Question, QuestionRef } from "./domain/Question.ts"
import type { Standing } from "./domain/Standing.ts"
import type { Transfer } from "./domain/Transfer.ts"
import type { PlacedTurn } from "./domain/Turn.ts"

export interface NewCall {
  readonly id: CallId
  readonly to: PhoneNumber
  readonly from: PhoneNumber
  readonly task: string
  readonly context?: string
  readonly requestId?: RequestId
  readonly client?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Somebody is there to answer questions of the agent. */
  readonly questions?: boolean
  readonly startedAt: Date
}

/** Only what is given changes. */
export interface CallChange {
  readonly status?: CallStatus
  readonly providerId?: string
  readonly answeredAt?: Date
  readonly answeredBy?: AnsweredBy
  readonly answeredByEvidence?: ReadonlyArray<Evidence>
  readonly recording?: string
  readonly cost?: Cost
  readonly outcome?: Outcome
  /** All so far. */
  readonly incidents?: ReadonlyArray<Incident>
  readonly standing?: Standing
  readonly transferredTo?: Transfer
}

/** How a call ended, written once. */
export interface CallEnd {
  readonly status: TerminalStatus
  readonly endedAt: Date
  readonly answeredBy?: AnsweredBy
  readonly outcome?: Outcome
  readonly cost?: Cost
  readonly latency?: Latency
  readonly error?: CallError
}

export interface HistoryQuery {
  /** 0 gives none; more than 1,000 is read as 1,000. */
  readonly limit: number
  /** From a page before. */
  readonly cursor?: string
  /** Words that must all occur in number, task, context, summary or transcript; case does not matter. */
  readonly search?: string
  /** Calls with one of these statuses (`CallStatus`); of none, no call. */
  readonly status?: ReadonlyArray<string>
  /** Digits that the called number holds; with a `+` it must begin with them. */
  readonly to?: string
  /** Calls that started at this time or later: ISO 8601 with a zone, or a date (midnight UTC). */
  readonly since?: string
  /** Calls that started before this time. */
  readonly until?: string
  /** `true`: calls that reached their goal; `false`: calls that ended otherwise. */
  readonly success?: boolean
}

export interface HistoryPage {
  /** Newest first. */
  readonly calls: ReadonlyArray<Call>
  /** Where the next page begins; absent on the last. */
  readonly cursor?: string
}

/** A call that a crash left without an end, and what is needed to take it over. */
export interface UnfinishedCall {
  readonly call: Call
  readonly providerId?: string
  /** As the call was asked for and as it was last written (`NewCall`, `CallChange`). */
  readonly questions: boolean
  readonly standing: Standing
  /** The first position after all turns, those without a word too. */
  readonly nextPosition: number
}

export class Transcripts extends Context.Tag("phone/Transcripts")<
  Transcripts,
  {
    /** Writes the call as `queued`. With a `requestId` seen before, writes nothing and returns the id of that call. */
    readonly insert: (call: NewCall) => Effect.Effect<CallId, StoreUnavailable>
    readonly update: (id: CallId, change: CallChange) => Effect.Effect<void, StoreUnavailable>
    /** Writes a turn, or replaces the turn at the same position. */
    readonly putTurn: (id: CallId, turn: PlacedTurn) => Effect.Effect<void, StoreUnavailable>
    /** Writes down an open question. */
    readonly putQuestion: (
      id: CallId,
      question: Pick<Question, "id" | "question" | "askedAt">
    ) => Effect.Effect<void, StoreUnavailable>
    /** Closes a question. Only the first time counts; the end of a call withdraws what is open. */
    readonly closeQuestion: (id: CallId, questionId: number, closing: Closing) => Effect.Effect<void, StoreUnavailable>
    /** Writes the end in one transaction, and the JSON file. Only the first end counts: later ones change nothing. */
    readonly end: (id: CallId, end: CallEnd) => Effect.Effect<void, StoreUnavailable>
    /** Keeps the WAV file beside the transcript and notes it in the call, and in the JSON file if that is written already. */
    readonly putRecording: (id: CallId, wav: Uint8Array) => Effect.Effect<void, StoreUnavailable>
    readonly find: (id: string) => Effect.Effect<Option.Option<Call>, StoreUnavailable>
    /** The opaque metadata given with the call. */
    readonly metadata: (id: CallId) => Effect.Effect<Readonly<Record<string, string>>, StoreUnavailable>
    readonly byRequest: (requestId: RequestId) => Effect.Effect<Option.Option<CallId>, StoreUnavailable>
    readonly history: (query: HistoryQuery) => Effect.Effect<HistoryPage, InvalidRequest | StoreUnavailable>
    /** Ended calls that this client asked to hear of and has not acknowledged, first ended first, 50 at most. */
    readonly completions: (client: string) => Effect.Effect<ReadonlyArray<Completion>, StoreUnavailable>
    /** Open questions of this client's calls that it has not acknowledged, first asked first. */
    readonly openQuestions: (client: string) => Effect.Effect<ReadonlyArray<Completion>, StoreUnavailable>
    /** These ended calls are known to the client: they are no completions of it any more. Others are left alone. */
    readonly acknowledge: (client: string, ids: ReadonlyArray<string>) => Effect.Effect<void, StoreUnavailable>
    /** The same for questions: the client knows them. They stay open. */
    readonly acknowledgeQuestions: (
      client: string,
      questions: ReadonlyArray<QuestionRef>
    ) => Effect.Effect<void, StoreUnavailable>
    /** Calls without an end, first started first. */
    readonly unfinished: Effect.Effect<ReadonlyArray<UnfinishedCall>, StoreUnavailable>
    /** Calls since a moment: to one number, to all, and what all cost, for the caps of the policy. */
    readonly usageSince: (
      since: Date,
      to: PhoneNumber
    ) => Effect.Effect<{ readonly toNumber: number; readonly total: number; readonly cost: number }, StoreUnavailable>
    /** Do-not-call wishes that were said on a call. Stored before any next attempt. */
    readonly optOut: (number: PhoneNumber, callId: CallId) => Effect.Effect<void, StoreUnavailable>
    readonly hasOptedOut: (number: PhoneNumber) => Effect.Effect<boolean, StoreUnavailable>
  }
>() {}
