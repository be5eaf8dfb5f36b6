/** An agent in a real gateway that has the plugin by its path, under a tool profile: acceptance points 1, 3 to 10. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { healthy, makeOpenClaw, type OpenClaw, pluginFolder } from "./gateway.ts"
import { eventually } from "./processes.ts"
import { rpcToken } from "./service.ts"
import { callIdIn, makeWorld, numbers, type World } from "./world.ts"

let world: World
let openclaw: OpenClaw
/** Ends that sessions must have been told, once each, when all is over. */
const toBeTold: Array<string> = []
/** Ends that the tool call itself has told. */
const toldAlready: Array<string> = []
let nobody: Promise<{ readonly failures: number }>

const use = (tool: string, args: object) => `USE ${tool} ${JSON.stringify(args)}`

beforeAll(async () => {
  world = await makeWorld()
  const { modelConfig, service } = world
  openclaw = await makeOpenClaw("calling", {
    ...modelConfig,
    tools: { profile: "coding", alsoAllow: ["phone"] },
    plugins: {
      allow: ["phone"],
      load: { paths: [pluginFolder] },
      entries: { phone: { enabled: true, config: { url: service.url, token: rpcToken } } }
    }
  })
  await openclaw.startGateway()
  // rings for half a minute: goes on beside the other tests
  nobody = openclaw.agent(
    "agent:main:nobody",
    use("phone_call", { to: numbers.nobody, task: "Ring in vain", wait: true })
  )
}, 120_000)

afterAll(() => world.close())

describe("the tools over HTTP", () => {
  it("point 3: place a call, show it and list it, each within two seconds", async () => {
    const placed = await openclaw.invoke("phone_call", { to: numbers.busy, task: "Order flowers" })
    expect(placed).toMatchObject({ status: 200, details: { call: { to: numbers.busy } } })
    const callId = callIdIn(placed.text)
    toBeTold.push(callId)
    const status = await openclaw.invoke("phone_status", { callId })
    expect(status).toMatchObject({ status: 200, details: { call: { callId } } })
    expect(status.text).toContain("Task: Order flowers")
    const history = await openclaw.invoke("phone_history", { search: "flowers" })
    expect(history.text).toContain(callId)
    for (const { milliseconds } of [placed, status, history]) expect(milliseconds).toBeLessThan(2_000)
  })

  it("point 3: answer wrong arguments in words, and dial nothing", async () => {
    const before = (await world.service.calls()).length
    for (const [args, words] of [
      [{ task: "x" }, "to is missing"],
      [{ to: "my dentist", task: "x" }, "no telephone number"],
      [{ to: numbers.busy }, "task is missing"],
      [{ to: numbers.busy, task: 7 }, "task must be a text"],
      [{ to: "911", task: "x" }, "911"]
    ] as const) {
      const answer = await openclaw.invoke("phone_call", args)
      expect(answer).toMatchObject({ status: 200, details: { refusal: {} } })
      expect(answer.text).toContain(words)
    }
    expect((await openclaw.invoke("phone_status", { callId: "zzzzzzzz" })).text).toContain("zzzzzzzz")
    expect(await world.service.calls()).toHaveLength(before)
  })

  it("point 6: the same request again, at once and later, is one dial", async () => {
    const ask = () =>
      openclaw.invoke("phone_call", { to: numbers.busy, task: "Only once" }, { idempotencyKey: "the-same" })
    const answers = [...(await Promise.all([ask(), ask()])), await ask()]
    const [callId = "", ...others] = new Set(
      answers.map(({ text }) => callIdIn(`${text.replace(/.* is call/, "Call")} `))
    )
    expect(others).toEqual([])
    expect((await world.service.calls()).filter(({ task }) => task === "Only once")).toHaveLength(1)
    toBeTold.push(callId)
  })

  it("point 8: a caller who leaves while waiting leaves the call alone, and its session is told the end", async () => {
    const leaving = new AbortController()
    const waiting = openclaw.invoke(
      "phone_call",
      { to: numbers.receptionist, task: "Outlive the caller", wait: true },
      { sessionKey: "agent:main:leaving", signal: leaving.signal }
    )
    const placed = await eventually("the call", async () =>
      (await world.service.calls()).find(
        ({ status, task }) => task === "Outlive the caller" && status === "in-progress"
      )
    )
    leaving.abort()
    await expect(waiting).rejects.toThrow()
    expect((await openclaw.invoke("phone_status", { callId: placed.id })).text).toContain("in-progress")
    expect((await world.woken(placed.id)).text).toContain("completed")
    toBeTold.push(placed.id)
  })
})

