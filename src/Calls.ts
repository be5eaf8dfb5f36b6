/**
 * What the tools call: place a call, look at it, watch it, guide it, end it. Everything addresses a call by its id; which
 * fiber owns it is nobody else's business. The one implementation is in `call/`.
 */
import { Context, type Duration, type Effect, type Stream } from "effect"
import type { Call, CallRequest } from "./domain/Call.ts"
import type { CallEvent } from "./domain/CallEvent.ts"
import type { Completion } from "./domain/Completion.ts"
import type {
  CallEnded,
  CallFailure,
  CallNotFound,
  InvalidRequest,
  ModelUnavailable,
  QuestionClosed,
  RateLimited,
  Refusal,
  StoreUnavailable
} from "./domain/errors.ts"
import type { CallId } from "./domain/Ids.ts"
import type { QuestionRef } from "./domain/Question.ts"
import type { Reassessment } from "./domain/Reassessment.ts"
import type { HistoryPage, HistoryQuery } from "./Transcripts.ts"

export class Calls extends Context.Tag("phone/Calls")<
  Calls,
  {
    /** Admits and starts a call, which from then on lives by itself. The same `requestId` again gives the same id. */
    readonly place: (request: CallRequest) => Effect.Effect<CallId, Refusal>
    /** Waits until the call has ended. A call that reached nobody is its typed error; interruption leaves the call alone. */
    readonly await: (id: string) => Effect.Effect<Call, CallNotFound | CallFailure | StoreUnavailable>
    readonly status: (id: string) => Effect.Effect<Call, CallNotFound | StoreUnavailable>
    readonly history: (query: HistoryQuery) => Effect.Effect<HistoryPage, InvalidRequest | StoreUnavailable>
    /**
     * What has ended for this client and is not acknowledged, with `questions` also what is asked and open; when there is
     * nothing, waits for it as long as `wait`.
     */
    readonly completions: (
      client: string,
      options: { readonly wait: Duration.Duration; readonly questions?: boolean }
    ) => Effect.Effect<ReadonlyArray<Completion>, StoreUnavailable>
    /** The client has taken note of these ends and questions, and wants them no more. */
    readonly acknowledge: (
      client: string,
      ids: ReadonlyArray<string>,
      questions?: ReadonlyArray<QuestionRef>
    ) => Effect.Effect<void, StoreUnavailable>
    /** All lasting events after `after` (default 0: from the beginning), then what happens live; ends after `Ended`. */
    readonly watch: (
      id: string,
      options: { readonly after: number }
    ) => Stream.Stream<CallEvent, CallNotFound | StoreUnavailable>
    /** Ends the call: before the answer it is canceled, afterwards the line is hung up at once. Waits for neither. */
    readonly hangUp: (id: string) => Effect.Effect<void, CallNotFound | CallEnded | StoreUnavailable>
    /** Takes no new calls, lets the live ones say goodbye, and waits for their ends, 6 s at most. Also done when the layer closes. */
    readonly stop: Effect.Effect<void>
    /** Tells the voice model something in mid-call; it is never read out as it stands. */
    readonly say: (id: string, text: string) => Effect.Effect<void, CallNotFound | CallEnded | StoreUnavailable>
    /** Makes the outcome of an ended call anew from its record: the model reads the transcript, or with `recheck` no model does. */
    readonly reassess: (
      id: string,
      options: { readonly recheck?: boolean; readonly save?: boolean }
    ) => Effect.Effect<Reassessment, CallNotFound | InvalidRequest | ModelUnavailable | RateLimited | StoreUnavailable>
    /** Answers a question of the agent, the open one unless `questionId` names it. Succeeds when the agent gets the answer. */
    readonly answer: (
      id: string,
      answer: { readonly text: string; readonly questionId?: number }
    ) => Effect.Effect<void, CallNotFound | QuestionClosed | InvalidRequest | StoreUnavailable>
  }
>() {}
