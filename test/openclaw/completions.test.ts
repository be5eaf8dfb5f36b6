/** The delivery of ends, step by step: each question of the loop is answered by the test, and time is the test's too. */
import { describe, expect, it } from "vitest"
import { type Delivery, deliverCompletions } from "../../src/openclaw/completions.ts"
import type { Answer } from "../../src/openclaw/PhoneService.ts"

const client = "openclaw"
const settings = { url: "http://127.0.0.1:1", token: "t", client }

const end = (
  id: string,
  metadata: object = { sessionKey: "agent:main:main", agentId: "main", requestId: `r-${id}` }
) => ({
  call: { id, to: "+15551234567", task: "Ask", status: "busy", startedAt: "", duration: 0, transcript: [] },
  metadata
})

/** The n-th question of a call that lives. */
const question = (callId: string, n: number) => ({
  ...end(callId),
  question: { id: n, question: "Which date?", askedAt: "" }
})

const keyOf = ({
  call,
  question: asked
}: {
  readonly call: { readonly id: string }
  readonly question?: { readonly id: number } | undefined
}) => (asked === undefined ? call.id : `${call.id}#${asked.id}`)

const unreachable: Answer = { _tag: "Unreachable", message: "phone service unreachable", arrived: "never" }

const field = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

const nothing = () => undefined

/**
 * Runs the loop for as many rounds as there are steps; each may change the world before its question is answered. What
 * the service still owes is what a real one would: ends that were not acknowledged.
 */
const run = async (
  steps: ReadonlyArray<(world: World) => void>,
  given: Partial<Pick<World, "owed" | "queue" | "awaited" | "down" | "ackDown" | "last">> = {}
) => {
  const world: World = {
    owed: [],
    queue: new Set(),
    awaited: new Set(),
    down: false,
    ackDown: false,
    last: nothing,
    woken: [],
    acknowledged: [],
    waits: [],
    slept: [],
    troubles: [],
    warnings: [],
    ...given
  }
  const stop = new AbortController()
  let round = 0
  const delivery: Delivery = {
    service: {
      ask: async ({ payload, tag }) => {
        const asked = typeof payload === "function" ? payload(settings) : payload
        if (tag === "phone_ack") {
          const questions: ReadonlyArray<unknown> = Array.isArray(asked.questions) ? asked.questions : []
          const ids = [
            ...(Array.isArray(asked.callIds) ? asked.callIds.map(String) : []),
            ...questions.map((one) => `${field(one, "callId")}#${field(one, "questionId")}`)
          ]
          if (world.ackDown || world.down) return unreachable
          world.acknowledged.push(...ids)
          world.owed = world.owed.filter((one) => !ids.includes(keyOf(one)))
          return { _tag: "Answered", value: undefined }
        }
        expect(asked.client).toBe(client)
        world.waits.push(Number(asked.wait))
        const step = steps[round++]
        if (step === undefined) stop.abort()
        const act = step ?? world.last
        act(world)
        return world.down ? unreachable : { _tag: "Answered", value: [...world.owed] }
      }
    },
    sessions: {
      wake: (completion, sessionKey) => {
        if (sessionKey === "gone") throw new Error("no such session")
        world.woken.push(keyOf(completion))
      },
      queued: (completion) => world.queue.has(keyOf(completion))
    },
    awaited: () => world.awaited,
    sleep: async (milliseconds) => void world.slept.push(milliseconds),
    trouble: (message) => world.troubles.push(message),
    warn: (message) => world.warnings.push(message)
  }
  await deliverCompletions(delivery, stop.signal)
  return world
}

interface World {
  owed: ReadonlyArray<ReturnType<typeof end> | ReturnType<typeof question>>
  queue: Set<string>
  awaited: Set<string>
  down: boolean
  ackDown: boolean
  /** What happens in the round in which the loop is stopped. */
  last: (world: World) => void
  woken: Array<string>
  acknowledged: Array<string>
  waits: Array<number>
  slept: Array<number>
  troubles: Array<string | undefined>
  warnings: Array<string>
}

