import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { bodyText, respond, respondJson } from "../../src/wire/Network.ts"
import {
  broken,
  callJson,
  callSid,
  follow,
  makeStage,
  oneByOne,
  openMedia,
  order,
  parametersOf,
  refusal,
  settle,
  statusesOf,
  streamSid
} from "./support.ts"

const ok = Effect.succeed(respondJson(200, callJson("in-progress")))
const notInProgress = Effect.succeed(refusal(400, 21220, "Call is not in-progress. Cannot redirect."))
const twimlOf = (form: URLSearchParams | undefined) => form?.get("Twiml") ?? ""
const other = PhoneNumber.make("+15551239999")

const answered = Effect.gen(function* () {
  const stage = yield* makeStage
  const leg = yield* stage.telephone.dial(order())
  const events = yield* follow(leg)
  const media = yield* openMedia(stage.host)
  media.start(streamSid(1), parametersOf(yield* stage.voice))
  return { ...stage, leg, ...events, media, asked: () => stage.rest.of("update").map(({ form }) => form.get("Status")) }
})

describe("hanging up", () => {
  it.scoped("is confirmed by Twilio's callback, and told once", () =>
    Effect.gen(function* () {
      const { leg, seen, ended, tell, asked, voice } = yield* answered
      const hanging = yield* Effect.fork(leg.hangUp)
      yield* TestClock.adjust("1 second")
      expect(yield* voice).toContain("<Hangup/>")
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      yield* Fiber.join(hanging)
      yield* ended
      yield* leg.hangUp
      expect(asked()).toEqual(["completed"])
      expect(statusesOf(seen)).toEqual(["dialing", "in-progress", "completed"])
    })
  )

  it.scoped("without a callback Twilio is asked, after five seconds", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      const leg = yield* telephone.dial(order())
      const { seen, ended } = yield* follow(leg)
      rest.answers.fetch = () => Effect.succeed(respondJson(200, callJson("busy")))
      const hanging = yield* Effect.fork(leg.hangUp)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(hanging)
      yield* ended
      expect(statusesOf(seen)).toEqual(["dialing", "busy"])
    })
  )

  it.scoped("when even that shows a live call, it counts as what a hang-up makes of it", () =>
    Effect.gen(function* () {
      for (const [pickedUp, end] of [
        [true, "completed"],
        [false, "canceled"]
      ] as const) {
        const { telephone, tell } = yield* makeStage
        const leg = yield* telephone.dial(order())
        const { seen, ended } = yield* follow(leg)
        if (pickedUp) yield* tell("status", { CallStatus: "in-progress", SequenceNumber: "2" })
        const hanging = yield* Effect.fork(leg.hangUp)
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(hanging)
        yield* ended
        expect(statusesOf(seen).at(-1)).toBe(end)
      }
    })
  )

  it.scoped("a ringing call that cannot be completed is canceled; one that cannot be either is over", () =>
    Effect.gen(function* () {
      const { leg, rest, asked } = yield* answered
      rest.answers.update = () => notInProgress
      const hanging = yield* Effect.fork(leg.hangUp)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(hanging)
      expect(asked()).toEqual(["completed", "canceled"])
    })
  )

  it.scoped("a bad moment of Twilio's is waited out; a lasting one is LineUnavailable", () =>
    Effect.gen(function* () {
      const { leg, rest, tell, asked } = yield* answered
      rest.answers.update = () => Effect.fail(broken("broken"))
      const failing = yield* Effect.fork(Effect.flip(leg.hangUp))
      yield* TestClock.adjust("1 minute")
      expect((yield* Fiber.join(failing))._tag).toBe("LineUnavailable")
      expect(asked().length).toBe(5)
      rest.answers.update = oneByOne(Effect.succeed(respond(503)), ok)
      const hanging = yield* Effect.fork(leg.hangUp)
      yield* TestClock.adjust("2 seconds")
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      yield* Fiber.join(hanging)
      expect(asked().length).toBe(7)
    })
  )

  it.scoped("the end of the scope hangs up a live call, once, and closes its socket", () =>
    Effect.gen(function* () {
      const { telephone, rest, host, voice } = yield* makeStage
      const scope = yield* Scope.make()
      const leg = yield* Scope.extend(telephone.dial(order()), scope)
      const { seen, ended } = yield* follow(leg)
      const media = yield* openMedia(host)
      media.start(streamSid(1), parametersOf(yield* voice))
      yield* Scope.close(scope, Exit.void)
      yield* ended
      yield* media.done
      expect(rest.of("update").length).toBe(1)
      expect(statusesOf(seen).at(-1)).toBe("completed")
      leg.play(new Uint8Array(160))
      expect(media.received).toEqual([])
    })
  )

  it.scoped("the end of the scope is not held up by a Twilio that does not answer", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.update = () => Effect.never
      const scope = yield* Scope.make()
      yield* Scope.extend(telephone.dial(order()), scope)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("8 seconds")
      yield* Fiber.join(closing)
    })
  )

  it.scoped(
    "a hang-up that Twilio has no time for is asked for again before it is given up, whatever the Retry-After",
    () =>
      Effect.gen(function* () {
        const { telephone, rest } = yield* makeStage
        const slow = Effect.succeed(refusal(429, 20429, "Slow.", { "retry-after": "60" }))
        rest.answers.update = oneByOne(slow, slow, slow, ok)
        const scope = yield* Scope.make()
        const leg = yield* Scope.extend(telephone.dial(order()), scope)
        const { seen } = yield* follow(leg)
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* TestClock.adjust("8 seconds")
        yield* Fiber.join(closing)
        expect(rest.of("update").length).toBe(4)
        expect(statusesOf(seen).at(-1)).toBe("canceled")
      })
  )

  it.scoped("a call that is over is left alone", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* makeStage
      const scope = yield* Scope.make()
      const leg = yield* Scope.extend(telephone.dial(order()), scope)
      yield* tell("status", { CallStatus: "no-answer", SequenceNumber: "2" })
      yield* leg.hangUp
      yield* Scope.close(scope, Exit.void)
      expect(rest.of("update").length).toBe(0)
    })
  )
})

