/**
 * What the service sends over a socket that is over: after Twilio's stop, after the other side closed, after it closed it itself.
 * Seen where the socket enters the service, since behind that edge nothing of it arrives anywhere.
 */
import { Effect, Option, Schema } from "effect"
import type { Host, Network, WireSocket } from "../../wire/Network.ts"

/** One message that came too late. */
export interface Late {
  readonly at: number
  readonly to: "Twilio" | "the model"
  readonly after: "its stop" | "it had closed" | "our own close"
  /** The kind of message. */
  readonly what: string
}

const Message = Schema.parseJson(
  Schema.Struct({ event: Schema.optional(Schema.String), type: Schema.optional(Schema.String) })
)
const decode = Schema.decodeOption(Message)
const kindOf = (text: string): string | undefined =>
  Option.getOrUndefined(Option.map(decode(text), ({ event, type }) => event ?? type))

interface Watched {
  readonly socket: WireSocket
  /** Whoever owned it is gone, and closes it with that. */
  readonly disown: Effect.Effect<void>
}

const watched = (socket: WireSocket, to: Late["to"], late: Array<Late>, now: () => number): Watched => {
  let over: { readonly after: Late["after"]; readonly at: number } | undefined
  const end = (after: Late["after"]) => {
    over ??= { after, at: now() }
  }
  /** What is said in the same instant in which the other side ends was said before it was heard of. */
  const knew = () => over !== undefined && (over.after === "our own close" || now() > over.at)
  const seen: WireSocket = {
    ...socket,
    send: (text) => {
      if (over !== undefined && knew()) late.push({ at: now(), to, after: over.after, what: kindOf(text) ?? "text" })
      return socket.send(text)
    },
    listen: (on) =>
      socket.listen({
        message: (text) => {
          if (to === "Twilio" && text !== null && text.includes('"stop"') && kindOf(text) === "stop") end("its stop")
          on.message(text)
        },
        close: (close) => {
          end("it had closed")
          on.close(close)
        }
      }),
    close: (code, reason) => {
      end("our own close")
      socket.close(code, reason)
    },
    terminate: () => {
      end("our own close")
      socket.terminate()
    }
  }
  return { socket: seen, disown: Effect.sync(() => end("our own close")) }
}

type Open = Network["Type"]["webSocket"]

/** The sockets to the model. `now`: the time of the world. */
export const modelWatched =
  (late: Array<Late>, now: () => number) =>
  (open: Open): Open =>
  (url, options) =>
    Effect.flatMap(open(url, options), (opened) => {
      const { disown, socket } = watched(opened, "the model", late, now)
      return Effect.as(
        Effect.addFinalizer(() => disown),
        socket
      )
    })

/** The media sockets. */
export const hostWatched =
  (late: Array<Late>, now: () => number) =>
  (host: Host): Host => ({
    ...host,
    webSocket: (handshake) =>
      Effect.map(host.webSocket(handshake), (decision) =>
        decision._tag === "Refuse"
          ? decision
          : {
              _tag: "Accept",
              run: (accepted) => {
                const { disown, socket } = watched(accepted, "Twilio", late, now)
                return Effect.ensuring(decision.run(socket), disown)
              }
            }
      )
  })
