/** 5 and 6: what was heard, what the model remembers of it, and what is kept of the conversation. */
import { DateTime, Effect, Stream } from "effect"
import { expect, it } from "vitest"
import type { PlacedTurn } from "../../../src/domain/Turn.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { breaks, interrupted, isOf, plain, toModel, toTwilio } from "./wrongs.ts"

/** Turns as they are written down. */
const writing =
  (change: (placed: PlacedTurn) => ReadonlyArray<PlacedTurn>): (() => Sabotage) =>
  () => ({
    store: (store) => ({
      ...store,
      putTurn: (id, placed) => Effect.forEach(change(placed), (each) => store.putTurn(id, each), { discard: true })
    })
  })

const backwards = (position: number): number => 100 - position

it("5: the model forgets what was not heard", async () => {
  const wrong = await breaks(5, interrupted, () => ({
    network: toModel({
      out: (text, pass) => {
        if (!isOf(text, "conversation.item.truncate")) pass(text)
      }
    })
  }))
  expect(wrong).toContain("which the callee never heard")
})

it("5: audio that was sent is not yet audio that was heard", async () => {
  const wrong = await breaks(5, interrupted, () => ({
    host: toTwilio({
      out: (text, pass, { tell }) => {
        pass(text)
        // believes that all is played as soon as it is sent
        if (isOf(text, "mark")) tell(text)
      }
    })
  }))
  expect(wrong).toMatch(/was played for \d+ ms, the record says \d+ ms/)
})

it("5: the record does not say that more was heard", async () => {
  const wrong = await breaks(
    5,
    interrupted,
    writing(({ position, turn }) => [
      { position, turn: { ...turn, ...(turn.heard === undefined ? {} : { heard: turn.heard + 0.2 }) } }
    ])
  )
  expect(wrong).toMatch(/was played for \d+ ms, the record says \d+ ms/)
})

it("5: the record does not say that something was heard that never came on the line", async () => {
  const wrong = await breaks(5, plain, () => ({
    host: toTwilio({
      out: (text, pass, { tell }) => {
        if (isOf(text, "mark")) tell(text)
        else if (!isOf(text, "media")) pass(text)
      }
    })
  }))
  expect(wrong).toContain("was played for 0 ms")
})

it("5: a sentence that was taken up again at once was heard once, and not for longer", async () => {
  // an echo of our own first second, whose text comes so soon that the pause is hardly one
  const echoed: Scenario = {
    call: { task: "Ask when the shop closes today." },
    config: { maxCallDuration: 60 },
    callee: {
      answers: { after: 0.06, as: "human", amdAfter: 5.5, echo: { delay: 0.34, attenuation: 14, for: 0.96 } },
      steps: [
        { say: "Uh-huh." },
        { bargeIn: { after: 2.83, say: "Yes, Tuesday at 2 pm works. See you then." } },
        { listen: {} },
        { say: "Goodbye." }
      ]
    },
    faults: [{ lateTranscription: { by: 0.13 } }]
  }
  const wrong = await breaks(
    5,
    echoed,
    writing(({ position, turn }) => [
      { position, turn: { ...turn, text: turn.text.replace("assistant", "assistanttant") } }
    ])
  )
  expect(wrong).toContain("the callee heard")
})

it("5: a sentence is heard to its end that the phrase for gaps and a cough divide, and its record says no more", async () => {
  const held: Scenario = { ...plain, faults: [{ holdModel: { nth: 1, after: 15, for: 4.35 } }] }
  const wrong = await breaks(
    5,
    held,
    writing(({ position, turn }) => [
      { position, turn: { ...turn, ...(turn.heard === undefined ? {} : { heard: turn.heard + 0.2 }) } }
    ])
  )
  expect(wrong).toContain('"Thank you, goodbye." was played for 1140 ms, the record says 1340 ms')
})

it("5: an interrupted turn does not keep all that was prepared", async () => {
  const wrong = await breaks(
    5,
    interrupted,
    writing(({ position, turn }) => [{ position, turn: { ...turn, text: turn.generated ?? turn.text } }])
  )
  expect(wrong).toContain("the callee heard")
})

