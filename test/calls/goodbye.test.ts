/** The last words: heard to their end before the line is dropped, however slow the network and its news are. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, FiberSet, Layer, Option, Scope } from "effect"
import { Calls } from "../../src/Calls.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { layerOutside, layerService, type NetworkView, Outside } from "../../src/simulation/Simulation.ts"
import { until } from "./faults.ts"
import {
  agrees,
  alwaysHolds,
  type Finished,
  inVirtualTime,
  callee as number,
  person,
  spoken,
  story,
  task
} from "./world.ts"

/** Marks reach the service so many milliseconds after what they mark was played. */
const marksCome =
  (late: number): NetworkView =>
  (network) => ({
    ...network,
    webSocket: Effect.fnUntraced(function* (url, options) {
      const socket = yield* network.webSocket(url, options)
      const run = yield* FiberSet.makeRuntime()
      return {
        ...socket,
        send: (text) => {
          if (!text.includes('"event":"mark"')) return socket.send(text)
          run(
            Effect.delay(
              Effect.sync(() => socket.send(text)),
              late
            )
          )
          return true
        }
      }
    })
  })

/** Says hello as soon as the line carries it: on a slow network the media stream comes up late. */
const greets = (latency = 20) => person([{ wait: 0.7 + latency / 200 }, { say: "Hello?" }, ...agrees])
const lastWords = "Thank you, goodbye."

/** The callee heard the goodbye whole, and the line was dropped at most `within` ms after it. */
const heardWhole = ({ legs: [leg] }: Finished, within: number) => {
  const last = leg?.heard.at(-1)
  expect(leg?.heard.map(({ text }) => text).join("")).toContain(lastWords)
  const quiet = (leg?.endedAt ?? 0) - ((last?.at ?? 0) + (last?.ms ?? 0))
  expect(quiet).toBeGreaterThanOrEqual(0)
  expect(quiet).toBeLessThanOrEqual(within)
}

/** Twilio plays, and never says so. */
const withoutMarks: NetworkView = (network) => ({
  ...network,
  webSocket: (url, options) =>
    Effect.map(network.webSocket(url, options), (socket) => ({
      ...socket,
      send: (text: string) => text.includes('"event":"mark"') || socket.send(text)
    }))
})

describe("a goodbye", () => {
  for (const latency of [0, 80, 150]) {
    it(`is heard to its end with ${latency} ms each way, and then the line is dropped`, async () => {
      const finished = await story({ callee: greets(latency), latency }, (world) => world.call())
      alwaysHolds(finished)
      heardWhole(finished, 4 * latency + 200)
      expect(spoken(finished.call).at(-1)).toBe(`assistant: ${lastWords}`)
    })
  }

  for (const late of [700, 1500]) {
    it(`is heard to its end when marks come ${late} ms late`, async () => {
      const finished = await story({ callee: greets(), seenBy: { twilio: marksCome(late) } }, (world) => world.call())
      alwaysHolds(finished)
      heardWhole(finished, 2_300)
    })
  }

  it("is heard, and the conversation before it, when no mark ever comes back", async () => {
    const finished = await story({ callee: greets(), seenBy: { twilio: withoutMarks } }, (world) => world.call())
    expect(finished.call.outcome?.success).toBe(true)
    expect(finished.legs[0]?.heard.at(-1)?.text).toBe("Thank you, goodbye.")
    expect(finished.call.duration).toBeLessThan(60)
  })

  it("goes on when the callee speaks into it, and is said again later", async () => {
    const callee = person([
      { wait: 0.7 },
      { say: "Hello?" },
      { listen: {} },
      { say: "Yes, Tuesday at 2 pm works." },
      { bargeIn: { after: 0.3, say: "Wait, what was the name?" } },
      { listen: {} },
      { say: "All right, yes, see you then." },
      { wait: 20 }
    ])
    const finished = await story({ callee }, (world) => world.call())
    alwaysHolds(finished)
    expect(spoken(finished.call)).toContain("user: All right, yes, see you then.")
    heardWhole(finished, 300)
  })

  it("is heard by a callee who is on the line when the service stops, and leaves no live leg", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { twilio, realtime } = yield* Outside
        const scope = yield* Scope.make()
        const service = yield* Layer.buildWithScope(layerService(), scope)
        const files = yield* Effect.provide(MemoryFiles, service)
        const id = yield* Effect.provide(
          Effect.flatMap(Calls, (calls) => calls.place({ to: number, task })),
          service
        )
        yield* until(() => (twilio.calls()[0]?.heard[0]?.ms ?? 0) > 1000)
        yield* Scope.close(scope, Exit.void)
        const [leg] = twilio.calls()
        expect(leg?.status).toBe("completed")
        expect(leg?.live).toBe(false)
        expect(leg?.heard.map(({ text }) => text).join("")).toContain(lastWords)
        expect(leg?.alerts).toEqual([])
        expect(Option.getOrThrow(files.text(`/transcripts/${id}.json`))).toContain('"status": "completed"')
        yield* Effect.sleep("5 minutes")
        expect(twilio.calls()).toHaveLength(1)
        expect(realtime.sessions().map(({ violations }) => violations)).toEqual([[]])
        expect(realtime.sessions()[0]?.closed?.by).toBe("client")
      }).pipe(Effect.provide(layerOutside({ twilio: { callees: () => greets() } })))
    ))
})
