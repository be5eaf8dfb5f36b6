/** The agent asks its owner in the middle of a call: whole calls on the simulated line, with the owner at hand, late, or gone. */
import { Effect, Either, Fiber, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { Calls } from "../../src/Calls.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import type { CallId } from "../../src/domain/Ids.ts"
import { alwaysHolds, type Finished, greets, spoken, story } from "./world.ts"

const asksForDate = "+15550100015"
const date = "4 May 1987"

type Event<Tag extends CallEvent["_tag"]> = Extract<CallEvent, { readonly _tag: Tag }>
const is =
  <Tag extends CallEvent["_tag"]>(tag: Tag) =>
  (event: CallEvent): event is Event<Tag> =>
    event._tag === tag

/** Waits for a question of the call. */
const question = Effect.fnUntraced(function* (id: CallId, number = 1) {
  const calls = yield* Calls
  const found = yield* calls.watch(id, { after: 0 }).pipe(
    Stream.filter(is("Question")),
    Stream.filter((asked) => asked.id === number),
    Stream.runHead
  )
  return Option.getOrThrow(found)
})

const questionEvents = ({ events }: Finished) =>
  events.flatMap(({ at, event }) => (is("Question")(event) || is("Answered")(event) ? [{ at, event }] : []))

describe("a question to the owner", () => {
  it("is answered: the callee hears a phrase meanwhile, then the answer, and the record has both", () =>
    story({}, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const id = yield* world.place({ to: asksForDate, questions: true })
        const finishing = yield* Effect.fork(world.finish(id))
        const asked = yield* question(id)
        expect(asked).toMatchObject({ id: 1, question: "The callee asks for the date of birth. What is it?" })
        // meanwhile it is open, for whoever looks
        yield* Effect.sleep("8 seconds")
        expect((yield* calls.status(id)).questions).toMatchObject([{ id: 1, question: asked.question }])
        yield* calls.answer(id, { text: date, questionId: 1 })
        const finished = yield* Fiber.join(finishing)
        const { call } = finished
        expect(spoken(call).slice(3, 6)).toEqual([
          "assistant: One moment, please.",
          `assistant: I have the answer: ${date}.`,
          "user: Thank you. Yes, Tuesday at 2 pm works. See you then."
        ])
        expect(call.outcome?.success).toBe(true)
        expect(call.questions).toMatchObject([{ id: 1, question: asked.question, answer: date }])
        const [recorded] = call.questions ?? []
        expect((recorded?.answeredAt?.epochMillis ?? 0) - (recorded?.askedAt.epochMillis ?? 0)).toBeGreaterThan(7_900)
        expect(questionEvents(finished).map(({ event }) => event)).toMatchObject([asked, { id: 1, answer: date }])
        alwaysHolds(finished)
        // a watch of the ended call tells it, too
        const past = yield* Stream.runCollect(calls.watch(id, { after: 0 }))
        expect([...past].filter((event) => is("Question")(event) || is("Answered")(event))).toMatchObject([
          { question: asked.question },
          { answer: date }
        ])
      })
    ))

  it("that nobody answers costs the callee a minute at most, and no silence of more than 20 s", () =>
    story({}, (world) =>
      Effect.gen(function* () {
        const finished = yield* world.call({ to: asksForDate, questions: true })
        const { call } = finished
        const [asked, closed] = questionEvents(finished)
        expect(closed?.event).toMatchObject({ id: 1, unanswered: "timeout" })
        expect((closed?.at ?? 0) - (asked?.at ?? 0)).toBe(60_000)
        const said = spoken(call)
        expect(said.filter((line) => line === "assistant: One moment, please.").length).toBeGreaterThanOrEqual(2)
        expect(said).toContain("assistant: I am sorry, I could not find that out. They will get back to you about it.")
        expect(said).not.toContain("assistant: Hello, are you still there?")
        expect(call.questions).toMatchObject([{ id: 1, unanswered: "timeout" }])
        expect(call.outcome?.success).toBe(true)
        const turns = call.transcript.map(({ heard = 0, timestamp }) => ({
          at: timestamp.epochMillis,
          ms: heard * 1000
        }))
        for (const [n, turn] of turns.entries()) {
          const before = turns[n - 1]
          if (before !== undefined) expect(turn.at - before.at - before.ms).toBeLessThan(23_000)
        }
        alwaysHolds(finished)
        const late = yield* Effect.flip(Effect.flatMap(Calls, (calls) => calls.answer(call.id, { text: date })))
        expect(late).toMatchObject({ _tag: "QuestionClosed", reason: "withdrawn" })
      })
    ))

  it("is never asked where nobody said that they would answer", () =>
    story({}, (world) =>
      Effect.gen(function* () {
        const finished = yield* world.call({ to: asksForDate })
        expect(questionEvents(finished)).toEqual([])
        expect(
          finished.sessions.flatMap(({ received }) => received.map((event) => JSON.stringify(event))).join()
        ).not.toContain("ask_owner")
        expect(finished.file).not.toHaveProperty("questions")
        alwaysHolds(finished)
      })
    ))

  it("is not asked for what the context tells", () =>
    story({}, (world) =>
      Effect.gen(function* () {
        const context = `The date of birth is ${date}.`
        const finished = yield* world.call({ to: asksForDate, context, questions: true })
        expect(spoken(finished.call)).toContain(`assistant: ${context}`)
        expect(questionEvents(finished)).toEqual([])
        alwaysHolds(finished)
      })
    ))

  it("leaves the callee free to talk meanwhile", () =>
    story(
      {
        callee: greets(
          { listen: {} },
          { say: "What is the date of birth of the patient, please?" },
          { listen: {} },
          { wait: 2 },
          { say: "Take your time, I am here." },
          { listen: {} },
          { listen: {} },
          { say: "Yes, Tuesday at 2 pm works. See you then." },
          { listen: {} },
          { wait: 20 },
          { hangUp: true }
        )
      },
      (world) =>
        Effect.gen(function* () {
          const calls = yield* Calls
          const id = yield* world.place({ questions: true })
          const finishing = yield* Effect.fork(world.finish(id))
          yield* question(id)
          yield* Effect.sleep("15 seconds")
          yield* calls.answer(id, { text: date })
          const finished = yield* Fiber.join(finishing)
          expect(spoken(finished.call).slice(3, 7)).toEqual([
            "assistant: One moment, please.",
            "user: Take your time, I am here.",
            "assistant: Thank you. I am still finding that out.",
            `assistant: I have the answer: ${date}.`
          ])
          expect(finished.call.outcome?.success).toBe(true)
          alwaysHolds(finished)
        })
    ))

  it("is withdrawn when the callee hangs up, and an answer after that is refused", () =>
    story(
      {
        callee: greets(
          { listen: {} },
          { say: "What is the date of birth of the patient, please?" },
          { wait: 5 },
          { hangUp: true }
        )
      },
      (world) =>
        Effect.gen(function* () {
          const calls = yield* Calls
          const id = yield* world.place({ questions: true })
          const finishing = yield* Effect.fork(world.finish(id))
          yield* question(id)
          const finished = yield* Fiber.join(finishing)
          expect(finished.call.questions).toMatchObject([{ id: 1, unanswered: "withdrawn" }])
          expect(finished.call.questions?.[0]).not.toHaveProperty("answeredAt")
          expect(questionEvents(finished).at(-1)?.event).toMatchObject({ _tag: "Answered", unanswered: "withdrawn" })
          const late = yield* Effect.flip(calls.answer(id, { text: date, questionId: 1 }))
          expect(late).toMatchObject({ _tag: "QuestionClosed", callId: id, reason: "withdrawn" })
          expect(late.message).toContain("not used")
          alwaysHolds(finished)
        })
    ))

  it("takes one answer: a second one, a late one, one to no question, and an empty one are refused", () =>
    story({}, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const id = yield* world.place({ to: asksForDate, questions: true })
        const finishing = yield* Effect.fork(world.finish(id))
        const refused = (text: string, questionId?: number) =>
          Effect.map(
            Effect.flip(calls.answer(id, { text, ...(questionId === undefined ? {} : { questionId }) })),
            (error) => ("reason" in error ? error.reason : "field" in error ? error.field : error._tag)
          )
        yield* Effect.sleep("5 seconds")
        expect(yield* refused(date)).toBe("unasked")
        yield* question(id)
        expect(yield* refused(" ")).toBe("answer")
        expect(yield* refused(date, 2)).toBe("unasked")
        const both = yield* Effect.all([calls.answer(id, { text: date }), calls.answer(id, { text: "1 May" })], {
          concurrency: "unbounded",
          mode: "either"
        })
        expect(both.map(Either.isRight)).toEqual([true, false])
        expect(yield* refused(date, 1)).toBe("answered")
        const { call } = yield* Fiber.join(finishing)
        expect(call.questions).toMatchObject([{ answer: date }])
        expect(yield* Effect.flip(calls.answer("zzzzzzzz", { text: date }))).toMatchObject({ _tag: "CallNotFound" })
      })
    ))

  it("survives the loss of the model's session: the answer reaches the next one", () =>
    story({ faults: (connection) => (connection === 0 ? { dropAfter: "28 seconds" } : {}) }, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const id = yield* world.place({ to: asksForDate, questions: true })
        const finishing = yield* Effect.fork(world.finish(id))
        const asked = yield* question(id)
        yield* Effect.sleep("20 seconds")
        yield* calls.answer(id, { text: date })
        const finished = yield* Fiber.join(finishing)
        const lost = finished.sessions[0]?.closed?.at ?? 0
        const answered = questionEvents(finished).at(-1)?.at ?? 0
        expect(asked.at.epochMillis).toBeLessThan(lost)
        expect(lost).toBeLessThan(answered)
        expect(finished.sessions.length).toBe(2)
        const told = finished.sessions[1]?.received.map((event) => JSON.stringify(event)).join("\n") ?? ""
        expect(told).toContain("You have asked the person you call for")
        expect(told).toContain(date)
        expect(finished.call.questions).toMatchObject([{ answer: date }])
        alwaysHolds(finished)
      })
    ))

  it("may be followed by another one", () =>
    story(
      {
        callee: greets(
          { listen: {} },
          { say: "What is the date of birth of the patient, please?" },
          { reply: [{ when: "moment", steps: [{ listen: {} }] }] },
          { say: "And the insurance number, please?" },
          { reply: [{ when: "moment", steps: [{ listen: {} }] }] },
          { say: "Yes, Tuesday at 2 pm works. See you then." },
          { listen: {} },
          { wait: 20 },
          { hangUp: true }
        )
      },
      (world) =>
        Effect.gen(function* () {
          const calls = yield* Calls
          const id = yield* world.place({ questions: true })
          const finishing = yield* Effect.fork(world.finish(id))
          yield* question(id)
          yield* Effect.sleep("4 seconds")
          yield* calls.answer(id, { text: date })
          const second = yield* question(id, 2)
          expect(second.question).toContain("insurance number")
          yield* Effect.sleep("4 seconds")
          // the first one's id is the first one's
          expect(yield* Effect.flip(calls.answer(id, { text: "A 17", questionId: 1 }))).toMatchObject({
            reason: "answered"
          })
          yield* calls.answer(id, { text: "A 17", questionId: 2 })
          const finished = yield* Fiber.join(finishing)
          expect(finished.call.questions).toMatchObject([{ answer: date }, { answer: "A 17" }])
          expect(finished.call.outcome?.success).toBe(true)
          alwaysHolds(finished)
        })
    ))
})
