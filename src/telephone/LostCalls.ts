/** Calls that an earlier process placed: found again at Twilio. Changes nothing there, and never dials. */
import { Effect } from "effect"
import { isTerminal } from "../domain/CallStatus.ts"
import type { Telephone } from "../Telephone.ts"
import type { Lines } from "./Lines.ts"
import { harmlessRetry } from "./Patience.ts"
import type { RemoteCall, Rest } from "./Rest.ts"
import { isUnknown, type RestError, toLineUnavailable } from "./RestErrors.ts"

type Lost = Parameters<Telephone["Type"]["find"]>[0]

/** Clocks differ, and Twilio's times are whole seconds. */
const tolerance = 5_000

const look = (rest: Rest, lines: Lines, lost: Lost): Effect.Effect<RemoteCall | undefined, RestError> =>
  lost.providerId !== undefined
    ? rest.fetch(lost.providerId).pipe(
        Effect.retry(harmlessRetry),
        Effect.catchIf(isUnknown, () => Effect.succeed(undefined))
      )
    : rest.list({ to: lost.to, from: lost.from, since: new Date(lost.since.getTime() - tolerance) }).pipe(
        Effect.retry(harmlessRetry),
        Effect.map((all) => {
          const calls = all.filter(({ sid }) => !lines.knows(sid))
          // Newest first: the oldest since then is the one that was being placed.
          return calls.findLast((call) => !isTerminal(call.status)) ?? calls.at(-1)
        })
      )

export const makeFind = (rest: Rest, lines: Lines): Telephone["Type"]["find"] =>
  Effect.fn("Telephone.find")(
    function* (lost: Lost) {
      const found = yield* look(rest, lines, lost)
      if (found === undefined) return undefined
      const { duration, sid: providerId, status } = found
      return { providerId, status, ...(duration === undefined ? {} : { duration }) }
    },
    (effect, { callId }) => Effect.mapError(effect, (error) => toLineUnavailable(error, callId))
  )
