/** The callee makes a sound into our words: when the line falls silent, what is decided when, and what is left of the sentence. */
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/call/Command.ts"
import type { Fact } from "../../src/call/Fact.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import * as Playout from "../../src/call/Playout.ts"
import { isBackChannel, wordsOf } from "../../src/call/talk/callee/BackChannels.ts"
import { repeats } from "../../src/call/talk/callee/Echo.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { begin, type Talk } from "../../src/call/talk/Talk.ts"
import { answered, configured, ended, says, settle, spoken, story, talking, type World } from "../call/support.ts"

const long = "One two three four five six seven eight nine ten."
const question = "Would you like to come on Tuesday at two or rather on Friday?"

/** The agent has been asked something, and is heard for so long with its answer. */
const speaking = Effect.fnUntraced(function* (world: World, text = long, ms = 5_000, heard = 1_234) {
  world.model.says.reply = [
    { text, ms },
    { text: "Sorry, go on.", ms: 500 }
  ]
  const id = yield* talking(world)
  yield* says(world, "Tell me all.")
  yield* Effect.sleep(`${heard} millis`)
  return id
})

/** Half a second of the voice activity detector's silence included. */
const soundOf = Effect.fnUntraced(function* (world: World, text: string | undefined, ms = 800) {
  const itemId = world.session().starts()
  yield* Effect.sleep(`${ms} millis`)
  world.session().stops(itemId)
  yield* Effect.sleep("400 millis")
  if (text !== undefined) world.session().writes(itemId, text)
  yield* settle
  return itemId
})

const hangsUp = Effect.fnUntraced(function* (world: World, id: string) {
  world.line().callerGone()
  return yield* ended(world, id)
})

/** Nothing was taken from the model's memory or its answer. */
const nothingUndone = (world: World) => {
  expect(world.session().commands("Truncate")).toEqual([])
  expect(world.session().commands("Forget")).toEqual([])
  expect(world.session().commands("Cancel")).toEqual([])
}

const clears = (world: World): number =>
  world
    .line()
    .tags()
    .filter((tag) => tag === "clear").length

