/**
 * Whoever has the call made: places it, watches it, does what the scenario says, and does not mind that the service dies
 * meanwhile. It asks again with the same request id, as a careful client does.
 */

import { Duration, Effect, Either, Fiber, Option, Stream } from "effect"

import type { Operation, Scenario } from "../scenario/Scenario.ts"
import type { Client, Process } from "./Process.ts"
import type { Run } from "./Run.ts"

/** The number that is called when the scenario names none. */
export const callee = "+15550100001"

const requestId = "the-one-request"

/** A store that cannot be written just now may be written soon: asked so often again, after so long. */
const again = { times: 3, after: Duration.seconds(2) }

/** Where there is a service to ask. */
export interface Serviced {
  readonly process: Effect.Effect<Pick<Process, "ask">>
  readonly stop: Effect.Effect<void>
  readonly lives: ReadonlyArray<unknown>
}

export interface Placed {
  readonly ids: Array<string>
  refused: Run["refused"]
}

const refusalOf = (error: { readonly _tag: string; readonly message: string }): Run["refused"] => ({
  tag: error._tag,
  message: error.message
})

/** Asks the service that runs, and the next one when that dies meanwhile. */
const ask = <A, E>(machine: Serviced, question: (client: Client) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => machine.process).pipe(
    Effect.flatMap((process) => process.ask(question)),
    Effect.flatMap(Option.match({ onNone: () => ask(machine, question), onSome: Effect.succeed }))
  )

const place = Effect.fnUntraced(function* (
  machine: Serviced,
  { call: { context, task, to } }: Scenario,
  placed: Placed
) {
  const request = { to: to ?? callee, task, requestId, wait: false, ...(context === undefined ? {} : { context }) }
  for (let left = again.times; ; left--) {
    const answer = yield* Effect.either(ask(machine, (client) => client.phone_call(request)))
    if (Either.isRight(answer)) {
      if (!placed.ids.includes(answer.right.id)) placed.ids.push(answer.right.id)
      placed.refused = undefined
      return Option.some(answer.right.id)
    }
    placed.refused = refusalOf(answer.left)
    if (answer.left._tag !== "StoreUnavailable" || left === 0) return Option.none()
    yield* Effect.sleep(again.after)
  }
})

/** Watches to the end, across the lives of the service. */
const watch = (machine: Serviced, callId: string, events: Array<Run["events"][number]>) =>
  Effect.gen(function* () {
    // the owner's own: what hangs on the wall of the service's machine can be put forward and back
    const clock = yield* Effect.clock
    let after = 0
    let life = 0
    for (;;) {
      const ended = yield* ask(machine, (client) => {
        // another life of the service counts its events anew
        if (machine.lives.length !== life) after = 0
        life = machine.lives.length
        return client.phone_watch({ callId, after }).pipe(
          Stream.runFoldEffect(false, (_, event) =>
            Effect.sync(() => {
              events.push({ at: clock.unsafeCurrentTimeMillis(), life, event })
              after = event.seq
              return event._tag === "Ended"
            })
          )
        )
      }).pipe(Effect.orElseSucceed(() => false))
      if (ended) return
      yield* Effect.sleep("1 second")
    }
  })

const operate = (machine: Serviced, scenario: Scenario, placed: Placed, operation: Operation) => {
  const onCall = <A, E extends { readonly _tag: string }>(
    act: (client: Client, callId: string) => Effect.Effect<A, E>
  ) =>
    Effect.suspend(() => {
      const [callId] = placed.ids
      // whoever comes too late, or asks a service that cannot, is told so: nothing else happens
      return callId === undefined ? Effect.void : Effect.ignore(ask(machine, (client) => act(client, callId)))
    })
  const later = (at: number, act: Effect.Effect<unknown>) => Effect.asVoid(Effect.delay(act, Duration.seconds(at)))
  if ("hangUp" in operation) {
    return later(
      operation.hangUp.at,
      onCall((client, callId) => client.phone_hangup({ callId }))
    )
  }
  if ("say" in operation) {
    const { at, text } = operation.say
    return later(
      at,
      onCall((client, callId) => client.phone_say({ callId, text }))
    )
  }
  if ("retry" in operation) return later(operation.retry.at, place(machine, scenario, placed))
  return later(operation.stop.at, machine.stop)
}

/**
 * The whole business of the owner: ends when the call has, or when it is refused, or after `patience`. What was told on the
 * way is pushed to `events`.
 */
export const haveCalled = Effect.fnUntraced(function* (
  machine: Serviced,
  scenario: Scenario,
  events: Array<Run["events"][number]>,
  patience: Duration.Duration
) {
  const placed: Placed = { ids: [], refused: undefined }
  const operating = yield* Effect.forEach(scenario.operations ?? [], (operation) =>
    Effect.forkScoped(operate(machine, scenario, placed, operation))
  )
  const first = yield* place(machine, scenario, placed)
  // refused at first, it may still be placed by a later try
  if (Option.isNone(first)) yield* Fiber.joinAll(operating)
  const [id] = placed.ids
  if (id !== undefined) yield* Effect.timeoutOption(watch(machine, id, events), patience)
  return placed
})

/** The record as the service tells it now; `undefined` when there is none. */
export const recordOf = (machine: Serviced, callId: string) =>
  Effect.option(ask(machine, (client) => client.phone_status({ callId })))