describe("lost callbacks", () => {
  it.scoped("a quiet call is asked about after 15 seconds and then every 10, until it has ended", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = oneByOne(
        Effect.fail(broken("timeout")),
        ok,
        Effect.succeed(respondJson(200, callJson("completed", { price: "-0.0280" })))
      )
      const { seen, ended } = yield* follow(yield* telephone.dial(order()))
      yield* TestClock.adjust("14900 millis")
      expect(rest.of("fetch").length).toBe(0)
      yield* TestClock.adjust("100 millis")
      expect(rest.of("fetch").length).toBe(1)
      yield* TestClock.adjust("20 seconds")
      yield* ended
      expect(seen.at(-1)).toEqual({ _tag: "Status", status: "completed", price: 0.028 })
      yield* TestClock.adjust("1 minute")
      expect(rest.of("fetch").length).toBe(3)
    })
  )

  it.scoped("a call that is heard of is not asked about", () =>
    Effect.gen(function* () {
      const { media, rest } = yield* answered
      for (let second = 0; second < 40; second += 10) {
        media.media(streamSid(1), second * 1000, Buffer.alloc(160).toString("base64"))
        yield* TestClock.adjust("10 seconds")
      }
      expect(rest.of("fetch").length).toBe(0)
      media.mute()
      yield* TestClock.adjust("16 seconds")
      expect(rest.of("fetch").length).toBe(1)
    })
  )
})

