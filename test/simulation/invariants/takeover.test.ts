/** 14: a call outlives the service. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { judge } from "../../../src/simulation/invariants/index.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { respondJson } from "../../../src/wire/Network.ts"
import { asking, breaks, seen } from "./wrongs.ts"

const patient: Scenario = {
  call: { task: "Book an appointment for Tuesday at 2 pm." },
  config: { maxCallDuration: 60 },
  callee: {
    answers: { after: 1, as: "human", amdAfter: 1.5 },
    steps: [{ wait: 0.3 }, { say: "Hello?" }, { wait: 60 }]
  },
  faults: [{ kill: { at: 9.5, downFor: 2 } }]
}

it("14: a service that leaves the callee of before in silence is caught", async () => {
  const wrong = await breaks(14, patient, () => ({
    network: asking(
      ({ body }) => new URLSearchParams(body).get("Twiml")?.startsWith("<?xml") === true,
      () => Effect.succeed(respondJson(200, { sid: `CA${"1".repeat(32)}`, status: "in-progress" }))
    )
  }))
  expect(wrong).toContain("the agent was not heard")
})

it("14: a service that greets again whom it has greeted is caught", async () => {
  const wrong = await breaks(14, { ...patient, faults: [{ kill: { at: 8, downFor: 2 } }] }, () => ({
    store: (right) => ({ ...right, update: (id, { standing: _, ...change }) => right.update(id, change) })
  }))
  expect(wrong).toContain("a second greeting began")
})

it("14: nobody has to be heard by whom had us wait before the kill, also when music came after the words", async () => {
  const steps = [{ say: "All of our agents are busy. Please stay on the line." }, { music: 0.5 }]
  const queue: Scenario = {
    ...patient,
    callee: { answers: { after: 0, as: "unknown", amdAfter: 0.2 }, steps },
    faults: [{ kill: { at: 4.76, steps: 55, downFor: 0.1 } }]
  }
  expect(judge(await seen(queue))).toEqual([])
})
