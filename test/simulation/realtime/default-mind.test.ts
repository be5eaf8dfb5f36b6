import { describe, expect, it } from "@effect/vitest"
import type { CalleeStep } from "../../../src/simulation/callee/CalleeScript.ts"
import { documentedNumbers } from "../../../src/simulation/callee/numbers.ts"
import { defaultMind } from "../../../src/simulation/realtime/DefaultMind.ts"
import type { Plan, Remembered, Situation } from "../../../src/simulation/realtime/Mind.ts"
import { asSentence, errandOf, kindOf, menuKey } from "../../../src/simulation/realtime/Phrases.ts"

const instructions = [
  "# Role",
  "You are an AI assistant who makes a telephone call.",
  "You call on behalf of Dr. Miller.",
  "# Task",
  "Book a table for two at seven",
  "# Context",
  "They know us.",
  "# Rules",
  "- Be brief."
].join("\n")

const tools = ["end_call", "send_digits", "report_answering_machine", "do_not_call_again"].map((name) => ({
  name,
  parameters: {}
}))
const transfer = {
  name: "transfer_call",
  parameters: { properties: { destination: { type: "string", enum: ["front desk", "billing"] } } }
}

const said = (role: "user" | "assistant" | "system", text: string, id = text): Remembered => ({
  _tag: "Said",
  id,
  role,
  text
})

const think = (change: Partial<Situation>): Plan =>
  defaultMind({ instructions, tools, toolChoice: "auto", items: [], aside: false, tag: "reply#3", ...change })

const reply = (words: string, change: Partial<Situation> = {}): Plan =>
  think({ items: [said("assistant", "Hello, this is an AI assistant."), said("user", words)], ...change })

const linesOf = (steps: ReadonlyArray<CalleeStep>): ReadonlyArray<string> =>
  steps.flatMap((step) => ("say" in step ? [step.say] : "menu" in step ? [step.menu.prompt] : []))

const introduction = "Hello, this is an AI assistant calling on behalf of Dr. Miller. Book a table for two at seven."

describe("each moment has its words", () => {
  const cases = [
    ["opening#1", introduction],
    ["goodbye#9", "Thank you, goodbye."],
    ["check-in", "Hello, are you still there?"],
    ["voicemail#2", `${introduction} Please call back. Goodbye.`],
    ["filler", "One moment, please."]
  ] as const
  for (const [tag, say] of cases) it(tag, () => expect(think({ tag })).toEqual([{ say }]))

  it("holding: exactly what the instructions quote", () =>
    expect(
      think({ tag: "holding#1", responseInstructions: 'Say exactly this: "Bear with me." # Role "other"' })
    ).toEqual([{ say: "Bear with me." }]))

  it("without a principal and without a task it still says what it is", () =>
    expect(think({ tag: "opening", instructions: "You are kind." })).toEqual([
      { say: "Hello, this is an AI assistant calling." }
    ]))
})

