/** Voice menus and keys, each in its time: when the model is asked, what it is told, what becomes of keys in every trouble. */
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { isSamePrompt } from "../../src/call/talk/lines/Menus.ts"
import { CallFailed } from "../../src/domain/errors.ts"
import type { Answer } from "../call/FakeModel.ts"
import { answered, ended, says, settle, story, talking, type World } from "../call/support.ts"

const presses = (digits: string, text?: string): Answer => ({
  ...(text === undefined ? {} : { text, ms: 1_000 }),
  tools: [{ name: "send_digits", input: { digits } }]
})
const asked = (world: World) => world.session().asked()
const notes = (world: World, about: string) =>
  world
    .session()
    .commands("Note")
    .filter(({ text }) => text.includes(about))
const results = (world: World) =>
  world
    .session()
    .commands("ToolResult")
    .map(({ output }) => JSON.parse(output))
const pressed = (world: World) => world.line().told.flatMap((told) => (told._tag === "digits" ? [told.digits] : []))

const clinic = "Welcome to the clinic. For appointments, press 1. For billing, press 2."

/** A menu has answered, and the model is about to be asked. */
const answeredByMenu = Effect.fnUntraced(function* (world: World, ...replies: ReadonlyArray<Answer>) {
  world.model.says.reply = [...replies]
  const id = yield* talking(world)
  yield* says(world, clinic, 4_000)
  return id
})

