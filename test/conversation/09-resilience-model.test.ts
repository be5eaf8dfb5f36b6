/** When the voice model is slow, freezes, drops, grows old or cannot be had in mid-call: what the callee and the record notice. */
import { Clock, Effect } from "effect"
import { describe, expect, it } from "vitest"
import { networkSays } from "../../src/call/talk/acts/NetworkVoice.ts"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import { answered, ended, says, settle, spoken, story, talking, type World } from "../call/support.ts"

const kinds = (world: World, id: string) =>
  Effect.map(world.calls.status(id), ({ incidents = [] }) => incidents.map(({ kind }) => kind)).pipe(Effect.orDie)

const notes = (world: World) =>
  world.session().brief.memory.flatMap((piece) => (piece._tag === "Note" ? [piece.text] : []))

const memory = (world: World) =>
  world.session().brief.memory.flatMap((piece) => (piece._tag === "Said" ? [`${piece.role}: ${piece.text}`] : []))

/** A piece of the callee's voice that can be told from others, and from silence. */
const piece = (value: number) => new Uint8Array(160).fill(value)

/** Where in the audio of the last session this piece begins, in milliseconds. */
const inAudio = (world: World, value: number) =>
  Buffer.concat(world.session().heard.map((payload) => Buffer.from(payload, "base64"))).indexOf(value) / 8

const refusing = new ModelUnavailable({ message: "No session.", code: "http_503" })

describe("9.1 a model that is slow", () => {
  story("the holding phrase is heard once, 2 s after the callee's words; the session stays", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.behaviour.silent = true
      yield* says(world, "Is Tuesday free?")
      yield* Effect.sleep("1900 millis")
      expect(world.line().playedOf(2)).toBe(0)
      yield* Effect.sleep("1100 millis")
      // 0.8 s of phrase
      expect(world.line().playedOf(2)).toBe(800)
      yield* Effect.sleep("6 seconds")
      expect(world.line().playedOf(2)).toBe(800)
      expect(world.model.sessions).toHaveLength(1)
      const { incidents, transcript } = yield* world.calls.status(id)
      expect(incidents).toMatchObject([{ kind: "slow-answer", gap: 2 }])
      expect(transcript.at(-1)).toMatchObject({ role: "assistant", text: "One moment, please." })
    })
  )

  story("an answer in time: no phrase", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* says(world, "Is Tuesday free?")
      yield* Effect.sleep("5 seconds")
      expect(world.line().playedOf(2)).toBe(0)
      expect(yield* kinds(world, id)).toEqual([])
    })
  )

  story("after 10 s without a sign of the answer the session is replaced; from then on the model gets 20 s", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.behaviour.silent = true
      yield* says(world, "Is Tuesday free?")
      yield* Effect.sleep("9900 millis")
      expect(world.model.sessions).toHaveLength(1)
      yield* Effect.sleep("500 millis")
      expect(world.model.sessions).toHaveLength(2)
      yield* Effect.sleep("15 seconds")
      // a model that is as slow again is no reason for a third
      expect(world.model.sessions).toHaveLength(2)
      expect(yield* kinds(world, id)).toEqual(["slow-answer", "model-frozen", "reconnected"])
    })
  )
})

describe("9.2 a model that freezes", () => {
  story("is found within 5 s when an answer is due, and the answer is given by the next session", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.behaviour.frozen = true
      world.session().hears("Is Tuesday free?")
      yield* Effect.sleep("4400 millis")
      expect(world.model.sessions).toHaveLength(1)
      world.model.behaviour.frozen = false
      yield* Effect.sleep("600 millis")
      expect(world.model.sessions).toHaveLength(2)
      expect(world.session().asked()).toEqual(["reply"])
      expect(memory(world)).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "user: Is Tuesday free?",
        "assistant: One moment, please."
      ])
      expect((yield* world.calls.status(id)).incidents).toMatchObject([
        { kind: "slow-answer" },
        { kind: "model-frozen", gap: 4.5 },
        { kind: "reconnected", gap: 0 }
      ])
    })
  )

  story("is found within 7.5 s while nothing is asked of it", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.model.behaviour.frozen = true
      yield* Effect.sleep("7500 millis")
      world.model.behaviour.frozen = false
      yield* settle
      expect(world.model.sessions).toHaveLength(2)
    })
  )

  story("is found while it rings, and the opening is prepared anew", (world) =>
    Effect.gen(function* () {
      world.model.behaviour.frozen = true
      yield* world.place()
      yield* Effect.sleep("4600 millis")
      world.model.behaviour.frozen = false
      yield* settle
      expect(world.model.sessions).toHaveLength(2)
      expect(world.session().asked()).toEqual(["opening"])
    })
  )
})

