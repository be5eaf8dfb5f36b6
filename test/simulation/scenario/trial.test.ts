/** A scenario tried from code: a run when it passes, and otherwise all that is wrong, whatever kind of wrong it is. */
import { describe, expect, it } from "vitest"
import {
  problemsOf,
  type Scenario,
  ScenarioFailed,
  ScenarioInvalid,
  tryOut,
  verify
} from "../../../src/simulation/index.ts"

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
      "the scenario cannot be: callee nobody is not known. Known are polite"
    )
    expect(await broken({ call, config: { maxCallDuration: 1 } })).toContain("must be a number of seconds from 10")
  })

  it("with keys that there are not, or a place on this machine: tests are not checked for types", async () => {
    const task = call.task
    const written: ReadonlyArray<readonly [object, string]> = [
      [{ expect: { sucess: false } }, "expect.sucess is not a known key. Did you mean success?"],
      [{ faults: [{ cutModell: { after: 3 } }] }, "fault 1: has the unknown key cutModell. Did you mean cutModel?"],
      [{ faults: [{ cutModel: { after: -5 } }] }, "fault 1: cutModel.after must be a number of seconds, not below 0"],
      [{ operations: [{ hangup: { at: 3 } }] }, "operation 1: has the unknown key hangup. Did you mean hangUp?"],
      [
        { config: { maxCallDurations: 20 } },
        "config.maxCallDurations is not a known key. Did you mean maxCallDuration?"
      ],
      [{ config: { database: "/nowhere/phone.db" } }, "config.database is not for a scenario: the simulation sets it"]
    ]
    for (const [keys, problem] of written) {
      const scenario: Scenario = Object.assign({ call: { task } }, keys)
      expect(await broken(scenario)).toBe(`the scenario cannot be: ${problem}`)
      await expect(verify(scenario)).rejects.toThrow(problem)
    }
  })

  it("with nothing at all, or with a recording that is not there", async () => {
    const nothing: Scenario = JSON.parse("null")
    const keys = "must be keys with values: name, seed, call, callee, agent, config, faults, operations, expect"
    await expect(verify(nothing)).rejects.toEqual(new ScenarioInvalid({ message: keys }))
    expect(await broken(nothing)).toBe(`the scenario cannot be: ${keys}`)
    const plays = (play: string): Scenario => ({
      call,
      callee: { answers: { after: 1, as: "human", amdAfter: 1 }, steps: [{ wait: 0.3 }, { play }] }
    })
    const missing = new ScenarioInvalid({ message: "callee, step 2: play nofile.wav: cannot be read" })
    await expect(verify(plays("nofile.wav"))).rejects.toEqual(missing)
    const run = await verify(plays("test/fixtures/dentist.wav"))
    expect(run.legs[0]?.calleeAudio.some((byte) => byte !== 0xff)).toBe(true)
  })

  it("with a mind that throws, or gives no plan: that is told, and nothing of the service", async () => {
    const mind = () => {
      throw new Error("my own mistake")
    }
    expect(problemsOf(await tryOut({ call }, { mind }))).toEqual([
      "the mind, asked for opening#1, threw Error: my own mistake"
    ])
    const plan: ReadonlyArray<{ say: string }> = JSON.parse('[{ "sya": "Hello" }]')
    expect(problemsOf(await tryOut({ call }, { mind: () => plan }))).toEqual([
      'the mind, asked for opening#1, gave [{"sya":"Hello"}]: it must give a list of {say}, {write} and {call, input}'
    ])
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

it("so is a line of the agent that fitted nothing, and a test fails of either unless it is allowed", async () => {
  const scenario: Scenario = {
    call,
    agent: [
      { tag: "opening", say: "Hello, may I have an appointment for Tuesday at 2 pm?" },
      { turn: 90, say: "Oh." }
    ],
    faults: [{ cutModel: { after: 3000 } }]
  }
  expect((await tryOut(scenario)).idle).toEqual(["fault 1: cutModel", "agent line 2"])
  const failed = await verify(scenario).catch(String)
  expect(failed).toContain("fault 1: cutModel never had an occasion")
  expect(failed).toContain("agent line 2 never had an occasion")
  expect((await verify(scenario, { allowIdle: true })).unplayed).toEqual([1])
})

it("a line without a tag is for the conversation: it is no outcome, and one for the outcome says so", async () => {
  const agent = [{ heard: "Tuesday", say: "Great, thank you. Goodbye." }]
  const callee: Scenario["callee"] = {
    answers: { after: 1, as: "human", amdAfter: 1.5 },
    steps: [
      { wait: 0.3 },
      { say: "Hello?" },
      { listen: {} },
      { say: "Yes, Tuesday at 2 pm works. See you then." },
      { hangUp: true }
    ]
  }
  // its last words are still unanswered when the outcome is asked for
  const { run } = await tryOut({ call, agent, callee })
  expect(run?.call?.outcome).toMatchObject({ success: true, basis: "cited" })
  const named = await tryOut({ call, agent: [...agent, { tag: "outcome", say: "It went well." }], callee })
  expect(named.idle).toEqual(["agent line 1"])
  expect(named.run?.call?.outcome?.success).toBe(false)
})

it("an agent in code takes the place of the lines", async () => {
  const { run } = await tryOut(
    { call, agent: [{ say: "Never said." }], expect: { said: ["Good day"], notSaid: ["Never said"] } },
    { mind: ({ tag }) => (tag?.startsWith("opening") === true ? [{ say: "Good day." }] : []) }
  )
  expect(run?.legs[0]?.heard[0]?.text).toBe("Good day.")
})
