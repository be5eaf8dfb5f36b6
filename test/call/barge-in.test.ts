/** The callee speaks into what we say: silence at once, and a memory that holds what was heard and no more. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { ended, insists, says, settle, spoken, story, talking } from "./support.ts"

const long = "One two three four five six seven eight nine ten."

describe("barge-in", () => {
  story("what was heard of a sentence stays in memory and transcript, the rest is forgotten", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: long, ms: 5_000 },
        { text: "Sorry, go on.", ms: 500 }
      ]
      const id = yield* talking(world)
      yield* says(world, "Tell me all.")
      yield* Effect.sleep("1234 millis")
      const before = world.line().playedOf(3)
      const itemId = world.session().starts()
      yield* settle
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "clear")
      ).toHaveLength(1)
      yield* insists
      expect(world.session().commands("Truncate")).toEqual([
        { _tag: "Truncate", itemId: "item3", contentIndex: 0, ms: before }
      ])
      // generation was over: nothing to cancel, nothing to delete
      expect(world.session().commands("Cancel")).toEqual([])
      expect(world.session().commands("Forget")).toEqual([])
      yield* Effect.sleep("2 seconds")
      expect(world.line().playedOf(3)).toBe(before)
      world.session().stops(itemId)
      world.session().writes(itemId, "Stop, stop.")
      yield* Effect.sleep("2 seconds")
      world.line().callerGone()
      const { transcript } = yield* ended(world, id)
      expect(transcript.map(({ interrupted, role, text }) => [role, text, interrupted])).toEqual([
        ["assistant", "Hello, this is an AI assistant.", undefined],
        ["user", "Tell me all.", undefined],
        ["assistant", "One two", true],
        ["user", "Stop, stop.", undefined],
        ["assistant", "Sorry, go on.", undefined]
      ])
      expect(transcript[2]).toMatchObject({ heard: before / 1000, generated: long })
    })
  )

  story("a running answer is canceled by its id, and what still comes of it is never heard", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: long, ms: 1_000, open: true },
        { text: "Yes?", ms: 500 }
      ]
      yield* talking(world)
      yield* says(world, "Tell me all.")
      yield* Effect.sleep("400 millis")
      const session = world.session()
      const itemId = session.starts()
      // still on its way when the callee began to speak
      session.emit(
        {
          _tag: "Audio",
          responseId: "response3",
          itemId: "item3",
          contentIndex: 0,
          bytes: new Uint8Array(8_000).fill(3)
        },
        { _tag: "Text", responseId: "response3", itemId: "item3", text: " Eleven." }
      )
      yield* insists
      expect(session.commands("Cancel")).toEqual([{ _tag: "Cancel", responseId: "response3" }])
      yield* Effect.sleep("1 second")
      expect(world.line().playedOf(3)).toBeLessThan(410)
      session.stops(itemId)
      yield* Effect.sleep("1 second")
      expect(world.line().playedOf(4)).toBe(500)
      expect(world.model.violations).toEqual([])
    })
  )

  story("an answer of which nothing was heard is deleted, not truncated to zero", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: long, ms: 4_000, open: true }]
      const id = yield* talking(world)
      world.session().hears("Hello?")
      // in the very moment in which the answer comes
      const second = world.session().starts()
      yield* insists
      const { ms } = world.session().commands("Truncate")[0] ?? { ms: 0 }
      expect(ms).toBe(0)
      expect(world.session().commands("Forget")).toEqual([{ _tag: "Forget", itemId: "item3" }])
      world.session().stops(second)
      world.session().writes(second, "Are you there?")
      world.line().callerGone()
      const call = yield* ended(world, id)
      expect(spoken(call)).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "user: Hello?",
        "user: Are you there?"
      ])
    })
  )

  story("a second item that had not begun is deleted, the first is cut", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "First.", ms: 1_000, open: true }]
      yield* talking(world)
      yield* says(world, "Hm?")
      const session = world.session()
      session.emit(
        { _tag: "ItemDone", responseId: "response3", itemId: "item3", text: "First." },
        { _tag: "ItemStarted", responseId: "response3", itemId: "second" },
        { _tag: "Text", responseId: "response3", itemId: "second", text: "Second." },
        {
          _tag: "Audio",
          responseId: "response3",
          itemId: "second",
          contentIndex: 0,
          bytes: new Uint8Array(8_000).fill(99)
        }
      )
      yield* Effect.sleep("500 millis")
      session.starts()
      yield* insists
      expect(session.commands("Truncate").map(({ itemId }) => itemId)).toEqual(["item3"])
      expect(session.commands("Forget").map(({ itemId }) => itemId)).toEqual(["second"])
      expect(world.line().playedOf(99)).toBe(0)
    })
  )

  story("a request that has not even begun is canceled as soon as it begins", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.model.behaviour.silent = true
      const session = world.session()
      yield* says(world, "Hello?")
      session.starts()
      yield* insists
      expect(session.commands("Cancel")).toEqual([])
      const tag = session.commands("Respond").at(-1)?.tag ?? ""
      session.emit({ _tag: "ResponseStarted", responseId: "late", tag })
      session.emit({ _tag: "ItemStarted", responseId: "late", itemId: "lateItem" })
      session.emit({
        _tag: "Audio",
        responseId: "late",
        itemId: "lateItem",
        contentIndex: 0,
        bytes: new Uint8Array(800).fill(77)
      })
      yield* Effect.sleep("1 second")
      expect(session.commands("Cancel")).toEqual([{ _tag: "Cancel", responseId: "late" }])
      expect(session.commands("Forget")).toEqual([{ _tag: "Forget", itemId: "lateItem" }])
      expect(world.line().playedOf(77)).toBe(0)
    })
  )

  story("a refused truncate or cancel does no harm: the conversation goes on", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world
        .session()
        .emit(
          { _tag: "Refused", code: "invalid_value", message: "already shorter" },
          { _tag: "Refused", code: "response_cancel_not_active", message: "no active response" }
        )
      yield* says(world, "Are you there?")
      yield* Effect.sleep("1 second")
      expect(world.session().asked()).toEqual(["opening", "reply"])
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
    })
  )

  story("somebody who speaks while we are silent interrupts nothing", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* says(world, "Yes.")
      yield* Effect.sleep("2 seconds")
      yield* says(world, "And?")
      yield* Effect.sleep("2 seconds")
      expect(world.line().tags()).not.toContain("clear")
      expect(world.session().commands("Cancel")).toEqual([])
      expect(world.session().commands("Truncate")).toEqual([])
    })
  )
})
