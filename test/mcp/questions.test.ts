/** The voice agent asks in mid-call: the person at the client is asked, or the agent there answers with `phone_answer`. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import type { ElicitResult, Progress } from "@modelcontextprotocol/sdk/types.js"
import { Deferred, Effect, Fiber, Stream } from "effect"
import type { CallRequest } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { QuestionClosed } from "../../src/domain/errors.ts"
import { isOpen } from "../../src/domain/Question.ts"
import { call, callId } from "../rpc/service.ts"
import {
  callOf,
  eventually,
  fakePhone,
  inMemory,
  overHttp,
  overStdio,
  type Person,
  simulatedService,
  textOf,
  use
} from "./support.ts"

const asksForDate = "+15550100015"
const date = "4 May 1987"

const at = call.startedAt
const asked: CallEvent = { _tag: "Question", seq: 1, at, id: 1, question: "Which date?" }
const closed: CallEvent = { _tag: "Answered", seq: 2, at, id: 1, unanswered: "timeout" }
const ended: CallEvent = { _tag: "Ended", seq: 3, call }

/** A phone whose agent asks once, and is answered, or gives up when the test says so. */
const asking = Effect.gen(function* () {
  const requests: Array<CallRequest> = []
  const answers: Array<unknown> = []
  const over = yield* Deferred.make<void>()
  const phone = fakePhone({
    place: (request) =>
      Effect.as(
        Effect.sync(() => requests.push(request)),
        call
      ),
    watch: () =>
      Stream.concat(Stream.make(asked), Stream.fromIterableEffect(Effect.as(Deferred.await(over), [closed, ended]))),
    answer: (...given) =>
      Effect.zipRight(
        Effect.sync(() => answers.push(given)),
        Deferred.succeed(over, undefined)
      )
  })
  return { phone, requests, answers, over }
})

const ask = { to: call.to, task: "Book" }

describe("the person at the client", () => {
  it.scopedLive(
    "is asked over stdio and over HTTP, and what they answer is said on the phone",
    () =>
      Effect.gen(function* () {
        const { token, url } = yield* simulatedService()
        const shown: Array<string> = []
        const person: Person = async ({ message }) => {
          shown.push(message)
          return { action: "accept", content: { answer: date } }
        }
        const { client: near } = yield* overStdio(["--url", url, "--token", token], person)
        const far = yield* overHttp(url, token, person)
        const talk = (client: typeof near) =>
          Effect.flatMap(use(client, "phone_call", { to: asksForDate, task: "Book" }), callOf)
        const calls = yield* Effect.all([talk(near), talk(far)], { concurrency: "unbounded" })
        expect(shown).toHaveLength(2)
        for (const message of shown) expect(message).toContain("The callee asks for the date of birth. What is it?")
        for (const { outcome, questions, transcript } of calls) {
          expect(questions).toMatchObject([{ id: 1, answer: date }])
          expect(transcript.map(({ text }) => text)).toContain(`I have the answer: ${date}.`)
          expect(outcome?.success).toBe(true)
        }
      }).pipe(Effect.provide(NodeContext.layer)),
    90_000
  )

  it.scopedLive("who declines has answered, who closes the question has not", () =>
    Effect.gen(function* () {
      const doing = Effect.fnUntraced(function* (result: ElicitResult) {
        const { answers, over, phone } = yield* asking
        const client = yield* inMemory(phone, async () => result)
        const running = yield* Effect.fork(use(client, "phone_call", ask))
        yield* Effect.sleep("100 millis")
        yield* Deferred.succeed(over, undefined)
        yield* Fiber.join(running)
        return answers
      })
      expect(yield* doing({ action: "decline" })).toEqual([[callId, expect.stringContaining("do not want"), 1]])
      expect(yield* doing({ action: "cancel" })).toEqual([])
      expect(yield* doing({ action: "accept", content: { answer: " " } })).toEqual([])
      expect(yield* doing({ action: "accept", content: { answer: "Friday" } })).toEqual([[callId, "Friday", 1]])
    })
  )

  it.scopedLive("need not answer any more once the question is closed", () =>
    Effect.gen(function* () {
      const withdrawn = yield* Deferred.make<void>()
      const over = yield* Deferred.make<void>()
      const answers: Array<unknown> = []
      // the SDK's client passes over the taking back of a first request, whose id is 0
      const first: ReadonlyArray<CallEvent> = [
        asked,
        { _tag: "Answered", seq: 2, at, id: 1, answer: "Friday" },
        { ...asked, seq: 3, id: 2 }
      ]
      const phone = fakePhone({
        place: () => Effect.succeed(call),
        watch: () =>
          Stream.concat(
            Stream.mapEffect(Stream.fromIterable(first), (event) => Effect.delay(Effect.succeed(event), "50 millis")),
            Stream.fromIterableEffect(
              Effect.as(Deferred.await(over), [
                { ...closed, seq: 4, id: 2 },
                { ...ended, seq: 5 }
              ])
            )
          ),
        answer: (_, text) => Effect.sync(() => void answers.push(text))
      })
      let times = 0
      const person: Person = (_, signal) => {
        times += 1
        if (times === 1) return Promise.resolve({ action: "accept", content: { answer: "Friday" } })
        Deferred.unsafeDone(over, Effect.void)
        return new Promise(() => {
          signal.addEventListener("abort", () => Deferred.unsafeDone(withdrawn, Effect.void))
        })
      }
      const client = yield* inMemory(phone, person)
      const result = yield* use(client, "phone_call", ask)
      yield* Deferred.await(withdrawn)
      expect(result.isError).toBeUndefined()
      expect(answers).toEqual(["Friday"])
    })
  )

  it.scopedLive("is the owner by default only where the client can ask them and waits", () =>
    Effect.gen(function* () {
      const asOwner = Effect.fnUntraced(function* (args: object, person?: Person) {
        const { over, phone, requests } = yield* asking
        yield* Deferred.succeed(over, undefined)
        yield* use(yield* inMemory(phone, person), "phone_call", { ...ask, ...args })
        return requests[0]?.questions
      })
      const person: Person = async () => ({ action: "cancel" })
      expect(yield* asOwner({}, person)).toBe(true)
      expect(yield* asOwner({})).toBe(false)
      expect(yield* asOwner({ wait: false }, person)).toBe(false)
      expect(yield* asOwner({ questions: false }, person)).toBe(false)
      expect(yield* asOwner({ questions: true })).toBe(true)
      expect(yield* asOwner({ questions: true, wait: false })).toBe(true)
    })
  )
})

