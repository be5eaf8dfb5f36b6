/** What the MCP tools need of the phone, wherever it is: in this process (`onCalls`) or behind the RPC (`overRpc.ts`). */
import { Effect, Stream } from "effect"
import type { Calls } from "../Calls.ts"
import type { Call, CallRequest } from "../domain/Call.ts"
import type { CallEvent } from "../domain/CallEvent.ts"
import type { HistoryPage, HistoryQuery } from "../Transcripts.ts"

/** Any typed error: a refusal, an unknown call, an unreachable service. Its message says what happened and what to do. */
export interface Trouble {
  readonly _tag: string
  readonly message: string
}

export interface PhoneAccess {
  /** Starts a call and gives it as queued. Interrupting whoever waits for it later leaves the call alone. */
  readonly place: (request: CallRequest) => Effect.Effect<Call, Trouble>
  readonly status: (callId: string) => Effect.Effect<Call, Trouble>
  readonly history: (query: HistoryQuery) => Effect.Effect<HistoryPage, Trouble>
  /** Lasting events after `after`, then what happens live; ends after `Ended`, or earlier when it is cut off. */
  readonly watch: (callId: string, after: number) => Stream.Stream<CallEvent, Trouble>
  readonly hangUp: (callId: string) => Effect.Effect<void, Trouble>
  readonly say: (callId: string, text: string) => Effect.Effect<void, Trouble>
  /** Answers a question of the agent: the open one, unless `questionId` names it. */
  readonly answer: (callId: string, text: string, questionId: number | undefined) => Effect.Effect<void, Trouble>
}

export const onCalls = (calls: Calls["Type"]): PhoneAccess => ({
  place: (request) => Effect.flatMap(calls.place(request), calls.status),
  status: calls.status,
  history: calls.history,
  watch: (callId, after) => Stream.suspend(() => calls.watch(callId, { after })),
  hangUp: calls.hangUp,
  say: calls.say,
  answer: (callId, text, questionId) =>
    calls.answer(callId, { text, ...(questionId === undefined ? {} : { questionId }) })
})
