/** However a session is lost, following it ends in the reason, after all that came before. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Metric, Scope } from "effect"
import { listen } from "../../src/realtime/Inbox.ts"
import { makeSession } from "../../src/realtime/Session.ts"
import { type VoiceEvent, VoiceModel } from "../../src/VoiceModel.ts"
import { socketPair } from "../../src/wire/Memory.ts"
import type { WireSocket } from "../../src/wire/Network.ts"
import { apiKey, brief, directed, error, type Peer, realtime, until } from "./FakeRealtime.ts"

const speech = { type: "input_audio_buffer.speech_started", item_id: "item_u" }

const lostBy = (how: (peer: Peer) => void) =>
  Effect.gen(function* () {
    const { peers } = yield* directed()
    const session = yield* Effect.flatMap(VoiceModel, (model) => model.open(brief))
    const [peer] = peers
    if (peer === undefined) return yield* Effect.dieMessage("no connection")
    const seen: Array<string> = []
    peer.say(speech)
    how(peer)
    const failure = yield* Effect.flip(session.follow(({ _tag }) => seen.push(_tag)))
    expect(seen[0]).toBe("SpeechStarted")
    expect(session.hear("AAAA")).toBe(false)
    expect(session.send({ _tag: "Note", text: "too late" })).toBe(false)
    yield* until(() => peer.closed() !== undefined)
    return failure
  })

describe("a session that is lost", () => {
  const cases: ReadonlyArray<readonly [string, (peer: Peer) => void, object]> = [
    ["cut without a word", (peer) => peer.cut(), { _tag: "ModelUnavailable", code: "closed_1006" }],
    [
      "its hour is over",
      (peer) => {
        const message = "Your session hit the maximum duration of 60 minutes."
        peer.say(error({ code: "session_expired", message }))
        peer.close(1001, message)
      },
      { _tag: "ModelUnavailable", code: "session_expired" }
    ],
    [
      "its hour is over, told by the close alone",
      (peer) => peer.close(1001, "Your session hit the maximum duration of 60 minutes."),
      { _tag: "ModelUnavailable", code: "closed_1001", message: expect.stringContaining("60 minutes") }
    ],
    [
      "the credit is used up, and the server leaves the socket open",
      (peer) => peer.say(error({ type: "insufficient_quota", code: "insufficient_quota" })),
      { _tag: "ModelUnavailable", code: "insufficient_quota", message: expect.stringContaining("credit") }
    ],
    [
      "closed for its rate limit",
      (peer) => {
        const message = "Rate limit reached. Please try again in 350ms."
        peer.say(error({ code: "rate_limit_exceeded", message }))
        peer.close(1013, "invalid_request_error.rate_limit_exceeded")
      },
      { _tag: "RateLimited", service: "openai", retryAfter: 0.35 }
    ],
    [
      "an earlier, unrelated refusal is not the reason",
      (peer) => {
        peer.say(error({ code: "response_cancel_not_active", message: "Cancellation failed" }))
        peer.close(1011, "invalid_request_error.something_else")
      },
      { code: "something_else", message: expect.not.stringContaining("Cancellation") }
    ]
  ]
  for (const [name, how, reason] of cases) {
    it.scoped(name, () =>
      Effect.gen(function* () {
        const failure = yield* lostBy(how)
        expect(failure).toMatchObject(reason)
        expect(failure.message).not.toContain(apiKey)
      }).pipe(Effect.provide(realtime()))
    )
  }

  it.scoped("one that we let go ends without a reason", () =>
    Effect.gen(function* () {
      yield* directed()
      const scope = yield* Scope.make()
      const session = yield* Effect.flatMap(VoiceModel, (model) => Scope.extend(model.open(brief), scope))
      const read: Array<VoiceEvent> = []
      const reading = yield* Effect.fork(session.follow((event) => read.push(event)))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.join(reading)
      expect(read).toEqual([])
    }).pipe(Effect.provide(realtime()))
  )

  const ends: ReadonlyArray<
    readonly [string, (theirs: WireSocket, scope: Scope.CloseableScope) => Effect.Effect<void>]
  > = [
    [
      "one that is lost",
      (theirs) => Effect.sync(() => theirs.send(JSON.stringify(error({ code: "session_expired" }))))
    ],
    ["one that we let go", (_, scope) => Scope.close(scope, Exit.void)]
  ]
  for (const [name, end] of ends) {
    it.effect(`${name} is told nothing more, also before its owner has heard of its end`, () =>
      Effect.gen(function* () {
        const [ours, theirs] = socketPair()
        const sent: Array<string> = []
        const socket: WireSocket = {
          ...ours,
          send: (text) => {
            sent.push(text)
            return ours.send(text)
          }
        }
        const scope = yield* Scope.make()
        const inbox = yield* Scope.extend(listen(socket), scope)
        const session = makeSession(
          { socket, inbox, transcription: null, lasts: Duration.hours(1) },
          { model: "gpt-realtime-2.1", fallback: false },
          brief
        )
        expect(session.hear("AAAA")).toBe(true)
        yield* end(theirs, scope)
        yield* until(inbox.isOver)
        expect(session.hear("AAAA")).toBe(false)
        expect(session.send({ _tag: "Note", text: "too late" })).toBe(false)
        expect(sent).toHaveLength(1)
      })
    )
  }
})

describe("bounds", () => {
  it.scoped("events that nobody reads end the session, loudly", () =>
    Effect.gen(function* () {
      const [ours, theirs] = socketPair()
      const inbox = yield* listen(ours)
      const session = makeSession(
        { socket: ours, inbox, transcription: null, lasts: Duration.hours(1) },
        { model: "gpt-realtime-2.1", fallback: false },
        brief
      )
      let sent = 0
      while (theirs.send(JSON.stringify(speech)) && sent < 1_000_000) sent++
      expect(sent).toBeLessThan(20_000)
      const failure = yield* Effect.flip(session.follow(() => {}))
      expect(failure).toMatchObject({ _tag: "ModelUnavailable", code: "overrun" })
    })
  )

  it.scoped("audio is left out while the network does not keep up, and counted", () =>
    Effect.gen(function* () {
      const [ours] = socketPair()
      let buffered = 0
      let sent = 0
      const slow: WireSocket = {
        ...ours,
        buffered: () => buffered,
        send: () => {
          sent++
          return true
        }
      }
      const inbox = yield* listen(slow)
      const session = makeSession(
        { socket: slow, inbox, transcription: null, lasts: Duration.hours(1) },
        { model: "gpt-realtime-2.1", fallback: false },
        brief
      )
      const dropped = Metric.value(
        Metric.counter("phone_realtime_audio_dropped", {
          incremental: true,
          description:
            "Pieces of the callee's audio not sent to the Realtime server, because the network did not keep up"
        })
      )
      const before = (yield* dropped).count
      expect(session.hear("AAAA")).toBe(true)
      buffered = 2_000_000
      expect(session.hear("AAAA")).toBe(true)
      expect(session.send({ _tag: "Cancel", responseId: "resp_1" })).toBe(true)
      expect(sent).toBe(2)
      expect((yield* dropped).count - before).toBe(1)
      buffered = 0
      session.hear("AAAA")
      expect(sent).toBe(3)
    })
  )
})