describe("3 barge-in", () => {
  story("3.1 the line falls silent at once; after a mhm the sentence goes on and is one whole turn", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      const before = world.line().playedOf(3)
      const itemId = world.session().starts()
      yield* settle
      expect(clears(world)).toBe(1)
      yield* Effect.sleep("800 millis")
      expect(world.line().playedOf(3)).toBe(before)
      world.session().stops(itemId)
      yield* Effect.sleep("500 millis")
      expect(world.line().playedOf(3)).toBe(before)
      world.session().writes(itemId, "Mhm.")
      yield* Effect.sleep("6 seconds")
      nothingUndone(world)
      // what was said again is a quarter of a second
      expect(world.line().playedOf(3)).toBeCloseTo(5_000 + Playout.rewind, 0)
      expect(world.session().asked()).toEqual(["opening", "reply"])
      const call = yield* hangsUp(world, id)
      expect(spoken(call)).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "user: Tell me all.",
        `assistant: ${long}`,
        "user: Mhm."
      ])
      expect(call.transcript[2]).toMatchObject({ heard: 5 })
      expect(call.transcript[2]).not.toHaveProperty("interrupted")
    })
  )

  story("3.2 a cough has no words and leaves no turn", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      yield* soundOf(world, "")
      yield* Effect.sleep("6 seconds")
      nothingUndone(world)
      const call = yield* hangsUp(world, id)
      expect(spoken(call).at(-1)).toBe(`assistant: ${long}`)
    })
  )

  story("3.3 a sound that is no turn at all was nothing: a second and a half after it the sentence goes on", (world) =>
    Effect.gen(function* () {
      yield* speaking(world)
      const before = world.line().playedOf(3)
      const itemId = world.session().starts()
      yield* Effect.sleep("600 millis")
      world.session().emit({ _tag: "SpeechStopped", itemId })
      yield* Effect.sleep("1490 millis")
      expect(world.line().playedOf(3)).toBe(before)
      yield* Effect.sleep("20 millis")
      expect(world.line().playedOf(3)).toBeGreaterThan(before)
      nothingUndone(world)
    })
  )

  story("3.4 who speaks on for 3 s wants the word: only then the rest is dropped and forgotten", (world) =>
    Effect.gen(function* () {
      yield* speaking(world)
      const heard = world.line().playedOf(3)
      const itemId = world.session().starts()
      yield* Effect.sleep("2990 millis")
      nothingUndone(world)
      yield* Effect.sleep("20 millis")
      expect(world.session().commands("Truncate")).toEqual([
        { _tag: "Truncate", itemId: "item3", contentIndex: 0, ms: heard }
      ])
      // words that turn out to be nothing come too late then
      world.session().stops(itemId)
      world.session().writes(itemId, "Okay.")
      yield* Effect.sleep("1 second")
      expect(world.line().playedOf(3)).toBe(heard)
      expect(world.line().playedOf(4)).toBe(500)
    })
  )

  story("3.5 a short word that is no mhm is answered as soon as it is known", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("800 millis")
      world.session().stops(itemId)
      yield* Effect.sleep("400 millis")
      expect(world.session().asked()).toHaveLength(2)
      world.session().writes(itemId, "No!")
      yield* settle
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      expect(world.session().commands("Truncate")).toHaveLength(1)
      yield* Effect.sleep("1 second")
      const call = yield* hangsUp(world, id)
      expect(spoken(call).slice(2)).toEqual(["assistant: One two", "user: No!", "assistant: Sorry, go on."])
      expect(call.transcript[2]).toMatchObject({ interrupted: true, generated: long })
    })
  )

  story("3.6 words that do not come within a second count as words", (world) =>
    Effect.gen(function* () {
      yield* speaking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("800 millis")
      world.session().stops(itemId)
      yield* Effect.sleep("990 millis")
      nothingUndone(world)
      yield* Effect.sleep("20 millis")
      expect(world.session().commands("Truncate")).toHaveLength(1)
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  for (const text of ["Yes.", "Okay.", "Mhm."]) {
    story(`3.7 "${text}" to a question that was heard is an answer`, (world) =>
      Effect.gen(function* () {
        yield* speaking(world, `${question} It is for the big room.`, 6_000, 5_000)
        yield* soundOf(world, text)
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      })
    )
  }

  story("3.8 in the middle of a question a mhm is none, a yes is one", (world) =>
    Effect.gen(function* () {
      yield* speaking(world, question)
      yield* soundOf(world, "Mhm.")
      nothingUndone(world)
      yield* Effect.sleep("1 second")
      yield* soundOf(world, "Yes.")
      expect(world.session().commands("Truncate")).toHaveLength(1)
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  story("3.9 a mhm, and then a sentence: what was heard stays, and one reply answers both", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      const first = world.session().starts()
      yield* Effect.sleep("800 millis")
      world.session().stops(first)
      yield* Effect.sleep("200 millis")
      const second = world.session().starts()
      world.session().writes(first, "Mhm.")
      yield* Effect.sleep("900 millis")
      nothingUndone(world)
      world.session().stops(second)
      world.session().writes(second, "But when?")
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      const call = yield* hangsUp(world, id)
      expect(spoken(call).slice(2)).toEqual([
        "assistant: One two",
        "user: Mhm.",
        "user: But when?",
        "assistant: Sorry, go on."
      ])
    })
  )

  story("3.10 what still comes of the answer meanwhile is kept for it, and nothing else is begun", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: long, ms: 1_000, open: true }]
      yield* talking(world)
      yield* says(world, "Tell me all.")
      yield* Effect.sleep("400 millis")
      const session = world.session()
      const itemId = session.starts()
      const bytes = new Uint8Array(8_000).fill(3)
      session.emit({ _tag: "Audio", responseId: "response3", itemId: "item3", contentIndex: 0, bytes })
      session.finish()
      yield* Effect.sleep("800 millis")
      session.stops(itemId)
      session.writes(itemId, "Right, okay.")
      yield* Effect.sleep("3 seconds")
      nothingUndone(world)
      expect(world.line().playedOf(3)).toBeCloseTo(2_000 + Playout.rewind, 0)
      expect(world.model.violations).toEqual([])
    })
  )

  story("3.11 a tool called meanwhile waits: a mhm lets it run, an interruption does not", (world) =>
    Effect.gen(function* () {
      const keys = { name: "send_digits", input: { digits: "1" } }
      world.model.says.reply = [
        { text: "I press one.", ms: 2_000, open: true, tools: [{ ...keys, id: "first" }] },
        { text: "Shall I press one?", ms: 2_000, open: true, tools: [{ ...keys, id: "second" }] },
        { text: "All right.", ms: 500 }
      ]
      yield* talking(world)
      yield* says(world, "Go ahead, please.")
      yield* Effect.sleep("600 millis")
      const mhm = world.session().starts()
      world.session().finish()
      yield* Effect.sleep("800 millis")
      world.session().stops(mhm)
      expect(world.line().tags()).not.toContain("digits")
      world.session().writes(mhm, "Mhm.")
      yield* Effect.sleep("4 seconds")
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "digits")
      ).toHaveLength(1)
      yield* says(world, "Again.")
      yield* Effect.sleep("600 millis")
      const no = world.session().starts()
      world.session().finish()
      yield* Effect.sleep("3 seconds")
      world.session().stops(no)
      world.session().writes(no, "No, wait.")
      yield* Effect.sleep("3 seconds")
      expect(
        world
          .line()
          .tags()
          .filter((tag) => tag === "digits")
      ).toHaveLength(1)
      expect(
        world
          .session()
          .commands("ToolResult")
          .find(({ toolCallId }) => toolCallId === "second")?.output
      ).toContain('"ok":false')
    })
  )

  const farewell = { text: "Thank you, goodbye.", ms: 2_000, tools: [{ name: "end_call", input: { success: true } }] }

  story("3.21 a noise of two seconds costs nothing of the sentence, and is no turn", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      yield* soundOf(world, "", 2_500)
      yield* Effect.sleep("6 seconds")
      nothingUndone(world)
      expect(world.session().asked()).toEqual(["opening", "reply"])
      const call = yield* hangsUp(world, id)
      expect(spoken(call).at(-1)).toBe(`assistant: ${long}`)
      expect(call.transcript.at(-1)).toMatchObject({ heard: 5 })
    })
  )

  story("3.22 in our first second it costs nothing of the opening: a pause, once it outlasts an echo", (world) =>
    Effect.gen(function* () {
      world.model.says.opening = [{ text: `Hello, this is an AI assistant. ${long}`, ms: 8_000 }]
      const id = yield* answered(world)
      yield* Effect.sleep("1000 millis")
      yield* soundOf(world, "", 2_500)
      expect(clears(world)).toBe(1)
      yield* Effect.sleep("10 seconds")
      nothingUndone(world)
      expect(world.session().asked()).toEqual(["opening"])
      const call = yield* hangsUp(world, id)
      expect(call.transcript[0]).toMatchObject({ heard: 8 })
    })
  )

  story("3.23 words of two seconds whose text is lost with the session are an interruption, and answered", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("2500 millis")
      world.session().stops(itemId)
      yield* Effect.sleep("300 millis")
      nothingUndone(world)
      world.session().lose()
      yield* Effect.sleep("5 seconds")
      const call = yield* hangsUp(world, id)
      expect(call.transcript[2]).toMatchObject({ text: "One two", interrupted: true })
      expect(spoken(call).slice(3)).toEqual(["user: [inaudible]", "assistant: Sorry, go on."])
    })
  )

  for (const text of ["Bye bye.", "Thank you, bye.", "Okay.", ""]) {
    story(`3.12 "${text}" into the goodbye does not take it back: it is heard to its end`, (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [farewell]
        const id = yield* talking(world)
        yield* says(world, "Yes, Tuesday works.")
        yield* Effect.sleep("700 millis")
        yield* soundOf(world, text)
        const call = yield* ended(world, id)
        const goodbye = call.transcript.find(({ text }) => text === farewell.text)
        expect(goodbye).toMatchObject({ heard: 2 })
        expect(goodbye).not.toHaveProperty("interrupted")
        nothingUndone(world)
      })
    )
  }

  story("3.24 a noise of two seconds into the goodbye does not take it back", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("700 millis")
      yield* soundOf(world, "", 2_500)
      const call = yield* ended(world, id)
      expect(call.transcript.find(({ text }) => text === farewell.text)).toMatchObject({ heard: 2 })
      expect(
        world
          .session()
          .commands("ToolResult")
          .map(({ output }) => JSON.parse(output).ok)
      ).not.toContain(false)
      nothingUndone(world)
    })
  )

  story("3.13 a sentence into the goodbye takes it back", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell, { text: "John Doe.", ms: 500 }]
      const id = yield* talking(world)
      yield* says(world, "Yes, Tuesday works.")
      yield* Effect.sleep("700 millis")
      yield* soundOf(world, "Wait, who?")
      yield* Effect.sleep("1 second")
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
      expect(world.line().tags()).not.toContain("hangUp")
      expect(world.session().commands("ToolResult")[0]?.output).toContain("The call goes on")
    })
  )

  story("3.14 an echo of our first second interrupts nothing, is no turn, and is forgotten", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      yield* Effect.sleep("1200 millis")
      const itemId = yield* soundOf(world, "Hello, this is an", 1_300)
      yield* Effect.sleep("3 seconds")
      expect(clears(world)).toBe(0)
      expect(world.line().playedOf(1)).toBe(2_000)
      expect(world.session().commands("Forget")).toEqual([{ _tag: "Forget", itemId }])
      expect(world.session().asked()).toEqual(["opening"])
      const call = yield* hangsUp(world, id)
      expect(spoken(call)).toEqual(["assistant: Hello, this is an AI assistant."])
    })
  )

  story(
    "3.25 who speaks behind an echo, in one breath with it, keeps their words; a noise there makes it no turn",
    (world) =>
      Effect.gen(function* () {
        world.model.says.opening = [{ text: `Hello, this is an AI assistant. ${long}`, ms: 8_000 }]
        for (const [text, turns] of [
          ["Hello, this is an AI assistant. Okay.", ["user: Hello, this is an AI assistant. Okay."]],
          ["Hello, this is an AI assis", []]
        ] as const) {
          const id = yield* answered(world)
          yield* Effect.sleep("1000 millis")
          const itemId = yield* soundOf(world, text, 3_500)
          const forgotten = world.session().commands("Forget")
          expect(forgotten.some((command) => command.itemId === itemId)).toBe(turns.length === 0)
          const call = yield* hangsUp(world, id)
          expect(spoken(call).filter((turn) => turn.startsWith("user"))).toEqual(turns)
        }
      })
  )

  story("3.27 a line that gives back all we say silences us twice, and then a person does by their words", (world) =>
    Effect.gen(function* () {
      const sentences = [{ text: long, ms: 8_000 }]
      yield* speaking(world)
      world.model.says.reply = [...sentences, ...sentences, ...sentences, ...sentences]
      yield* soundOf(world, "One two", 400)
      yield* Effect.sleep("1500 millis")
      expect(clears(world)).toBe(1)
      yield* soundOf(world, "One two three", 400)
      yield* Effect.sleep("1500 millis")
      expect(clears(world)).toBe(2)
      const echo = yield* soundOf(world, "One two three four five", 2_000)
      expect(clears(world)).toBe(2)
      expect(world.session().commands("Forget")).toContainEqual({ _tag: "Forget", itemId: echo })
      const itemId = world.session().starts()
      yield* Effect.sleep("800 millis")
      expect(clears(world)).toBe(2)
      world.session().stops(itemId)
      world.session().writes(itemId, "No, stop, that is wrong.")
      yield* settle
      expect(clears(world)).toBe(3)
      // words alone: the line does not give back what we say after all
      yield* Effect.sleep("1500 millis")
      world.session().starts()
      yield* settle
      expect(clears(world)).toBe(4)
    })
  )

  story("3.28 who says what we say once, or something else, is heard at once each time", (world) =>
    Effect.gen(function* () {
      yield* speaking(world)
      world.model.says.reply = Array.from({ length: 4 }, () => ({ text: long, ms: 8_000 }))
      for (const [index, text] of ["One two", "No.", "One two three", "No, no."].entries()) {
        const itemId = world.session().starts()
        yield* settle
        expect(clears(world)).toBe(index + 1)
        yield* Effect.sleep("500 millis")
        world.session().stops(itemId)
        world.session().writes(itemId, text)
        yield* Effect.sleep("1500 millis")
      }
    })
  )

  story(
    "3.15 a person is heard in our first second too: by their words, or when it lasts longer than an echo",
    (world) =>
      Effect.gen(function* () {
        world.model.says.opening = [{ text: `Hello, this is an AI assistant. ${long}`, ms: 8_000 }]
        yield* answered(world)
        yield* Effect.sleep("1000 millis")
        const itemId = world.session().starts()
        yield* Effect.sleep("1500 millis")
        expect(clears(world)).toBe(0)
        yield* Effect.sleep("200 millis")
        expect(clears(world)).toBe(1)
        nothingUndone(world)
        world.session().stops(itemId)
        world.session().writes(itemId, "Who is calling?")
        yield* settle
        expect(world.session().commands("Truncate")).toHaveLength(1)
        // they have heard too little of the first to know who calls
        expect(world.session().asked()).toEqual(["opening", "opening"])
      })
  )

  story("3.16 the model's connection drops while it is open what the sound was: the sentence goes on", (world) =>
    Effect.gen(function* () {
      const id = yield* speaking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("700 millis")
      world.session().stops(itemId)
      yield* settle
      world.session().lose()
      yield* Effect.sleep("8 seconds")
      const call = yield* hangsUp(world, id)
      expect(call.transcript[2]).toMatchObject({ text: long, heard: 5 })
    })
  )
})