describe("4.5 a menu", () => {
  story("is answered 1.2 s after its last word", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1"))
      // its words come 600 ms after its end, and until they are known it may be a person
      expect(asked(world)).toEqual(["opening", "reply"])
      expect(world.session().commands("Cancel")).toHaveLength(0)
      yield* Effect.sleep("5 seconds")
      yield* says(world, "To make an appointment, press 3.")
      expect(asked(world)).toEqual(["opening", "reply"])
      yield* Effect.sleep("1100 millis")
      expect(asked(world)).toEqual(["opening", "reply"])
      yield* Effect.sleep("200 millis")
      expect(asked(world)).toEqual(["opening", "reply", "reply"])
    })
  )

  story("in several parts is answered once, when the last of them is over", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1"))
      yield* Effect.sleep("5 seconds")
      for (const option of [
        "For sales, press 1.",
        "For support, press 2.",
        "Our offices are in Main Street.",
        "For all else, press 3."
      ]) {
        yield* says(world, option)
        yield* Effect.sleep("900 millis")
      }
      expect(asked(world)).toEqual(["opening", "reply"])
      yield* Effect.sleep("400 millis")
      expect(asked(world)).toEqual(["opening", "reply", "reply"])
    })
  )

  story("is not talked to: a sentence that has begun is taken back", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, { text: "I would like an appointment.", ms: 3_000 }, presses("1"))
      yield* Effect.sleep("3 seconds")
      expect(world.line().tags()).toContain("clear")
      expect(asked(world)).toEqual(["opening", "reply", "reply"])
      expect(pressed(world)).toEqual(["1"])
    })
  )

  story("behind it a person is answered at once, with the opening that the menu has swallowed", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1"))
      yield* Effect.sleep("5 seconds")
      yield* says(world, "Appointments, this is Anna, how can I help?")
      expect(asked(world)).toEqual(["opening", "reply", "opening"])
      yield* Effect.sleep("5 seconds")
      yield* says(world, "Sure, when?")
      expect(asked(world).at(-1)).toBe("reply")
    })
  )

  story("that answers the call while our opening is being said is answered, too", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [presses("1")]
      yield* answered(world)
      const itemId = world.session().starts()
      // the opening is said into a long greeting
      yield* Effect.sleep("5 seconds")
      world.session().stops(itemId)
      yield* Effect.sleep("300 millis")
      world.session().writes(itemId, clinic)
      yield* Effect.sleep("1500 millis")
      expect(pressed(world)).toEqual(["1"])
    })
  )

  story("that is the same again after a key is told to the model, once for each key", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1"), presses("2"), { text: "Hm.", ms: 500 })
      yield* Effect.sleep("3 seconds")
      expect(notes(world, "same menu again")).toHaveLength(0)
      yield* says(world, clinic)
      expect(notes(world, "same menu again")).toHaveLength(1)
      yield* Effect.sleep("4 seconds")
      expect(pressed(world)).toEqual(["1", "2"])
      yield* says(world, "Welcome to the clinic. For appointments, press one.")
      yield* says(world, clinic)
      expect(notes(world, "same menu again")).toHaveLength(2)
    })
  )

  story("that is heard for the third time is told to the model without a key", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, { text: "Hm.", ms: 500 })
      yield* Effect.sleep("5 seconds")
      yield* says(world, clinic)
      expect(notes(world, "same menu again")).toHaveLength(0)
      yield* Effect.sleep("5 seconds")
      yield* says(world, clinic)
      expect(notes(world, "same menu again")).toHaveLength(1)
    })
  )

  story("that nobody gets through is left after three minutes", (world) =>
    Effect.gen(function* () {
      const id = yield* answeredByMenu(world, presses("1"), { text: "Hm.", ms: 500 })
      for (let round = 0; round < 17; round++) {
        yield* Effect.sleep("9 seconds")
        yield* says(world, `Menu ${round}: for department ${round}, press 1.`)
      }
      expect(world.line().tags()).not.toContain("hangUp")
      yield* Effect.sleep("11 seconds")
      const { outcome, status } = yield* ended(world, id)
      expect(status).toBe("completed")
      expect(outcome).toMatchObject({ success: false })
      expect(outcome?.summary).toContain("could not get through the menu")
    })
  )

  story("that takes no key is no person: its time runs on, and the opening is still owed", (world) =>
    Effect.gen(function* () {
      const id = yield* answeredByMenu(world, presses("1"), { text: "Hm.", ms: 500 })
      for (let round = 0; round < 9; round++) {
        yield* Effect.sleep("9 seconds")
        yield* says(world, "Sorry, this is not a valid choice. Please try again.")
        yield* Effect.sleep("9 seconds")
        yield* says(world, clinic)
      }
      yield* Effect.sleep("11 seconds")
      expect(asked(world).filter((purpose) => purpose === "opening")).toHaveLength(1)
      expect((yield* ended(world, id)).outcome?.summary).toContain("could not get through the menu")
    })
  )

  story("that puts us into a waiting line: from there on only the holding counts", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1"))
      yield* Effect.sleep("4 seconds")
      yield* says(world, "All of our agents are busy. Please hold.")
      yield* Effect.sleep("250 seconds")
      expect(world.line().tags()).not.toContain("hangUp")
      expect(asked(world)).toEqual(["opening", "reply"])
      yield* says(world, "Hello, this is Anna.")
      expect(asked(world)).toEqual(["opening", "reply", "opening"])
    })
  )
})

