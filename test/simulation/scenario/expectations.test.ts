/** What is expected of a call and does not come is told in a line: what was expected, what came. */
import { Exit } from "effect"
import { describe, expect, it } from "vitest"
import { expectations, unmet } from "../../../src/simulation/scenario/expectations.ts"
import { Expectation, type Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"
import { simulate } from "../../../src/simulation/world/simulate.ts"

const made = async (scenario: Scenario) =>
  Exit.getOrElse(await simulate(scenario), (cause) => {
    throw new Error(String(cause))
  })

const expecting = (run: Run, expected: Expectation, ears?: "line" | "record") =>
  unmet({ ...run, scenario: { ...run.scenario, expect: expected } }, ears)

const task = "Make an appointment for Tuesday at 2 pm."

const booked = await made({ call: { task }, callee: "menu" })
const busy = await made({ call: { task }, callee: "busy" })
const refused = await made({ call: { to: "911", task } })
const transferred = await made({
  call: { task },
  config: { transferTo: { owner: "+15550100014" } },
  callee: {
    answers: { after: 1, as: "human", amdAfter: 1 },
    steps: [{ wait: 0.3 }, { say: "Hello?" }, { listen: {} }, { say: "Transfer me to the owner." }, { wait: 20 }]
  }
})

describe("nothing is said of", () => {
  it("a call that comes out as expected", () => {
    const met: Expectation = {
      status: "completed",
      success: true,
      answeredBy: "human",
      summary: "the callee AGREED",
      evidence: ["Tuesday at 2 pm works"],
      said: ["ai assistant", "Tuesday, at 2 pm!", "goodbye"],
      notSaid: ["art", "good", "voicemail"],
      heard: ["press 1", "how can I help", "See you then"],
      digits: "1",
      within: 60
    }
    expect(expecting(booked, met)).toEqual([])
    expect(expecting(booked, met, "record")).toEqual([])
    expect(expecting(busy, { status: "busy", success: false, digits: "", said: [], within: 60 })).toEqual([])
    expect(expecting(refused, { status: "refused", error: "CallNotAllowed", within: 60 })).toEqual([])
    expect(expecting(transferred, { transferredTo: "owner" })).toEqual([])
    expect(expecting(transferred, { transferredTo: "+15550100014", transfer: "connected" })).toEqual([])
    expect(expecting(booked, { transfer: "none" })).toEqual([])
  })

  it("what is not expected", () => expect(unmet(booked)).toEqual([]))

  it("the time after the end of the call, in which its outcome is found", async () => {
    const left = await made({ call: { task }, callee: "hangs-up" })
    const [first, last] = [left.events[0]?.at ?? 0, left.events.at(-1)?.at ?? 0]
    const told = (last - first) / 1000
    expect(expecting(left, { within: told - 1 })).toEqual([])
    expect(expecting(left, { within: left.call?.duration ?? 0 })).toHaveLength(1)
  })
})

describe("what did not come is told of", () => {
  const told = (run: Run, expected: Expectation, line: string | RegExp) => {
    const lines = expecting(run, expected)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(line)
  }

  it("the end of the call", () => {
    told(busy, { status: "completed" }, /^status: expected completed, came busy/)
    told(refused, { status: "completed" }, /^status: expected completed, came refused \(CallNotAllowed: .+\)$/)
    told(booked, { success: false }, "success: expected false, came true (The callee agreed. Make an appointment")
    told(busy, { answeredBy: "human" }, "answeredBy: expected human, came nobody")
    told(booked, { error: "CallFailed" }, "error: expected CallFailed, came none")
    told(booked, { within: 10 }, /^within: expected an end within 10 s, it came after \d\d\.\d s, ringing included$/)
  })

  it("a refusal that is named neither as status nor as error, whatever else is expected", () => {
    told(refused, {}, "refused: expect names it neither as status nor as error (CallNotAllowed: ")
    told(refused, { notSaid: ["goodbye"], within: 30 }, "refused: expect names it neither")
    told(refused, { error: "CallFailed" }, "error: expected CallFailed, came CallNotAllowed")
  })

  it("the outcome", () => {
    told(booked, { summary: "declined" }, 'summary: expected "declined", it is "The callee agreed.')
    told(
      booked,
      { evidence: ["Monday"] },
      'evidence: expected "Monday", the outcome cites "Yes, Tuesday at 2 pm works.'
    )
  })

  it("words: missing, in another order, only part of a word, or not to be said", () => {
    told(
      booked,
      { said: ["goodbye", "AI assistant"] },
      'said: expected "AI assistant" after "goodbye", the callee heard "Hello'
    )
    told(booked, { said: ["assist"] }, /^said: expected "assist", the callee heard/)
    told(booked, { said: ["goodbye", "goodbye"] }, /^said: expected "goodbye" after "goodbye"/)
    told(booked, { notSaid: ["goodbye"] }, 'notSaid: "goodbye" was not to be said, the callee heard')
    told(busy, { heard: ["Hello"] }, 'heard: expected "Hello", the transcript has of the callee nothing')
  })

  it("keys and transfers", () => {
    told(booked, { digits: "" }, 'digits: expected nothing, "1" came')
    told(busy, { digits: "1" }, 'digits: expected "1", nothing came')
    told(booked, { transferredTo: "owner" }, "transferredTo: expected owner, the call was not transferred")
    told(booked, { transfer: "busy" }, "transfer: expected busy, came none")
    told(transferred, { transfer: "none" }, "transfer: expected none, came connected")
    told(transferred, { transferredTo: "+15550100001" }, "transferredTo: expected +15550100001, it was +15550100014")
  })

  it("all that is wrong, together", () => {
    expect(expecting(busy, { status: "completed", success: true, answeredBy: "human", said: ["Hello"] })).toHaveLength(
      4
    )
  })
})

it("there is a check for each key", () => {
  expect(expectations.toSorted()).toEqual(Object.keys(Expectation.fields).toSorted())
})
