/** How a media stream is found dead that does not say so, and how one is told from it that only pauses. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { LegEvent } from "../../src/Telephone.ts"
import { feelPulse, type Signs } from "../../src/telephone/Pulse.ts"
import { follow, makeStage, openMedia, order, parametersOf, settle, streamSid } from "./support.ts"

const voiceFrame = Buffer.alloc(160, 0x55).toString("base64")
const tags = (events: ReadonlyArray<LegEvent>) => events.map(({ _tag }) => _tag).filter((tag) => tag !== "Status")

const talking = Effect.gen(function* () {
  const stage = yield* makeStage
  const leg = yield* stage.telephone.dial(order())
  const { seen } = yield* follow(leg)
  const media = yield* openMedia(stage.host)
  media.start(streamSid(1), parametersOf(yield* stage.voice))
  yield* settle
  return { ...stage, seen, media }
})

describe("a stream on which nothing comes", () => {
  it.scoped("is quiet after a second, dead after two and a half, and another is asked for", () =>
    Effect.gen(function* () {
      const { media, rest, seen } = yield* talking
      media.mute()
      media.media(streamSid(1), 20, voiceFrame)
      yield* TestClock.adjust("1 second")
      expect(seen.at(-1)).toEqual({ _tag: "MediaQuiet", since: 1_000 })
      yield* TestClock.adjust("1490 millis")
      expect(tags(seen)).toEqual(["MediaStarted", "MediaQuiet"])
      yield* TestClock.adjust("10 millis")
      expect(tags(seen)).toEqual(["MediaStarted", "MediaQuiet", "MediaStopped"])
      expect(media.closes).toHaveLength(1)
      expect(rest.of("update")).toHaveLength(0)
      yield* TestClock.adjust("1 second")
      expect(rest.of("update").map(({ form }) => form.get("Twiml"))).toEqual([expect.stringContaining("<Stream")])
    })
  )

  it.scoped("but that gives back a mark lives, however long it pauses", () =>
    Effect.gen(function* () {
      const { media, rest, seen } = yield* talking
      yield* TestClock.adjust("1 minute")
      expect(tags(seen)).toEqual(["MediaStarted"])
      expect(media.received).toEqual([])
      expect(rest.of("update")).toHaveLength(0)
    })
  )

  it.scoped("is dead also when it has never said more than that it begins", () =>
    Effect.gen(function* () {
      const { media, seen } = yield* talking
      media.mute()
      yield* TestClock.adjust("2500 millis")
      expect(tags(seen)).toEqual(["MediaStarted", "MediaQuiet", "MediaStopped"])
    })
  )

  it.scoped("lives when all that was late comes at once", () =>
    Effect.gen(function* () {
      const { media, seen } = yield* talking
      media.mute()
      for (let bunch = 0; bunch < 5; bunch++) {
        yield* TestClock.adjust("2 seconds")
        for (let at = 0; at < 100; at++) media.media(streamSid(1), bunch * 2_000 + at * 20, voiceFrame)
      }
      yield* settle
      expect(tags(seen)).toEqual(["MediaStarted", ...Array(5).fill(["MediaQuiet", "MediaHeard"]).flat()])
    })
  )

  it.scoped("is looked at no more when it has been replaced", () =>
    Effect.gen(function* () {
      const { host, media, seen, voice } = yield* talking
      media.mute()
      const newer = yield* openMedia(host)
      newer.start(streamSid(2), parametersOf(yield* voice))
      yield* TestClock.adjust("1 minute")
      expect(tags(seen)).toEqual(["MediaStarted", "MediaStopped", "MediaStarted"])
    })
  )
})

describe("a stall of our own", () => {
  it("is one late look, however long it was: what waited on the socket is read before the next", () => {
    let now = 0
    let rings: Array<() => void> = []
    const told: Array<string> = []
    const signs: Signs = {
      ask: () => void told.push("ask"),
      quiet: () => void told.push("quiet"),
      back: () => void told.push("back"),
      dead: () => void told.push("dead")
    }
    const after = (_: number, ring: () => void) => {
      rings.push(ring)
      return () => undefined
    }
    const pulse = feelPulse(after, () => now, signs)
    for (let stall = 0; stall < 100; stall++) {
      now += 10_000
      const due = rings
      rings = []
      for (const ring of due) ring()
      pulse.beat()
    }
    expect(told).toEqual([])
  })
})
