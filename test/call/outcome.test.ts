/** What a call is said to have achieved: never more than the callee's own words bear out. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { json } from "./FakeModel.ts"
import { answered, ended, says, story, talking } from "./support.ts"

const claim = (more: object = {}) => ({
  success: true,
  task_completed: true,
  summary: "Booked.",
  next_steps: ["Be there."],
  evidence: ["Tuesday at two works for us"],
  ...more
})

const endWith = (input: unknown) => [{ text: "Goodbye.", ms: 300, tools: [{ name: "end_call", input }] }]

describe("the agent's own claim", () => {
  story("quotes are found in the turns, also when not word for word", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Who is there?")
      yield* Effect.sleep("1 second")
      world.model.says.reply = endWith(claim())
      yield* says(world, "Yes, Tuesday at two, that works.")
      const { outcome, transcript } = yield* ended(world, id)
      expect(outcome).toEqual({
        success: true,
        taskCompleted: true,
        summary: "Booked.",
        nextSteps: ["Be there."],
        evidence: [3],
        basis: "cited",
        claimed: { success: true, taskCompleted: true, summary: "Booked.", evidence: ["Tuesday at two works for us"] }
      })
      expect(transcript[3]?.text).toBe("Yes, Tuesday at two, that works.")
    })
  )

  for (const [why, evidence] of [
    ["nothing is quoted", []],
    ["what is quoted was never said", ["I confirm the reservation for Monday"]],
    ["only the agent's own words are quoted", ["Hello, this is an AI assistant."]],
    ["turns are cited that do not exist", [17, -1, 0.5]]
  ] as const) {
    story(`success is withdrawn when ${why}`, (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        world.model.says.reply = endWith(claim({ evidence }))
        yield* says(world, "Hm, maybe.")
        const { outcome } = yield* ended(world, id)
        expect(outcome).toMatchObject({ success: false, taskCompleted: false })
        expect(outcome?.summary).toContain("Booked.")
      })
    )
  }

  story("success is withdrawn when nobody spoke", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.says.reply = endWith(claim())
      yield* world.calls.say(id, "End it.")
      expect((yield* ended(world, id)).outcome?.summary).toContain("Nobody was reached.")
    })
  )
})

describe("an outcome asked for after the call", () => {
  const hangUpMidway = Effect.fnUntraced(function* (world: Parameters<typeof talking>[0], written: string) {
    world.model.says.outcome = [{ text: written }]
    const id = yield* talking(world)
    yield* says(world, "Tuesday at two works for us.")
    yield* Effect.sleep("1 second")
    world.line().callerGone()
    return yield* ended(world, id)
  })

  story("is checked like any other", (world) =>
    Effect.gen(function* () {
      const call = yield* hangUpMidway(world, `Here it is: ${json(claim())}`)
      expect(call.outcome).toMatchObject({ success: true, evidence: [1] })
    })
  )

  story("that is no JSON gives way to the facts", (world) =>
    Effect.gen(function* () {
      const call = yield* hangUpMidway(world, "It went well!")
      expect(call.outcome).toMatchObject({ success: false, evidence: [] })
      expect(call.outcome?.summary).toContain("not known")
    })
  )

  story("is not asked of a call in which nobody spoke", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      world.line().callerGone()
      const call = yield* ended(world, id)
      expect(call.outcome?.summary).toBe("The call was answered, but nobody said a word.")
      expect(call.answeredBy).toBe("unknown")
      expect(
        world
          .session()
          .commands("Respond")
          .map(({ aside }) => aside)
      ).not.toContain("text")
    })
  )

  story("that the server refuses is not asked for again and again", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Yes?")
      yield* Effect.sleep("1 second")
      world.model.behaviour.silent = true
      world.line().callerGone()
      yield* Effect.sleep("100 millis")
      const asides = () =>
        world
          .session()
          .commands("Respond")
          .filter(({ aside }) => aside === "text")
      expect(asides()).toHaveLength(1)
      world.session().emit({ _tag: "Refused", code: "server_error", message: "no", tag: asides()[0]?.tag ?? "" })
      expect((yield* ended(world, id)).outcome?.summary).toContain("not known")
      expect(asides()).toHaveLength(1)
    })
  )

  story("that never comes is waited for 10 s", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Yes?")
      yield* Effect.sleep("1 second")
      world.model.behaviour.silent = true
      world.line().callerGone()
      yield* Effect.sleep("9 seconds")
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
      yield* Effect.sleep("2 seconds")
      expect((yield* world.calls.status(id)).status).toBe("completed")
    })
  )
})

describe("the record", () => {
  story("ends when the line ended, not when the outcome was written", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Yes?")
      world.model.behaviour.silent = true
      yield* Effect.sleep("5 seconds")
      world.line().callerGone()
      const call = yield* ended(world, id)
      expect(call.duration).toBeCloseTo(9, 1)
      expect((call.endedAt?.epochMillis ?? 0) - (call.answeredAt?.epochMillis ?? 0)).toBe(call.duration * 1000)
      expect(call.cost?.total).toBeGreaterThan(0)
    })
  )

  story("names the recording, once it is there, of answered calls only", (world) =>
    Effect.gen(function* () {
      world.telephone.behaviour.recording = new Uint8Array([1, 2, 3])
      const id = yield* talking(world)
      world.line().callerGone()
      yield* ended(world, id)
      yield* Effect.sleep("1 second")
      expect((yield* world.calls.status(id)).recording).toBe(`/transcripts/${id}.wav`)
      const second = yield* world.place()
      yield* Effect.sleep("1 second")
      world.line().status("busy")
      yield* ended(world, second)
      yield* Effect.sleep("1 second")
      expect((yield* world.calls.status(second)).recording).toBeUndefined()
    })
  )
})
