/**
 * Tests of a task, in vitest: scenarios in code, and all of a file. Of your own program, import from "phone/simulation"
 * instead.
 */
import { fileURLToPath } from "node:url"
import { NodeContext } from "@effect/platform-node"
import { Effect, Exit } from "effect"
import { expect, test } from "vitest"
import { judge, loadScenarios, type Scenario, simulate, unmet, verify } from "../../src/simulation/index.ts"

const booking: Scenario = {
  call: { task: "Make an appointment for Tuesday at 2 pm." },
  callee: "polite",
  expect: { status: "completed", success: true, said: ["Tuesday at 2 pm", "goodbye"] }
}

test("the appointment is made, and what was agreed is cited", async () => {
  const { call } = await verify(booking)
  const cited = call?.outcome?.evidence.map((index) => call.transcript[index]?.text)
  expect(cited).toEqual(["Yes, Tuesday at 2 pm works. See you then."])
})

test.each([1, 2, 3])("it is made with seed %i also when the model is cut off", async (seed) => {
  await verify({ ...booking, seed, faults: [{ cutModel: { after: 8 } }] })
})

test("a run can be looked at in every detail", async () => {
  const run = Exit.getOrElse(await simulate({ ...booking, callee: "hostile" }), () => expect.fail("no end"))
  expect(unmet(run)[0]).toMatch(/^success: expected true, came false/)
  expect(judge(run)).toEqual([])
  expect(run.legs[0]?.said.map(({ text }) => text)).toContain("Stop it. Not another machine.")
})

const file = fileURLToPath(new URL("people.yaml", import.meta.url))
const people = await Effect.runPromise(Effect.provide(loadScenarios(file), NodeContext.layer))

test.each(people)("$name", async (scenario) => {
  await verify(scenario)
})
