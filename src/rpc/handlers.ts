/** What each RPC does, on `Calls`: defaults and the choice between waiting and not. It knows no transport and no call. */
import { Cause, Duration, Effect, Option, Schema, Stream } from "effect"
import { Calls } from "../Calls.ts"
import type { CallRequest } from "../domain/Call.ts"
import { InvalidRequest } from "../domain/errors.ts"
import { RequestId } from "../domain/Ids.ts"
import { type CallPayload, type CompletionsPayload, type HistoryPayload, PhoneRpcs } from "./PhoneRpcs.ts"
import { Requests } from "./Requests.ts"

const defaultLimit = 10

/** Seconds. Long enough that waiting costs nothing, short enough for any proxy in between. */
const longestWait = 60

const decodeRequestId = Schema.decodeOption(RequestId)

const readRequest = ({
  wait: _,
  requestId,
  ...request
}: typeof CallPayload.Type): Effect.Effect<CallRequest, InvalidRequest> => {
  if (requestId === undefined) return Effect.succeed(request)
  return Option.match(decodeRequestId(requestId), {
    onNone: () => new InvalidRequest({ field: "requestId", message: "requestId must have 1 to 200 characters." }),
    onSome: (id) => Effect.succeed({ ...request, requestId: id })
  })
}

/** A bug reaches its caller as a defect, and our log; its neighbours never notice. */
const logDefect = (rpc: string) => (cause: Cause.Cause<unknown>) =>
  Cause.isDie(cause) ? Effect.logError(`${rpc} has a bug`, cause) : Effect.void

export const layerHandlers = PhoneRpcs.toLayer(
  Effect.gen(function* () {
    const calls = yield* Calls
    const requests = yield* Requests
    /** A handler whose bugs stay its own, also those that throw before there is an Effect. */
    const handle =
      <P, A, E, R>(rpc: string, run: (payload: P) => Effect.Effect<A, E, R>) =>
      (payload: P) =>
        requests.whole(
          Effect.tapErrorCause(
            Effect.suspend(() => run(payload)),
            logDefect(rpc)
          )
        )
    return PhoneRpcs.of({
      // A caller who leaves while waiting leaves the call alone: it lives in `Calls`, not in this request.
      phone_call: handle("phone_call", (payload: typeof CallPayload.Type) =>
        Effect.flatMap(Effect.flatMap(readRequest(payload), calls.place), (id) =>
          (payload.wait ?? true) ? calls.await(id) : calls.status(id)
        )
      ),
      phone_status: handle("phone_status", ({ callId }) => calls.status(callId)),
      phone_history: handle(
        "phone_history",
        Effect.fnUntraced(function* ({ callId, limit = defaultLimit, ...query }: typeof HistoryPayload.Type) {
          if (callId !== undefined) return { calls: [yield* calls.status(callId)] }
          return yield* calls.history({ limit, ...query })
        })
      ),
      phone_watch: ({ callId, after = 0 }) =>
        requests.stream(
          Stream.tapErrorCause(
            Stream.suspend(() => calls.watch(callId, { after })),
            logDefect("phone_watch")
          )
        ),
      phone_hangup: handle("phone_hangup", ({ callId }) => calls.hangUp(callId)),
      phone_say: handle("phone_say", ({ callId, text }) => calls.say(callId, text)),
      phone_answer: handle("phone_answer", ({ answer, callId, questionId }) =>
        calls.answer(callId, { text: answer, ...(questionId === undefined ? {} : { questionId }) })
      ),
      phone_outcome: handle("phone_outcome", ({ callId, ...options }) => calls.reassess(callId, options)),
      // Not among the requests that a stop waits for: nothing is lost when it ends early, the client asks again.
      phone_completions: ({ client, questions = false, wait = 0 }: typeof CompletionsPayload.Type) =>
        calls
          .completions(client, { questions, wait: Duration.seconds(Math.min(Math.max(wait, 0), longestWait)) })
          .pipe(Effect.tapErrorCause(logDefect("phone_completions"))),
      phone_ack: handle("phone_ack", ({ client, callIds, questions }) => calls.acknowledge(client, callIds, questions))
    })
  })
)
