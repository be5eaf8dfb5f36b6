/** Known failure 10: the model's session is gone in mid-call. Nobody may be left in a silent call that goes on being paid for. */
import { describe, expect, it } from "@effect/vitest"
import type { Faults } from "../../src/simulation/realtime/Faults.ts"
import {
  agrees,
  alwaysHolds,
  type Excuse,
  type Finished,
  greets,
  person,
  spoken,
  story,
  type WorldOptions
} from "./world.ts"

const tell = async (options: WorldOptions, excuse: Excuse = {}): Promise<Finished> => {
  const finished = await story(options, (world) => world.call())
  alwaysHolds(finished, excuse)
  return finished
}

/** The first session has these faults, the others none. */
const once =
  (faults: Faults) =>
  (nth: number): Faults =>
    nth === 0 ? faults : {}

/** The first session has these faults, and no other is to be had, for this reason. */
const forGood =
  (faults: Faults, then: Faults) =>
  (nth: number): Faults =>
    nth === 0 ? faults : then

/** Insists until it is understood, and stays on the line until we hang up. */
const insists = greets({
  repeat: { times: 8, steps: [{ listen: { atMost: 12 } }, { say: "Yes, Tuesday at 2 pm works." }] }
})

const apology = /technical problem/

/** Times are seconds after the session was opened; it rings until 2.5, the opening is heard until about 9. */
const phases = [
  { phase: "while it rings", at: "1500 millis" },
  { phase: "while the callee says hello", at: "3 seconds" },
  { phase: "while the opening is heard", at: "6 seconds" },
  { phase: "while the callee answers", at: "11 seconds" },
  { phase: "while the goodbye is generated", at: "13500 millis" }
] as const

describe("known failures", () => {
  describe("10: the model's socket drops", () => {
    for (const { at, phase } of phases) {
      it(`10: ${phase}, once: the conversation goes on in a new session, without a second greeting`, async () => {
        const finished = await tell({ callee: insists, faults: once({ dropAfter: at }) }, { calleeUnheard: true })
        expect(finished.sessions).toHaveLength(2)
        expect(finished.call.status).toBe("completed")
        expect(finished.call.outcome?.success).toBe(true)
        const introductions = spoken(finished.call).filter((turn) => turn.includes("this is an AI assistant calling"))
        expect(introductions).toHaveLength(1)
      })

      it(`10: ${phase}, for good: an apology is heard and the line is hung up within the callee's patience`, async () => {
        const finished = await tell(
          { callee: person([]), faults: forGood({ dropAfter: at }, { refuseHandshake: { status: 503 } }) },
          { announced: true, calleeUnheard: true }
        )
        expect(finished.call.status).toBe("failed")
        expect(finished.call.error?.type).toBe("ModelUnavailable")
        const [leg] = finished.legs
        const lost = finished.sessions[0]?.closed?.at ?? 0
        expect((leg?.endedAt ?? 0) - lost).toBeLessThan(20_000)
        if (leg?.answeredAt !== undefined) expect(leg.heard.at(-1)?.text).toMatch(apology)
      })
    }
  })

  describe("10: the model freezes on an open socket", () => {
    it("10: in the middle of an answer, once", async () => {
      const finished = await tell(
        { callee: insists, faults: once({ responses: { 3: { _tag: "Freeze" } } }) },
        { calleeUnheard: true }
      )
      expect(finished.call).toMatchObject({ status: "completed", outcome: { success: true } })
    })

    it("10: in the middle of every answer", async () => {
      const finished = await tell(
        {
          callee: insists,
          faults: { responses: { 1: { _tag: "Freeze" }, 2: { _tag: "Freeze" }, 3: { _tag: "Freeze" } } }
        },
        { announced: true, calleeUnheard: true }
      )
      expect(finished.call).toMatchObject({ status: "failed", error: { type: "ModelUnavailable" } })
      expect(finished.call.duration).toBeLessThan(60)
    })
  })

  describe("10: the model will not answer", () => {
    it("10: the quota is used up before the call: nobody's phone rings", async () => {
      const finished = await tell({ faults: { reject: "no-quota" } })
      expect(finished.posts).toEqual([])
      expect(finished.call).toMatchObject({ status: "failed", duration: 0 })
      expect(["ModelUnavailable", "RateLimited"]).toContain(finished.call.error?.type)
    })

    it("10: the quota is used up in mid-call: the callee hears an apology", async () => {
      const finished = await tell(
        { callee: person([]), faults: forGood({ dropAfter: "6 seconds" }, { reject: "no-quota" }) },
        { announced: true, calleeUnheard: true }
      )
      expect(finished.call.status).toBe("failed")
      expect(finished.legs[0]?.heard.at(-1)?.text).toMatch(apology)
      expect(finished.call.duration).toBeLessThan(25)
    })

    for (const code of ["rate_limit_exceeded", "server_error"]) {
      it(`10: ${code} on one answer is waited out`, async () => {
        const finished = await tell({ callee: insists, faults: { responses: { 3: { _tag: "Fail", code } } } })
        expect(finished.call).toMatchObject({ status: "completed", outcome: { success: true } })
      })

      it(`10: ${code} on every answer ends the call aloud`, async () => {
        const every = Object.fromEntries(
          [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => [n, { _tag: "Fail", code } as const])
        )
        const finished = await tell(
          { callee: insists, faults: { responses: every } },
          { announced: true, calleeUnheard: true }
        )
        expect(finished.call.status).toBe("failed")
        expect(finished.call.error?.type).toBe(code === "rate_limit_exceeded" ? "RateLimited" : "ModelUnavailable")
        expect(finished.legs[0]?.heard.at(-1)?.text).toMatch(apology)
        expect(finished.call.duration).toBeLessThan(40)
      })
    }

    it("10: a handshake that is refused, hangs, or is not even there fails the call before it is dialled", async () => {
      for (const faults of [
        { refuseHandshake: { status: 401 } },
        { hangHandshake: true },
        { reject: "wrong-key" }
      ] as const) {
        const finished = await tell({ faults })
        expect(finished.posts).toEqual([])
        expect(finished.call).toMatchObject({ status: "failed", error: { type: "ModelUnavailable" } })
      }
    })

    it("10: a session that ends at its time limit is followed by another", async () => {
      const finished = await tell(
        { callee: greets(...agrees), faults: once({ sessionLimit: "10 seconds" }) },
        { calleeUnheard: true }
      )
      expect(finished.sessions.length).toBeGreaterThan(1)
      expect(finished.call.status).toBe("completed")
    })
  })
})
