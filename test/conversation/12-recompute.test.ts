/** The outcome of an ended call, made anew from its record: by the simulated model reading it, or without any. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Calls } from "../../src/Calls.ts"
import { defaultMind } from "../../src/simulation/realtime/DefaultMind.ts"
import { type Mind, type Plan, tagOf } from "../../src/simulation/realtime/Mind.ts"
import { Outside } from "../../src/simulation/Simulation.ts"
import { agrees, greets, person, story } from "../calls/world.ts"

const written = (claim: object) => JSON.stringify({ next_steps: [], evidence: [], task_completed: false, ...claim })

/** Writes these outcomes one after the other; says what the offline agent says. */
const writing = (...texts: ReadonlyArray<string>) => {
  const asked: Array<Parameters<Mind>[0]> = []
  const mind: Mind = (situation): Plan => {
    if (tagOf(situation) !== "outcome") return defaultMind(situation)
    asked.push(situation)
    return [{ write: texts[asked.length - 1] ?? "nothing more" }]
  }
  return { mind, asked }
}

const hangsUp = greets({ listen: {} }, { say: "Tuesday at 2 pm works." }, { wait: 0.2 }, { hangUp: true })

describe("4.12 an outcome that cannot be read", () => {
  it("is asked for once more, with what is wrong with it, in the same session", async () => {
    const good = written({
      success: true,
      task_completed: true,
      summary: "Booked.",
      evidence: ["Tuesday at 2 pm works"]
    })
    const { asked, mind } = writing('{"success": "perhaps"', good)
    const { call, sessions } = await story({ callee: hangsUp, realtime: { mind } }, (world) => world.call())
    expect(call.outcome).toMatchObject({ success: true, basis: "cited", summary: "Booked." })
    expect(asked).toHaveLength(2)
    expect(JSON.stringify(asked[1]?.items)).toContain("could not be read")
    expect(sessions).toHaveLength(1)
  })

  it("is not asked for a third time", async () => {
    const { asked, mind } = writing("It went well!", "Really!", written({ success: true, summary: "Booked." }))
    const { call } = await story({ callee: hangsUp, realtime: { mind } }, (world) => world.call())
    expect(call.outcome).toMatchObject({ success: false, basis: "facts" })
    expect(asked).toHaveLength(2)
  })
})

describe("4.12 an outcome made anew", () => {
  it("by the model: a session of its own reads the transcript, and nothing is stored unless that is asked for", async () => {
    const first = written({ success: "insufficient evidence", summary: "They hung up." })
    const second = written({
      success: true,
      task_completed: true,
      summary: "Booked for Tuesday.",
      evidence: ["Tuesday at 2 pm works"]
    })
    const { asked, mind } = writing(first, second, second)
    await story({ callee: hangsUp, realtime: { mind } }, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const { realtime, twilio } = yield* Outside
        const { call, id } = yield* world.call()
        expect(call.outcome).toMatchObject({ success: false, basis: "insufficient" })

        const shown = yield* calls.reassess(id, {})
        expect(shown).toMatchObject({ callId: id, by: "model", saved: false, before: call.outcome })
        expect(shown.outcome).toMatchObject({ success: true, basis: "cited", summary: "Booked for Tuesday." })
        expect(shown.cost).toBeGreaterThan(0)
        expect((yield* calls.status(id)).outcome).toEqual(call.outcome)
        // it has read what was said, and the session is closed; nobody was called for that
        const heard = asked[1]?.items.flatMap((item) =>
          item._tag === "Said" && item.role === "user" ? [item.text] : []
        )
        expect(heard).toContain("Tuesday at 2 pm works.")
        yield* Effect.sleep("1 second")
        expect(realtime.sessions().at(-1)?.closed).toBeDefined()
        expect(twilio.calls()).toHaveLength(1)

        const saved = yield* calls.reassess(id, { save: true })
        expect((yield* calls.status(id)).outcome).toEqual(saved.outcome)
      })
    )
  })

  it("without a model: the report is held against the turns as they are stored now", async () => {
    await story({ callee: greets(...agrees) }, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const { realtime } = yield* Outside
        const { call, id } = yield* world.call()
        const sessions = realtime.sessions().length
        const again = yield* calls.reassess(id, { recheck: true })
        expect(again).toEqual({ callId: id, by: "report", outcome: call.outcome, before: call.outcome, saved: false })
        expect(realtime.sessions()).toHaveLength(sessions)
      })
    )
  })

  it("of a call that reached nobody is the telephone's, and asks no model", async () => {
    const { asked, mind } = writing()
    await story({ callee: { line: "busy" }, realtime: { mind } }, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const { id } = yield* world.call()
        const judged = yield* calls.reassess(id, {})
        expect(judged).toMatchObject({ by: "facts", outcome: { success: false, basis: "facts" } })
        expect(judged.outcome.summary).toContain("busy")
        expect(asked).toEqual([])
        const refused = yield* Effect.flip(calls.reassess(id, { recheck: true }))
        expect(refused).toMatchObject({ _tag: "InvalidRequest", field: "recheck" })
      })
    )
  })

  it("is refused while the call goes on, and typed when the model cannot be had", async () => {
    const down = { refuseHandshake: { status: 401 } }
    await story(
      {
        callee: person([{ wait: 5 }, { say: "Hello?" }, { wait: 3 }, { hangUp: true }]),
        faults: (n) => (n === 0 ? {} : down)
      },
      (world) =>
        Effect.gen(function* () {
          const calls = yield* Calls
          const id = yield* world.place()
          yield* Effect.sleep("5 seconds")
          expect(yield* Effect.flip(calls.reassess(id, {}))).toMatchObject({ _tag: "InvalidRequest", field: "callId" })
          yield* world.finish(id)
          expect(yield* Effect.flip(calls.reassess(id, {}))).toMatchObject({ _tag: "ModelUnavailable" })
          expect(yield* Effect.flip(calls.reassess("nobody12", {}))).toMatchObject({ _tag: "CallNotFound" })
        })
    )
  })
})
