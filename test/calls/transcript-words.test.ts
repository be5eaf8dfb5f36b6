/** The callee's words in the transcript: all of them, in the order in which they were spoken, whenever their text comes. */
import { describe, expect, it } from "@effect/vitest"
import { Duration } from "effect"
import type { CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import { alwaysHolds, type Finished, greets, person, spoken, story, type WorldOptions } from "./world.ts"

const talkative: ReadonlyArray<CalleeStep> = [
  { listen: {} },
  { say: "Who is it for?" },
  { listen: {} },
  { say: "Let me look." },
  { listen: {} },
  { say: "Yes, Tuesday at 2 pm works." },
  { listen: {} },
  { wait: 20 }
]

/** What was said on the line by either side, in the order in which it began there. */
const onTheLine = ({ legs: [leg] }: Finished) =>
  [
    ...(leg?.said ?? []).map(({ at, text }) => ({ at, line: `user: ${text}` })),
    ...(leg?.heard ?? []).map(({ at, text }) => ({ at, line: `assistant: ${text}` }))
  ]
    .toSorted((a, b) => a.at - b.at)
    .map(({ line }) => line)

const call = (options: WorldOptions) => story(options, (world) => world.call())
const users = ({ call: { transcript } }: Finished) =>
  transcript.filter(({ role }) => role === "user").map(({ text }) => text)

describe("the callee's words", () => {
  it("stand where they were spoken, though their texts come late and in any order", async () => {
    for (const seed of [1, 2, 3]) {
      const timing = { transcription: "50 millis", latestTranscription: "4 seconds" } as const
      const finished = await call({ callee: greets(...talkative), seed, realtime: { timing } })
      alwaysHolds(finished)
      expect(spoken(finished.call)).toEqual(onTheLine(finished))
    }
  })

  it("are marked as inaudible where they could not be written down, and the talk goes on", async () => {
    const finished = await call({ callee: greets(...talkative), faults: { transcription: { 2: "failed" } } })
    alwaysHolds(finished, { calleeUnheard: true })
    expect(users(finished)).toEqual([
      "Hello, Doctor Smith's office.",
      "[inaudible]",
      "Let me look.",
      "Yes, Tuesday at 2 pm works."
    ])
    expect(finished.call.outcome?.success).toBe(true)
  })

  it("leave no empty turn when they were nothing but noise", async () => {
    const finished = await call({ callee: greets(...talkative), faults: { transcription: { 2: "empty" } } })
    alwaysHolds(finished, { calleeUnheard: true })
    expect(users(finished)).toEqual(["Hello, Doctor Smith's office.", "Let me look.", "Yes, Tuesday at 2 pm works."])
  })

  it("are not lost without a trace when no text ever comes", async () => {
    const finished = await call({ callee: greets(...talkative), faults: { transcription: { 3: "missing" } } })
    alwaysHolds(finished, { calleeUnheard: true })
    expect(users(finished)).toEqual([
      "Hello, Doctor Smith's office.",
      "Who is it for?",
      "[inaudible]",
      "Yes, Tuesday at 2 pm works."
    ])
  })

  for (const pause of [0, 0.1, 0.5]) {
    it(`are kept when the callee hangs up ${pause} s after them`, async () => {
      const callee = person([
        { wait: 0.7 },
        { say: "Hello?" },
        { listen: {} },
        { say: "No, and please stop that." },
        ...(pause === 0 ? [] : [{ wait: pause }]),
        { hangUp: true }
      ])
      const finished = await call({ callee })
      alwaysHolds(finished)
      expect(users(finished)).toEqual(["Hello?", "No, and please stop that."])
      expect(finished.call.outcome?.success).toBe(false)
    })
  }

  it("are kept when the callee hangs up in the middle of a word", async () => {
    const callee = person([{ wait: 0.7 }, { say: "Hello?" }, { bargeIn: { after: 1, say: "No!" } }, { hangUp: true }])
    const finished = await call({ callee })
    alwaysHolds(finished)
    expect(users(finished)).toEqual(["Hello?", "No!"])
  })

  it("in other scripts survive as they were spoken", async () => {
    const callee = greets(
      { listen: {} },
      { say: "Ja, Dienstag für Frau Müller – 你好 👋 works." },
      { listen: {} },
      { wait: 20 }
    )
    const finished = await call({ callee })
    alwaysHolds(finished)
    expect(users(finished).at(-1)).toBe("Ja, Dienstag für Frau Müller – 你好 👋 works.")
  })
})

describe("nothing is sent too early", () => {
  // on a slow network the line is up for a second before anything of it is carried to us
  const patient = person([{ wait: 1.2 }, { say: "Hello?" }, ...talkative])

  it("no audio, no greeting and no other event before the session is configured, however long that takes", async () => {
    const finished = await call({
      callee: patient,
      latency: 250,
      realtime: { timing: { sessionCreated: "1500 millis" } }
    })
    alwaysHolds(finished)
    const [session] = finished.sessions
    const configured = session?.sent.find(({ type }) => type === "session.updated")?.at ?? Number.POSITIVE_INFINITY
    // and the callee's phone does not ring before that
    expect(finished.legs[0]?.statuses[0]?.at).toBeGreaterThan(configured)
    expect(session?.received[0]).toMatchObject({ type: "session.update" })
  })

  it("no word before the stream has said its name: the first one is heard from its first sound, whole", async () => {
    const finished = await call({
      callee: person([{ wait: 3.8 }, { say: "Hello?" }, ...talkative]),
      latency: 150,
      twilio: { timing: { answerDelay: Duration.seconds(3) } }
    })
    alwaysHolds(finished)
    const [leg] = finished.legs
    expect(leg?.heard[0]?.text).toBe(finished.sessions[0]?.said[0]?.text)
    expect(leg?.heard[0]?.at).toBeGreaterThan(leg?.streams[0]?.startedAt ?? Number.POSITIVE_INFINITY)
  })
})