describe("an end", () => {
  it("wakes its session, and is acknowledged when a turn has taken it", async () => {
    const world = await run([
      (world) => {
        world.owed = [end("aaaaaaaa")]
        world.queue.add("aaaaaaaa")
      },
      nothing,
      (world) => world.queue.clear(),
      nothing
    ])
    expect(world.woken).toEqual(["aaaaaaaa"])
    expect(world.acknowledged).toEqual(["aaaaaaaa"])
    // long waits when all is told, quick looks while something is not taken
    expect(world.waits).toEqual([25, 0, 0, 0, 25])
  })

  it("is told once, though its acknowledgement fails", async () => {
    const world = await run([nothing, nothing, (world) => (world.ackDown = false), nothing], {
      owed: [end("aaaaaaaa")],
      ackDown: true
    })
    expect(world.woken).toEqual(["aaaaaaaa"])
    expect(world.acknowledged).toEqual(["aaaaaaaa"])
  })

  it("comes again after a restart, if no turn had taken it, and not if one had", async () => {
    const interrupted = await run([nothing], { owed: [end("aaaaaaaa"), end("bbbbbbbb")], queue: new Set(["bbbbbbbb"]) })
    expect(interrupted.acknowledged).toEqual(["aaaaaaaa"])
    const restarted = await run([nothing], { owed: interrupted.owed })
    expect(restarted.woken).toEqual(["bbbbbbbb"])
    expect(restarted.acknowledged).toEqual(["bbbbbbbb"])
  })

  it("that was taken just before the stop is acknowledged by the stop", async () => {
    const world = await run([nothing], {
      owed: [end("aaaaaaaa")],
      queue: new Set(["aaaaaaaa"]),
      last: (world) => world.queue.clear()
    })
    expect(world.woken).toEqual(["aaaaaaaa"])
    expect(world.acknowledged).toEqual(["aaaaaaaa"])
  })

  it("that a tool call waits for is left to it, until it gives up", async () => {
    const world = await run([nothing, nothing, (world) => world.awaited.clear(), nothing], {
      owed: [end("aaaaaaaa")],
      awaited: new Set(["r-aaaaaaaa"])
    })
    expect(world.woken).toEqual(["aaaaaaaa"])
    expect(world.acknowledged).toEqual(["aaaaaaaa"])
  })

  it("wakes again when the host has forgotten the first wake", async () => {
    const world = await run(
      Array.from({ length: 130 }, () => nothing),
      { owed: [end("aaaaaaaa")], queue: new Set(["aaaaaaaa"]) }
    )
    expect(world.woken).toEqual(["aaaaaaaa", "aaaaaaaa"])
    expect(world.acknowledged).toEqual([])
  })

  it("that nobody can be told is not kept coming, and stops no other", async () => {
    const world = await run([nothing, nothing], {
      owed: [end("aaaaaaaa", { sessionKey: "gone" }), end("bbbbbbbb", {}), end("cccccccc")]
    })
    expect(world.woken).toEqual(["cccccccc"])
    expect(world.acknowledged).toEqual(["aaaaaaaa", "bbbbbbbb", "cccccccc"])
    expect(world.warnings).toHaveLength(1)
    expect(world.warnings[0]).toContain("no such session")
  })
})

describe("a question", () => {
  it("wakes its session once, is acknowledged when it is taken, and keeps no end from being told", async () => {
    const world = await run([
      (world) => {
        world.owed = [question("aaaaaaaa", 1)]
        world.queue.add("aaaaaaaa#1")
      },
      nothing,
      (world) => world.queue.clear(),
      (world) => {
        world.owed = [question("aaaaaaaa", 2), end("bbbbbbbb")]
      },
      (world) => {
        world.owed = [...world.owed, end("aaaaaaaa")]
      }
    ])
    expect(world.woken).toEqual(["aaaaaaaa#1", "aaaaaaaa#2", "bbbbbbbb", "aaaaaaaa"])
    expect(world.acknowledged).toEqual(["aaaaaaaa#1", "bbbbbbbb", "aaaaaaaa#2", "aaaaaaaa"])
  })

  it("that no turn took in time is forgotten: nobody waits for it any more", async () => {
    const world = await run(
      [
        nothing,
        (world) => {
          world.owed = []
        },
        nothing
      ],
      { owed: [question("aaaaaaaa", 1)], queue: new Set(["aaaaaaaa#1"]) }
    )
    expect(world.woken).toEqual(["aaaaaaaa#1"])
    expect(world.acknowledged).toEqual([])
    expect(world.waits).toEqual([25, 0, 25, 25])
  })
})

it("a service that is away is reported once, asked calmly, and its return is reported", async () => {
  const world = await run([
    (world) => {
      world.down = true
    },
    nothing,
    (world) => {
      world.down = false
      world.owed = [end("aaaaaaaa")]
    },
    nothing
  ])
  expect(world.troubles).toEqual(["phone service unreachable", undefined])
  expect(world.slept.slice(0, 2)).toEqual([3_000, 3_000])
  expect(world.acknowledged).toEqual(["aaaaaaaa"])
})
