/** Faults of requests, one by one: what Phone asks of Twilio, and what Twilio tells Phone. */
import { describe, expect, it } from "vitest"
import type { Fault } from "../../../src/simulation/faults/Fault.ts"
import { isCreate, type Run } from "../../../src/simulation/world/Run.ts"
import { plain, seen } from "../invariants/wrongs.ts"
import { metOf } from "./support.ts"

const withFault = (fault: Fault, more: Partial<typeof plain> = {}) => seen({ ...plain, ...more, faults: [fault] })

const creates = ({ sent }: Run) => sent.filter(isCreate)
const answers = (run: Run) => creates(run).map(({ answer }) => answer)

describe("a request of ours", () => {
  it("is refused: nothing was processed, as often as said", async () => {
    const run = await withFault({ refuse: { request: "create", times: 2 } })
    expect(answers(run)).toEqual(["refused", "refused", 201])
    expect(run.legs).toHaveLength(1)
    expect(metOf(run)).toEqual(["refuse", "refuse"])
  })

  it("is refused from the nth on", async () => {
    const run = await withFault({ refuse: { request: "create", nth: 2 } })
    expect(answers(run)).toEqual([201])
    expect(metOf(run)).toEqual([])
  })

  it.each([429, 502, 503] as const)("is answered %i, and not processed", async (status) => {
    const run = await withFault({ answer: { request: "create", times: 20, status } })
    expect(new Set(answers(run))).toEqual(new Set([status]))
    expect(run.legs).toEqual([])
  })

  it("is answered 429 with a time to wait, which is waited for", async () => {
    const run = await withFault({ answer: { request: "create", status: 429, retryAfter: 4 } })
    const [first, second] = creates(run)
    expect([first?.answer, second?.answer]).toEqual([429, 201])
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(4_000)
  })

  it.each([
    ["silence", undefined],
    ["broken", "broken"],
    ["bad-gateway", 502]
  ] as const)("is processed, and the answer is lost: %s", async (instead, answer) => {
    // Twilio's callbacks would tell what the answer did not
    const run = await seen({
      ...plain,
      faults: [
        { loseAnswer: { request: "create", instead } },
        { loseCallback: { callback: "initiated" } },
        { loseCallback: { callback: "ringing" } },
        { loseCallback: { callback: "answered" } },
        { loseCallback: { callback: "twiml" } }
      ]
    })
    expect(answers(run)).toEqual([answer])
    expect(run.legs).toHaveLength(1)
  })

  it("comes late", async () => {
    const run = await withFault({ delayRequest: { request: "create", by: 5 } })
    const [create] = creates(run)
    expect(run.legs[0]?.requests[0]?.at).toBeGreaterThanOrEqual((create?.at ?? 0) + 5_000)
  })
})

const webhooks = (run: Run, told: string) =>
  run.legs.flatMap((leg) => leg.webhooks).filter(({ parameters }) => parameters.some(([, value]) => value === told))

describe("a callback of Twilio", () => {
  it("is lost", async () => {
    const run = await withFault({ loseCallback: { callback: "ringing" } })
    expect(webhooks(run, "ringing").map(({ answer }) => answer)).not.toContain(204)
    expect(webhooks(run, "in-progress").map(({ answer }) => answer)).toContain(204)
    expect(metOf(run)).toEqual(["loseCallback"])
  })

  it("comes late", async () => {
    const onTime = await seen(plain)
    const run = await withFault({ delayCallback: { callback: "ringing", by: 1 } })
    const told = ({ events, startedAt }: Run) =>
      (events.find(({ event }) => event._tag === "Status" && event.status === "ringing")?.at ?? 0) - startedAt
    expect(told(run)).toBe(told(onTime) + 1_000)
  })

  it("comes again", async () => {
    const run = await withFault({ repeatCallback: { callback: "completed", after: 10 } })
    expect(metOf(run)).toEqual(["repeatCallback"])
    expect(run.events.filter(({ event }) => event._tag === "Ended")).toHaveLength(1)
  })

  it("tells who answered, genuine or not, so long after the answer", async () => {
    const run = await withFault({ detect: { as: "fax", after: 3 } })
    expect(run.call?.answeredBy).toBe("fax")
    expect(metOf(run)).toEqual(["detect"])
    const leg = run.legs[0]
    expect((leg?.endedAt ?? 0) - (leg?.answeredAt ?? 0)).toBeGreaterThanOrEqual(3_000)
    expect((leg?.endedAt ?? 0) - (leg?.answeredAt ?? 0)).toBeLessThan(4_000)
  })
})
