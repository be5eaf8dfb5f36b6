import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { StreamTickets } from "../../src/telephone/StreamTickets.ts"

describe("stream tickets", () => {
  it("one of two renderings makes a stream, and once", () => {
    const tickets = new StreamTickets()
    tickets.issue("first")
    tickets.issue("second")
    expect(tickets.redeem("second")).toBe(true)
    expect(tickets.redeem("second")).toBe(false)
    expect(tickets.redeem("first")).toBe(false)
    expect(tickets.redeem("")).toBe(false)
  })

  it("one rendering may make several, one after the other", () => {
    const tickets = new StreamTickets()
    tickets.issue("a1", "a2", "a3")
    tickets.issue("b1", "b2", "b3")
    expect(tickets.unused).toBe(2)
    expect(["a2", "a1", "a3", "b2", "a3", "b1", "b3"].map((token) => tickets.redeem(token))).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
      true
    ])
  })

  it.prop(
    "streams only ever replace older ones, whatever order they come in",
    [fc.array(fc.oneof(fc.constant("issue" as const), fc.nat({ max: 30 })), { maxLength: 60 })],
    ([steps]) => {
      const tickets = new StreamTickets()
      let issued = 0
      let current = -1
      for (const step of steps) {
        if (step === "issue") tickets.issue(String(issued++))
        else if (tickets.redeem(String(step))) {
          expect(step).toBeLessThan(issued)
          expect(step).toBeGreaterThan(current)
          current = step
        }
      }
    }
  )

  it("counts the renderings that led to nothing", () => {
    const tickets = new StreamTickets()
    tickets.issue("a")
    tickets.issue("b")
    expect(tickets.unused).toBe(2)
    tickets.redeem("a")
    expect(tickets.unused).toBe(0)
  })
})
