/**
 * Calls that a crash left without an end: each is looked for at the network. One that lives is taken over, one that does not
 * is ended. None is ever dialled again.
 */
import { DateTime, Duration, Effect, Schedule } from "effect"
import type { Call } from "../domain/Call.ts"
import { type CallStatus, isTerminal, type TerminalStatus } from "../domain/CallStatus.ts"
import { factualOutcome } from "../domain/Outcome.ts"
import type { Transfer } from "../domain/Transfer.ts"
import type { Turn } from "../domain/Turn.ts"
import { type FoundCall, Telephone } from "../Telephone.ts"
import { type CallEnd, Transcripts, type UnfinishedCall } from "../Transcripts.ts"
import type { CallOrder, Resumption } from "./CallSession.ts"
import type { NewEvent } from "./LiveCall.ts"
import { neverAnswered } from "./talk/tools/Transfers.ts"
import type { Writes } from "./Writes.ts"

/** Twilio may be out of reach for as long as it takes: a leg that may live is never given up. */
const tryAgain = Schedule.union(Schedule.exponential(Duration.millis(500)), Schedule.spaced(Duration.seconds(10)))

export const orderOf = ({ call: { context, id, task, to }, questions }: UnfinishedCall): CallOrder => ({
  callId: id,
  to,
  task,
  questions,
  ...(context === undefined ? {} : { context })
})

/** What has become of a call meanwhile. */
export type Fate =
  | { readonly _tag: "Lives"; readonly resumption: Resumption }
  | {
      readonly _tag: "Over"
      readonly end: Omit<CallEnd, "endedAt">
      /** When that was, where the network knows how long they talked; else nobody knows more than that it is over now. */
      readonly endedAt?: DateTime.Utc
      /** It still rang at the destination when we last heard of it. */
      readonly transfer?: Omit<Transfer, "at">
    }

/** Whoever was put through talks on without us: nothing of the call was lost with the service. */
const overWhileConnected = (name: string): Fate => ({
  _tag: "Over",
  end: {
    status: "completed",
    outcome: factualOutcome(
      `The callee was connected with "${name}", and the service stopped while they talked. What was said before is in the transcript.`
    )
  }
})

const over = ({ call, standing: { awayTo } }: UnfinishedCall, found: TerminalStatus | undefined): Fate => {
  const { status, transferredTo } = call
  const connected = transferredTo?.result === "connected"
  if (connected && found === "completed") return overWhileConnected(transferredTo.name)
  const message =
    status === "queued"
      ? "The service stopped before this call was dialled."
      : "The service stopped in the middle of this call."
  const end = found === undefined || found === "completed" ? "failed" : found
  return {
    _tag: "Over",
    end: {
      status: end,
      outcome: factualOutcome(`${message} What was said until then is in the transcript.`),
      ...(end === "failed" ? { error: { type: "CallFailed", message } } : {})
    },
    ...(awayTo === undefined || connected ? {} : { transfer: { name: awayTo, ...neverAnswered } })
  }
}

const endOf = ({ answeredAt }: Call, { duration }: FoundCall) =>
  answeredAt === undefined || duration === undefined ? {} : { endedAt: DateTime.addDuration(answeredAt, duration) }

/** Asks the network until it answers. One that was queued too: a store that took nothing for a while does not know of its dialling. */
export const fateOf = Effect.fn("Calls.fateOf")(function* (left: UnfinishedCall) {
  const { call, providerId } = left
  const telephone = yield* Telephone
  const found = yield* telephone
    .find({
      callId: call.id,
      to: call.to,
      from: call.from,
      since: DateTime.toDate(call.startedAt),
      ...(providerId === undefined ? {} : { providerId })
    })
    .pipe(
      Effect.tapError((error) =>
        Effect.logWarning(`Call ${call.id} of an earlier run cannot be looked up yet: ${error.message}`)
      ),
      Effect.retry(tryAgain),
      Effect.orDie
    )
  if (found === undefined) return over(left, undefined)
  if (isTerminal(found.status)) return { ...over(left, found.status), ...endOf(call, found) }
  yield* Effect.logInfo(`Call ${call.id} was left by a stop of the service and goes on.`)
  const fate: Fate = { _tag: "Lives", resumption: { ...left, found } }
  return fate
})

const stages: ReadonlyArray<CallStatus> = ["queued", "dialing", "ringing", "in-progress"]

/**
 * With what the agent was saying when the service died as a turn of the call, as far as it is known to have been heard. Whoever
 * goes on with the call writes it down: `standing.saying` is there only as long as the record lacks it.
 */
export const withLastWords = (left: UnfinishedCall): UnfinishedCall => {
  const { call, nextPosition } = left
  const { saying, ...standing } = left.standing
  if (saying === undefined) return left
  const { position, turn } = saying
  const { transcript } = call
  const isIt = ({ role, timestamp }: Turn) => role === turn.role && DateTime.Equivalence(timestamp, turn.timestamp)
  if (transcript.some(isIt)) return { ...left, standing }
  const before = transcript.findLastIndex(({ timestamp }) => DateTime.lessThan(timestamp, turn.timestamp))
  return {
    ...left,
    call: { ...call, transcript: transcript.toSpliced(before + 1, 0, turn) },
    nextPosition: Math.max(nextPosition, position + 1)
  }
}

/** Writes down what `withLastWords` has found. */
export const keepLastWords = Effect.fnUntraced(function* (
  { call, standing }: Pick<UnfinishedCall, "call" | "standing">,
  writes: Writes
) {
  const transcripts = yield* Transcripts
  if (standing.saying !== undefined) yield* writes.write(transcripts.putTurn(call.id, standing.saying))
})

/** What watchers of a call were told until it was left, as far as the record has it: whoever watches anew hears it again. */
export const eventsUntil = (call: Call): ReadonlyArray<NewEvent> => {
  const at = call.answeredAt ?? call.startedAt
  const reached = stages.indexOf(call.status)
  return [
    ...stages.slice(0, reached + 1).map((status) => ({ _tag: "Status" as const, at, status })),
    ...call.transcript.map((turn, position) => ({ _tag: "Turn" as const, position, turn })),
    ...(call.questions ?? []).flatMap(({ answer, answeredAt = at, askedAt, id, question, unanswered }) => [
      { _tag: "Question" as const, at: askedAt, id, question },
      ...(answer === undefined ? [] : [{ _tag: "Answered" as const, at: answeredAt, id, answer }]),
      ...(unanswered === undefined ? [] : [{ _tag: "Answered" as const, at: answeredAt, id, unanswered }])
    ]),
    ...(call.transferredTo === undefined ? [] : [{ _tag: "Transfer" as const, ...call.transferredTo }])
  ]
}