describe("pressing digits", () => {
  it.scoped("plays the tones, and is done when the new stream is there", () =>
    Effect.gen(function* () {
      const { leg, rest, host, seen, media } = yield* answered
      const pressing = yield* Effect.fork(leg.pressDigits("1w#W"))
      yield* TestClock.adjust("1 second")
      const twiml = twimlOf(rest.of("update")[0]?.form)
      expect(twiml).toMatch(/<Response><Play digits="1w#ww"\/><Connect><Stream .*<\/Connect><Connect>/)
      media.say({ event: "stop", streamSid: streamSid(1), stop: {} })
      const next = yield* openMedia(host)
      next.start(streamSid(2), parametersOf(twiml))
      yield* Fiber.join(pressing)
      yield* settle
      expect(seen.flatMap(({ _tag }) => (_tag === "Status" ? [] : [_tag]))).toEqual([
        "MediaStarted",
        "MediaStopped",
        "MediaStarted"
      ])
    })
  )

  it.scoped("what is no key is refused before Twilio hears of it", () =>
    Effect.gen(function* () {
      const { leg, rest } = yield* answered
      for (const digits of ["", "12a", "1".repeat(33), '1"/>']) {
        expect((yield* Effect.flip(leg.pressDigits(digits)))._tag).toBe("CallFailed")
      }
      expect(rest.of("update").length).toBe(0)
    })
  )

  it.scoped("fails when the audio does not come back, or the call ends", () =>
    Effect.gen(function* () {
      const { leg, tell } = yield* answered
      const pressing = yield* Effect.fork(Effect.flip(leg.pressDigits("1")))
      yield* TestClock.adjust("11 seconds")
      expect(yield* Fiber.join(pressing)).toMatchObject({
        _tag: "CallFailed",
        reason: expect.stringContaining("audio")
      })
      const again = yield* Effect.fork(Effect.flip(leg.pressDigits("1")))
      yield* TestClock.adjust("1 second")
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      expect(yield* Fiber.join(again)).toMatchObject({ _tag: "CallFailed", reason: "The call has ended." })
    })
  )

  it.scoped("on a call that has just ended it fails with Twilio's code", () =>
    Effect.gen(function* () {
      const { leg, rest } = yield* answered
      rest.answers.update = () => notInProgress
      expect(yield* Effect.flip(leg.pressDigits("1"))).toMatchObject({ _tag: "CallFailed", code: "21220" })
    })
  )

  it.scoped("an unclear answer presses nothing twice", () =>
    Effect.gen(function* () {
      const { leg, rest } = yield* answered
      rest.answers.update = () => Effect.succeed(respond(503))
      expect((yield* Effect.flip(leg.pressDigits("1")))._tag).toBe("LineUnavailable")
      expect(rest.of("update").length).toBe(1)
      rest.answers.update = () => ok
    })
  )
})

