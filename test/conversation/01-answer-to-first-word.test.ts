/** 1. Answer to first word: when the opening may begin, how soon it does, that there is one, and what makes it wrong. */
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/call/Command.ts"
import type { Fact, TimerName } from "../../src/call/Fact.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { begin, type Talk } from "../../src/call/talk/Talk.ts"
import { verify } from "../../src/simulation/scenario/trial.ts"
import type { MachineVerdict } from "../../src/Telephone.ts"
import { answered, configured, says, settle, story } from "../call/support.ts"

const limits = limitsOf(configured())

interface Done {
  readonly at: number
  readonly command: Command
}

/** Plays facts at their times into a talk, and its own timers between them; everything it decided, with the time. */
const played = (
  facts: ReadonlyArray<readonly [number, Fact]>,
  prepareOpening = true
): { readonly talk: Talk; readonly done: ReadonlyArray<Done> } => {
  let talk = begin(
    { limits, language: "en", prepareOpening, voicemail: "leave-message", transferTo: {}, questions: false },
    0
  )
  const done: Array<Done> = []
  const timers = new Map<TimerName, number>()
  const tell = (at: number, fact: Fact): void => {
    const [next, commands] = decide(talk, fact, at)
    talk = next
    for (const command of commands) {
      done.push({ at, command })
      if (command._tag === "SetTimer") timers.set(command.timer, at + command.ms)
      if (command._tag === "StopTimer") timers.delete(command.timer)
    }
  }
  const due = (until: number): void => {
    const [first] = [...timers].filter(([, at]) => at <= until).sort(([, a], [, b]) => a - b)
    if (first === undefined) return
    timers.delete(first[0])
    tell(first[1], { _tag: "Timer", timer: first[0] })
    due(until)
  }
  for (const [at, fact] of [...facts].sort(([a], [b]) => a - b)) {
    due(at)
    tell(at, fact)
  }
  return { talk, done }
}

const firstPacket = (done: ReadonlyArray<Done>): number | undefined =>
  done.find(({ command }) => command._tag === "Play")?.at

const voice = (done: ReadonlyArray<Done>) =>
  done.flatMap(({ at, command }) => (command._tag === "Voice" ? [{ at, ...command.command }] : []))

const openings = (done: ReadonlyArray<Done>): number =>
  voice(done).filter((told) => told._tag === "Respond" && told.tag.startsWith("opening")).length

const opening = (at: number, ms = 3_000): ReadonlyArray<readonly [number, Fact]> => [
  [at, { _tag: "ResponseStarted", responseId: "r1", tag: "opening#1" }],
  [at, { _tag: "ItemStarted", responseId: "r1", itemId: "i1" }],
  [at, { _tag: "Text", responseId: "r1", itemId: "i1", text: "Hello, this is an AI assistant." }],
  [at, { _tag: "Audio", responseId: "r1", itemId: "i1", contentIndex: 0, bytes: new Uint8Array(ms * 8) }],
  [at, { _tag: "ItemDone", responseId: "r1", itemId: "i1", text: "Hello, this is an AI assistant." }],
  [at, { _tag: "ResponseDone", responseId: "r1", tag: "opening#1", status: "completed", usage: 0 }]
]

const hello = (from: number, to: number): ReadonlyArray<readonly [number, Fact]> => [
  [from, { _tag: "SpeechStarted", itemId: "u1" }],
  [to, { _tag: "SpeechStopped", itemId: "u1" }],
  [to, { _tag: "CalleeSpoke", itemId: "u1" }]
]

const dialled: readonly [number, Fact] = [0, { _tag: "Dialed" }]
const end: readonly [number, Fact] = [30_000, { _tag: "MediaSilent" }]

/** Ringing of up to 5 s, an opening ready before the answer or up to 2 s after it, and a hello or none. */
const call = fc.record({
  answer: fc.integer({ min: 200, max: 5_000 }),
  ready: fc.integer({ min: 100, max: 7_000 }),
  hello: fc.option(fc.record({ after: fc.integer({ min: 10, max: 790 }), ms: fc.integer({ min: 100, max: 6_000 }) }), {
    nil: undefined
  })
})

/** When the opening may begin: after the listening moment, or after a hello that began in it, which ends it at the latest. */
const allowedAt = (answer: number, hello: { readonly after: number; readonly ms: number } | undefined): number =>
  answer + (hello === undefined ? limits.greetingDelay : Math.min(hello.after + hello.ms, limits.greetingCap))

