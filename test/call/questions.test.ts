/** The model asks its owner: when it may, what the callee hears meanwhile, and what it gets back, whatever happens meanwhile. */
import { Duration, Effect } from "effect"
import { describe, expect } from "vitest"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import type { Answer } from "./FakeModel.ts"
import { says, settle, story, talking, type World } from "./support.ts"

let calls = 0
const asks = (question: unknown, text?: string): Answer => {
  calls += 1
  return {
    ...(text === undefined ? {} : { text, ms: 1_000 }),
    tools: [{ name: "ask_owner", input: { question }, id: `ask${calls}` }]
  }
}
const results = (world: World) =>
  world
    .session()
    .commands("ToolResult")
    .map(({ output }) => JSON.parse(output))
const owned = { questions: true }
const phrase = { text: "One moment, let me check.", ms: 1_000 }

/** A call on which the model has put this to its owner. */
const asked = Effect.fnUntraced(function* (world: World, ...answers: ReadonlyArray<Answer>) {
  world.model.says.reply = [...answers, { text: "I see.", ms: 500 }]
  world.model.says.filler = [phrase]
  const id = yield* talking(world, owned)
  yield* says(world, "What is your date of birth?")
  yield* settle
  return id
})
const questionsOf = (world: World, id: string) => Effect.map(world.calls.status(id), (call) => call.questions)