describe("an agent", () => {
  it("points 5 and 10: has the tools directly, and a busy line is no failure of the tool", async () => {
    const before = world.model.requests.length
    const turn = await openclaw.agent(
      "agent:main:busy",
      `remember-busy ${use("phone_call", { to: numbers.busy, task: "Ask for the bill" })}`
    )
    expect(turn).toEqual({ calls: 1, failures: 0 })
    const [first, second] = world.model.requests
      .slice(before)
      .filter(({ messages }) => messages.some(({ text }) => text.includes("remember-busy")))
    expect(first?.tools).toEqual(
      expect.arrayContaining(["phone_answer", "phone_call", "phone_history", "phone_status"])
    )
    // what the skill is for is in the prompt
    expect(first?.messages.some(({ text }) => text.includes("settled fastest by calling a number"))).toBe(true)
    const callId = callIdIn(second?.news ?? "")
    toBeTold.push(callId)
    // point 10: what the turn's instance placed, the HTTP interface's instance knows
    expect((await openclaw.invoke("phone_status", { callId })).text).toContain("Ask for the bill")
    const wake = await world.woken(callId)
    expect(wake.text).toContain("busy")
    expect(wake.remembers("remember-busy")).toBe(true)
  })

  it("point 7: is woken in the same session, with the outcome", async () => {
    await openclaw.agent(
      "agent:main:book",
      `remember-book ${use("phone_call", { to: numbers.receptionist, task: "Book Tuesday at 2 pm" })}`
    )
    const placed = await eventually("the call", async () =>
      (await world.service.calls()).find(({ task }) => task === "Book Tuesday at 2 pm")
    )
    const wake = await world.woken(placed.id)
    expect(wake.text).toContain("the task was achieved")
    expect(wake.text).toContain("Outcome: ")
    expect(wake.remembers("remember-book")).toBe(true)
    toBeTold.push(placed.id)
  })

  it("is woken once for a question of the voice agent, and its answer reaches the callee", async () => {
    const placed = await openclaw.invoke(
      "phone_call",
      { to: numbers.asks, task: "Book Tuesday at 2 pm" },
      { sessionKey: "agent:main:asks" }
    )
    const callId = callIdIn(placed.text)
    const asked = () => world.model.requests.filter(({ news }) => news.includes(`phone_answer with callId ${callId}`))
    const question = await eventually("the question", async () => asked()[0], 60)
    expect(question.news).toContain("It asks: The callee asks for the date of birth. What is it?")
    const answer = { callId, answer: "4 May 1987", questionId: 1 }
    expect((await openclaw.invoke("phone_answer", answer)).text).toContain("has the answer")
    expect((await openclaw.invoke("phone_answer", answer)).details).toEqual({ refusal: { type: "QuestionClosed" } })
    expect((await world.woken(callId)).text).toContain("the task was achieved")
    const { text } = await openclaw.invoke("phone_status", { callId })
    expect(text).toContain("agent: I have the answer: 4 May 1987.")
    expect(asked()).toHaveLength(1)
    toBeTold.push(callId)
  })

  it("point 5: that waits gets the end as a result, also when nobody answers, and is not woken as well", async () => {
    expect(await nobody).toMatchObject({ calls: 1, failures: 0 })
    const found = world.model.requests.find(({ news }) => news.includes("nobody answered"))
    toldAlready.push(callIdIn(found?.news ?? ""))
  })
})

describe("when something stops", () => {
  it("point 4: without the phone service the tools say so, and work again when it is back", async () => {
    const live = await openclaw.invoke(
      "phone_call",
      { to: numbers.receptionist, task: "Outlive the service" },
      { sessionKey: "agent:main:live" }
    )
    await world.service.stop()
    const down = await openclaw.invoke("phone_call", { to: numbers.busy, task: "Nobody home" })
    expect(down).toMatchObject({ status: 200, details: { service: { reachable: false } } })
    expect(down.text).toContain(`phone service unreachable at ${world.service.url}`)
    expect(down.milliseconds).toBeLessThan(4_000)
    await world.service.start()
    const up = await openclaw.invoke("phone_call", { to: numbers.busy, task: "Somebody home" })
    // point 7: also the call that the service's stop has ended
    for (const { text } of [live, up]) {
      toBeTold.push(callIdIn(text))
      await world.woken(callIdIn(text))
    }
  })

  it("points 7 and 9: the gateway stops during a call without waiting for it, and tells its end after the start", async () => {
    const placed = await openclaw.invoke(
      "phone_call",
      { to: numbers.receptionist, task: "Outlive the gateway" },
      { sessionKey: "agent:main:book" }
    )
    const callId = callIdIn(placed.text)
    const began = performance.now()
    await openclaw.stopGateway()
    expect(performance.now() - began).toBeLessThan(60_000)
    await openclaw.startGateway()
    const wake = await world.woken(callId)
    expect(wake.remembers("remember-book")).toBe(true)
    expect((await openclaw.invoke("phone_status", { callId })).text).toContain("has ended: completed")
    toBeTold.push(callId)
  })

  it("point 7: each end was told exactly once", async () => {
    await eventually("all acknowledgements", async () => ((await world.service.owed()).length === 0 ? true : undefined))
    expect(toBeTold.map(world.wakes)).toEqual(toBeTold.map(() => 1))
    expect(toldAlready.map(world.wakes)).toEqual([0])
  })
})

it("point 1: loaded by its path, it has three tools and nothing to complain about", async () => {
  expect(await openclaw.inspect()).toEqual(healthy)
})