describe("1.1 how soon", () => {
  it("the first packet leaves within 100 ms of the moment it is allowed to, or of its being ready", () => {
    fc.assert(
      fc.property(call, ({ answer, hello: said, ready }) => {
        const spoken = said === undefined ? [] : hello(answer + said.after, answer + said.after + said.ms)
        const { done } = played([dialled, [answer, { _tag: "MediaStarted" }], ...opening(ready), ...spoken, end])
        const due = Math.max(allowedAt(answer, said), ready)
        const first = firstPacket(done) ?? Number.POSITIVE_INFINITY
        expect(first).toBeGreaterThanOrEqual(due)
        expect(first - due).toBeLessThanOrEqual(100)
      }),
      { numRuns: 500 }
    )
  })

  it("on the wire, too: with jitter, over many seeds, from the end of the hello to what the callee hears", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const jitter = 40
      const run = await verify({
        seed,
        call: { task: "Make an appointment for Tuesday at 2 pm." },
        callee: {
          answers: { after: 2, as: "human", amdAfter: 1.5 },
          steps: [{ wait: 0.4 }, { say: "Hello?" }, { wait: 3 }, { hangUp: true }]
        },
        faults: [{ jitter: { upTo: jitter / 1000 } }],
        expect: { said: ["this is an AI assistant"] }
      })
      const [leg] = run.legs
      const [session] = run.sessions
      const stopped = session?.sent.find(({ type }) => type === "input_audio_buffer.speech_stopped")?.at ?? 0
      const heard = leg?.heard[0]?.at ?? Number.POSITIVE_INFINITY
      // the network takes 20 ms each way and up to the jitter more, and the line moves in steps of 20 ms
      expect(heard - stopped).toBeLessThanOrEqual(100 + 2 * (20 + jitter) + 20)
      expect(heard).toBeGreaterThan(stopped)
    }
  }, 60_000)
})

describe("1.2 one greeting, and nothing before the answer", () => {
  it("is asked for once and not a packet of it leaves before the line is open, whatever the order of things", () => {
    fc.assert(
      fc.property(call, fc.boolean(), ({ answer, hello: said, ready }, prepared) => {
        const spoken = said === undefined ? [] : hello(answer + said.after, answer + said.after + said.ms)
        const at = prepared ? ready : Math.max(ready, answer + 1)
        const { done } = played([dialled, [answer, { _tag: "MediaStarted" }], ...opening(at), ...spoken, end], prepared)
        expect(openings(done)).toBe(1)
        expect(firstPacket(done)).toBeGreaterThan(answer)
      })
    )
  })

  it("without a prepared one the model is asked at the answer, and listens meanwhile", () => {
    const { done } = played([dialled, [1_000, { _tag: "MediaStarted" }], ...opening(1_300), end], false)
    expect(voice(done).find(({ _tag }) => _tag === "Respond")?.at).toBe(1_000)
    expect(firstPacket(done)).toBe(1_800)
  })
})

describe("1.3 what makes it wrong", () => {
  const machines: ReadonlyArray<MachineVerdict> = ["machine-start", "machine-end"]

  it("a machine verdict before the first word: not a packet of it is heard, and the model forgets it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1_790 }), fc.constantFrom(...machines), (at, verdict) => {
        const { done } = played([
          dialled,
          ...opening(50),
          [1_000, { _tag: "MediaStarted" }],
          [at, { _tag: "Machine", verdict }],
          [4_000, { _tag: "SpeechStarted", itemId: "u1" }]
        ])
        expect(firstPacket(done)).toBeUndefined()
        expect(voice(done)).toContainEqual(expect.objectContaining({ _tag: "Forget", itemId: "i1" }))
        expect(openings(done)).toBe(1)
      })
    )
  })

  it("a machine verdict into it: silence in the same moment, and the model keeps no more than was heard", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_810, max: 4_500 }), (at) => {
        const { done } = played([
          dialled,
          ...opening(50),
          [1_000, { _tag: "MediaStarted" }],
          [at, { _tag: "Machine", verdict: "machine-start" }],
          [at + 10, { _tag: "SpeechStarted", itemId: "u1" }],
          [at + 1_500, { _tag: "Played", mark: "0.0" }]
        ])
        expect(done).toContainEqual({ at, command: { _tag: "Clear" } })
        expect(done.some((each) => each.at > at && each.command._tag === "Play")).toBe(false)
        const kept = voice(done).find(({ _tag }) => _tag === "Truncate" || _tag === "Forget")
        expect(kept).toMatchObject({ at, itemId: "i1" })
        if (kept?._tag === "Truncate") expect(kept.ms).toBeLessThanOrEqual(at - 1_800)
      })
    )
  })

  story("who turns out to be a person after all is greeted, once", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      world.line().emit({ _tag: "Machine", verdict: "machine-start" })
      yield* settle
      yield* says(world, "Hello? Is anybody there?")
      yield* Effect.sleep("4 seconds")
      expect(world.session().asked()).toEqual(["opening", "opening"])
      expect(world.line().playedOf(1)).toBe(0)
      yield* says(world, "Ah, good.")
      expect(world.session().asked()).toEqual(["opening", "opening", "reply"])
    })
  )

  story("a menu or a screening service whose words come into the opening cuts it off", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      const prompt = world.session().starts()
      yield* Effect.sleep("4 seconds")
      world.session().stops(prompt)
      yield* settle
      world.session().writes(prompt, "Please state your name and the reason for your call.")
      yield* Effect.sleep("100 millis")
      expect(world.line().tags()).toContain("clear")
      expect(world.session().asked()).toEqual(["opening", "screening"])
    })
  )
})