describe("4.5 keys for the other side", () => {
  story("two calls of the tool in one answer are pressed one after the other, and both are answered", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, {
        text: "I press four and seven.",
        ms: 1_000,
        tools: [
          { name: "send_digits", input: { digits: "4" } },
          { name: "send_digits", input: { digits: "7" } }
        ]
      })
      yield* Effect.sleep("8 seconds")
      expect(pressed(world)).toEqual(["4w7"])
      expect(results(world)).toMatchObject([{ ok: true }, { ok: true }])
      expect(world.model.violations).toEqual([])
    })
  )

  story("what the menu is saying when they are pressed is not answered", (world) =>
    Effect.gen(function* () {
      yield* answeredByMenu(world, presses("1", "I press one."))
      yield* Effect.sleep("500 millis")
      const itemId = world.session().starts()
      yield* Effect.sleep("100 millis")
      world.session().stops(itemId)
      yield* Effect.sleep("200 millis")
      world.session().writes(itemId, "For billing, press 2.")
      yield* Effect.sleep("4 seconds")
      expect(pressed(world)).toHaveLength(1)
    })
  )

  story("that cannot be pressed do not count, and the model may try again", (world) =>
    Effect.gen(function* () {
      const failed = new CallFailed({ reason: "No stream.", message: "No stream." })
      world.model.says.reply = [presses("1"), { text: "It did not work.", ms: 500 }, presses("1")]
      yield* talking(world)
      world.line().behaviour.digits = failed
      yield* says(world, clinic)
      yield* Effect.sleep("600 millis")
      world.line().behaviour.digits = "pressed"
      yield* says(world, clinic)
      yield* Effect.sleep("4 seconds")
      expect(notes(world, "same menu again")).toHaveLength(0)
      expect(results(world)).toMatchObject([{ ok: false }, { ok: true }])
      yield* says(world, clinic)
      expect(notes(world, "same menu again")).toHaveLength(1)
    })
  )

  story("the call that ends while they are pressed ends, and nothing is said into it", (world) =>
    Effect.gen(function* () {
      const id = yield* answeredByMenu(world, presses("1"))
      yield* Effect.sleep("100 millis")
      world.line().callerGone()
      const { status } = yield* ended(world, id)
      expect(status).toBe("completed")
      expect(asked(world).filter((purpose) => purpose !== "outcome")).toEqual(["opening", "reply"])
    })
  )
})

describe("4.5 keys of the callee", () => {
  story("a burst of them is one note and one answer, a second after the last", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      for (const digit of ["4", "2", "#"]) {
        world.line().emit({ _tag: "Digit", digit })
        yield* Effect.sleep("600 millis")
      }
      expect(notes(world, "pressed")).toEqual([])
      yield* Effect.sleep("500 millis")
      expect(notes(world, "pressed")).toMatchObject([{ text: "The callee pressed the keys 42# on the telephone." }])
      expect(asked(world)).toEqual(["opening", "reply"])
    })
  )

  story("keys pressed while they speak are answered together with their words", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      const itemId = world.session().starts()
      world.line().emit({ _tag: "Digit", digit: "5" })
      yield* Effect.sleep("2 seconds")
      expect(asked(world)).toEqual(["opening"])
      world.session().stops(itemId)
      yield* settle
      expect(notes(world, "the key 5")).toHaveLength(1)
      expect(asked(world)).toEqual(["opening", "reply"])
    })
  )

  story("keys pressed while there is no session reach the next one", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.line().emit({ _tag: "Digit", digit: "5" })
      yield* settle
      world.session().lose()
      yield* Effect.sleep("3 seconds")
      expect(world.model.sessions).toHaveLength(2)
      expect(notes(world, "the key 5")).toHaveLength(1)
    })
  )

  story("the last keys before the hang-up are known to whoever writes the outcome", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.line().emit({ _tag: "Digit", digit: "1" })
      yield* settle
      world.line().callerGone()
      yield* ended(world, id)
      expect(notes(world, "the key 1")).toHaveLength(1)
    })
  )
})

describe("4.5 the same prompt", () => {
  const words = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
  const same = (one: string, other: string) => isSamePrompt(words(one), words(other))

  it("is known again when it was cut off, or written down a little differently", () => {
    expect(same(clinic, "Welcome to the clinic. For appointments, press 1.")).toBe(true)
    expect(same(clinic, "Welcome to the clinic for appointments press one for billing press 2")).toBe(true)
  })

  it("is told from another one", () => {
    expect(same(clinic, "To make an appointment, press 3. To cancel it, press 4.")).toBe(false)
    expect(same("For sales, press 1.", "For support, press 2.")).toBe(false)
  })

  it("is so whichever is heard first", () => {
    const prompt = fc.uniqueArray(fc.constantFrom("press", "for", "sales", "one", "two", "help", "the", "desk"))
    fc.assert(
      fc.property(prompt, prompt, (one, other) => {
        expect(isSamePrompt(new Set(one), new Set(other))).toBe(isSamePrompt(new Set(other), new Set(one)))
        expect(isSamePrompt(new Set(one), new Set(one))).toBe(true)
      })
    )
  })
})
