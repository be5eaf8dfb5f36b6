import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { respond, respondJson } from "../../src/wire/Network.ts"
import { callJson, callSid, makeStage, oneByOne, order, refusal } from "./support.ts"

const { callId, to, from } = order()
const lost = { callId, to, from, since: new Date(Date.UTC(2026, 10, 22, 10)) }
const is = (status: string) => Effect.succeed(respondJson(200, callJson(status)))
const listed = (...calls: ReadonlyArray<object>) =>
  Effect.succeed(respondJson(200, { calls, page: 0, page_size: 20, next_page_uri: null }))

describe("a call left behind by a crash", () => {
  it.scoped("that has ended says how, and is left alone", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = () => is("busy")
      expect(yield* telephone.reconcile({ ...lost, providerId: callSid })).toBe("busy")
      expect(rest.of("update").length).toBe(0)
    })
  )

  it.scoped("that lives is hung up, and its end waited for", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = oneByOne(is("in-progress"), is("in-progress"), is("completed"))
      const reconciling = yield* Effect.fork(telephone.reconcile({ ...lost, providerId: callSid }))
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(reconciling)).toBe("completed")
      expect(rest.of("update").map(({ form }) => form.get("Status"))).toEqual(["completed"])
    })
  )

  it.scoped("whose id was never learnt is found by its numbers and time", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      const live = callJson("ringing", { sid: `CA${"2".repeat(32)}` })
      rest.answers.list = () => listed(callJson("completed"), live)
      rest.answers.fetch = () => is("no-answer")
      expect(yield* telephone.reconcile(lost)).toBe("no-answer")
      expect(rest.of("list")[0]?.form.get("StartTime>")).toBe("2026-11-22T09:59:55Z")
      expect(rest.of("update")[0]?.request.url).toContain("2".repeat(32))
      expect(rest.of("create").length).toBe(0)
    })
  )

  it.scoped("that Twilio does not know never was", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = () => Effect.succeed(refusal(404, 20404))
      expect(yield* telephone.reconcile({ ...lost, providerId: callSid })).toBeUndefined()
      expect(yield* telephone.reconcile(lost)).toBeUndefined()
    })
  )

  it.scoped("cannot be judged while Twilio is out of reach", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = () => Effect.succeed(respond(503))
      const reconciling = yield* Effect.fork(Effect.flip(telephone.reconcile({ ...lost, providerId: callSid })))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(reconciling)).toMatchObject({ _tag: "LineUnavailable", callId })
    })
  )
})
