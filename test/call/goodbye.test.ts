/** Goodbyes are heard to their end, unless the callee interrupts or leaves. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { ended, says, settle, spoken, story, talking } from "./support.ts"

const claim = {
  success: true,
  task_completed: true,
  summary: "Booked for Tuesday.",
  next_steps: [],
  evidence: ["yes, Tuesday works"]
}
const endCall = { name: "end_call", input: claim, id: "end" }
const farewell = { text: "Thank you, goodbye.", ms: 2_000, tools: [endCall] }

describe("the agent says goodbye", () => {
  story("end_call hangs up when the last word was heard, not before, and the line is not kept", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("1900 millis")
      expect(world.line().tags()).not.toContain("hangUp")
      yield* Effect.sleep("200 millis")
      expect(world.line().playedOf(3)).toBe(2_000)
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "hangUp")
      ).toHaveLength(1)
      const call = yield* ended(world, id)
      expect(call).toMatchObject({ status: "completed", answeredBy: "human" })
      expect(call.outcome).toMatchObject({
        success: true,
        taskCompleted: true,
        summary: "Booked for Tuesday.",
        nextSteps: [],
        evidence: [1]
      })
      expect(spoken(call).at(-1)).toBe("assistant: Thank you, goodbye.")
      // nobody is asked for what is known already
      expect(
        world
          .session()
          .commands("Respond")
          .map(({ aside }) => aside)
      ).not.toContain("text")
    })
  )

  story("the callee speaks into the goodbye: no hang-up, the model learns it, and it can end the call later", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        farewell,
        { text: "Of course.", ms: 500 },
        { ...farewell, tools: [{ ...endCall, id: "again" }] }
      ]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("1 second")
      yield* says(world, "Wait, one more thing.")
      expect(
        world
          .session()
          .commands("ToolResult")
          .map(({ output, toolCallId }) => [toolCallId, JSON.parse(output).ok])
      ).toEqual([["end", false]])
      yield* Effect.sleep("5 seconds")
      expect(world.line().tags()).not.toContain("hangUp")
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      yield* says(world, "That is all.")
      yield* Effect.sleep("3 seconds")
      expect(world.line().tags()).toContain("hangUp")
      expect((yield* ended(world, id)).outcome?.success).toBe(true)
    })
  )

  story("end_call without a word: the callee is not left in silence", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [endCall] }]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("3 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "goodbye"])
      expect(spoken(yield* ended(world, id)).at(-1)).toBe("assistant: Thank you, goodbye.")
      expect(world.line().tags().at(-1)).toBe("hangUp")
    })
  )

  story("end_call twice ends the call once", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ ...farewell, tools: [endCall, { ...endCall, id: "twice" }, { ...endCall }] }]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* ended(world, id)
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "hangUp")
      ).toHaveLength(1)
      expect(
        world
          .session()
          .commands("ToolResult")
          .map(({ toolCallId }) => toolCallId)
      ).toEqual(["twice"])
    })
  )

  story("arguments that are cut JSON still end the call, and the outcome is asked for", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ ...farewell, tools: [{ ...endCall, input: '{"success": tr' }] }]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      const call = yield* ended(world, id)
      expect(call.outcome).toMatchObject({ success: false, summary: "Nothing was agreed." })
    })
  )

  story("a goodbye that is never confirmed is not waited for longer than 2 s past its end", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell]
      const id = yield* talking(world)
      world.line().behaviour.echoMarks = false
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("1900 millis")
      expect(world.line().tags()).not.toContain("hangUp")
      yield* Effect.sleep("2200 millis")
      expect(world.line().tags()).toContain("hangUp")
      yield* ended(world, id)
    })
  )

  story("the stream drops in the goodbye: it is said to its end on the next one", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("1 second")
      world.line().emit({ _tag: "MediaStopped" })
      yield* Effect.sleep("500 millis")
      expect(world.line().tags()).not.toContain("hangUp")
      world.line().emit({ _tag: "MediaStarted" })
      const call = yield* ended(world, id)
      expect(call.transcript.at(-1)).toMatchObject({ text: "Thank you, goodbye.", heard: 2 })
    })
  )
})

describe("others end the call", () => {
  story("the callee hangs up in mid sentence: the turn is cut, and words still on their way are kept", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "One two three four five six seven eight.", ms: 4_000 }]
      const id = yield* talking(world)
      yield* says(world, "")
      yield* Effect.sleep("500 millis")
      const late = world.session().starts()
      yield* Effect.sleep("500 millis")
      world.session().stops(late)
      // a second for its words, then it counts as an interruption
      yield* Effect.sleep("2500 millis")
      world.line().callerGone()
      yield* Effect.sleep("1 second")
      world.session().writes(late, "I have no time.")
      const call = yield* ended(world, id)
      expect(spoken(call)).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "assistant: One",
        "user: I have no time.",
        "assistant: One two three"
      ])
      expect(call.outcome?.summary).toBe("Nothing was agreed.")
      expect(world.session().commands("Respond").at(-1)).toMatchObject({ aside: "text" })
    })
  )

  story("the callee hangs up while speaking: silence is fed, so that the model finishes the utterance", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("500 millis")
      const before = world.session().heard.length
      world.line().callerGone()
      yield* settle
      expect(world.session().heard.length).toBeGreaterThan(before)
      world.session().stops(itemId)
      world.session().writes(itemId, "No thanks.")
      expect(spoken(yield* ended(world, id)).at(-1)).toBe("user: No thanks.")
    })
  )

  story("the owner hangs up in the talk: at once, and the record is whole", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "One two three four five six seven eight.", ms: 4_000 }]
      const id = yield* talking(world)
      yield* says(world, "Yes?")
      yield* Effect.sleep("2 seconds")
      yield* world.calls.hangUp(id)
      yield* settle
      expect(world.line().tags().slice(-2)).toEqual(["clear", "hangUp"])
      const call = yield* ended(world, id)
      expect(call.status).toBe("completed")
      expect(call.transcript.at(-1)).toMatchObject({ interrupted: true, text: "One two three four" })
      expect(call.endedAt).toBeDefined()
    })
  )

  story("a hang-up that the network does not confirm ends the call all the same", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.line().behaviour.confirmsHangUp = false
      yield* world.calls.hangUp(id)
      yield* Effect.sleep("11 seconds")
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
      yield* Effect.sleep("5 seconds")
      expect((yield* world.calls.status(id)).status).toBe("completed")
      expect(world.line().released()).toBe(true)
      // quiet as the line was, nothing was said into it
      expect(world.session().asked()).toEqual(["opening"])
    })
  )
})
