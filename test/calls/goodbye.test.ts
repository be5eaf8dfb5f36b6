/** The last words: heard to their end before the line is dropped, however slow the network and its news are. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { Calls } from "../../src/Calls.ts"
import { layerOutside, layerService, type NetworkView, Outside } from "../../src/simulation/Simulation.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { until } from "./faults.ts"
import { agrees, alwaysHolds, callee as number, type Finished, greets, inVirtualTime, spoken, story, task } from "./world.ts"

/** Marks reach the service so much later than what they mark was played, or never. */
const marksCome = (late: number | "never"): NetworkView => (network) => ({
  ...network,
  webSocket: (url, options) =>
    Effect.gen(function* () {
      const socket = yield* network.webSocket(url, options)
      const run = yield* Effect.runtime()
      return {
        ...socket,
        send: (text) => {
          if (!text.includes('"event":"mark"')) return socket.send(text)
          if (late !== "never") {
            const send = Effect.sync(() => socket.send(text))
            Effect.delay(send, late).pipe(Effect.forkDaemon, Effect.provide(run), Effect.runSyncExit)
          }
          return true
        }
      }
    })
})

const callee = greets(...agrees)
const lastWords = "Thank you, goodbye."

/** The callee heard the goodbye whole, and the line was dropped within `within` ms after it, by us. */
const heardWhole = ({ legs: [leg] }: Finished, within: number) => {
  const last = leg?.heard.at(-1)
  expect(leg?.heard.map(({ text }) => text).join(" ")).toContain(lastWords)
  const quiet = (leg?.endedAt ?? 0) - ((last?.at ?? 0) + (last?.ms ?? 0))
  expect(quiet).toBeGreaterThanOrEqual(0)
  expect(quiet).toBeLessThanOrEqual(within)
}

describe("a goodbye", () => {
  for (const latency of [0, 80, 150]) {
    it(`is heard to its end with ${latency} ms each way, and then the line is dropped`, async () => {
      const finished = await story({ callee, latency }, (world) => world.call())
      alwaysHolds(finished)
      heardWhole(finished, 4 * latency + 200)
      expect(spoken(finished.call).at(-1)).toBe(`assistant: ${lastWords}`)
    })
  }
})
