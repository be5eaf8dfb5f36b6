/** Calls of a process that died: found at Twilio, and their lines taken over. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import type { FoundCall, LeftLine } from "../../src/Telephone.ts"
import { bodyText, respond, respondJson, type WireRequest } from "../../src/wire/Network.ts"
import {
  callJson,
  callSid,
  follow,
  makeStage,
  openMedia,
  order,
  origin,
  parametersOf,
  refusal,
  settle,
  sign,
  statusesOf,
  streamSid
} from "./support.ts"

const { callId, to, from } = order()
const lost = { callId, to, from, since: new Date(Date.UTC(2026, 10, 22, 10)) }
const is = (status: string) => Effect.succeed(respondJson(200, callJson(status)))
const listed = (...calls: ReadonlyArray<object>) =>
  Effect.succeed(respondJson(200, { calls, page: 0, page_size: 20, next_page_uri: null }))

describe("a call left behind by a crash", () => {
  it.scoped("is found by its id, whether it lives or has ended, and left alone", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      for (const status of ["busy", "in-progress"] as const) {
        rest.answers.fetch = () => is(status)
        expect(yield* telephone.find({ ...lost, providerId: callSid })).toEqual({ providerId: callSid, status })
      }
      expect(rest.of("update").length).toBe(0)
    })
  )

  it.scoped("whose id was never learnt is found by its numbers and time", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      const sid = `CA${"2".repeat(32)}`
      rest.answers.list = () => listed(callJson("completed"), callJson("ringing", { sid }))
      expect(yield* telephone.find(lost)).toEqual({ providerId: sid, status: "ringing" })
      expect(rest.of("list")[0]?.form.get("StartTime>")).toBe("2026-11-22T09:59:55Z")
      expect(rest.of("create").length).toBe(0)
    })
  )

  it.scoped("is not taken for another one to the same number, which has a line already", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      yield* telephone.resume(order(), { providerId: callSid, status: "ringing", answered: false, away: false })
      rest.answers.list = () => listed(callJson("ringing"))
      expect(yield* telephone.find(lost)).toBeUndefined()
    })
  )

  it.scoped("that Twilio does not know never was", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = () => Effect.succeed(refusal(404, 20404))
      expect(yield* telephone.find({ ...lost, providerId: callSid })).toBeUndefined()
      expect(yield* telephone.find(lost)).toBeUndefined()
    })
  )

  it.scoped("cannot be judged while Twilio is out of reach", () =>
    Effect.gen(function* () {
      const { telephone, rest } = yield* makeStage
      rest.answers.fetch = () => Effect.succeed(respond(503))
      const finding = yield* Effect.fork(Effect.flip(telephone.find({ ...lost, providerId: callSid })))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(finding)).toMatchObject({ _tag: "LineUnavailable", callId })
    })
  )
})

describe("a line that is taken over", () => {
  /** Where Twilio was told to reach the process that died. */
  const pathOfBefore = Effect.gen(function* () {
    const { telephone, urlOf } = yield* makeStage
    yield* telephone.dial(order())
    return urlOf("status").replace(/status$/, "")
  })

  const takenOver = Effect.fnUntraced(function* (found: Partial<FoundCall & LeftLine> = {}) {
    const path = yield* Effect.scoped(pathOfBefore)
    const stage = yield* makeStage
    const line = { providerId: callSid, status: "in-progress" as const, answered: true, away: false, ...found }
    const leg = yield* stage.telephone.resume(order(), line)
    const events = yield* follow(leg)
    const tell = (endpoint: string, params: Record<string, string>) => {
      const all = { CallSid: callSid, ...params }
      const url = `${path}${endpoint}`
      const request: WireRequest = {
        method: "POST",
        url: url.replace(origin, "http://127.0.0.1:18790"),
        headers: { "x-twilio-signature": sign(url, all) },
        body: new URLSearchParams(all).toString()
      }
      return stage.host.http(request)
    }
    const twiml = () => stage.rest.of("update").map(({ form }) => form.get("Twiml") ?? "")
    return { ...stage, ...events, leg, tell, twiml }
  })

  it.scoped("gets a new stream at once, and none of it is dialled or recorded again", () =>
    Effect.gen(function* () {
      const { host, rest, seen, twiml } = yield* takenOver()
      expect(twiml()).toHaveLength(1)
      expect(twiml()[0]).toMatch(/^<\?xml[^>]*\?><Response><Connect><Stream /)
      const media = yield* openMedia(host)
      media.start(streamSid(2), parametersOf(twiml()[0] ?? ""))
      yield* settle
      expect(seen.map(({ _tag }) => _tag)).toEqual(["Status", "MediaStarted"])
      expect(rest.of("create")).toEqual([])
    })
  )

  it.scoped(
    "hears the callbacks that Twilio sends where the dead process was, and the way of another process's streams is closed",
    () =>
      Effect.gen(function* () {
        const { ended, host, seen, tell } = yield* takenOver()
        const media = yield* openMedia(host)
        media.start(streamSid(1), { call: callId, token: "a".repeat(40) })
        yield* settle
        expect(media.closes.map(({ code }) => code)).toEqual([1008])
        expect((yield* tell("amd", { AnsweredBy: "human" })).status).toBe(204)
        expect((yield* tell("status", { CallStatus: "completed" })).status).toBe(204)
        yield* ended
        expect(seen.map(({ _tag }) => _tag)).toEqual(["Status", "Machine", "Status"])
        expect(statusesOf(seen)).toEqual(["in-progress", "completed"])
      })
  )

  it.scoped("that still rings is left to ring, and asks what to do when it is answered", () =>
    Effect.gen(function* () {
      const { tell, twiml } = yield* takenOver({ status: "ringing", answered: false })
      yield* TestClock.adjust("5 seconds")
      expect(twiml()).toEqual([])
      expect(bodyText(yield* tell("voice", { CallStatus: "in-progress" }))).toContain("<Recording")
    })
  )

  it.scoped("whose callee is with somebody else is left so until that has failed", () =>
    Effect.gen(function* () {
      const { host, leg, seen, tell, twiml } = yield* takenOver({ away: true })
      const transfer = yield* Effect.fork(leg.awaitTransfer)
      yield* TestClock.adjust("30 seconds")
      expect(twiml()).toEqual([])
      const back = bodyText(yield* tell("dial", { DialCallStatus: "busy" }))
      expect(yield* Fiber.join(transfer)).toEqual({ result: "busy" })
      const media = yield* openMedia(host)
      media.start(streamSid(2), parametersOf(back))
      yield* settle
      expect(seen.at(-1)).toEqual({ _tag: "MediaStarted" })
      media.cut()
      yield* TestClock.adjust("1 second")
      expect(twiml()).toHaveLength(1)
    })
  )

  it.scoped("whose callee is connected with somebody else by now has no stream to miss", () =>
    Effect.gen(function* () {
      const { leg, tell, twiml } = yield* takenOver({ away: true })
      const transfer = yield* Effect.fork(leg.awaitTransfer)
      yield* tell("dialed", { CallSid: `CA${"f".repeat(32)}`, ParentCallSid: callSid })
      expect(yield* Fiber.join(transfer)).toEqual({ result: "connected" })
      yield* TestClock.adjust("30 seconds")
      expect(twiml()).toEqual([])
    })
  )

  it.scoped("ends with a transfer that has succeeded, of which nothing was heard before", () =>
    Effect.gen(function* () {
      const { leg, tell } = yield* takenOver({ away: true })
      const transfer = yield* Effect.fork(leg.awaitTransfer)
      expect(bodyText(yield* tell("dial", { DialCallStatus: "completed" }))).toContain("<Response><Hangup/></Response>")
      expect(yield* Fiber.join(transfer)).toEqual({ result: "connected" })
    })
  )

  it.scoped("that has ended meanwhile, though Twilio had not noticed, is over as soon as Twilio says so", () =>
    Effect.gen(function* () {
      const path = yield* Effect.scoped(pathOfBefore)
      expect(path).toContain(callId)
      const { telephone, rest } = yield* makeStage
      rest.answers.update = () => Effect.succeed(refusal(400, 21220))
      rest.answers.fetch = () => is("completed")
      const found = { providerId: callSid, status: "in-progress", answered: true, away: false } as const
      const { ended, seen } = yield* follow(yield* telephone.resume(order(), found))
      yield* ended
      expect(statusesOf(seen)).toEqual(["in-progress", "completed"])
    })
  )
})
