/** The registry of calls: admits, starts, finds, watches and ends them, and goes on with what a crash left behind. */
import {
  DateTime,
  Deferred,
  Duration,
  Effect,
  FiberSet,
  Layer,
  Option,
  PubSub,
  RateLimiter,
  Schema,
  Stream
} from "effect"
import { Calls } from "../Calls.ts"
import { PhoneConfig } from "../Config.ts"
import type { Call, CallRequest } from "../domain/Call.ts"
import { isTerminal } from "../domain/CallStatus.ts"
import {
  CallEnded,
  CallNotAllowed,
  CallNotFound,
  InvalidRequest,
  QuestionClosed,
  StoreUnavailable,
  TooManyCalls
} from "../domain/errors.ts"
import { CallId } from "../domain/Ids.ts"
import { newCallId } from "../Entropy.ts"
import type { Telephone } from "../Telephone.ts"
import { Transcripts, type UnfinishedCall } from "../Transcripts.ts"
import type { VoiceModel } from "../VoiceModel.ts"
import { admit } from "./Admission.ts"
import { conduct, conductLeft } from "./conduct.ts"
import type { Fact } from "./Fact.ts"
import { failureOf } from "./failures.ts"
import { type LiveCall, makeLiveCall } from "./LiveCall.ts"
import { eventsUntil, withLastWords } from "./leftCalls.ts"
import { reassess } from "./Reassess.ts"

/** How long live calls get for their goodbyes when the service stops. The whole stop must stay under 10 s. */
const farewell = Duration.seconds(6)

const make = Effect.gen(function* () {
  const config = yield* PhoneConfig
  const transcripts = yield* Transcripts
  const context = yield* Effect.context<PhoneConfig | Transcripts | Telephone | VoiceModel>()
  const live = new Map<CallId, LiveCall>()
  /** That some call has ended, or asks something, and that is stored. What it is is read in the store. */
  const news = yield* PubSub.sliding<CallId>(1)
  let starting = 0
  let stopping = false

  const fibers = yield* FiberSet.make()
  const afterwards = yield* FiberSet.make<void, never>()
  const pace = yield* RateLimiter.make({
    limit: Math.max(1, Math.floor(config.callsPerSecond)),
    interval: config.callsPerSecond >= 1 ? "1 seconds" : Duration.seconds(1 / config.callsPerSecond),
    algorithm: "token-bucket"
  })

  const stop = Effect.gen(function* () {
    stopping = true
    for (const call of live.values()) call.tell({ _tag: "HangUpRequested", by: "service" })
    yield* Effect.forEach([...live.values()], (call) => Deferred.await(call.ended), {
      concurrency: "unbounded"
      // a finalizer is uninterruptible, and what cannot be interrupted cannot be timed out
    }).pipe(Effect.interruptible, Effect.timeoutOption(farewell))
  })
  // added after the fiber sets, so it runs before they are closed: no new calls, last words, then everything is released
  yield* Effect.addFinalizer(() => stop)

  const surroundings = (callId: CallId) => ({
    pace: pace(Effect.void),
    afterwards,
    leave: Effect.zipRight(
      Effect.sync(() => live.delete(callId)),
      PubSub.publish(news, callId)
    )
  })

  const claimSlot = Effect.suspend((): Effect.Effect<void, CallNotAllowed | TooManyCalls> => {
    if (stopping) {
      return Effect.fail(new CallNotAllowed({ rule: "stopping", message: "Phone is stopping and takes no new calls." }))
    }
    const limit = config.maxConcurrentCalls
    if (live.size + starting >= limit) {
      return Effect.fail(
        new TooManyCalls({
          limit,
          message: `${limit} calls are in progress already (maxConcurrentCalls). Try again when one has ended.`
        })
      )
    }
    starting += 1
    return Effect.void
  })

  const start = (request: CallRequest) =>
    Effect.acquireUseRelease(
      claimSlot,
      () =>
        Effect.gen(function* () {
          const to = yield* admit(request).pipe(Effect.provide(context))
          const id = yield* newCallId
          const callId = yield* transcripts.insert({
            ...request,
            id,
            to,
            from: config.phoneNumber,
            startedAt: DateTime.toDate(yield* DateTime.now)
          })
          // the same request came twice at once: the other one has it
          if (callId !== id) return callId
          const call = yield* makeLiveCall(PubSub.publish(news, callId))
          live.set(callId, call)
          call.publish({ _tag: "Status", at: yield* DateTime.now, status: "queued" })
          const { task, context: about, questions = false } = request
          const order = { callId, to, task, questions, ...(about === undefined ? {} : { context: about }) }
          // forked inside the mask: without this the call itself could never be interrupted
          const running = conduct(order, call, surroundings(callId)).pipe(Effect.provide(context))
          yield* FiberSet.run(fibers, Effect.interruptible(running))
          return callId
        }).pipe(Effect.uninterruptible),
      () =>
        Effect.sync(() => {
          starting -= 1
        })
    )

  const place = Effect.fn("Calls.place")(function* (request: CallRequest) {
    if (request.requestId !== undefined) {
      const known = yield* transcripts.byRequest(request.requestId)
      if (Option.isSome(known)) return known.value
    }
    return yield* start(request)
  })

  /** What a crash has left counts as live from the start: it can be watched, ended, and asked for again. */
  const takeOver = Effect.fnUntraced(function* (found: UnfinishedCall) {
    const left = withLastWords(found)
    const { id } = left.call
    const call = yield* makeLiveCall(PubSub.publish(news, id))
    for (const event of eventsUntil(left.call)) call.publish(event)
    live.set(id, call)
    const running = conductLeft(left, call, surroundings(id)).pipe(Effect.provide(context))
    yield* FiberSet.run(fibers, Effect.interruptible(running))
  })
  yield* transcripts.unfinished.pipe(
    Effect.flatMap(Effect.forEach(takeOver, { discard: true })),
    Effect.catchAll((error) => Effect.logError(`Calls of an earlier run cannot be gone on with: ${error.message}`))
  )

  const notFound = (id: string) =>
    new CallNotFound({
      callId: id.slice(0, 40),
      message: `There is no call "${id.slice(0, 40)}". phone_history lists them.`
    })

  const status = Effect.fn("Calls.status")(function* (id: string) {
    const found = Schema.is(CallId)(id) ? yield* transcripts.find(id) : Option.none<Call>()
    return yield* Option.match(found, { onNone: () => notFound(id), onSome: Effect.succeed })
  })

  const liveCall = (id: string): LiveCall | undefined => (Schema.is(CallId)(id) ? live.get(id) : undefined)

  const inform = Effect.fnUntraced(function* (id: string, fact: Fact) {
    const call = liveCall(id)
    if (call !== undefined) return void call.tell(fact)
    const { id: callId } = yield* status(id)
    return yield* new CallEnded({ callId, message: `Call ${callId} has ended already.` })
  })

  return Calls.of({
    place,
    status,
    await: Effect.fn("Calls.await")(function* (id) {
      const running = liveCall(id)
      if (running !== undefined) yield* Deferred.await(running.ended)
      const call = yield* status(id)
      if (!isTerminal(call.status)) {
        return yield* new StoreUnavailable({
          message: `Call ${call.id} is over, but its end is not stored yet: the store cannot be written. Ask again later.`
        })
      }
      const failure = failureOf(call)
      return failure === undefined ? call : yield* failure
    }),
    history: transcripts.history,
    completions: Effect.fn("Calls.completions")(
      function* (client, { questions = false, wait }) {
        // listening first, so that nothing falls between looking and waiting
        const heard = yield* PubSub.subscribe(news)
        // a question waits for an answer, an end does not
        const asked = questions ? transcripts.openQuestions(client) : Effect.succeed([])
        const look = Effect.zipWith(asked, transcripts.completions(client), (open, ended) => [...open, ...ended])
        const waited = Effect.zipRight(heard.take, look).pipe(
          Effect.repeat({ until: (found) => found.length > 0 }),
          Effect.timeoutTo({ duration: wait, onSuccess: (found) => found, onTimeout: () => [] })
        )
        const found = yield* look
        return found.length > 0 ? found : yield* waited
      },
      (completions) => Effect.scoped(completions)
    ),
    acknowledge: (client, ids, questions = []) =>
      Effect.zipRight(transcripts.acknowledge(client, ids), transcripts.acknowledgeQuestions(client, questions)),
    watch: (id, { after }) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const running = liveCall(id)
          if (running !== undefined) return running.events(after)
          const call = yield* status(id)
          return isTerminal(call.status)
            ? Stream.fromIterable(pastEvents(call)).pipe(
                Stream.filter((event) => event.seq > after || event._tag === "Ended")
              )
            : Stream.empty
        })
      ),
    stop,
    hangUp: (id) => inform(id, { _tag: "HangUpRequested", by: "owner" }),
    say: (id, text) => inform(id, { _tag: "Guided", text: text.slice(0, 2_000) }),
    reassess: (id, options) =>
      Effect.flatMap(status(id), (call) => reassess(call, options)).pipe(Effect.provide(context)),
    answer: Effect.fn("Calls.answer")(function* (id, { questionId, text }) {
      if (text.trim() === "") {
        return yield* new InvalidRequest({
          field: "answer",
          message: "answer is empty. Say what the agent should know."
        })
      }
      const call = liveCall(id)
      const callId = call === undefined ? (yield* status(id)).id : CallId.make(id)
      const fate = call === undefined ? "withdrawn" : yield* call.answer(text.trim(), questionId)
      if (fate !== "taken") return yield* new QuestionClosed({ callId, reason: fate, message: tooLate[fate] })
    })
  })
})

