/** The status of a call under reports that come late, twice and in any order. */
import { Arbitrary, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { advance, CallStatus, isTerminal } from "../../src/domain/CallStatus.ts"

const order: ReadonlyArray<CallStatus> = ["queued", "dialing", "ringing", "in-progress"]
const rank = (status: CallStatus) => (isTerminal(status) ? order.length : order.indexOf(status))
const reports = fc.array(Arbitrary.make(CallStatus), { maxLength: 30 })

describe("the status of a call", () => {
  it("only moves forward, and a terminal one never changes, whatever is reported", () => {
    fc.assert(
      fc.property(reports, (told) => {
        let status: CallStatus = "queued"
        for (const report of told) {
          const next = advance(status, report)
          expect(rank(next)).toBeGreaterThanOrEqual(rank(status))
          if (isTerminal(status)) expect(next).toBe(status)
          status = next
        }
      })
    )
  })

  it("ends as soon as an end is reported, and not before", () => {
    fc.assert(
      fc.property(reports, (told) => {
        expect(isTerminal(told.reduce(advance, "queued"))).toBe(told.some(isTerminal))
      })
    )
  })

  it("comes out the same however often the reports of one life are repeated and mixed up before their end", () => {
    const lives = fc.constantFrom<ReadonlyArray<CallStatus>>(
      ["dialing", "ringing", "in-progress", "completed"],
      ["dialing", "ringing", "busy"],
      ["dialing", "ringing", "no-answer"],
      ["dialing", "failed"],
      ["dialing", "ringing", "in-progress", "failed"]
    )
    fc.assert(
      fc.property(
        lives.chain((life) =>
          fc.tuple(
            fc.constant(life),
            fc.shuffledSubarray([...life.slice(0, -1), ...life.slice(0, -1)]),
            fc.shuffledSubarray([...life, ...life])
          )
        ),
        ([life, before, after]) => {
          const end = life.at(-1) ?? "failed"
          expect([...before, end, ...after].reduce(advance, "queued")).toBe(end)
        }
      )
    )
  })

  it("an answered call can only complete or fail: a late busy does not unsay a conversation", () => {
    for (const late of ["busy", "no-answer", "canceled", "completed"] as const) {
      expect(advance("in-progress", late)).toBe("completed")
    }
    expect(advance("in-progress", "failed")).toBe("failed")
  })
})