describe("9.3 a session that grows old", () => {
  const short = (world: World) => {
    world.model.behaviour.lasts = "2 minutes"
  }

  story(
    "a successor is opened before its time is up, and takes over when nobody speaks, with all that was said",
    (world) =>
      Effect.gen(function* () {
        short(world)
        const id = yield* talking(world)
        const first = world.session()
        const itemId = first.starts()
        yield* Effect.sleep("110 seconds")
        expect(world.model.sessions).toHaveLength(2)
        expect(first.closed()).toBe(false)
        expect(world.session().commands("Remember")).toEqual([])
        first.stops(itemId)
        first.writes(itemId, "Let me tell you a long story.")
        yield* Effect.sleep("3 seconds")
        expect(first.closed()).toBe(true)
        const [taken] = world.session().commands("Remember")
        expect(taken?.memory).toMatchObject([
          { role: "assistant" },
          { role: "user", text: "Let me tell you a long story." },
          { role: "assistant", text: "Okay." },
          { _tag: "Note" }
        ])
        expect(world.session().asked()).toEqual([])
        expect(yield* kinds(world, id)).toEqual(["renewed"])
        yield* says(world, "Still there?")
        expect(world.session().asked()).toEqual(["reply"])
      })
  )

  story("with the last minute it takes over whatever goes on", (world) =>
    Effect.gen(function* () {
      short(world)
      yield* talking(world)
      const first = world.session()
      first.starts()
      yield* Effect.sleep("115 seconds")
      expect(first.closed()).toBe(true)
      expect(world.model.sessions).toHaveLength(2)
    })
  )

  story("when none is to be had the old one goes on, and another is tried for", (world) =>
    Effect.gen(function* () {
      short(world)
      const id = yield* talking(world)
      const first = world.session()
      const itemId = first.starts()
      world.model.behaviour.open = refusing
      yield* Effect.sleep("109 seconds")
      expect(first.closed()).toBe(false)
      world.model.behaviour.open = Effect.void
      first.stops(itemId)
      first.writes(itemId, "So that is that.")
      yield* Effect.sleep("3 seconds")
      expect(first.closed()).toBe(true)
      expect(yield* kinds(world, id)).toEqual(["renewed"])
    })
  )

  story("a successor that waits takes the place of a session that is lost at once", (world) =>
    Effect.gen(function* () {
      short(world)
      const id = yield* talking(world)
      const first = world.session()
      first.starts()
      yield* Effect.sleep("109 seconds")
      world.model.behaviour.open = refusing
      first.lose()
      yield* Effect.sleep("100 millis")
      expect(yield* kinds(world, id)).toEqual(["model-lost", "reconnected"])
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
    })
  )
})

describe("9.4 the ladder", () => {
  const config = { config: { fallbackModel: "gpt-realtime-2.1-mini" } }

  story(
    "a session that is lost is opened again as it was; the next one in a row on the fallback",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        world.session().lose()
        yield* settle
        expect(world.session().opening).toMatchObject({ fallback: false })
        world.model.behaviour.fallback = true
        world.session().lose()
        yield* settle
        expect(world.session().opening).toMatchObject({ fallback: true })
        expect(yield* kinds(world, id)).toEqual(["model-lost", "reconnected", "model-lost", "fallback-model"])
        world.session().lose()
        yield* Effect.sleep("5 seconds")
        const call = yield* ended(world, id)
        expect(call).toMatchObject({ status: "failed", error: { type: "ModelUnavailable" } })
        expect(call.incidents?.at(-1)?.kind).toBe("apology")
      }),
    config
  )

  const fails = { failure: { code: "model_not_found", message: "not yours", retryable: false } }

  story(
    "a model that can answer nothing is left for the fallback, which gives the answer",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [fails, { text: "Of course.", ms: 500 }]
        const id = yield* talking(world)
        world.model.behaviour.fallback = true
        yield* says(world, "Is Tuesday free?")
        expect(world.session().opening).toMatchObject({ fallback: true })
        // the words had not been written down yet: the other model hears them, too
        yield* says(world, "Is Tuesday free?")
        yield* Effect.sleep("2 seconds")
        const call = yield* world.calls.status(id)
        expect(spoken(call).slice(-2)).toEqual(["user: Is Tuesday free?", "assistant: Of course."])
        expect(yield* kinds(world, id)).toEqual(["answer-failed", "fallback-model"])
      }),
    config
  )

  story("without a fallback it apologises and hangs up", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [fails]
      const id = yield* talking(world)
      yield* says(world, "Is Tuesday free?")
      yield* Effect.sleep("6 seconds")
      const call = yield* ended(world, id)
      expect(call.incidents?.map(({ kind }) => kind)).toEqual(["answer-failed", "apology"])
    })
  )

  story(
    "a call that begins on the fallback says so in its record",
    (world) =>
      Effect.gen(function* () {
        world.model.behaviour.fallback = true
        const id = yield* talking(world)
        expect(yield* kinds(world, id)).toEqual(["fallback-model"])
      }),
    config
  )
})

