/** 5 and 6, where faults excuse an exact comparison: what the record claims was still said, so long and so often. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { Call } from "../../../src/domain/Call.ts"
import { judge } from "../../../src/simulation/invariants/index.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"
import { interrupted, plain, seen } from "./wrongs.ts"

type Turns = NonNullable<Run["call"]>["transcript"]

/** What is said of a record, and of all that was told, when it has these turns in place of its own. */
const judged = (run: Run, change: (turns: Turns) => Turns): string => {
  expect(judge(run)).toEqual([])
  if (run.call === undefined) throw new Error("There is no record.")
  const call: Call = { ...run.call, transcript: change(run.call.transcript) }
  const events = run.events.filter(({ event }) => event._tag !== "Turn")
  return judge({ ...run, call, file: Schema.encodeSync(Call)(call), events })
    .map(({ invariant, what }) => `${invariant}: ${what}`)
    .join("\n")
}

const last = (turns: Turns, role: "assistant" | "user") => {
  const turn = turns.findLast((each) => each.role === role)
  if (turn === undefined) throw new Error(`There is no turn of the ${role}.`)
  return turn
}

const killed: Scenario = { ...plain, faults: [{ kill: { at: 12, downFor: 2 } }] }
const lateWords: Scenario = { ...plain, faults: [{ lateTranscription: { by: 1 } }] }
const late: Scenario = { ...plain, faults: [{ jitter: { upTo: 0.1 } }] }

it.each([
  ["after a kill", killed],
  ["with jitter", late]
])("5: the agent is not said to have said what it did not, %s", async (_, scenario) => {
  const wrong = judged(await seen(scenario), (turns) => [
    ...turns,
    { ...last(turns, "assistant"), timestamp: last(turns, "assistant").timestamp, text: "We promise a refund." }
  ])
  expect(wrong).toContain('5: the record has the agent say "We promise a refund.", which it did not')
})

it.each([
  ["after a kill", killed, "which was not said, or not there"],
  ["with words that come late", lateWords, "which was not said, or not there"]
])("6: the callee is not said to have said what they did not, or twice, %s", async (_, scenario, what) => {
  const run = await seen(scenario)
  const madeUp = (text: string) => judged(run, (turns) => [...turns, { ...last(turns, "user"), text }])
  expect(madeUp("Zebras are quite expensive.")).toContain(`6: the record has the callee say "Zebras`)
  expect(madeUp(last(run.call?.transcript ?? [], "user").text)).toContain(what)
})

it("5: nothing was heard for longer than it was played, also after a kill", async () => {
  const run = await seen({ ...interrupted, faults: [{ kill: { at: 25 } }] })
  const wrong = judged(run, (turns) =>
    turns.map((turn) => (turn.heard === undefined ? turn : { ...turn, heard: turn.heard + 1 }))
  )
  expect(wrong).toMatch(/5: of ".*" the callee heard [\d.]+ ms at most, the record says [\d.]+ s/)
})

it("5: nothing that went into a stream that had died counts as heard", async () => {
  const dying = [{ after: 4 }, { nth: 2, after: 0.3 }, { nth: 3, after: 0.3 }].map((muteMedia) => ({ muteMedia }))
  const callee = { answers: { after: 1, as: "human", amdAfter: 1.5 }, steps: [{ wait: 60 }] } as const
  const wrong = judged(await seen({ ...plain, callee, faults: dying }), (turns) =>
    turns.map((turn) => (turn.interrupted === true ? { ...turn, heard: (turn.heard ?? 0) + 1 } : turn))
  )
  expect(wrong).toMatch(/5: of ".*" the callee heard [\d.]+ ms at most, the record says [\d.]+ s/)
})

it("6: what the callee heard of the agent is in the record, also after a kill", async () => {
  const wrong = judged(await seen(killed), (turns) => turns.filter(({ text }) => !text.startsWith("I see.")))
  expect(wrong).toMatch(/6: the callee heard ".*" for \d+ ms, and it is not in the record/)
})