it("6: what the callee said is in the record", async () => {
  const wrong = await breaks(
    6,
    plain,
    writing((placed) => (placed.turn.text.startsWith("Yes") ? [] : [placed]))
  )
  expect(wrong).toContain("the callee said")
  expect(wrong).toContain('the turn "Yes, Tuesday at 2 pm works. See you then." was told, and is not in the record')
})

it("6: turns do not change places", async () => {
  const wrong = await breaks(
    6,
    plain,
    writing(({ position, turn }) => [{ position: backwards(position), turn }])
  )
  expect(wrong).toContain("the turns are not in order")
})

it("6: turns do not change places, times or no times", async () => {
  const start = DateTime.unsafeMake("2026-01-05T15:00:00Z")
  const wrong = await breaks(
    6,
    plain,
    writing(({ position: at, turn }) => {
      const position = backwards(at)
      return [{ position, turn: { ...turn, timestamp: DateTime.add(start, { seconds: position }) } }]
    })
  )
  expect(wrong).toContain("was said before")
})

it("6: a sentence is not looked for where one like it was cut off in its last letter", async () => {
  const talkative: Scenario = {
    call: { task: "Book an appointment for Tuesday at 2 pm." },
    config: { maxCallDuration: 20, greetingDelay: 2 },
    callee: {
      answers: { after: 0, as: "human", amdAfter: 2.93 },
      steps: [
        { bargeIn: { after: 2.36, say: "Yes." } },
        { say: "Hello, thank you for holding." },
        {
          bargeIn: {
            after: 0.92,
            say: "I have to think about this, it is a difficult question, and my calendar is in the other room, so bear with me."
          }
        },
        { say: "Could you say that again?" },
        { bargeIn: { after: 3.11, say: "Who is calling, please?" } },
        { wait: 5 }
      ]
    }
  }
  const wrong = await breaks(
    6,
    talkative,
    // the callee's last two sentences change places
    writing(({ position, turn }) => [{ position: [11, 17].includes(position) ? 28 - position : position, turn }])
  )
  expect(wrong).toContain("the callee said")
})

it("6: what has been told survives a kill", async () => {
  const killed: Scenario = { ...plain, faults: [{ kill: { at: 12 } }] }
  const wrong = await breaks(
    6,
    killed,
    writing((placed) => (placed.turn.text.startsWith("Hello, Doctor") ? [] : [placed]))
  )
  expect(wrong).toContain("was told, and is not in the record")
})

it("6: what has been told stands in the record as it was told, also after a kill", async () => {
  const killed: Scenario = { ...plain, faults: [{ kill: { at: 12 } }] }
  const wrong = await breaks(
    6,
    killed,
    writing(({ position, turn }) => [{ position, turn: { ...turn, text: turn.text.slice(0, 10) } }])
  )
  expect(wrong).toContain("was told, and is not in the record")
})

it("6: what was said well before a kill survives it, though nobody was told", async () => {
  const isLost = (text: string) => text.startsWith("Hello, Doctor")
  const killed: Scenario = { ...plain, faults: [{ kill: { at: 12 } }] }
  const wrong = await breaks(6, killed, () => ({
    ...writing((placed) => (isLost(placed.turn.text) ? [] : [placed]))(),
    calls: (calls) => ({
      ...calls,
      watch: (id, after) =>
        Stream.filter(calls.watch(id, after), (event) => !(event._tag === "Turn" && isLost(event.turn.text)))
    })
  }))
  expect(wrong).toMatch(
    /^the callee said "Hello, Doctor.*" [\d.]+ s before that could be lost, and it is not in the record$/
  )
})

it("6: the file is written", async () => {
  const wrong = await breaks(6, plain, () => ({ files: (files) => ({ ...files, rename: () => Effect.void }) }))
  expect(wrong).toContain("there is no file")
})

it("6: the file is the record", async () => {
  const wrong = await breaks(6, plain, () => ({
    files: (files) => ({
      ...files,
      rename: (from, to) => Effect.zipRight(files.rename(from, to), files.writeFile(to, new TextEncoder().encode("{}")))
    })
  }))
  expect(wrong).toContain("the file says {}")
})
