/** A scenario tried from code: a run when it passes, and otherwise all that is wrong, whatever kind of wrong it is. */
import { describe, expect, it } from "vitest"
import { problemsOf, type Scenario, ScenarioFailed, tryOut, verify } from "../../../src/simulation/index.ts"

const call = { task: "Make an appointment for Tuesday at 2 pm." }

describe("verify", () => {
  it("gives the run of a scenario that passes", async () => {
    const run = await verify({ call, expect: { success: true } })
    expect(run.call?.outcome?.success).toBe(true)
  })

  it("throws what was expected, what came, and the story", async () => {
    const failed = await verify({
      name: "hurried",
      seed: 3,
      call,
      callee: "hangs-up",
      expect: { success: true }
    }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ScenarioFailed)
    expect(String(failed)).toMatch(/"hurried" with seed 3:\nsuccess: expected true, came false/)
    expect(String(failed)).toContain('"No, I have no time for this."')
  })
})

describe("what is broken is no run", () => {
  const broken = async (scenario: Scenario) => problemsOf(await tryOut(scenario)).join("\n")

  it("with a callee that is not known, or a configuration that cannot be", async () => {
    expect(await broken({ call, callee: "nobody" })).toContain(
      "could not go on: There is no callee nobody. Known are polite"
    )
    expect(await broken({ call, config: { maxCallDuration: 1 } })).toContain("must be a number of seconds from 10")
  })
})

it("whoever names nobody calls who answers at the number", async () => {
  const { run } = await tryOut({ call: { ...call, to: "+15550100002" }, config: { prepareOpening: false } })
  expect(run?.call?.status).toBe("busy")
  const elsewhere = await tryOut({ call: { ...call, to: "+15551234567" } })
  expect(elsewhere.run?.call?.outcome?.success).toBe(true)
})

it("a fault without an occasion is told, one that happened is not", async () => {
  const { idle } = await tryOut({
    call,
    faults: [{ cutModel: { after: 8 } }, { cutModel: { nth: 5, after: 8 } }, { jitter: { upTo: 0.01 } }]
  })
  expect(idle).toEqual(["fault 2: cutModel"])
})

it("an agent in code takes the place of the lines", async () => {
  const { run } = await tryOut(
    { call, agent: [{ say: "Never said." }], expect: { said: ["Good day"], notSaid: ["Never said"] } },
    { mind: ({ tag }) => (tag?.startsWith("opening") === true ? [{ say: "Good day." }] : []) }
  )
  expect(run?.legs[0]?.heard[0]?.text).toBe("Good day.")
})
