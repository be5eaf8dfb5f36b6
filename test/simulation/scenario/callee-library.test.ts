/** Every callee of the library: a call to it comes out as the library says, and breaks nothing that must always hold. */
import { describe, expect, it } from "@effect/vitest"
import { callees } from "../../../src/simulation/callee/library.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { problemsOf, tryOut } from "../../../src/simulation/scenario/trial.ts"

const call: Scenario["call"] = {
  task: "Make an appointment for Tuesday at 2 pm.",
  context: "The appointment is for John Doe."
}

const agent: Scenario["agent"] = [{ tag: "voicemail", say: "A message for you. Please call back John Doe. Goodbye." }]

describe("a call to", () => {
  for (const { comes, description, name } of callees) {
    for (const seed of [1, 2]) {
      it(`${name}, seed ${seed}: ${description}`, async () => {
        expect(problemsOf(await tryOut({ call, agent, callee: name, seed, expect: comes }))).toEqual([])
      })
    }
  }
})

describe("the library", () => {
  it("has each name once, with one line about who it is and what comes of it", () => {
    expect(new Set(callees.map(({ name }) => name)).size).toBe(callees.length)
    for (const { comes, description, name } of callees) {
      expect(description, name).toMatch(/^[^\n.]{4,}$/)
      expect(comes, name).toMatchObject({ status: expect.any(String), success: expect.any(Boolean) })
    }
  })
})