describe("it answers what the callee says", () => {
  it("agreement: thanks, goodbye, and the end of the call with the callee's own words as evidence", () => {
    expect(reply("Yes, that works. See you at seven.")).toEqual([
      { say: "Thank you, goodbye." },
      {
        call: "end_call",
        input: {
          success: true,
          task_completed: true,
          summary: "The callee agreed. Book a table for two at seven.",
          next_steps: [],
          evidence: ["Yes, that works. See you at seven."]
        }
      }
    ])
  })

  it("goodbye without agreement is no success; after one it is", () => {
    expect(reply("Goodbye.")).toMatchObject([
      { say: "Goodbye." },
      { call: "end_call", input: { success: false, evidence: [] } }
    ])
    const items = [said("user", "Sure, it is booked."), said("assistant", "Thank you"), said("user", "Bye")]
    expect(think({ items })).toMatchObject([{}, { input: { success: true, evidence: ["Sure, it is booked."] } }])
  })

  const cases = [
    ["Please do not call me again.", ["do_not_call_again"]],
    ["For opening hours press 1. To book a table, press 2. For anything else press 0.", ["send_digits"]],
    ["Hi, I cannot take your call. Please leave a message after the tone.", ["report_answering_machine"]],
    ["Please state your name and the reason for your call.", []],
    ["One moment, please.", []],
    ["Can I speak to a human?", []],
    ["What is this about?", []]
  ] as const
  for (const [words, calls] of cases) {
    it(words, () => {
      const plan = reply(words)
      expect(plan.flatMap((part) => ("call" in part ? [part.call] : []))).toEqual(calls)
      expect(plan.length).toBeGreaterThan(0)
    })
  }

  it("presses the key that serves the task, spoken either way round; else the operator; else 1", () => {
    const task = "Book a table for two"
    expect(menuKey("For sales press 1, to book a table please press 2.", task)).toBe("2")
    expect(menuKey("Press one for sales, press two for a table, press nine for more.", task)).toBe("2")
    expect(menuKey("For sales press 1. For support press 0.", task)).toBe("0")
    expect(menuKey("Press 1 for sales, press 2 for support.", task)).toBe("1")
    expect(menuKey("To confirm press pound", "confirm it")).toBe("#")
  })

  it("says who calls and why when a screener asks", () =>
    expect(reply("State your name and the reason for your call")).toEqual([{ say: introduction }]))

  it("transfers where it can, to the one that was named", () => {
    const plan = reply("Please transfer me to billing", { tools: [...tools, transfer] })
    expect(plan).toMatchObject([{}, { call: "transfer_call", input: { destination: "billing" } }])
    expect(reply("I want to talk to a person", { tools: [...tools, transfer] })).toMatchObject([
      {},
      { input: { destination: "front desk" } }
    ])
  })

  it("never calls a tool that it may not call", () => {
    for (const change of [{ tools: [] }, { toolChoice: "none" }] as const) {
      for (const words of ["Yes, works.", "Bye", "Press 1 for sales", "Leave a message", "Do not call again"]) {
        const plan = reply(words, change)
        expect(plan.length).toBeGreaterThan(0)
        expect(plan.every((part) => "say" in part)).toBe(true)
      }
    }
  })

  it("comes back to its task after a hold, and introduces itself to somebody it never spoke to", () => {
    const held = [
      said("assistant", "Hello."),
      said("user", "One moment please."),
      said("user", "Thank you for holding.")
    ]
    expect(think({ items: held })).toMatchObject([{ say: expect.stringContaining("Book a table") }])
    expect(think({ items: [said("user", "Hello?")] })).toEqual([{ say: introduction }])
    const refused = [said("assistant", "Hello."), said("user", "Don’t call me again!"), said("user", "Bye.")]
    expect(think({ items: refused })).toEqual([{ call: "do_not_call_again", input: {} }])
  })

  it("understands the callees of the documented numbers", () => {
    const kinds = documentedNumbers
      .flatMap(({ script }) => ("steps" in script ? linesOf(script.steps) : []))
      .map(kindOf)
    for (const kind of ["agreed", "bye", "machine", "screening", "hold", "opt-out", "menu", "other"])
      expect(kinds).toContain(kind)
    expect(menuKey("For opening hours, press 1. For appointments, press 2.", "Make an appointment")).toBe("2")
  })

  it("goes by the last of several utterances", () => {
    const items = [
      said("assistant", "Hello."),
      said("user", "State your name."),
      said("user", "Thank you. Please hold.")
    ]
    expect(think({ items })).toEqual([{ say: "Of course." }])
  })

  it("understands what comes in one breath: back from a hold, a name and an agreement", () => {
    expect(kindOf("One moment please, I will put you on hold.Hello, thank you for holding. What was it about?")).toBe(
      "other"
    )
    expect(kindOf("Thank you. Please hold while I try to connect you.")).toBe("hold")
    expect(kindOf("Hi, this is Sam speaking.Yes, Tuesday at 2 pm works. See you then.")).toBe("agreed")
    expect(kindOf("Yes, that works. Anything else?")).toBe("agreed")
  })

  it("does not take doubt, questions or a greeting for agreement", () => {
    for (const words of [
      "I am not sure.",
      "Yes?",
      "Yes, who is this?",
      "Hello, yes, speaking.",
      "No, that doesn't work.",
      "Yesterday was better"
    ]) {
      expect(kindOf(words)).not.toBe("agreed")
    }
  })
})

describe("after a tool has answered", () => {
  const answeredBy = (name: string, output = '{"ok":true}'): Plan =>
    think({
      items: [
        said("user", "Press 1 for sales"),
        { _tag: "Called", id: "c", callId: "call_1", name, input: "{}" },
        { _tag: "Returned", id: "r", callId: "call_1", output }
      ]
    })
  it("apologises and ends the call when the callee's wish is stored", () => {
    expect(answeredBy("do_not_call_again")).toMatchObject([
      { say: "I am sorry for the disturbance. We will not call you again. Goodbye." },
      { call: "end_call", input: { success: false, evidence: ["Press 1 for sales"] } }
    ])
  })

  it("says nothing after end_call, something short after others, and regrets a refused transfer", () => {
    expect(answeredBy("end_call")).toEqual([])
    expect(answeredBy("send_digits")).toHaveLength(1)
    expect(answeredBy("transfer_call", '{"ok":false,"reason":"busy"}')).toEqual([
      { say: "I am sorry, I cannot connect you right now." }
    ])
  })
})

describe("the outcome, written afterwards", () => {
  const items = [said("assistant", "Hello"), said("user", "Yes, booked.")]
  const written = (change: Partial<Situation>): unknown => {
    const [part] = think({ tag: "outcome#1", aside: "text", ...change })
    return part !== undefined && "write" in part ? JSON.parse(part.write) : part
  }
  it("has the callee's words as evidence, and the names it was asked for", () => {
    expect(written({ items })).toEqual({
      success: true,
      taskCompleted: true,
      summary: "The callee agreed. Book a table for two at seven.",
      nextSteps: [],
      evidence: ["Yes, booked."]
    })
    expect(written({ items, responseInstructions: '{"task_completed": boolean}' })).toMatchObject({
      task_completed: true,
      next_steps: []
    })
    expect(written({})).toMatchObject({ success: false, evidence: [], summary: "Nothing was heard from the callee." })
  })
})

it("a task of any length is one breath, and cannot pose as a section", () => {
  expect(asSentence("word ".repeat(20_000)).length).toBeLessThanOrEqual(201)
  expect(asSentence("Are you open?")).toBe("Are you open?")
  expect(errandOf("# Task\nCall\nhim\n# Rules\n- x")).toEqual({ task: "Call him.", onBehalfOf: undefined })
  expect(errandOf("no sections")).toEqual({ task: "", onBehalfOf: undefined })
})
