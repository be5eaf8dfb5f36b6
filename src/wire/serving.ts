/** What whoever serves a `Host` does alike, over real sockets and in memory: nothing a host does wrong goes unanswered or unseen. */
import { Cause, Effect, Exit } from "effect"
import { type Handshake, type Host, respond, type WireHandshake, type WireRequest, type WireSocket } from "./Network.ts"

/** The host's answer; a defect is logged and answered 500. */
export const answerRequest = (host: Host, request: WireRequest) =>
  Effect.catchAllDefect(host.http(request), (defect) =>
    Effect.as(
      Effect.logError(`${request.method} ${new URL(request.url).pathname} broke`, Cause.die(defect)),
      respond(500)
    )
  )

/** The host's decision about a handshake; a defect is logged and refused with 500. */
export const answerHandshake = (host: Host, handshake: WireHandshake): Effect.Effect<Handshake> =>
  Effect.catchAllDefect(host.webSocket(handshake), (defect) =>
    Effect.as(Effect.logError(`the handshake of ${new URL(handshake.url).pathname} broke`, Cause.die(defect)), {
      _tag: "Refuse",
      response: respond(500)
    })
  )

/** Runs what owns an accepted socket. The socket ends with it: closed after its end, 1011 after a defect, cut when interrupted. */
export const ownSocket = (accept: Extract<Handshake, { _tag: "Accept" }>, socket: WireSocket): Effect.Effect<void> =>
  Effect.scoped(Effect.suspend(() => accept.run(socket))).pipe(
    Effect.onExit((exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) socket.close(1000, "")
        else if (Exit.isInterrupted(exit)) socket.terminate()
        else socket.close(1011, "")
      })
    ),
    Effect.catchAllDefect((defect) => Effect.logError("the owner of a socket broke", Cause.die(defect)))
  )