describe("9.5 the apology", () => {
  story(
    "speaks the language of the call, stands in the transcript with nothing known of what was heard, and is an incident",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        world.model.behaviour.open = refusing
        world.session().lose()
        yield* Effect.sleep("6 seconds")
        const call = yield* ended(world, id)
        const last = call.transcript.at(-1)
        expect(last).toMatchObject({ role: "assistant", text: networkSays("apology", "de").text })
        expect(last?.heard).toBeUndefined()
        expect(call.incidents?.map(({ kind }) => kind)).toEqual(["model-lost", "apology"])
        // and what the network says by itself, should we be gone altogether
        expect(world.telephone.dialled[0]?.absence).toEqual({
          wait: { text: "Einen Moment, bitte.", language: "de-DE" },
          apology: networkSays("apology", "de")
        })
      }),
    { config: { language: "de-CH" } }
  )

  it("9.5 knows the common languages, and English for all others", () => {
    for (const language of ["en", "de", "fr", "es", "it", "pt", "nl"]) {
      expect(networkSays("apology", language).language).toMatch(new RegExp(`^${language}-`))
    }
    expect(networkSays("apology", "pt-BR").language).toBe("pt-BR")
    expect(networkSays("apology", "de-CH").language).toBe("de-DE")
    expect(networkSays("apology", "ja").language).toBe("en-US")
  })
})

describe("9.6 what a session that takes over knows", () => {
  story("a message to a machine that was being left: it is left again, as a whole", (world) =>
    Effect.gen(function* () {
      world.model.says.voicemail = [
        { text: "Please call back.", ms: 3_000, open: true },
        { text: "Please call back.", ms: 3_000 }
      ]
      const id = yield* talking(world)
      world.line().emit({ _tag: "Machine", verdict: "machine-end" })
      yield* Effect.sleep("1 second")
      world.session().lose()
      yield* settle
      expect(world.session().asked()).toEqual(["voicemail"])
      expect(notes(world).join(" ")).toContain("An answering machine answered")
      yield* Effect.sleep("12 seconds")
      expect((yield* ended(world, id)).status).toBe("completed")
    })
  )

  story("that we are on hold: nothing is said into it", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* says(world, "Please hold the line.")
      yield* Effect.sleep("3 seconds")
      world.session().lose()
      yield* Effect.sleep("3 seconds")
      expect(notes(world).join(" ")).toContain("You are on hold")
      expect(world.session().asked()).toEqual([])
      expect(world.line().playedOf(2)).toBe(0)
    })
  )

  story(
    "what the owner has said in mid-call, and that the time is nearly up",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        yield* world.calls.say(id, "Wednesday is fine too.")
        yield* Effect.sleep("8 seconds")
        yield* says(world, "Mhm.")
        yield* Effect.sleep("8 seconds")
        yield* says(world, "Aha.")
        world.session().lose()
        yield* settle
        expect(notes(world).join(" ")).toContain("Wednesday is fine too.")
        expect(notes(world).join(" ")).toContain("half a minute")
      }),
    { config: { maxCallDuration: 40 } }
  )

  story("keys that were being pressed: what came of it is told", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [{ name: "send_digits", input: { digits: "1" }, id: "keys" }] }]
      yield* talking(world)
      yield* says(world, "For sales, press one.")
      yield* Effect.sleep("300 millis")
      world.session().lose()
      yield* Effect.sleep("3 seconds")
      const told = world
        .session()
        .commands("Note")
        .map(({ text }) => text)
      expect(told.join(" ")).toContain('Result of a tool you called before: {"ok":true')
      expect(world.session().commands("ToolResult")).toEqual([])
    })
  )

  story("a goodbye that nobody has heard yet: it is said, and the call ends with it", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { tools: [{ name: "end_call", input: { success: false, summary: "No." } }], open: true }
      ]
      const id = yield* talking(world)
      yield* says(world, "No, thank you.")
      world.model.behaviour.silent = true
      world.session().finish()
      yield* settle
      world.model.behaviour.silent = false
      world.session().lose()
      yield* settle
      expect(world.session().asked()).toEqual(["goodbye"])
      yield* Effect.sleep("10 seconds")
      expect((yield* ended(world, id)).status).toBe("completed")
    })
  )
})

