/**
 * The way in for the socket's callbacks: every event we use, in order, to one reader, up to the reason why the session
 * ended. Judges which errors end it; knows nothing of what the events mean.
 */
import { Effect, Exit, Mailbox, Metric, type Scope } from "effect"
import { Handover } from "../Handover.ts"
import type { WireSocket } from "../wire/Network.ts"
import { decodeServerEvent, type ServerError, type ServerEvent } from "./Protocol.ts"
import { closed, endOfSession, overrun, type Trouble } from "./Trouble.ts"

/** Taken from while the session is being configured, then followed. */
export interface Inbox extends Pick<Mailbox.ReadonlyMailbox<ServerEvent, Trouble>, "take"> {
  readonly follow: (report: (event: ServerEvent) => void) => Effect.Effect<void, Trouble>
  /** The session has ended, or was let go: nothing may be sent any more. */
  readonly isOver: () => boolean
}

/** A held opening line of a minute is some 1,500 events; a reader who is that far behind is not coming back. */
const capacity = 16_384

const unreadable = Metric.counter("phone_realtime_unreadable_events", {
  description: "Frames of the Realtime server that could not be read and were left out",
  incremental: true
})

/** Takes over the socket's listening. Ends, without an error, with the scope. */
export const listen = (socket: WireSocket): Effect.Effect<Inbox, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = yield* Mailbox.make<ServerEvent, Trouble>({ capacity, strategy: "dropping" })
    const events = new Handover(waiting)
    let open = true
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(
        Effect.sync(() => {
          open = false
          events.end(Exit.void)
        }),
        waiting.shutdown
      )
    )
    let lastError: ServerError | undefined

    const end = (trouble: Trouble) => {
      open = false
      events.end(Exit.fail(trouble))
      socket.terminate()
    }
    const message = (text: string | null) => {
      if (!open) return
      const event = text === null ? "unreadable" : decodeServerEvent(text)
      if (event === "unused") return
      if (event === "unreadable") {
        unreadable.unsafeUpdate(1, [])
        return
      }
      if (event.type === "error") {
        lastError = event.error
        const trouble = endOfSession(event.error)
        if (trouble !== undefined) {
          end(trouble)
          return
        }
      }
      if (!events.offer(event)) end(overrun)
    }

    socket.listen({ message, close: (close) => open && end(closed(close, lastError)) })
    return { take: waiting.take, follow: (report) => events.follow(report), isOver: () => !open }
  })
