/** The plugin as a user installs and configures it, in a gateway without heartbeats: acceptance points 1, 2, 7 and 9. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { healthy, makeOpenClaw, type OpenClaw, pluginFolder } from "./gateway.ts"
import { eventually } from "./processes.ts"
import { rpcToken } from "./service.ts"
import { callIdIn, makeWorld, numbers, type World } from "./world.ts"

let world: World
let openclaw: OpenClaw
const toBeTold: Array<string> = []

beforeAll(async () => {
  world = await makeWorld()
  const { modelConfig } = world
  const heartbeat = { every: "0m" }
  openclaw = await makeOpenClaw("installing", {
    ...modelConfig,
    agents: { defaults: { ...modelConfig.agents.defaults, heartbeat } }
  })
}, 120_000)

afterAll(() => world.close())

describe("installed from its folder", () => {
  it("point 1: it has its tools and nothing to complain about", async () => {
    const installed = await openclaw.install(pluginFolder)
    expect(installed.code, installed.out).toBe(0)
    expect(await openclaw.inspect()).toEqual(healthy)
  })

  it("point 2: a setting that does not exist is refused", async () => {
    const unknown = await openclaw.cli("config", "set", "plugins.entries.phone.config", '{"tokn":"x"}', "--json")
    expect(unknown.code).not.toBe(0)
    expect(unknown.out).toMatch(/must not have additional properties|tokn/)
  })

  it("point 2: a token whose variable is not set is named, and works once it is set", async () => {
    const settings = { url: world.service.url, token: `\${${"PHONE_TOKEN_OF_NOBODY"}}` }
    const set = await openclaw.cli("config", "set", "plugins.entries.phone.config", JSON.stringify(settings), "--json")
    expect(set.code, set.out).toBe(0)
    await openclaw.startGateway()
    const answer = await openclaw.invoke("phone_history", {})
    expect(answer.status).toBe(200)
    expect(answer.text).toContain("plugins.entries.phone.config.token")
    expect(answer.text).toContain("no environment variable PHONE_TOKEN_OF_NOBODY")

    await openclaw.cli("config", "set", "plugins.entries.phone.config.token", rpcToken)
    await eventually("a history", async () => {
      const { text } = await openclaw.invoke("phone_history", {})
      return text === "No calls found." ? true : undefined
    })
    const shown = await openclaw.cli("config", "get", "plugins.entries.phone.config")
    expect(shown.out).toContain(world.service.url)
    expect(shown.out).not.toContain(rpcToken)
  })

  it("point 7: a session is woken although heartbeats are off", async () => {
    await openclaw.agent(
      "agent:main:quiet",
      `remember-quiet USE phone_call ${JSON.stringify({ to: numbers.busy, task: "Ask quietly" })}`
    )
    const placed = await eventually("the call", async () =>
      (await world.service.calls()).find(({ task }) => task === "Ask quietly")
    )
    const wake = await world.woken(placed.id)
    expect(wake.text).toContain("busy")
    expect(wake.remembers("remember-quiet")).toBe(true)
    toBeTold.push(placed.id)
  })

  it("point 9: a reload during a call does not wait for it, and its end is told all the same", async () => {
    const placed = await openclaw.invoke("phone_call", { to: numbers.receptionist, task: "Outlive a reload" })
    const callId = callIdIn(placed.text)
    const began = performance.now()
    const reloaded = await openclaw.cli("plugins", "reload", "phone")
    expect(reloaded.code, reloaded.out).toBe(0)
    expect(performance.now() - began).toBeLessThan(60_000)
    const status = await openclaw.invoke("phone_status", { callId })
    expect(status).toMatchObject({ status: 200, details: { call: { callId } } })
    expect((await world.woken(callId)).text).toContain("completed")
    toBeTold.push(callId)
  })

  it("point 7: each end was told exactly once", () => {
    expect(toBeTold.map(world.wakes)).toEqual([1, 1])
  })
})