const tooLate: Readonly<Record<QuestionClosed["reason"], string>> = {
  answered: "The question has its answer already: the first one counts. This one was not used.",
  timeout:
    "The answer came too late: after 60 s the agent went on without. It was not used; phone_say tells the agent.",
  withdrawn: "The answer came too late: the agent does not need it any more, or the call is over. It was not used.",
  unasked: "The agent has not asked this. The text was not used; phone_say tells the agent something unasked."
}

/** The events of a call that is over, as far as its record tells them: fewer than there were, so the end always follows. */
const pastEvents = (call: Call) => {
  const at = call.endedAt ?? call.startedAt
  const turns = call.transcript.map((turn, position) => ({ _tag: "Turn" as const, position, turn }))
  const asked = (call.questions ?? []).flatMap(({ id, question, askedAt, answeredAt, ...closing }) => [
    { _tag: "Question" as const, at: askedAt, id, question },
    { _tag: "Answered" as const, at: answeredAt ?? at, id, ...closing }
  ])
  const all = [
    ...turns,
    ...asked,
    ...(call.transferredTo === undefined ? [] : [{ _tag: "Transfer" as const, ...call.transferredTo }]),
    { _tag: "Status" as const, at, status: call.status },
    { _tag: "Ended" as const, call }
  ]
  return all.map((event, index) => ({ ...event, seq: index + 1 }))
}

/** `Calls` on whatever telephone, voice model and repository there are. Building it goes on with what a crash left behind. */
export const layerCalls: Layer.Layer<Calls, never, PhoneConfig | Transcripts | Telephone | VoiceModel> = Layer.scoped(
  Calls,
  make
)
