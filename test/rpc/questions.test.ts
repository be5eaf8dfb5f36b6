import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CallRequest } from "../../src/domain/Call.ts"
import { QuestionClosed } from "../../src/domain/errors.ts"
import { call, callId, connect, serve } from "./service.ts"

describe("phone_answer", () => {
  it.scopedLive("reaches the call with the question it is for, and its refusals come typed", () =>
    Effect.gen(function* () {
      const given: Array<unknown> = []
      const late = new QuestionClosed({ callId, reason: "timeout", message: "Too late. It was not used." })
      const { url } = yield* serve({
        answer: (id, answer) => (answer.text === "late" ? late : Effect.sync(() => void given.push([id, answer])))
      })
      const client = yield* connect(url)
      yield* client.phone_answer({ callId, answer: "Friday" })
      yield* client.phone_answer({ callId, answer: "Früh", questionId: 2 })
      expect(given).toEqual([
        [callId, { text: "Friday" }],
        [callId, { text: "Früh", questionId: 2 }]
      ])
      expect(yield* Effect.flip(client.phone_answer({ callId, answer: "late" }))).toEqual(late)
    })
  )

  it.scopedLive(
    "is expected only by calls that were placed with questions, and seen by clients that ask for them",
    () =>
      Effect.gen(function* () {
        const requests: Array<CallRequest> = []
        const looks: Array<unknown> = []
        const known: Array<unknown> = []
        const question = { id: 1, question: "Which date?", askedAt: call.startedAt }
        const { url } = yield* serve({
          place: (request) =>
            Effect.as(
              Effect.sync(() => requests.push(request)),
              callId
            ),
          status: () => Effect.succeed(call),
          completions: (_, { questions }) =>
            Effect.as(
              Effect.sync(() => looks.push(questions)),
              [{ call, metadata: {}, question }]
            ),
          acknowledge: (...all) => Effect.sync(() => void known.push(all))
        })
        const client = yield* connect(url)
        yield* client.phone_call({ to: "+15551234567", task: "x", wait: false })
        yield* client.phone_call({ to: "+15551234567", task: "x", wait: false, questions: true })
        expect(requests.map(({ questions }) => questions)).toEqual([undefined, true])
        yield* client.phone_completions({ client: "gateway" })
        const [found] = yield* client.phone_completions({ client: "gateway", questions: true })
        expect(looks).toEqual([false, true])
        expect(found?.question).toEqual(question)
        yield* client.phone_ack({ client: "gateway", callIds: [], questions: [{ callId, questionId: 1 }] })
        expect(known).toEqual([["gateway", [], [{ callId, questionId: 1 }]]])
      })
  )
})