describe("a question to the owner", () => {
  story("is offered to the model only where somebody can answer", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [asks("When?"), { text: "I do not know.", ms: 500 }]
      yield* talking(world)
      expect(world.session().brief.tools.map(({ name }) => name)).not.toContain("ask_owner")
      expect(world.session().brief.instructions).not.toContain("ask_owner")
      // a model that calls it all the same wastes nobody's time
      yield* says(world, "When were you born?")
      yield* Effect.sleep("2 seconds")
      expect(results(world)).toMatchObject([{ ok: false, reason: expect.stringContaining("Nobody can be asked") }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      yield* talking(world, owned)
      expect(world.session().brief.tools.map(({ name }) => name)).toContain("ask_owner")
      expect(world.session().brief.instructions).toContain("ask_owner")
    })
  )

  story("asked without a word: the callee hears why it is quiet, at once and after 20 s", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?"))
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "filler"])
      yield* Effect.sleep("18 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "filler"])
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "filler", "filler"])
      yield* world.calls.answer(id, { text: "4 May" })
      yield* settle
      expect(results(world)).toEqual([{ ok: true, answer: "4 May" }])
      expect(world.session().asked()).toEqual(["opening", "reply", "filler", "filler", "reply"])
    })
  )

  story("asked with words: these are enough", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me find that out."))
      yield* Effect.sleep("5 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply"])
      yield* world.calls.answer(id, { text: "4 May" })
      yield* settle
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  story("keeps the callee free to talk, and the answer comes behind their sentence", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me find that out."))
      yield* Effect.sleep("3 seconds")
      yield* says(world, "Take your time.")
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      yield* Effect.sleep("3 seconds")
      const speaking = world.session().starts()
      yield* settle
      yield* world.calls.answer(id, { text: "4 May" })
      yield* settle
      // told, but not talked into their sentence
      expect(results(world)).toEqual([{ ok: true, answer: "4 May" }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      world.session().stops(speaking)
      yield* settle
      expect(world.session().asked()).toEqual(["opening", "reply", "reply", "reply"])
      expect(world.model.violations).toEqual([])
    })
  )

  story("nobody answers: after a minute the model is told to go on without, and no answer counts any more", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me find that out."))
      yield* Effect.sleep("59 seconds")
      expect(results(world)).toEqual([])
      yield* Effect.sleep("2 seconds")
      expect(results(world)).toMatchObject([{ ok: false, reason: expect.stringContaining("Go on without") }])
      expect(world.session().asked().at(-1)).toBe("reply")
      expect(yield* Effect.flip(world.calls.answer(id, { text: "4 May", questionId: 1 }))).toMatchObject({
        _tag: "QuestionClosed",
        callId: id,
        reason: "timeout"
      })
      expect(yield* questionsOf(world, id)).toMatchObject([{ unanswered: "timeout" }])
    })
  )

  story("a second one waits for no one: it is refused at once, and the callee is not left in silence", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me see."), asks("And where?"))
      yield* Effect.sleep("2 seconds")
      yield* says(world, "And where?")
      yield* settle
      expect(results(world)).toMatchObject([{ ok: false, reason: expect.stringContaining("still open") }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply", "filler"])
      yield* world.calls.answer(id, { text: "4 May" })
      yield* settle
      expect(yield* questionsOf(world, id)).toMatchObject([{ id: 1, answer: "4 May" }])
    })
  )

  story("five are enough, and none is empty or endless", (world) =>
    Effect.gen(function* () {
      const long = "x".repeat(2_000)
      const all = [asks(" "), ...Array.from({ length: 6 }, () => asks(`Why?\n${long}`, "Let me see."))]
      const id = yield* asked(world, ...all)
      expect(results(world)).toMatchObject([{ ok: false, reason: expect.stringContaining("missing") }])
      for (let n = 0; n < 5; n++) {
        // whatever it is told, it asks again
        yield* Effect.sleep("3 seconds")
        yield* world.calls.answer(id, { text: `  ${long}${long} ` })
        yield* settle
      }
      const questions = (yield* questionsOf(world, id)) ?? []
      expect(questions.map((question) => question.id)).toEqual([1, 2, 3, 4, 5])
      for (const { answer, question } of questions) {
        expect(question).toBe(`Why? ${"x".repeat(495)}`)
        expect(answer).toHaveLength(2_000)
      }
      expect(results(world).at(-1)).toMatchObject({ ok: false, reason: expect.stringContaining("often enough") })
    })
  )

  story("is withdrawn by a goodbye; each tool is answered once", (world) =>
    Effect.gen(function* () {
      const end: Answer = {
        text: "Never mind, goodbye.",
        ms: 1_000,
        tools: [{ name: "end_call", input: { success: false, summary: "No." }, id: "end" }]
      }
      const id = yield* asked(world, asks("When were they born?", "Let me see."), end)
      yield* Effect.sleep("2 seconds")
      yield* says(world, "Forget it.")
      yield* settle
      expect(results(world)).toMatchObject([{ ok: false, reason: "Not needed any more." }])
      expect(yield* Effect.flip(world.calls.answer(id, { text: "4 May" }))).toMatchObject({ reason: "withdrawn" })
      expect(yield* questionsOf(world, id)).toMatchObject([{ unanswered: "withdrawn" }])
    })
  )

  story("is answered while the model's session is lost: the next one gets question and answer", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me see."))
      yield* Effect.sleep("3 seconds")
      world.model.behaviour.open = Effect.sleep("4 seconds")
      world.session().lose()
      yield* Effect.sleep("1 second")
      yield* world.calls.answer(id, { text: "4 May" })
      yield* Effect.sleep("4 seconds")
      expect(world.model.sessions).toHaveLength(2)
      const [question] = world.session().brief.memory.filter(({ text }) => text.includes("When were they born?"))
      expect(question?.text).toContain("do not ask again")
      expect(
        world
          .session()
          .commands("Note")
          .map(({ text }) => text)
          .join()
      ).toContain("4 May")
      expect(world.session().asked()).toEqual(["reply"])
      // and a session after that knows both
      world.session().lose()
      yield* Effect.sleep("5 seconds")
      expect(
        world
          .session()
          .brief.memory.map(({ text }) => text)
          .join()
      ).toContain('Their answer: "4 May"')
    })
  )

  story("ends with the line when the model is not to be had again", (world) =>
    Effect.gen(function* () {
      const id = yield* asked(world, asks("When were they born?", "Let me see."))
      world.model.behaviour.open = Effect.fail(new ModelUnavailable({ message: "gone" }))
      world.session().lose()
      yield* Effect.sleep("20 seconds")
      const call = yield* world.calls.status(id)
      expect(call).toMatchObject({ status: "failed", questions: [{ unanswered: "withdrawn" }] })
    })
  )

  story("reaches a client's inbox while it is open, until it is acknowledged; old clients never see it", (world) =>
    Effect.gen(function* () {
      const wait = Duration.seconds(30)
      const client = "gateway"
      world.model.says.reply = [
        asks("When?", "Let me see."),
        asks("Where?", "Let me see."),
        { text: "I see.", ms: 500 }
      ]
      const id = yield* talking(world, { ...owned, client, metadata: { session: "a" } })
      const old = yield* Effect.fork(world.calls.completions(client, { wait }))
      const waiting = yield* Effect.fork(world.calls.completions(client, { wait, questions: true }))
      yield* says(world, "When?")
      expect(yield* waiting).toMatchObject([
        { call: { id, status: "in-progress" }, metadata: { session: "a" }, question: { id: 1, question: "When?" } }
      ])
      yield* world.calls.acknowledge("another", [], [{ callId: id, questionId: 1 }])
      expect(yield* world.calls.completions(client, { wait: Duration.zero, questions: true })).toHaveLength(1)
      yield* world.calls.acknowledge(client, [], [{ callId: id, questionId: 1 }])
      expect(yield* world.calls.completions(client, { wait: Duration.zero, questions: true })).toEqual([])
      yield* world.calls.answer(id, { text: "Friday" })
      yield* Effect.sleep("3 seconds")
      yield* says(world, "Where?")
      const look = world.calls.completions(client, { wait: Duration.zero, questions: true })
      expect(yield* look).toMatchObject([{ question: { id: 2 } }])
      // closed questions are nobody's business any more
      yield* world.calls.answer(id, { text: "Here" })
      expect(yield* look).toEqual([])
      expect(yield* old).toEqual([])
    })
  )
})
