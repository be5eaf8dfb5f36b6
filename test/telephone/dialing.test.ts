import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { respond, respondJson } from "../../src/wire/Network.ts"
import {
  accountSid,
  broken,
  callJson,
  callSid,
  follow,
  makeStage,
  oneByOne,
  order,
  refusal,
  statusesOf
} from "./support.ts"

const created = Effect.succeed(respondJson(201, callJson("queued")))
const listed = (...calls: ReadonlyArray<object>) =>
  Effect.succeed(respondJson(200, { calls, page: 0, page_size: 20, next_page_uri: null }))

describe("dialling", () => {
  it.scoped("one POST carries everything, to the configured address, with our credentials", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      const leg = yield* telephone.dial(order())
      expect(leg.providerId).toBe(callSid)
      expect(rest.asked.length).toBe(1)
      const { form, request } = rest.asked[0] ?? expect.fail()
      expect(request.url).toBe(`https://twilio.test/2010-04-01/Accounts/${accountSid}/Calls.json`)
      expect(request.headers.authorization).toMatch(/^Basic /)
      expect(Object.fromEntries(form)).toMatchObject({
        To: "+15551230001",
        From: "+15005550006",
        Timeout: "35",
        TimeLimit: "600",
        MachineDetection: "DetectMessageEnd",
        AsyncAmd: "true"
      })
      expect(form.getAll("StatusCallbackEvent")).toEqual(["initiated", "ringing", "answered", "completed"])
      expect(form.get("Url")).toMatch(/^https:\/\/dial\.example\.test\/twilio\/abcd1234\/[a-z0-9]{40}\/voice$/)
      expect(form.get("AsyncAmdStatusCallback")).toMatch(/\/amd$/)
    })
  )

  it.scoped("without machine detection none is asked for", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      yield* telephone.dial(order({ detectMachine: false }))
      expect([...(rest.asked[0]?.form.keys() ?? [])].filter((name) => /Machine|Amd/.test(name))).toEqual([])
    })
  )

  it.scoped("a 429 was not processed: tried again after Retry-After, not sooner", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.create = oneByOne(Effect.succeed(refusal(429, 20429, "Slow.", { "retry-after": "7" })), created)
      const dialling = yield* Effect.fork(telephone.dial(order()))
      yield* TestClock.adjust("6900 millis")
      expect(rest.of("create").length).toBe(1)
      yield* TestClock.adjust("200 millis")
      yield* Fiber.join(dialling)
      expect(rest.of("create").length).toBe(2)
    })
  )

  it.scoped("a lasting 429 is RateLimited, after five attempts", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.create = () => Effect.succeed(refusal(429, 20429, "Slow.", { "retry-after": "1" }))
      const dialling = yield* Effect.fork(Effect.flip(telephone.dial(order())))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(dialling)).toMatchObject({ _tag: "RateLimited", service: "twilio", retryAfter: 1 })
      expect(rest.of("create").length).toBe(5)
    })
  )

  it.scoped("a Retry-After of an hour is told at once", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.create = () => Effect.succeed(refusal(429, 20429, "Slow.", { "retry-after": "3600" }))
      expect(yield* Effect.flip(telephone.dial(order()))).toMatchObject({ _tag: "RateLimited", retryAfter: 3600 })
      expect(rest.of("create").length).toBe(1)
    })
  )

  it.scoped("refusals are told apart, and none is repeated", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      const cases = [
        [401, 20003, "LineUnavailable"],
        [403, 20005, "LineUnavailable"],
        [400, 21215, "CallFailed"],
        [400, 21211, "CallFailed"],
        [400, 10004, "RateLimited"]
      ] as const
      for (const [status, code, tag] of cases) {
        rest.answers.create = () => Effect.succeed(refusal(status, code, `Because of ${code}.`))
        const error = yield* Effect.flip(telephone.dial(order()))
        expect(error._tag).toBe(tag)
        expect(error.message).toContain(`Because of ${code}.`)
        if (error._tag === "CallFailed") expect(error).toMatchObject({ callId: "abcd1234", code: String(code) })
      }
      expect(rest.asked.length).toBe(cases.length)
    })
  )

  it.scoped("a refused connection was not processed: tried again", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.create = oneByOne(Effect.fail(broken("refused")), Effect.fail(broken("refused")), created)
      const dialling = yield* Effect.fork(telephone.dial(order()))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(dialling)
      expect(rest.of("create").length).toBe(3)
    })
  )

  it.scoped(
    "after an unclear answer the call is found in the list, past those of others, and never dialled again",
    () =>
      Effect.gen(function* () {
        const { telephone, rest } = yield* makeStage
        const older = callJson("completed", {
          sid: `CA${"9".repeat(32)}`,
          date_created: "Tue, 31 Aug 2010 20:36:28 +0000"
        })
        yield* TestClock.setTime(Date.UTC(2026, 10, 22))
        let round = 0
        for (const unclear of [
          Effect.succeed(respond(503)),
          Effect.succeed(respond(502, "<html>bad gateway</html>")),
          Effect.succeed(respond(201, "<html>?</html>")),
          Effect.fail(broken("timeout")),
          Effect.fail(broken("broken"))
        ]) {
          const { asked } = rest
          asked.length = 0
          rest.answers.create = () => unclear
          // Each round is a call of its own: those before are known and cannot be taken for it.
          const sid = `CA${String(++round).padStart(32, "0")}`
          rest.answers.list = oneByOne(
            listed(older),
            Effect.succeed(respond(500)),
            listed(older, callJson("ringing", { sid }))
          )
          const dialling = yield* Effect.fork(telephone.dial(order()))
          yield* TestClock.adjust("5 seconds")
          expect((yield* Fiber.join(dialling)).providerId).toBe(sid)
          expect(rest.of("create").length).toBe(1)
          const query = rest.of("list")[0]?.form
          expect(query?.get("To")).toBe("+15551230001")
          expect(query?.get("From")).toBe("+15005550006")
          expect(query?.get("StartTime>")).toMatch(/^2026-11-2/)
        }
      })
  )

  it.scoped("a call that is nowhere was not placed; should it turn up after all, it is hung up", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell, voice } = yield* makeStage
      rest.answers.create = () => Effect.succeed(respond(503))
      const scope = yield* Scope.make()
      const dialling = yield* Effect.fork(Effect.flip(Scope.extend(telephone.dial(order()), scope)))
      yield* TestClock.adjust("15 seconds")
      expect(yield* Fiber.join(dialling)).toMatchObject({ _tag: "LineUnavailable", callId: "abcd1234" })
      expect(rest.of("create").length).toBe(1)
      expect(rest.of("list").length).toBe(6)
      yield* Scope.close(scope, Exit.void)
      expect(rest.of("update").length).toBe(0)

      yield* tell("status", { CallStatus: "ringing", SequenceNumber: "1" })
      expect(rest.of("update").map(({ form }) => form.get("Status"))).toEqual(["completed"])
      expect(yield* voice).toContain("<Hangup/>")
    })
  )

  it.scoped("an outage while looking leads to no second POST either", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.create = () => Effect.succeed(respond(503))
      rest.answers.list = () => Effect.fail(broken("refused"))
      const dialling = yield* Effect.fork(Effect.flip(telephone.dial(order())))
      yield* TestClock.adjust("2 minutes")
      expect((yield* Fiber.join(dialling))._tag).toBe("LineUnavailable")
      expect(rest.of("create").length).toBe(1)
    })
  )

  it.scoped("a callback of the call is as good as the lost answer", () =>
    Effect.gen(function* () {
      const { telephone, rest, tell } = yield* makeStage
      rest.answers.create = () => Effect.never
      const dialling = yield* Effect.fork(telephone.dial(order()))
      yield* TestClock.adjust("1 second")
      yield* tell("status", { CallStatus: "ringing", SequenceNumber: "1" })
      const leg = yield* Fiber.join(dialling)
      expect(leg.providerId).toBe(callSid)
      expect(statusesOf((yield* follow(leg)).seen)).toEqual(["ringing"])
      expect(rest.of("list").length).toBe(0)
    })
  )

  it.effect("given up while Twilio is creating it, the call is hung up as soon as it is known", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<void>()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { telephone, rest } = yield* makeStage
          rest.answers.create = () => Effect.zipRight(Deferred.await(answer), created)
          const dialling = yield* Effect.fork(Effect.scoped(telephone.dial(order())))
          yield* TestClock.adjust("1 second")
          const giving = yield* Effect.fork(Fiber.interrupt(dialling))
          yield* TestClock.adjust("1 second")
          expect(rest.of("update").length).toBe(0)
          yield* Deferred.succeed(answer, undefined)
          yield* TestClock.adjust(Duration.millis(100))
          yield* Fiber.join(giving)
          expect(rest.of("update").map(({ form }) => form.get("Status"))).toEqual(["completed"])
        })
      )
    })
  )
})
