/**
 * The same scenario with a voice model that is elsewhere: service, simulated Twilio and model talk over real sockets, in real
 * time. The model is the simulated server, which cannot be told from the real one but by what it says.
 */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { stringify } from "yaml"
import { simulatedCredentials } from "../../../src/config/simulated.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { startSimulators } from "../../../src/simulation/simulators.ts"
import { defaultModel, playableWithModel } from "../../../src/simulation/world/realModel.ts"
import { phone } from "../../cli/support.ts"

const voice = fileURLToPath(new URL("../../fixtures/dentist.wav", import.meta.url))

const key = `sk-proj-${"Ab1_".repeat(10)}`

const model = startSimulators({
  accountSid: simulatedCredentials.accountSid,
  authToken: Redacted.make(simulatedCredentials.authToken),
  openaiApiKey: Redacted.make(key)
})

/** A scenario and a configuration for a real service, in a folder with the recording. */
const folder = (realtimeUrl: string, callee: unknown, expected: unknown) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped()
    yield* fs.copyFile(voice, `${home}/dentist.wav`)
    const phone = { ...simulatedCredentials, openaiApiKey: key, realtimeUrl, webhookHost: "https://phone.example" }
    yield* fs.writeFileString(`${home}/config.yaml`, stringify({ plugins: { phone } }))
    const scenario = { call: { task: "Confirm the appointment." }, callee, expect: expected }
    yield* fs.writeFileString(`${home}/dentist.yaml`, stringify(scenario))
    return home
  })

const answers = { after: 0.3, as: "human", amdAfter: 1 }

layer(NodeContext.layer, { excludeTestServices: true })("a real model", (it) => {
  it.scoped("hears the callee's recording, and what it says is judged by the record", () =>
    Effect.gen(function* () {
      const { realtime, realtimeUrl } = yield* model
      const callee = { answers, steps: [{ listen: {} }, { play: "dentist.wav" }, { listen: {} }, { hangUp: true }] }
      const home = yield* folder(realtimeUrl, callee, {
        status: "completed",
        answeredBy: "human",
        said: ["AI assistant", "Confirm the appointment"],
        heard: ["speech"],
        within: 60
      })
      const args = ["simulate", `${home}/dentist.yaml`, "--real-model", "--config", `${home}/config.yaml`, "--json"]
      const { code, err, out } = yield* phone(args)
      expect(err).toEqual([])
      const shown = JSON.parse(out[0] ?? "")
      expect(shown.runs[0]).toMatchObject({ unmet: [], breaches: [], idle: [], call: { status: "completed" } })
      expect(code).toBe(0)
      const [session, ...others] = realtime.sessions()
      expect(others).toEqual([])
      expect(session?.turns.length).toBeGreaterThan(0)
      expect(session?.violations).toEqual([])
    })
  )

  it.scoped("that does not take the key fails the scenario, and says why", () =>
    Effect.gen(function* () {
      const { realtimeUrl } = yield* startSimulators({
        accountSid: simulatedCredentials.accountSid,
        authToken: Redacted.make(simulatedCredentials.authToken),
        openaiApiKey: Redacted.make("another key")
      })
      const home = yield* folder(realtimeUrl, { answers, steps: [{ play: "dentist.wav" }] }, { status: "completed" })
      const args = ["simulate", `${home}/dentist.yaml`, "--real-model", "--config", `${home}/config.yaml`]
      const { code, out } = yield* phone(args)
      expect(out.join("\n")).toContain("status: expected completed, came failed (ModelUnavailable:")
      expect(out.join("\n")).not.toContain(key)
      expect(code).toBe(1)
    })
  )

  it.scoped("is refused what it could not hear, before anything starts", () =>
    Effect.gen(function* () {
      const home = yield* folder("ws://127.0.0.1:1/v1/realtime", "polite", {})
      const args = ["simulate", `${home}/dentist.yaml`, "--real-model", "--config", `${home}/config.yaml`]
      const { code, err, out } = yield* phone(args)
      expect([code, out]).toEqual([2, []])
      expect(err.join("\n")).toContain("a real model hears recordings only, and the callee has say steps")
    })
  )

  it.effect("is refused all that only the simulated world can do", () =>
    Effect.gen(function* () {
      const call = { task: "Ask when they close." }
      const quiet = { answers: { after: 1, as: "human", amdAfter: 1 }, steps: [] } as const
      const refused: ReadonlyArray<readonly [Partial<Scenario>, string]> = [
        [{ agent: [{ say: "Hello." }] }, "speaks for itself"],
        [{ faults: [{ cutModel: { after: 3 } }] }, "faults happen in the simulated world only"],
        [{ operations: [{ stop: { at: 3 } }] }, "stop happens in the simulated world only"],
        [{ callee: "menu" }, "menu steps"],
        [{ callee: { ...quiet, steps: [{ reply: [{ when: "a", steps: [{ say: "b" }] }] }] } }, "reply.when, say steps"],
        [{ callee: "nobody" }, "There is no callee nobody"]
      ]
      for (const [more, why] of refused) {
        const { message } = yield* Effect.flip(playableWithModel({ call, callee: quiet, ...more }))
        expect(message).toContain(why)
      }
      const plays = [{ wait: 1 }, { reply: [{ steps: [{ play: voice }] }] }, { beep: true }, { press: "1" }] as const
      yield* playableWithModel({ call, callee: { ...quiet, steps: plays }, operations: [{ hangUp: { at: 3 } }] })
      yield* playableWithModel({ call, callee: "busy" })
    })
  )

  it("is OpenAI's when there is only a key", () => {
    expect(defaultModel("sk-1")).toMatchObject({ realtimeUrl: "wss://api.openai.com/v1/realtime" })
  })
})
