/** Claims of success against the transcript. */
import { Arbitrary, DateTime, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { AnsweredBy, insufficientEvidence, outcomeOf } from "../../src/domain/Outcome.ts"
import type { Role, Turn } from "../../src/domain/Turn.ts"

const turn = (role: Role, text: string): Turn => ({ timestamp: DateTime.unsafeMake(0), role, text })
const words = fc.constantFrom("", "Yes.", "No.", "Tuesday works.", "Tuesday does not work.")
const turns = fc.array(fc.record({ role: fc.constantFrom<Role>("user", "assistant"), text: words }), { maxLength: 5 })
const claims = fc.record({
  success: fc.constantFrom<boolean | typeof insufficientEvidence>(true, false, insufficientEvidence),
  taskCompleted: fc.boolean(),
  summary: fc.string(),
  evidence: fc.array(fc.oneof(words, fc.string()), { maxLength: 3 })
})

describe("a claimed outcome", () => {
  it("is a success only with the words of somebody who was reached, and is never made better", () => {
    fc.assert(
      fc.property(claims, Arbitrary.make(AnsweredBy), turns, (claimed, answeredBy, said) => {
        const transcript = said.map(({ role, text }) => turn(role, text))
        const outcome = outcomeOf({ ...claimed, nextSteps: [] }, { answeredBy, turns: transcript, otherwise: "" })
        for (const index of outcome.evidence) expect(transcript[index]?.role).toBe("user")
        expect(outcome.claimed).toEqual(claimed)
        if (claimed.success !== true) expect(outcome.success).toBe(false)
        if (!claimed.taskCompleted) expect(outcome.taskCompleted).toBe(false)
        if (!outcome.success && !outcome.taskCompleted) return
        expect(outcome.basis).toBe("cited")
        expect(outcome.evidence).not.toEqual([])
        expect(["human", "screening", "unknown"]).toContain(answeredBy)
      })
    )
  })

  it("keeps what the agent said when its success is withdrawn", () => {
    const claimed = { success: true, taskCompleted: true, summary: "Booked.", evidence: ["It is booked"] }
    const facts = { answeredBy: "human", turns: [turn("user", "Hm.")], otherwise: "" } as const
    const outcome = outcomeOf({ ...claimed, nextSteps: ["Go."] }, facts)
    expect(outcome).toMatchObject({ success: false, taskCompleted: false, nextSteps: ["Go."], basis: "insufficient" })
    expect(outcome.summary).toContain("Insufficient evidence")
    expect(outcome.summary).toContain("Booked.")
    expect(outcome.claimed).toEqual(claimed)
  })
})