it("6: what the callee said before anything could be lost is in the record", async () => {
  const run = await seen({ ...plain, faults: [{ expireModel: { after: 30 } }], operations: [{ hangUp: { at: 40 } }] })
  const wrong = judged(run, (turns) => turns.filter((turn) => turn !== turns.find(({ role }) => role === "user")))
  expect(wrong).toMatch(/6: the callee said ".*" [\d.]+ s before that could be lost, and it is not in the record/)
})

it("6: of what the callee says while a key is pressed, the record has what the streams carried, and nothing else", async () => {
  const prompt = "Welcome. For English, press 1. For all else, press 2."
  const run = await seen({
    ...plain,
    config: { maxCallDuration: 90, greetingDelay: 0 },
    callee: {
      answers: { after: 0.04, as: "human", amdAfter: 1 },
      steps: [{ listen: {} }, { menu: { prompt, options: { "1": [], "2": [] }, patience: 1.09, times: 2 } }]
    }
  })
  const cut = last(run.call?.transcript ?? [], "user").text
  expect(prompt).not.toContain(cut)
  const wrong = judged(run, (turns) =>
    turns.map((turn) => (turn.text === cut ? { ...turn, text: `Yes. ${cut}` } : turn))
  )
  expect(wrong).toContain(`6: the record has the callee say "Yes. ${cut}"`)
})

it("6: a sentence that repeats itself is one turn, also when it is taken up on another stream, and that is in the record", async () => {
  const run = await seen({
    ...plain,
    callee: "menu-long",
    faults: [{ quirk: { nth: 3, does: "talks-long" } }, { stopMedia: { nth: 2, after: 6.25 } }]
  })
  const wrong = judged(run, (turns) => turns.filter(({ text }) => !text.startsWith("Well, let me explain")))
  expect(wrong).toMatch(/6: the callee heard "Well, let me explain.*" for \d+ ms, and it is not in the record/)
})

it("6: what could not be transcribed was said before that, and may be missing; what was said before it is in the record", async () => {
  const busy: Scenario = {
    ...plain,
    callee: {
      answers: { after: 0, as: "unknown", amdAfter: 0.2, echo: { delay: 0.04, attenuation: 0, for: 0.21 } },
      steps: [
        { say: "All of our agents are busy. Please stay on the line." },
        { wait: 15 },
        { say: "All of our agents are still busy. Please be patient." },
        { wait: 20 }
      ]
    }
  }
  expect(judge(await seen({ ...busy, faults: [{ transcription: { turn: 1, does: "failed" } }] }))).toEqual([])
  const run = await seen({ ...busy, faults: [{ transcription: { turn: 2, does: "failed" } }] })
  const wrong = judged(run, (turns) => turns.filter(({ role }) => role !== "user"))
  expect(wrong).toMatch(/6: the callee said "All of our agents are busy.*" [\d.]+ s before that could be lost/)
})

it("6: a stream that is cut carries nothing of what the callee says until Twilio notices, and all before that", async () => {
  const run = await seen({
    ...plain,
    callee: "impatient",
    config: { maxCallDuration: 45, greetingDelay: 0 },
    faults: [{ stopMedia: { after: 2.13 } }]
  })
  const said = "G to the point, please."
  expect(run.call?.transcript.map(({ text }) => text)).toContain(said)
  const wrong = judged(run, (turns) =>
    turns.map((turn) => (turn.text === said ? { ...turn, text: "G the point." } : turn))
  )
  expect(wrong).toContain('6: the record has the callee say "G the point."')
})

it("6: who is followed by an echo of our first words is heard until it ends, and is in the record 1.5 s later", async () => {
  const echoed = (at: number): Scenario => ({
    ...plain,
    callee: {
      answers: { after: 0.7, as: "human", amdAfter: 0.2, echo: { delay: 0.04, attenuation: 0, for: 0.95 } },
      steps: [{ say: "Yes, of course, gladly." }, { say: "Yes, Tuesday at 2 pm works. See you then." }]
    },
    faults: [{ kill: { at, steps: 20, downFor: 19.96 } }]
  })
  expect(judge(await seen(echoed(7.08)))).toEqual([])
  const wrong = judged(await seen(echoed(14)), (turns) => turns.filter(({ role }) => role !== "user"))
  expect(wrong).toMatch(/6: the callee said "Yes, of course.*" [\d.]+ s before that could be lost/)
})