describe("9.7 words that a lost session took with it", () => {
  story("what was not written down is heard again: in its old place, and answered", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const first = world.session()
      const before = first.starts()
      yield* Effect.sleep("1 second")
      world.model.behaviour.silent = true
      first.stops(before)
      yield* settle
      world.model.behaviour.silent = false
      first.lose()
      yield* settle
      // no answer yet: it would be an answer to nothing
      expect(world.session().asked()).toEqual([])
      const again = world.session().starts()
      world.session().stops(again)
      world.session().writes(again, "Yes, Tuesday works.")
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["reply"])
      expect(spoken(yield* world.calls.status(id))).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "user: Yes, Tuesday works.",
        "assistant: Okay."
      ])
    })
  )

  story("the audio of it goes to the next session first, and what came after", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      const first = world.session()
      world.line().sounds(piece(1))
      yield* Effect.sleep("3 seconds")
      first.starts()
      world.line().sounds(piece(2))
      yield* Effect.sleep("200 millis")
      world.model.behaviour.open = Effect.sleep("1 second")
      first.lose()
      yield* Effect.sleep("500 millis")
      world.line().sounds(piece(3))
      yield* Effect.sleep("600 millis")
      const values = world.session().heard.map((payload) => Buffer.from(payload, "base64")[0])
      expect(values.filter((value) => value !== 0xff)).toEqual([2, 3])
    })
  )

  story("a greeting that our opening has met: it is heard again, and nothing more is said to it", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const first = world.session()
      const hello = first.starts()
      yield* Effect.sleep("600 millis")
      first.stops(hello)
      yield* Effect.sleep("300 millis")
      first.lose()
      yield* settle
      const again = world.session().starts()
      world.session().stops(again)
      world.session().writes(again, "Smith, hello?")
      yield* Effect.sleep("4 seconds")
      expect(world.session().asked()).toEqual([])
      expect(spoken(yield* world.calls.status(id))).toEqual([
        "user: Smith, hello?",
        "assistant: Hello, this is an AI assistant."
      ])
    })
  )

  story("a greeting that ended soon after the opening had begun is met, however late that is heard", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const first = world.session()
      const greeting = first.starts()
      world.line().sounds(piece(1))
      // the opening is begun into it after 3 s
      yield* Effect.sleep("3300 millis")
      world.line().sounds(piece(2))
      first.stops(greeting)
      yield* Effect.sleep("200 millis")
      world.model.behaviour.open = Effect.sleep("2500 millis")
      first.lose()
      yield* Effect.sleep("2600 millis")
      const { starts, stops, writes } = world.session()
      const again = starts(inAudio(world, 1))
      stops(again, inAudio(world, 2))
      writes(again, "Doctor Smith's office, how can I help?")
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual([])
      expect(spoken(yield* world.calls.status(id))).toEqual([
        "user: Doctor Smith's office, how can I help?",
        "assistant: Hello, this is an AI assistant."
      ])
    })
  )

  story("a machine's greeting into which the opening was begun: its words tell, and a message is left", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const first = world.session()
      const greeting = first.starts()
      yield* Effect.sleep("4 seconds")
      first.stops(greeting)
      yield* Effect.sleep("300 millis")
      first.lose()
      yield* settle
      world.session().hears("This is the voicemail of Anna Smith. Please leave a message.")
      yield* Effect.sleep("10 seconds")
      expect(world.session().asked()).toEqual(["voicemail"])
      expect(yield* world.calls.status(id)).toMatchObject({ answeredBy: "voicemail" })
    })
  )

  story("a greeting of which nothing is heard again stays inaudible, and is not answered once more", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const first = world.session()
      const hello = first.starts()
      yield* Effect.sleep("600 millis")
      first.stops(hello)
      yield* Effect.sleep("300 millis")
      first.lose()
      yield* Effect.sleep("5 seconds")
      expect(world.session().asked()).toEqual([])
      expect(spoken(yield* world.calls.status(id))).toEqual([
        "user: [inaudible]",
        "assistant: Hello, this is an AI assistant."
      ])
    })
  )

  story("words behind which others are known are not heard again: those would be there twice", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      const first = world.session()
      const hello = first.starts()
      yield* Effect.sleep("600 millis")
      first.stops(hello)
      yield* Effect.sleep("300 millis")
      yield* says(world, "Who is there?")
      yield* Effect.sleep("100 millis")
      first.lose()
      yield* Effect.sleep("3 seconds")
      expect(spoken(yield* world.calls.status(id)).filter((turn) => turn.startsWith("user"))).toEqual([
        "user: [inaudible]",
        "user: Who is there?"
      ])
    })
  )

  story("it is heard from its beginning, up to 20 s before the loss, however long a new session takes", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      const first = world.session()
      first.starts()
      world.line().sounds(piece(1))
      yield* Effect.sleep("5 seconds")
      world.line().sounds(piece(2))
      yield* Effect.sleep("19 seconds")
      world.line().sounds(piece(3))
      world.model.behaviour.open = Effect.sleep("7 seconds")
      first.lose()
      for (let ms = 0; ms < 7_000; ms += 20) {
        world.line().sounds(piece(4))
        yield* Effect.sleep("20 millis")
      }
      yield* Effect.sleep("100 millis")
      const values = world.session().heard.map((payload) => Buffer.from(payload, "base64")[0])
      expect([...new Set(values.filter((value) => value !== 0xff))]).toEqual([2, 3, 4])
    })
  )

  story("what a frozen session has missed gets its real time, and its place before what we said meanwhile", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.behaviour.silent = true
      yield* says(world, "Is Tuesday free?")
      world.model.behaviour.frozen = true
      yield* Effect.sleep("500 millis")
      const asked = yield* Clock.currentTimeMillis
      world.line().sounds(piece(1))
      // "one moment" is heard between
      yield* Effect.sleep("3 seconds")
      world.line().sounds(piece(2))
      yield* Effect.sleep("500 millis")
      world.model.behaviour.frozen = false
      world.model.behaviour.silent = false
      world.session().lose()
      yield* settle
      const { starts, stops, writes } = world.session()
      const before = starts(inAudio(world, 1))
      stops(before)
      const behind = starts(inAudio(world, 2))
      stops(behind)
      yield* settle
      writes(behind, "Hello?")
      writes(before, "Can you hear me?")
      yield* Effect.sleep("3 seconds")
      const { transcript } = yield* world.calls.status(id)
      expect(transcript.map(({ role, text }) => `${role}: ${text}`)).toEqual([
        "assistant: Hello, this is an AI assistant.",
        "user: Is Tuesday free?",
        "user: Can you hear me?",
        "assistant: One moment, please.",
        "user: Hello?",
        "assistant: Okay."
      ])
      const times = transcript.map(({ timestamp }) => timestamp.epochMillis)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times[2]).toBe(asked)
      expect(times[4]).toBe(asked + 3_000)
    })
  )

  story("words that the agent was answering already are not heard again", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const itemId = world.session().starts()
      yield* Effect.sleep("1 second")
      world.session().stops(itemId)
      yield* Effect.sleep("200 millis")
      world.session().lose()
      yield* Effect.sleep("3 seconds")
      expect(spoken(yield* world.calls.status(id)).slice(-2)).toEqual(["user: [inaudible]", "assistant: Okay."])
      expect(world.session().asked()).toEqual([])
    })
  )
})

describe("9.8 before the answer", () => {
  story("a session lost while it rings costs nothing: what was prepared is still said, and once", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place()
      yield* Effect.sleep("100 millis")
      world.session().lose()
      yield* settle
      world.line().answer()
      yield* Effect.sleep("3 seconds")
      expect(world.session().asked()).toEqual([])
      expect(spoken(yield* world.calls.status(id))).toEqual(["assistant: Hello, this is an AI assistant."])
      expect(yield* kinds(world, id)).toEqual(["model-lost", "reconnected"])
    })
  )
})
