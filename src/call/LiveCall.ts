/**
 * How a running call is reached and seen from outside: a way in for facts, for answers to its questions, and its events, live
 * and from the beginning.
 */
import { Deferred, Effect, Predicate, PubSub, Stream } from "effect"
import type { CallEvent } from "../domain/CallEvent.ts"
import type { Command } from "./Command.ts"
import type { Fact } from "./Fact.ts"

/** An event before it has its number. */
export type NewEvent = CallEvent extends infer E ? (E extends { readonly seq: number } ? Omit<E, "seq"> : never) : never

/** What became of an answer. */
export type AnswerFate = Extract<Command, { readonly _tag: "AnswerReceived" }>["fate"]

export interface LiveCall {
  /** Tells the call a fact. What comes before it listens waits for that. */
  readonly tell: (fact: Fact) => void
  /** From now on facts go to `take`, those that wait first. */
  readonly listen: (take: (fact: Fact) => void) => void
  /** Gives an answer to the question of this id, or to the open one, and waits for what becomes of it. */
  readonly answer: (text: string, questionId: number | undefined) => Effect.Effect<AnswerFate>
  /** Says what became of an answer. */
  readonly received: (receipt: number, fate: AnswerFate) => void
  /** Told when a question has been asked and is stored. */
  readonly asked: Effect.Effect<unknown>
  readonly publish: (event: NewEvent) => void
  /** Every lasting event after `after`, then what comes, to `Ended`. A slow reader misses partial texts, never more. */
  readonly events: (after: number) => Stream.Stream<CallEvent>
  /** Nothing more will be published: whoever still waits for events stops, `Ended` or not. */
  readonly close: Effect.Effect<void>
  /** Completes when the call has ended and all about it is stored. */
  readonly ended: Deferred.Deferred<void>
}

export const makeLiveCall = Effect.fnUntraced(function* (asked: Effect.Effect<unknown>) {
  const ended = yield* Deferred.make<void>()
  const hub = yield* PubSub.sliding<CallEvent | undefined>(256)
  const lasting: Array<CallEvent> = []

  const publish = (event: NewEvent): void => {
    const partial = event._tag === "Partial"
    const numbered: CallEvent = { ...event, seq: partial ? lasting.length : lasting.length + 1 }
    if (!partial) lasting.push(numbered)
    hub.unsafeOffer(numbered)
  }

  const early: Array<Fact> = []
  let tell = (fact: Fact): void => void early.push(fact)
  const listen = (take: (fact: Fact) => void): void => {
    tell = take
    for (const fact of early.splice(0)) take(fact)
  }

  let receipts = 0
  const answers = new Map<number, Deferred.Deferred<AnswerFate>>()

  const answer = (text: string, questionId: number | undefined): Effect.Effect<AnswerFate> =>
    Effect.gen(function* () {
      const fate = yield* Deferred.make<AnswerFate>()
      receipts += 1
      answers.set(receipts, fate)
      tell({ _tag: "OwnerAnswered", questionId, text, receipt: receipts })
      // a call that is over looks at no facts any more
      const over = Effect.as(Deferred.await(ended), "withdrawn" as const)
      return yield* Effect.raceFirst(Deferred.await(fate), over)
    })

  const received = (receipt: number, fate: AnswerFate): void => {
    const waiting = answers.get(receipt)
    answers.delete(receipt)
    if (waiting !== undefined) Deferred.unsafeDone(waiting, Effect.succeed(fate))
  }

  const close = Effect.sync(() => void hub.unsafeOffer(undefined))

  const events = (after: number): Stream.Stream<CallEvent> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const queue = yield* PubSub.subscribe(hub)
        const from = Math.max(0, Math.min(after, lasting.length))
        const past = lasting.slice(from)
        const live = Stream.fromQueue(queue).pipe(
          Stream.takeWhile(Predicate.isNotUndefined),
          // lasting events that slid out of the hub are taken from the list, so none is missed and none comes twice
          Stream.mapAccum(lasting.length, (last, event): readonly [number, ReadonlyArray<CallEvent>] =>
            event._tag === "Partial" ? [last, [event]] : [Math.max(last, event.seq), lasting.slice(last, event.seq)]
          ),
          Stream.mapConcat((found) => found)
        )
        return Stream.fromIterable(past).pipe(
          Stream.concat(live),
          Stream.takeUntil((event) => event._tag === "Ended")
        )
      })
    )

  const live: LiveCall = {
    tell: (fact) => tell(fact),
    listen,
    answer,
    received,
    asked,
    publish,
    events,
    close,
    ended
  }
  return live
})
