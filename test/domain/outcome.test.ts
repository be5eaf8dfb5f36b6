/** Claims of success against the transcript. */
import { Arbitrary, DateTime, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { AnsweredBy, checkOutcome, Outcome } from "../../src/domain/Outcome.ts"
import type { Role, Turn } from "../../src/domain/Turn.ts"

const turn = (role: Role, text: string): Turn => ({ timestamp: DateTime.unsafeMake(0), role, text })
const turns = fc.array(
  fc.record({ role: fc.constantFrom<Role>("user", "assistant"), text: fc.constantFrom("", "Yes.", "No.") }),
  { maxLength: 5 }
)

describe("a claimed outcome", () => {
  it("is a success only with the words of somebody who was reached, and is never made better", () => {
    fc.assert(
      fc.property(Arbitrary.make(Outcome), Arbitrary.make(AnsweredBy), turns, (claimed, answeredBy, said) => {
        const transcript = said.map(({ role, text }) => turn(role, text))
        const checked = checkOutcome(claimed, { answeredBy, turns: transcript })
        expect(checked.evidence.every((index) => transcript[index] !== undefined)).toBe(true)
        if (!claimed.success) expect(checked.success).toBe(false)
        if (!claimed.taskCompleted) expect(checked.taskCompleted).toBe(false)
        if (!checked.success && !checked.taskCompleted) return
        expect(["human", "screening", "unknown"]).toContain(answeredBy)
        expect(checked.evidence.some((index) => transcript[index]?.role === "user")).toBe(true)
      })
    )
  })

  it("keeps what the agent said when its success is withdrawn", () => {
    const claimed = { success: true, taskCompleted: true, summary: "Booked.", nextSteps: ["Go."], evidence: [] }
    const checked = checkOutcome(claimed, { answeredBy: "human", turns: [turn("user", "Hm.")] })
    expect(checked).toMatchObject({ success: false, taskCompleted: false, nextSteps: ["Go."] })
    expect(checked.summary).toContain("Insufficient evidence")
    expect(checked.summary).toContain("Booked.")
  })
})
