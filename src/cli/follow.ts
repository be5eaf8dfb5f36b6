/**
 * Follows a call to its end, over lost connections, and shows it: lines, live lines on a terminal, or JSON events. On a
 * terminal with a keyboard a question of the agent is answered below the live lines.
 */
import { Clock, Data, Effect, FiberHandle, Schedule, Schema, Stream } from "effect"
import { Call } from "../domain/Call.ts"
import { CallEvent } from "../domain/CallEvent.ts"
import { turnIndent } from "./callText.ts"
import type { Phone } from "./connection.ts"
import { Keyboard } from "./Keyboard.ts"
import { liveLines, promptLine, see, unseen } from "./watchView.ts"
import { wrapAll } from "./width.ts"

/** The connection was lost and did not come back. Says nothing about the call, which goes on. */
export class WatchLost extends Data.TaggedError("WatchLost")<{ readonly message: string }> {}

/** At once after a hiccup, then every second; for as long as a service may take to be restarted. */
const reconnecting = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.intersect(Schedule.recurs(60))
)

const toJson = Schema.encodeSync(CallEvent)
const callToJson = Schema.encodeSync(Call)

export const callJson = (call: Call): string => JSON.stringify(callToJson(call))

interface Following {
  /** Events as JSON, one a line. Otherwise with `json` nothing is shown on the way. */
  readonly events: boolean
}

/** Ends with the call as it ended. Interrupting it leaves the call alone. */
export const follow = Effect.fnUntraced(function* (phone: Phone, callId: string, { events }: Following) {
  const { client, json, look, screen } = phone
  const keyboard = yield* Keyboard
  const typing = yield* FiberHandle.make<void>()
  let view = unseen
  let lost = false
  /** The answer as far as it is typed; `undefined` while nothing is asked. */
  let typed: string | undefined

  let going: ReadonlyArray<string> = []

  /** What is going on, and below it the answer: the cursor stays where it is typed. */
  const redraw = () =>
    screen.live([...going, ...(typed === undefined ? [] : [promptLine(typed, screen.columns(), look)])].join("\n"))

  const draw = (now: number) => {
    going = liveLines(view, now, screen.columns(), look)
    redraw()
  }

  const answer = (questionId: number) =>
    keyboard
      .line((line) => {
        typed = line
        redraw()
      })
      .pipe(
        Effect.repeat({ while: (line) => line.trim() === "" }),
        Effect.flatMap((line) => client.phone_answer({ callId, answer: line, questionId })),
        Effect.catchAll(({ message }) => Effect.sync(() => screen.complain(message))),
        Effect.ensuring(
          Effect.sync(() => {
            typed = undefined
          })
        )
      )

  const react = (event: CallEvent) => {
    if (json || !screen.terminal) return Effect.void
    if (event._tag === "Answered" || event._tag === "Ended") return FiberHandle.clear(typing)
    if (event._tag !== "Question") return Effect.void
    if (keyboard.present) return FiberHandle.run(typing, answer(event.id))
    return Effect.sync(() => screen.complain(`Answer it within 60 s: phone answer ${callId} "…"`))
  }

  const show = (event: CallEvent, now: number): void => {
    const [next, lines] = see(view, event, look)
    view = next
    lost = false
    if (json) {
      if (events) screen.print(JSON.stringify(toJson(event)))
      return
    }
    if (lines.length > 0) screen.live("")
    for (const line of wrapAll(lines, screen.columns(), turnIndent)) screen.print(line)
    draw(now)
  }

  const cut = Effect.sync(() => {
    if (!lost) screen.complain("The connection to the service was lost; trying again for a minute.")
    lost = true
    return new WatchLost({
      message: `The connection to the service was lost. The call may go on: see "phone status ${callId}".`
    })
  }).pipe(Effect.flip)

  const once = Stream.suspend(() => client.phone_watch({ callId, after: view.seq })).pipe(
    Stream.runForEach((event) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        show(event, now)
        return react(event)
      })
    ),
    // whether it breaks or ends: before the call's end it was cut off, after it there is nothing left to see
    Effect.catchTag("RpcClientError", () => Effect.void),
    Effect.flatMap(() => (view.ended === undefined ? cut : Effect.succeed(view.ended)))
  )
  const watching = Effect.retry(once, { schedule: reconnecting, while: (error) => error._tag === "WatchLost" })
  if (json || !screen.terminal) return yield* watching

  const drawing = Effect.map(Clock.currentTimeMillis, draw).pipe(
    Effect.zipRight(Effect.sleep("100 millis")),
    Effect.forever
  )
  return yield* Effect.raceFirst(watching, drawing).pipe(Effect.ensuring(Effect.sync(() => screen.live(""))))
}, Effect.scoped)

/** The same, and on Ctrl-C says how to come back and how to end the call. */
export const followUntilTired = (phone: Phone, callId: string, options: Following) =>
  follow(phone, callId, options).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() =>
        phone.screen.complain(
          `The call goes on. Watch it again: phone watch ${callId}   End it: phone hangup ${callId}`
        )
      )
    )
  )
