/** After a crash: finds the call that was left behind, hangs it up if it lives, and says how it ended. Never dials. */
import { Effect, Schedule } from "effect"
import { isTerminal, type TerminalStatus } from "../domain/CallStatus.ts"
import type { Telephone } from "../Telephone.ts"
import { endAtNetwork } from "./HangUp.ts"
import { harmlessRetry } from "./Patience.ts"
import type { RemoteCall, Rest } from "./Rest.ts"
import { isUnknown, toLineUnavailable } from "./RestErrors.ts"

type Lost = Parameters<Telephone["Type"]["reconcile"]>[0]

/** Clocks differ, and Twilio's times are whole seconds. */
const tolerance = 5_000
const confirmation = Schedule.spaced("1 second").pipe(Schedule.intersect(Schedule.recurs(5)))

const find = (rest: Rest, lost: Lost) =>
  lost.providerId !== undefined
    ? rest.fetch(lost.providerId).pipe(
        Effect.retry(harmlessRetry),
        Effect.catchIf(isUnknown, () => Effect.void)
      )
    : rest.list({ to: lost.to, from: lost.from, since: new Date(lost.since.getTime() - tolerance) }).pipe(
        Effect.retry(harmlessRetry),
        // Newest first: the oldest since then is the one that was being placed.
        Effect.map(
          (calls): RemoteCall | undefined => calls.findLast((call) => !isTerminal(call.status)) ?? calls.at(-1)
        )
      )

/** Reading lags behind a hang-up: asked again until it shows, and when it never does, what the hang-up means is taken. */
const endOf = (rest: Rest, call: RemoteCall) =>
  rest.fetch(call.sid).pipe(
    Effect.flatMap(({ status }) => (isTerminal(status) ? Effect.succeed(status) : Effect.fail("live" as const))),
    Effect.retry(confirmation),
    Effect.orElseSucceed((): TerminalStatus => (call.status === "in-progress" ? "completed" : "canceled"))
  )

export const makeReconcile = (rest: Rest): Telephone["Type"]["reconcile"] =>
  Effect.fn("Telephone.reconcile")(
    function* (lost: Lost) {
      const found = yield* find(rest, lost)
      if (found === undefined) return undefined
      if (isTerminal(found.status)) return found.status
      yield* endAtNetwork(rest, found.sid)
      return yield* endOf(rest, found)
    },
    (effect, { callId }) => Effect.mapError(effect, (error) => toLineUnavailable(error, callId))
  )