describe("3 the measured barge-in", () => {
  it("3.17 is the time from the callee's sound to the network's word that it is silent", () => {
    const limits = limitsOf(configured())
    const rules = {
      limits,
      language: "en",
      prepareOpening: true,
      voicemail: "leave-message",
      transferTo: {},
      questions: false
    }
    let talk: Talk = begin({ ...rules, voicemail: "leave-message" }, 0)
    let now = 0
    const told: Array<Command> = []
    const tell = (fact: Fact) => {
      const [next, commands] = decide(talk, fact, now)
      talk = next
      told.push(...commands)
    }
    const marks = () => told.flatMap((command) => (command._tag === "Play" ? [command.mark] : []))
    tell({ _tag: "Dialed" })
    tell({ _tag: "ResponseStarted", responseId: "r", tag: "opening#1" })
    tell({ _tag: "Audio", responseId: "r", itemId: "i", contentIndex: 0, bytes: new Uint8Array(40_000) })
    tell({ _tag: "MediaStarted" })
    now = 1_000
    tell({ _tag: "Timer", timer: "greeting" })
    for (now = 1_100; now <= 2_500; now += 100) {
      const due = marks()[(now - 1_100) / 100]
      if (due !== undefined) tell({ _tag: "Played", mark: due })
      tell({ _tag: "Timer", timer: "pump" })
    }
    now = 2_550
    tell({ _tag: "SpeechStarted", itemId: "callee" })
    expect(told.filter(({ _tag }) => _tag === "Clear")).toHaveLength(1)
    expect(talk.bargeIns).toEqual([])
    now = 2_631
    tell({ _tag: "Played", mark: marks().at(-1) ?? "" })
    expect(talk.bargeIns).toEqual([81])
    tell({ _tag: "Played", mark: marks().at(-1) ?? "" })
    expect(talk.bargeIns).toEqual([81])
  })
})

