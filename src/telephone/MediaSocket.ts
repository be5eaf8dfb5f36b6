/**
 * One media socket of Twilio from its handshake to its end: proves whose it is, then carries messages between it and its
 * line. Per frame everything here is synchronous.
 */
import { Deferred, Effect, Exit, Option } from "effect"
import { makeTimers } from "../Timers.ts"
import type { WireSocket } from "../wire/Network.ts"
import { makeGapFiller } from "./GapFiller.ts"
import type { Line, MediaStream } from "./Line.ts"
import type { Lines } from "./Lines.ts"
import { longestMessage, markMessage, readMessage, type StartMessage } from "./MediaMessages.ts"
import { late, lateFrames, malformedMessages, missingAudio, receivedFrames } from "./MediaMetrics.ts"
import { streamIdentification } from "./Patience.ts"
import { feelPulse, type Pulse, pulseMark } from "./Pulse.ts"

/** Sockets that have not said yet whose they are. */
const mostUnidentified = 16
/** Audio that the network does not take: two minutes of it mean that nobody is there. */
const mostUnsent = 1_500_000

/** Close codes of RFC 6455, 7.4.1. */
const normal = 1000
const policyViolation = 1008
const tooBig = 1009
const tryLater = 1013

/** Whose stream this is: a live line, its unused token, and Twilio's own id of the same call. */
const ownerOf = (lines: Lines, { start }: StartMessage): Line | undefined => {
  const line = lines.get(start.customParameters.call ?? "")
  if (line === undefined || line.isLeaving || (line.sid !== undefined && line.sid !== start.callSid)) return undefined
  return line.tickets.redeem(start.customParameters.token ?? "") && line.identify(start.callSid) ? line : undefined
}

export const makeMediaSockets = (lines: Lines) => {
  let unidentified = 0

  return Effect.fnUntraced(function* (socket: WireSocket) {
    if (unidentified >= mostUnidentified) return socket.close(tryLater, "too many sockets")
    const identified = yield* Deferred.make<void>()
    const done = yield* Deferred.make<void>()
    const clock = yield* Effect.clock
    const { after } = yield* makeTimers
    const now = (): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6
    const fill = makeGapFiller()
    /** From a frame's own time to its coming here, by the quickest so far. */
    let quickest = Number.POSITIVE_INFINITY
    let line: Line | undefined
    let stream: MediaStream | undefined
    let pulse: Pulse | undefined
    let finished = false

    const finish = (code: number, reason: string) => {
      stream = undefined
      finished = true
      pulse?.stop()
      socket.close(code, reason)
      Deferred.unsafeDone(done, Exit.void)
    }

    const begin = (message: StartMessage) => {
      const owner = ownerOf(lines, message)
      if (owner === undefined) return finish(policyViolation, "unknown stream")
      const attached: MediaStream = {
        sid: message.streamSid,
        send: (text) => {
          if (stream !== attached) return
          if (socket.buffered() > mostUnsent) owner.detach(attached.sid)
          else socket.send(text)
        },
        end: (reason) => finish(normal, reason)
      }
      line = owner
      stream = attached
      pulse = feelPulse(after, now, {
        ask: () => attached.send(markMessage(attached.sid, pulseMark)),
        quiet: (ms) => owner.tell({ _tag: "MediaQuiet", since: ms }),
        back: () => owner.tell({ _tag: "MediaHeard" }),
        dead: () => owner.detach(attached.sid)
      })
      Deferred.unsafeDone(identified, Exit.void)
      owner.heard()
      owner.attach(attached)
    }

    const hear = (timestamp: number, payload: string) => {
      const frames = fill(timestamp, payload)
      receivedFrames.unsafeUpdate(1, [])
      if (frames.length > 1) missingAudio.unsafeUpdate(Math.round(frames[0]?.ms ?? 0), [])
      const took = clock.unsafeCurrentTimeMillis() - timestamp
      quickest = Math.min(quickest, took)
      if (took - quickest > late) lateFrames.unsafeUpdate(1, [])
      line?.hear(frames)
    }

    const receive = (text: string | null) => {
      if (finished) return
      if (text !== null && text.length > longestMessage) {
        if (stream !== undefined) line?.detach(stream.sid)
        return finish(tooBig, "message too big")
      }
      const message = text === null ? ({ event: "malformed" } as const) : readMessage(text)
      if (message.event === "unknown" || message.event === "connected") return
      if (message.event === "start" && stream === undefined) return begin(message)
      if (message.event === "malformed" || message.event === "start" || message.streamSid !== stream?.sid) {
        return malformedMessages.unsafeUpdate(1, [])
      }
      line?.heard()
      pulse?.beat()
      switch (message.event) {
        case "media":
          return hear(message.media.timestamp, message.media.payload)
        case "mark":
          return message.mark.name === pulseMark ? undefined : line?.tell({ _tag: "Played", mark: message.mark.name })
        case "dtmf":
          return line?.tell({ _tag: "Digit", digit: message.dtmf.digit })
        case "stop":
          return line?.detach(stream.sid)
      }
    }

    unidentified += 1
    socket.listen({
      message: receive,
      close: () => {
        if (stream !== undefined) line?.detach(stream.sid)
        Deferred.unsafeDone(done, Exit.void)
      }
    })
    const known = yield* Effect.raceFirst(Deferred.await(identified), Deferred.await(done)).pipe(
      Effect.timeoutOption(streamIdentification),
      Effect.ensuring(
        Effect.sync(() => {
          unidentified -= 1
        })
      )
    )
    if (Option.isNone(known)) return finish(policyViolation, "no start message")
    // An interruption (the server stops) closes the socket outside; the line must hear of it all the same.
    yield* Deferred.await(done).pipe(
      Effect.onInterrupt(() => Effect.sync(() => stream !== undefined && line?.detach(stream.sid)))
    )
  })
}
