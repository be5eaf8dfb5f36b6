/** What is done when a stream drops and the call lives: Twilio opens the next by itself, and where it does not we ask for it. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, TestClock } from "effect"
import { monotonic } from "../../src/telephone/Scripts.ts"
import { respond, respondJson } from "../../src/wire/Network.ts"
import {
  callJson,
  callSid,
  follow,
  makeStage,
  oneByOne,
  openMedia,
  order,
  parametersOf,
  settle,
  streamSid
} from "./support.ts"

/** The tokens that a document offers, in order. */
const tokensOf = (twiml: string): ReadonlyArray<string> =>
  [...twiml.matchAll(/name="token" value="([^"]+)"/g)].map(([, token]) => token ?? "")

const talking = Effect.gen(function* () {
  const stage = yield* makeStage
  const leg = yield* stage.telephone.dial(order())
  const events = yield* follow(leg)
  const twiml = yield* stage.voice
  const media = yield* openMedia(stage.host)
  media.start(streamSid(1), parametersOf(twiml))
  yield* settle
  const pushed = () => stage.rest.of("update").map(({ form }) => form.get("Twiml") ?? "")
  return { ...stage, ...events, leg, media, pushed, twiml, tokens: tokensOf(twiml) }
})

describe("a stream that drops", () => {
  it.scoped("is followed by the second of the same document, without a request of ours", () =>
    Effect.gen(function* () {
      const { host, media, pushed, seen, tokens, twiml } = yield* talking
      expect(tokens).toHaveLength(3)
      media.cut()
      const next = yield* openMedia(host)
      next.start(streamSid(2), { ...parametersOf(twiml), token: tokens[1] ?? "" })
      yield* TestClock.adjust("5 seconds")
      expect(pushed()).toEqual([])
      expect(seen.slice(-3).map(({ _tag }) => _tag)).toEqual(["MediaStarted", "MediaStopped", "MediaStarted"])
    })
  )

  it.scoped("and none follows: after a second a new one is asked for, and that one again", () =>
    Effect.gen(function* () {
      const { host, media, pushed } = yield* talking
      media.cut()
      yield* TestClock.adjust("900 millis")
      expect(pushed()).toEqual([])
      yield* TestClock.adjust("100 millis")
      const [again = ""] = pushed()
      const next = yield* openMedia(host)
      next.start(streamSid(2), parametersOf(again))
      yield* TestClock.adjust("10 seconds")
      expect(pushed()).toHaveLength(1)
      next.cut()
      yield* TestClock.adjust("1 second")
      expect(pushed()).toHaveLength(2)
    })
  )

  it.scoped("because the callee has hung up brings nothing about", () =>
    Effect.gen(function* () {
      const { media, pushed, rest, tell } = yield* talking
      media.cut()
      yield* TestClock.adjust("200 millis")
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      yield* TestClock.adjust("30 seconds")
      expect(pushed()).toEqual([])
      expect(rest.of("fetch")).toEqual([])
    })
  )

  it.scoped("for keys that are pressed is not replaced meanwhile", () =>
    Effect.gen(function* () {
      const { leg, media, pushed } = yield* talking
      yield* Effect.fork(Effect.ignore(leg.pressDigits("1wwww2")))
      yield* settle
      media.say({ event: "stop", streamSid: streamSid(1), stop: {} })
      yield* TestClock.adjust("5 seconds")
      expect(pushed()).toHaveLength(1)
      expect(pushed()[0]).toContain("<Play digits")
    })
  )

  it.scoped("while Twilio's interface is out of order: it is asked again until it works", () =>
    Effect.gen(function* () {
      const { media, pushed, rest } = yield* talking
      const ok = Effect.succeed(respondJson(200, callJson("in-progress")))
      rest.answers.update = oneByOne(...new Array(6).fill(Effect.succeed(respond(503))), ok)
      media.cut()
      // the requests take real time, which this clock does not wait for
      for (let step = 0; step < 200 && pushed().length < 7; step++) yield* TestClock.adjust("500 millis")
      expect(pushed()).toHaveLength(7)
    })
  )
})

describe("the time", () => {
  it.effect("can be told at the end of a wait with jitter, which is no whole number of nanoseconds", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(5798.357620000001)
      expect(yield* monotonic).toBeCloseTo(5798.35762, 5)
    })
  )
})

describe("a stream that never starts", () => {
  it.scoped("is asked for again when Twilio tells of it, six times in a row and no more", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell, voice } = yield* makeStage
      yield* telephone.dial(order())
      yield* voice
      for (let at = 0; at < 20; at++) {
        yield* tell("stream", { CallSid: callSid, StreamSid: streamSid(at), StreamEvent: "stream-error" })
        yield* TestClock.adjust("2 seconds")
      }
      expect(rest.of("update")).toHaveLength(5)
    })
  )
})

describe("a callee who was handed over", () => {
  it.scoped("is left with whom they talk to: no stream is asked for", () =>
    Effect.gen(function* () {
      const { leg, media, pushed, tell } = yield* talking
      const transferring = yield* Effect.fork(leg.transfer(order().from, { timeout: Duration.seconds(20) }))
      yield* settle
      media.say({ event: "stop", streamSid: streamSid(1), stop: {} })
      yield* TestClock.adjust("5 seconds")
      yield* tell("dialed", { CallSid: `CA${"9".repeat(32)}`, ParentCallSid: callSid })
      expect(yield* Fiber.join(transferring)).toMatchObject({ result: "connected" })
      yield* TestClock.adjust("60 seconds")
      expect(pushed()).toHaveLength(1)
      expect(pushed()[0]).toContain("<Dial")
    })
  )
})