describe("3 what a listener says", () => {
  const idle = ["mhm", "uh-huh", "Okay", "right", "yeah", "I see", "Yes", "got it", "Mm-hm"]

  it("3.18 is any row of such words, in any writing, unless it asks", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...idle), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(". ", ", ", "! ", " "),
        (said, between) => {
          const text = said.join(between)
          expect(isBackChannel(text, "en", ["listening", "agreeing"])).toBe(wordsOf(text).length <= 8)
          expect(isBackChannel(`${text}?`, "en", ["listening", "agreeing"])).toBe(false)
          expect(isBackChannel(`${text} stop`, "en", ["listening", "agreeing", "parting"])).toBe(false)
        }
      )
    )
  })

  it("3.19 is known in the call's language, and English beside it", () => {
    expect(isBackChannel("Genau, ja.", "de-CH", ["agreeing"])).toBe(true)
    expect(isBackChannel("Okay.", "de", ["agreeing"])).toBe(true)
    expect(isBackChannel("D'accord.", "fr", ["agreeing"])).toBe(true)
    expect(isBackChannel("Genau.", "en", ["agreeing"])).toBe(false)
    expect(isBackChannel("Mhm", "pt", ["listening"])).toBe(true)
    for (const text of ["No.", "Stop.", "Nein.", "Hello?", "What?", "Tuesday.", "", "…"]) {
      expect(isBackChannel(text, "de", ["listening", "agreeing", "parting"])).toBe(false)
    }
  })

  it("3.19 into a goodbye also covers what people say when they part", () => {
    const said = [
      ["Alright then, bye now!", "en"],
      ["Perfect, thank you so much.", "en"],
      ["You're welcome, see you on Tuesday.", "en"],
      ["No problem, will do.", "en"],
      ["Danke Ihnen auch, bis Dienstag.", "de"],
      ["Machen Sie's gut.", "de"],
      ["Merci à vous, à mardi.", "fr"],
      ["Gracias a usted, hasta el martes.", "es"],
      ["Grazie a lei, a martedì.", "it"]
    ] as const
    for (const [text, language] of said) {
      expect(isBackChannel(text, language, ["listening", "agreeing", "parting"]), text).toBe(true)
    }
    for (const text of ["Tuesday then.", "Not now.", "See you at the station on Tuesday then.", "Until when?"]) {
      expect(isBackChannel(text, "en", ["listening", "agreeing", "parting"]), text).toBe(false)
    }
  })

  it("3.20 a piece of what we say is an echo wherever it is cut, and other words are none", () => {
    const ours = "Hello, this is an AI assistant calling on behalf of John Doe."
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 14, max: 40 }), (from, length) => {
        expect(repeats(ours.slice(from, from + length), ours)).toBe("yes")
      })
    )
    expect(repeats("hello this was an AI assistant", ours)).toBe("yes")
    expect(repeats("Hello?", ours)).toBe("perhaps")
    expect(repeats("Hel", ours)).toBe("yes")
    for (const text of ["Who is calling?", "Hello, who is this?", "Yes.", "Speaking.", ""]) {
      expect(repeats(text, ours)).toBe("no")
    }
  })
})
