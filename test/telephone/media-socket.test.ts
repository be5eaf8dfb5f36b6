import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { AudioFrame, Leg, LegEvent } from "../../src/Telephone.ts"
import { follow, makeStage, openMedia, order, parametersOf, settle, sign, streamSid } from "./support.ts"

const voiceFrame = Buffer.alloc(160, 0x55).toString("base64")
const tags = (events: ReadonlyArray<LegEvent>) => events.map((event) => event._tag).filter((tag) => tag !== "Status")

/** What the leg gives to whoever listens: what was kept for it, and what comes. */
const listenTo = (leg: Leg): ReadonlyArray<AudioFrame> => {
  const heard: Array<AudioFrame> = []
  leg.listen((frame) => heard.push(frame))
  return heard
}

/** A call that is answered and talks on its first stream. */
const talking = Effect.gen(function* () {
  const stage = yield* makeStage
  const leg = yield* stage.telephone.dial(order())
  const { seen } = yield* follow(leg)
  const first = parametersOf(yield* stage.voice)
  const media = yield* openMedia(stage.host)
  media.start(streamSid(1), first)
  yield* settle
  return { ...stage, leg, seen, media, first }
})

describe("a media socket", () => {
  it.scoped("carries audio, marks and digits both ways", () =>
    Effect.gen(function* () {
      const { leg, seen, media } = yield* talking
      media.media(streamSid(1), 0, voiceFrame)
      const heard = listenTo(leg)
      media.media(streamSid(1), 40, voiceFrame)
      media.say({ event: "mark", streamSid: streamSid(1), mark: { name: "m1" } })
      media.say({ event: "dtmf", streamSid: streamSid(1), dtmf: { track: "inbound_track", digit: "#" } })
      expect(heard.map(({ ms }) => ms)).toEqual([20, 20, 20])
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted", "Played", "Digit"])

      leg.play(new Uint8Array(10_000).fill(7))
      leg.mark("m2")
      leg.clear()
      expect(media.received).toEqual([
        { event: "media", streamSid: streamSid(1), media: { payload: Buffer.alloc(8000, 7).toString("base64") } },
        { event: "media", streamSid: streamSid(1), media: { payload: Buffer.alloc(2000, 7).toString("base64") } },
        { event: "mark", streamSid: streamSid(1), mark: { name: "m2" } },
        { event: "clear", streamSid: streamSid(1) }
      ])
    })
  )

  it.scoped("is silent before its start", () =>
    Effect.gen(function* () {
      const { telephone, host, voice } = yield* makeStage
      const leg = yield* telephone.dial(order())
      yield* voice
      const media = yield* openMedia(host)
      leg.play(new Uint8Array(160))
      leg.mark("early")
      leg.clear()
      expect(media.received).toEqual([])
    })
  )

  it.scoped("needs a signed handshake at the right place", () =>
    Effect.gen(function* () {
      const { host } = yield* makeStage
      const url = "wss://dial.example.test/twilio/media"
      const knock = (to: string, signature: string) =>
        host.webSocket({ url: to, headers: { "x-twilio-signature": signature } })
      expect(yield* knock(url, "")).toMatchObject({ _tag: "Refuse", response: { status: 403 } })
      expect(yield* knock(url, sign(url.replace("wss", "https")))).toMatchObject({ response: { status: 403 } })
      expect(yield* knock(`${url}x`, sign(`${url}x`))).toMatchObject({ response: { status: 404 } })
      expect(yield* knock("ws://127.0.0.1:18790/twilio/media", sign(url))).toMatchObject({ _tag: "Accept" })
      expect(yield* knock(`${url}/`, sign(`${url}/`))).toMatchObject({ _tag: "Accept" })
    })
  )

  it.scoped("without a start it is closed after five seconds", () =>
    Effect.gen(function* () {
      const { host } = yield* makeStage
      const media = yield* openMedia(host)
      media.say({ event: "connected", protocol: "Call", version: "1.0.0" })
      yield* TestClock.adjust("4900 millis")
      expect(media.closes).toEqual([])
      yield* TestClock.adjust("100 millis")
      yield* media.done
      expect(media.closes).toMatchObject([{ code: 1008 }])
    })
  )

  it.scoped("with a wrong, foreign or used token it is closed at once and the call does not notice", () =>
    Effect.gen(function* () {
      const { host, voice, first, seen, media } = yield* talking
      const second = parametersOf(yield* voice)
      for (const [parameters, inCall] of [
        [first, undefined],
        [{ ...second, token: "x".repeat(40) }, undefined],
        [{ ...second, call: "other123" }, undefined],
        [second, `CA${"8".repeat(32)}`]
      ] as const) {
        const intruder = yield* openMedia(host)
        intruder.start(streamSid(66), parameters, inCall)
        yield* intruder.done
        expect(intruder.closes).toMatchObject([{ code: 1008 }])
      }
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted"])
      expect(media.closes).toEqual([])
    })
  )

  it.scoped("only a handful may stand about without a name", () =>
    Effect.gen(function* () {
      const { host } = yield* makeStage
      const sockets = yield* Effect.replicateEffect(openMedia(host), 17)
      expect(sockets.map(({ closes }) => closes.length)).toEqual([...Array(16).fill(0), 1])
      expect(sockets[16]?.closes).toMatchObject([{ code: 1013 }])
      yield* TestClock.adjust("5 seconds")
      expect((yield* openMedia(host)).closes).toEqual([])
    })
  )

  it.scoped("a newer stream replaces the older one, which can never speak again", () =>
    Effect.gen(function* () {
      const { host, voice, leg, seen, media } = yield* talking
      const newer = yield* openMedia(host)
      newer.start(streamSid(2), parametersOf(yield* voice))
      yield* settle
      expect(media.closes).toMatchObject([{ code: 1000 }])
      media.media(streamSid(1), 0, voiceFrame)
      leg.mark("now")
      yield* settle
      expect(media.received).toEqual([])
      expect(newer.received).toEqual([{ event: "mark", streamSid: streamSid(2), mark: { name: "now" } }])
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped", "MediaStarted"])
    })
  )

  it.scoped("an older rendering cannot take a newer stream's place", () =>
    Effect.gen(function* () {
      const { host, voice, media } = yield* talking
      const [older, newer] = [parametersOf(yield* voice), parametersOf(yield* voice)]
      const current = yield* openMedia(host)
      current.start(streamSid(3), newer)
      const late = yield* openMedia(host)
      late.start(streamSid(2), older)
      yield* settle
      expect(media.closes.length).toBe(1)
      expect(late.closes).toMatchObject([{ code: 1008 }])
      expect(current.closes).toEqual([])
    })
  )

  it.scoped("stop, close and the stream's callback are one end, and nothing is sent after it", () =>
    Effect.gen(function* () {
      const { leg, seen, media, tell } = yield* talking
      media.say({ event: "stop", streamSid: streamSid(1), stop: {} })
      leg.play(new Uint8Array(160))
      media.media(streamSid(1), 0, voiceFrame)
      yield* tell("stream", { StreamSid: streamSid(1), StreamEvent: "stream-stopped" })
      media.cut()
      yield* media.done
      yield* settle
      expect(media.received).toEqual([])
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped"])
    })
  )

  it.scoped("a socket that is cut stops the stream, and the next TwiML goes on with the call", () =>
    Effect.gen(function* () {
      const { host, voice, seen, media } = yield* talking
      media.cut()
      yield* media.done
      const again = yield* openMedia(host)
      again.start(streamSid(2), parametersOf(yield* voice))
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped", "MediaStarted"])
    })
  )

  it.scoped("a half-open socket ends with the stream's error report", () =>
    Effect.gen(function* () {
      const { seen, media, tell } = yield* talking
      yield* tell("stream", { StreamSid: streamSid(9), StreamEvent: "stream-error" })
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted"])
      yield* tell("stream", { StreamSid: streamSid(1), StreamEvent: "stream-error", StreamError: "Protocol Error" })
      yield* media.done
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped"])
    })
  )

  it.scoped("garbage is ignored and the stream goes on; a monstrous message ends it", () =>
    Effect.gen(function* () {
      const { leg, seen, media } = yield* talking
      for (const text of ["", "{", "null", '{"event":"media"}', '{"event":"warning","streamSid":"x"}'])
        media.sendText(text)
      media.media(streamSid(7), 0, voiceFrame)
      media.media(streamSid(1), 0, "not base64")
      media.start(streamSid(1), { call: "abcd1234", token: "again" })
      media.media(streamSid(1), 0, voiceFrame)
      expect(listenTo(leg)).toEqual([{ payload: voiceFrame, ms: 20 }])
      expect(tags(seen)).toEqual(["MediaStarted"])
      media.sendText("x".repeat(70_000))
      yield* media.done
      yield* settle
      expect(media.closes).toMatchObject([{ code: expect.any(Number) }])
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped"])
    })
  )

  it.scoped("audio nobody reads is bounded: the oldest goes", () =>
    Effect.gen(function* () {
      const { leg, media, tell } = yield* talking
      for (let at = 0; at < 600; at++) media.media(streamSid(1), at * 20, voiceFrame)
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      expect(listenTo(leg)).toHaveLength(500)
    })
  )

  it.scoped("the end of the call closes the socket", () =>
    Effect.gen(function* () {
      const { seen, media, tell } = yield* talking
      yield* tell("status", { CallStatus: "completed", SequenceNumber: "3" })
      yield* media.done
      yield* settle
      expect(seen.at(-1)).toMatchObject({ _tag: "Status", status: "completed" })
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped"])
    })
  )
})