describe("a transfer", () => {
  const begin = Effect.gen(function* () {
    const call = yield* answered
    const transferring = yield* Effect.fork(Effect.either(call.leg.transfer(other, { timeout: Duration.seconds(20) })))
    yield* TestClock.adjust("1 second")
    return { ...call, transferring }
  })

  it.scoped("dials from our own number and reports each way it can go", () =>
    Effect.gen(function* () {
      for (const [status, result] of [
        ["completed", "connected"],
        ["answered", "connected"],
        ["busy", "busy"],
        ["no-answer", "no-answer"],
        ["failed", "failed"],
        ["canceled", "failed"]
      ] as const) {
        const { rest, transferring, tell, urlOf } = yield* begin
        const twiml = twimlOf(rest.of("update")[0]?.form)
        expect(twiml).toContain(`<Dial action="${urlOf("dial")}" method="POST" timeout="20" callerId="+15005550006">`)
        expect(twiml).toContain(">+15551239999</Number></Dial></Response>")
        const reply = bodyText(yield* tell("dial", { DialCallStatus: status }))
        expect(yield* Fiber.join(transferring)).toMatchObject({ _tag: "Right", right: { result } })
        expect(reply).toContain(result === "connected" ? "<Response><Hangup/></Response>" : "<Connect><Stream")
      }
    })
  )

  const pickedUp = { CallSid: `CA${"5".repeat(32)}`, ParentCallSid: callSid, CallStatus: "in-progress" }

  it.scoped("is connected as soon as the other end picks up, and the end of their talk is the end of the call", () =>
    Effect.gen(function* () {
      const { tell, transferring } = yield* begin
      expect(yield* Fiber.poll(transferring)).toMatchObject({ _tag: "None" })
      yield* tell("dialed", pickedUp)
      expect(yield* Fiber.join(transferring)).toMatchObject({ right: { result: "connected" } })
      const reply = bodyText(yield* tell("dial", { DialCallStatus: "completed", DialCallDuration: "30" }))
      expect(reply).toContain("<Response><Hangup/></Response>")
    })
  )

  it.scoped("of a call that ends before anybody answers there was not connected", () =>
    Effect.gen(function* () {
      const { tell, transferring } = yield* begin
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      expect(yield* Fiber.join(transferring)).toMatchObject({ left: { _tag: "CallFailed" } })
    })
  )

  it.scoped("that fails tells Twilio's code, where there is one", () =>
    Effect.gen(function* () {
      const { tell, transferring } = yield* begin
      yield* tell("dial", { DialCallStatus: "failed", ErrorCode: "13225" })
      expect(yield* Fiber.join(transferring)).toMatchObject({ right: { result: "failed", code: "13225" } })
    })
  )

  it.scoped(
    "whose answer is unclear is not asked for twice; if the stream is gone, it rings, and Twilio tells the rest",
    () =>
      Effect.gen(function* () {
        const { leg, media, rest, tell } = yield* answered
        rest.answers.update = () => Effect.succeed(respond(503))
        const transferring = yield* Effect.fork(Effect.either(leg.transfer(other, { timeout: Duration.seconds(20) })))
        yield* settle
        media.cut()
        yield* TestClock.adjust("2 seconds")
        expect(yield* Fiber.poll(transferring)).toMatchObject({ _tag: "None" })
        yield* tell("dial", { DialCallStatus: "busy" })
        expect(yield* Fiber.join(transferring)).toMatchObject({ right: { result: "busy" } })
        expect(rest.of("update")).toHaveLength(1)
        rest.answers.update = () => ok
      })
  )

  it.scoped("whose answer is unclear, with the stream still there, has not happened", () =>
    Effect.gen(function* () {
      const { leg, rest } = yield* answered
      rest.answers.update = () => Effect.succeed(respond(503))
      const transferring = yield* Effect.fork(Effect.either(leg.transfer(other, { timeout: Duration.seconds(20) })))
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(transferring)).toMatchObject({ left: { _tag: "LineUnavailable" } })
      rest.answers.update = () => ok
    })
  )
})

describe("a last sentence", () => {
  it.scoped("is spoken by Twilio, which then hangs up; the text stays text", () =>
    Effect.gen(function* () {
      const { leg, rest, voice } = yield* answered
      yield* leg.sayAndHangUp({ text: "Sorry </Say><Dial>+1900</Dial>", language: "en-US" })
      const twiml = twimlOf(rest.of("update")[0]?.form)
      expect(twiml).toContain('<Response><Say voice="alice" language="en-US">Sorry &lt;/Say&gt;')
      expect(twiml).toContain("</Say><Hangup/></Response>")
      expect(yield* voice).toContain("<Response><Hangup/></Response>")
    })
  )

  it.scoped("however long, fits into what Twilio takes", () =>
    Effect.gen(function* () {
      const { leg, rest } = yield* answered
      yield* leg.sayAndHangUp({ text: "&".repeat(100_000), language: "en-US" })
      expect(twimlOf(rest.of("update")[0]?.form).length).toBeLessThan(4000)
    })
  )
})
