/**
 * Waits for the end of a call and tells what happens meanwhile, over lost connections too. It never touches the call, but
 * carries questions to the person at the client, if there is one, and the answers back.
 */
import { Clock, Data, Effect, FiberHandle, Option, Schedule, Stream } from "effect"
import type { Call } from "../domain/Call.ts"
import type { CallEvent } from "../domain/CallEvent.ts"
import { type CallStatus, isTerminal } from "../domain/CallStatus.ts"
import { askedText, closedText, transferText, turnText } from "./callText.ts"
import type { AskPerson } from "./elicitation.ts"
import type { PhoneAccess, Trouble } from "./PhoneAccess.ts"

/** Gives up waiting: the service did not come back. Says nothing about the call, which may go on. */
export class WaitLost extends Data.TaggedError("WaitLost")<{ readonly callId: string; readonly message: string }> {}

/** For as long as a service may take to be restarted; a watch that lasted starts the count anew. */
const reconnecting = Schedule.exponential("100 millis").pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.intersect(Schedule.recurs(60)),
  Schedule.resetAfter("1 minute")
)

/** Below the 60 s after which clients give up on a request that shows no progress. */
const heartbeat = "15 seconds"

const lostTags: ReadonlySet<string> = new Set(["ConnectionLost", "PhoneUnreachable"])

/** The record of the call as it ended. `tell` gets one line per news, and a sign of life when there are none. */
export const waitForEnd = Effect.fnUntraced(function* (
  phone: PhoneAccess,
  callId: string,
  tell: (line: string) => Effect.Effect<void>,
  ask?: AskPerson
) {
  const since = yield* Clock.currentTimeMillis
  let seq = 0
  let status: CallStatus = "queued"
  let ended: Call | undefined
  const told = new Map<number, string>()
  const asking = yield* FiberHandle.make<void>()

  /** Runs beside the watch, and is given up when the question is closed otherwise. */
  const carry = ({ id, question }: Extract<CallEvent, { readonly _tag: "Question" }>) =>
    ask === undefined
      ? Effect.void
      : Effect.flatMap(
          ask(question),
          Option.match({ onNone: () => Effect.void, onSome: (text) => phone.answer(callId, text, id) })
        ).pipe(Effect.catchAll(({ message }) => tell(message)))

  const see = (event: CallEvent): Effect.Effect<void> => {
    if (event._tag === "Partial" || event.seq <= seq) return Effect.void
    seq = event.seq
    switch (event._tag) {
      case "Status":
        status = event.status
        return tell(event.status)
      case "Turn": {
        const line = turnText(event.turn)
        const before = told.get(event.position)
        told.set(event.position, line)
        return before === line ? Effect.void : tell(before === undefined ? line : `${line} (corrected)`)
      }
      case "Question":
        return Effect.zipRight(tell(askedText(callId, event)), FiberHandle.run(asking, carry(event)))
      case "Answered":
        return Effect.zipRight(FiberHandle.clear(asking), tell(closedText(event)))
      case "Transfer":
        return tell(transferText(event))
      case "Ended":
        ended = event.call
        return Effect.void
    }
  }

  /** Whether it breaks or ends: before the call's end it was cut off, and the record knows whether that has come. */
  const once = Stream.suspend(() => phone.watch(callId, seq)).pipe(
    Stream.runForEach(see),
    Effect.flatMap((): Effect.Effect<Call, Trouble> => (ended ? Effect.succeed(ended) : phone.status(callId))),
    Effect.filterOrFail(
      (call) => isTerminal(call.status),
      (): Trouble => ({ _tag: "ConnectionLost", message: "The watch of the call was cut off." })
    )
  )
  const watching = Effect.retry(once, { schedule: reconnecting, while: ({ _tag }) => lostTags.has(_tag) }).pipe(
    Effect.mapError(({ message }) => new WaitLost({ callId, message: `${message} Call ${callId} may go on.` }))
  )
  const beating = Effect.sleep(heartbeat).pipe(
    Effect.zipRight(Clock.currentTimeMillis),
    Effect.flatMap((now) => tell(`${status}, ${Math.round((now - since) / 1000)} s since the call was placed`)),
    Effect.forever
  )
  return yield* Effect.raceFirst(watching, beating)
}, Effect.scoped)
