import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { respond, respondJson } from "../../src/wire/Network.ts"
import { accountSid, authToken, broken, makeStage, oneByOne, order } from "./support.ts"

const sid = `RE${"4".repeat(32)}`
const fileUrl = (channels: number) =>
  `https://twilio.test/2010-04-01/Accounts/${accountSid}/Recordings/${sid}.wav?RequestedChannels=${channels}`
const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`
const wav = new TextEncoder().encode("RIFF of both sides")
const callId = order().callId

/** A recorded call that has ended; the leg's scope is closed, as it is when the file is asked for. */
const recorded = Effect.gen(function* () {
  const stage = yield* makeStage
  const scope = yield* Scope.make()
  yield* Scope.extend(stage.telephone.dial(order()), scope)
  yield* stage.voice
  yield* stage.tell("status", { CallStatus: "completed", SequenceNumber: "3" })
  yield* Scope.close(scope, Exit.void)
  return stage
})

const announce = { RecordingStatus: "completed", RecordingSid: sid, RecordingUrl: "https://evil.test/steal" }

describe("a recording", () => {
  it.scoped("is waited for, then fetched in two channels from Twilio, wherever the callback points", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* recorded
      rest.answers.file = () => Effect.succeed(respond(200, wav))
      const waiting = yield* Effect.fork(telephone.recording(callId))
      yield* TestClock.adjust("30 seconds")
      expect(rest.of("file").length).toBe(0)
      yield* tell("recording", announce)
      yield* tell("recording", announce)
      expect(yield* Fiber.join(waiting)).toEqual(wav)
      expect(rest.of("file").map(({ request }) => [request.url, request.headers.authorization])).toEqual([
        [fileUrl(2), basic]
      ])
    })
  )

  it.scoped("that is mono is fetched in mono, and one that is not there yet a little later", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* recorded
      rest.answers.file = oneByOne(
        Effect.succeed(respond(404)),
        Effect.fail(broken("broken")),
        Effect.succeed(respond(400)),
        Effect.succeed(respond(200, wav))
      )
      yield* tell("recording", announce)
      const waiting = yield* Effect.fork(telephone.recording(callId))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(waiting)).toEqual(wav)
      expect(rest.of("file").map(({ request }) => request.url)).toEqual([
        fileUrl(2),
        fileUrl(2),
        fileUrl(2),
        fileUrl(1)
      ])
    })
  )

  it.scoped("elsewhere is fetched without our credentials, over https, and not round and round", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* recorded
      const to = (location: string) => Effect.succeed(respond(302, "", { location }))
      yield* tell("recording", announce)
      rest.answers.file = oneByOne(to("https://store.test/1"), to("/2"), Effect.succeed(respond(200, wav)))
      expect(yield* telephone.recording(callId)).toEqual(wav)
      expect(rest.of("file").map(({ request }) => [request.url, request.headers.authorization])).toEqual([
        [fileUrl(2), basic],
        ["https://store.test/1", undefined],
        ["https://store.test/2", undefined]
      ])
      for (const location of ["https://store.test/3", "http://169.254.169.254/", "file:///etc/passwd"]) {
        rest.asked.length = 0
        rest.answers.file = () => to(location)
        expect((yield* Effect.flip(telephone.recording(callId)))._tag).toBe("LineUnavailable")
        expect(rest.of("file").length).toBe(location.startsWith("https") ? 3 : 1)
      }
    })
  )

  it.scoped("that is absent, was never begun or is of an unknown call, is none", () =>
    Effect.gen(function* () {
      const absent = yield* recorded
      yield* absent.tell("recording", { RecordingStatus: "absent", RecordingSid: sid })
      expect(yield* absent.telephone.recording(callId)).toBeUndefined()
      const unanswered = yield* makeStage
      yield* unanswered.telephone.dial(order())
      expect(yield* unanswered.telephone.recording(callId)).toBeUndefined()
      expect(yield* (yield* makeStage).telephone.recording(callId)).toBeUndefined()
    })
  )

  it.scoped("whose callback is lost is asked for after a minute", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* recorded
      const recordings = [{ sid, status: "completed", channels: 2, duration: "12" }]
      rest.answers.recordings = () =>
        Effect.succeed(respondJson(200, { recordings, page_size: 5, next_page_uri: null }))
      rest.answers.file = () => Effect.succeed(respond(200, wav))
      const waiting = yield* Effect.fork(telephone.recording(callId))
      yield* TestClock.adjust("60 seconds")
      expect(yield* Fiber.join(waiting)).toEqual(wav)
    })
  )

  it.scoped("that cannot be had is LineUnavailable, in bounded time", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* recorded
      rest.answers.file = () => Effect.succeed(respond(404))
      yield* tell("recording", announce)
      const waiting = yield* Effect.fork(Effect.flip(telephone.recording(callId)))
      yield* TestClock.adjust("60 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "LineUnavailable", callId })
    })
  )
})