describe("an agent without such a person", () => {
  it.scopedLive("sees the question in the progress and how to answer it", () =>
    Effect.gen(function* () {
      const { over, phone } = yield* asking
      const client = yield* inMemory(phone)
      const told: Array<string> = []
      const onprogress = ({ message = "" }: Progress) => {
        told.push(message)
        if (message.includes("asks")) Deferred.unsafeDone(over, Effect.void)
      }
      yield* use(client, "phone_call", { ...ask, questions: true }, { onprogress })
      expect(told).toContain(
        `The agent asks: Which date? Answer within 60 s: phone_answer, callId "${callId}", questionId 1.`
      )
      expect(told).toContain("Nobody answered in time; the agent goes on without.")
    })
  )

  it.scopedLive(
    "that does not wait finds it in phone_status, and answers it once",
    () =>
      Effect.gen(function* () {
        const { token, url } = yield* simulatedService()
        const client = yield* overHttp(url, token)
        const placing = use(client, "phone_call", { to: asksForDate, task: "Book", wait: false, questions: true })
        const { id } = yield* Effect.flatMap(placing, callOf)
        const status = use(client, "phone_status", { callId: id })
        const open = yield* eventually(Effect.flatMap(status, callOf), ({ questions = [] }) => questions.some(isOpen))
        expect(open.questions?.[0]?.question).toContain("date of birth")
        expect(textOf(yield* status)).toContain("The agent asks: The callee asks for the date of birth.")
        const answer = { callId: id, answer: date, questionId: 1 }
        expect((yield* use(client, "phone_answer", answer)).structuredContent).toEqual({ callId: id })
        const twice = yield* use(client, "phone_answer", answer)
        expect(twice.isError).toBe(true)
        expect(textOf(twice)).toMatch(/^QuestionClosed: .*not used/)
        expect(twice._meta?.["phone/error"]).toMatchObject({ type: "QuestionClosed", reason: "answered" })
        expect(textOf(yield* status)).toContain(`What is it? answered: ${date}`)
        yield* use(client, "phone_hangup", { callId: id })
      }).pipe(Effect.provide(NodeContext.layer)),
    90_000
  )

  it.scopedLive("that answers too late reads what to do", () =>
    Effect.gen(function* () {
      const late = new QuestionClosed({ callId, reason: "timeout", message: "Too late. It was not used." })
      const client = yield* inMemory(fakePhone({ answer: () => late }))
      const result = yield* use(client, "phone_answer", { callId, answer: "Friday" })
      expect(textOf(result)).toMatch(/^QuestionClosed: Too late\. It was not used\.\n.*phone_status/)
    })
  )
})
