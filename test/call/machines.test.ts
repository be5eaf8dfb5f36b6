/** Machines that answer: one message, whole, after the greeting; and humans who are taken for machines. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { stillPerson } from "../../src/call/talk/Words.ts"
import { answered, ended, says, settle, spoken, story, talking } from "./support.ts"

describe("voicemail", () => {
  story("the detector says so: all is dropped and forgotten, one message is left whole, then we hang up", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const greeting = world.session().starts()
      yield* Effect.sleep("4 seconds")
      // the cap made us speak into the greeting
      expect(world.line().playedOf(1)).toBeGreaterThan(500)
      world.session().stops(greeting)
      world.session().writes(greeting, "You have reached Jane. Leave a message.")
      world.line().emit({ _tag: "Machine", verdict: "machine-end" })
      yield* settle
      const cut = world.line().playedOf(1)
      expect(world.line().tags()).toContain("clear")
      expect(
        world
          .session()
          .commands("Truncate")
          .map(({ itemId }) => itemId)
      ).toEqual(["item1"])
      yield* Effect.sleep("2900 millis")
      expect(world.line().tags()).not.toContain("hangUp")
      yield* Effect.sleep("200 millis")
      expect(world.line().tags().at(-1)).toBe("hangUp")
      expect(world.line().playedOf(3)).toBe(3_000)
      expect(world.line().playedOf(1)).toBe(cut)
      expect(world.session().asked()).toEqual(["opening", "voicemail"])
      const call = yield* ended(world, id)
      expect(call).toMatchObject({ status: "completed", answeredBy: "voicemail" })
      expect(call.outcome).toMatchObject({ success: false, summary: "Voicemail answered; a message was left." })
      expect(spoken(call).at(-1)).toBe("assistant: Please call back.")
    })
  )

  story("a long greeting whose words are a machine's is one, whatever its beep", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      world.line().emit({ _tag: "Machine", verdict: "long-greeting" })
      yield* says(world, "Smith Dental. We are not available right now.")
      yield* Effect.sleep("20 seconds")
      const call = yield* ended(world, id)
      expect(call).toMatchObject({ status: "completed", answeredBy: "voicemail" })
    })
  )

  story("a late verdict of a long greeting does not take back a goodbye", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: "Goodbye.", ms: 2_000, tools: [{ name: "end_call", input: '{"success":false,"summary":"Away."}' }] }
      ]
      const id = yield* talking(world)
      yield* says(world, "She is not available today.")
      world.line().emit({ _tag: "Machine", verdict: "long-greeting" })
      const call = yield* ended(world, id)
      expect(world.session().asked()).toEqual(["opening", "reply"])
      expect(call.answeredBy).not.toBe("voicemail")
    })
  )

  story("a person with a long greeting is talked with, though the detector took them for a machine", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      world.line().emit({ _tag: "Machine", verdict: "long-greeting" })
      yield* says(world, "Thank you for calling Smith Dental, this is Sarah speaking, how may I help you today?")
      yield* Effect.sleep("5 seconds")
      expect(world.session().asked()).toEqual(["opening"])
      expect(world.line().tags()).not.toContain("clear")
      yield* says(world, "Yes, Tuesday works.")
      expect(world.session().asked()).toEqual(["opening", "reply"])
    })
  )

  story("the verdict comes before the media does: not a word is said into the greeting", (world) =>
    Effect.gen(function* () {
      yield* world.place()
      yield* settle
      world.line().emit({ _tag: "Machine", verdict: "machine-start" })
      yield* settle
      world.line().answer()
      const greeting = world.session().starts()
      yield* Effect.sleep("6 seconds")
      expect(world.line().tags()).toEqual([])
      expect(world.session().commands("Forget")).toEqual([{ _tag: "Forget", itemId: "item1" }])
      world.session().stops(greeting)
      yield* Effect.sleep("1400 millis")
      expect(world.line().tags()).toEqual([])
      yield* Effect.sleep("4 seconds")
      expect(world.line().playedOf(3)).toBe(3_000)
    })
  )

  story("the model notices it: it waits for the end of the greeting, which is 1.5 s of quiet", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [{ name: "report_answering_machine", id: "machine" }] }]
      const id = yield* talking(world)
      yield* says(world, "The person you have called is not available.")
      yield* settle
      // the greeting has a second part
      yield* Effect.sleep("1 second")
      yield* says(world, "Please leave a message.", 3_000)
      expect(world.session().asked()).toEqual(["opening", "reply"])
      yield* Effect.sleep("1600 millis")
      expect(world.session().asked()).toEqual(["opening", "reply", "voicemail"])
      const call = yield* ended(world, id)
      expect(call.answeredBy).toBe("voicemail")
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "hangUp")
      ).toHaveLength(1)
    })
  )

  story("a greeting that never ends gets its message after 30 s", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.session().starts()
      world.line().emit({ _tag: "Machine", verdict: "machine-start" })
      yield* Effect.sleep("29 seconds")
      expect(world.session().asked()).toEqual(["opening"])
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "voicemail"])
    })
  )

  story("a greeting in two parts that never listens is no conversation: the verdict counts", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      yield* says(world, "You have reached Jane.", 1_000)
      yield* Effect.sleep("500 millis")
      yield* says(world, "I cannot come to the phone.", 1_500)
      yield* Effect.sleep("100 millis")
      world.line().emit({ _tag: "Machine", verdict: "machine-end" })
      yield* settle
      expect(world.session().asked().at(-1)).toBe("voicemail")
    })
  )

  story(
    "no messages are wanted: hung up at once",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        world.line().emit({ _tag: "Machine", verdict: "machine-end" })
        yield* settle
        expect(world.line().tags().at(-1)).toBe("hangUp")
        expect((yield* ended(world, id)).outcome?.summary).toContain("Voicemail answered")
        expect(world.session().asked()).toEqual(["opening"])
      }),
    { config: { voicemail: "hang-up" } }
  )

  story("a claim of success towards a machine is withdrawn: nobody was reached", (world) =>
    Effect.gen(function* () {
      const claim = { success: true, summary: "Told them.", evidence: ["leave a message"] }
      world.model.says.reply = [
        {
          text: "Bye.",
          ms: 300,
          tools: [{ name: "end_call", input: claim }, { name: "report_answering_machine" }]
        }
      ]
      const id = yield* talking(world)
      yield* says(world, "Please leave a message.")
      const call = yield* ended(world, id)
      expect(call.answeredBy).toBe("voicemail")
      expect(call.outcome).toMatchObject({ success: false, taskCompleted: false })
    })
  )
})

describe("mistaken detectors", () => {
  story("a machine verdict in the middle of a human conversation changes nothing", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Hello, who is there?")
      yield* Effect.sleep("2 seconds")
      yield* says(world, "Ah, yes, go on.")
      yield* Effect.sleep("100 millis")
      const before = world.session().told.length
      const tags = world
        .line()
        .tags()
        .filter((tag) => tag !== "play" && tag !== "mark")
      for (const verdict of ["machine-start", "machine-end", "fax", "unknown"] as const) {
        world.line().emit({ _tag: "Machine", verdict })
      }
      yield* Effect.sleep("2 seconds")
      expect(world.session().told.length).toBe(before)
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag !== "play" && tag !== "mark")
      ).toEqual(tags)
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
      yield* says(world, "Good.")
      yield* Effect.sleep("2 seconds")
      world.line().callerGone()
      expect(yield* ended(world, id)).toMatchObject({ status: "completed", answeredBy: "human" })
    })
  )

  story("the model alone makes no machine of who has listened and answered: it is told so, and speaks on", (world) =>
    Effect.gen(function* () {
      const report = { tools: [{ name: "report_answering_machine", id: "report" }] }
      world.model.says.reply = [
        { text: "An assistant.", ms: 500 },
        { text: "Yes.", ms: 500 },
        report,
        { text: "So.", ms: 500 }
      ]
      const id = yield* talking(world)
      for (const text of ["Hello, who is there?", "I would have to look that up.", "And what was it about again?"]) {
        yield* says(world, text)
        yield* Effect.sleep("2 seconds")
      }
      const results = world.session().commands("ToolResult")
      expect(results.map(({ output }) => JSON.parse(output))).toEqual([{ ok: false, reason: stillPerson }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply", "reply", "reply"])
      world.line().callerGone()
      expect(yield* ended(world, id)).toMatchObject({ answeredBy: "human" })
    })
  )

  story("a late verdict after the end changes nothing", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Hello?")
      world.line().emit({ _tag: "MediaStopped" }, { _tag: "Status", status: "completed" })
      world.line().emit({ _tag: "Machine", verdict: "machine-end" }, { _tag: "Status", status: "failed" })
      expect(yield* ended(world, id)).toMatchObject({ status: "completed", answeredBy: "human" })
    })
  )

  story("a human verdict is noted and does not delay or change a word", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      world.line().emit({ _tag: "Machine", verdict: "human" })
      yield* Effect.sleep("3 seconds")
      expect(world.line().playedOf(1)).toBe(2_000)
      expect((yield* world.calls.status(id)).answeredBy).toBe("human")
    })
  )

  story("a fax gets no words", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      world.line().emit({ _tag: "Machine", verdict: "fax" })
      yield* settle
      expect(world.line().tags()).toEqual(["hangUp"])
      expect(yield* ended(world, id)).toMatchObject({
        answeredBy: "fax",
        outcome: { summary: "A fax machine answered." }
      })
    })
  )
})
