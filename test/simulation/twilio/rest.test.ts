import { Effect, Redacted } from "effect"
import { expect, it } from "vitest"
import { accountSid, authToken, from, inWorld, ours, statuses, streaming } from "./world.ts"

const twiml = { "/twiml": streaming() }
const basic = (password: string) => `Basic ${Buffer.from(`${accountSid}:${password}`).toString("base64")}`
const root = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}`

/** What the SDK throws. */
const refusal = (attempt: () => Promise<unknown>) =>
  Effect.promise(() =>
    attempt().then(
      () => ({}),
      (error: unknown) => (error instanceof Error ? { ...error, message: error.message } : {})
    )
  )

it("creates a call: 201, queued, every field there", () =>
  inWorld({ twiml }, ({ client, simulated }) =>
    Effect.gen(function* () {
      const created = yield* Effect.promise(() =>
        client.calls.createWithHttpInfo({ to: "+15550100001", from, url: `${ours}/twiml` })
      )
      expect(created.statusCode).toBe(201)
      expect(created.headers).toMatchObject({
        "twilio-request-id": expect.stringMatching(/^RQ[0-9a-f]{32}$/),
        "twilio-concurrent-requests": "1"
      })
      expect(created.body.toJSON()).toMatchObject({
        sid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
        accountSid,
        status: "queued",
        direction: "outbound-api",
        duration: null,
        price: null,
        startTime: null,
        endTime: null,
        answeredBy: null,
        queueTime: "0",
        toFormatted: "(555) 010-0001"
      })
      expect(created.body.dateCreated).toEqual(new Date("2026-01-05T15:00:00Z"))
      expect(simulated.calls()).toHaveLength(1)
      expect(simulated.calls()[0]?.requests.map(({ method, status }) => [method, status])).toEqual([["POST", 201]])
    })
  ))

it.each([
  [{ to: "12345" }, 400, 21211],
  [{ to: from }, 400, 21211],
  [{ from: "5550100000" }, 400, 21212],
  [{ from: "+15550199999" }, 400, 21210],
  [{ to: "+15005550001" }, 400, 21217],
  [{ to: "+15005550003" }, 400, 21215],
  [{ url: "ftp://x" }, 400, 21205],
  [{ method: "PUT" }, 400, 21209],
  [{ timeout: 601 }, 400, 21208],
  [{ sendDigits: "x" }, 400, 21206],
  [{ machineDetection: "Guess" }, 400, 21234],
  [{ machineDetection: "Enable", machineDetectionTimeout: 2 }, 400, 21234],
  [{ url: "", twiml: `<Response>${" ".repeat(4000)}</Response>` }, 400, 32018],
  [{ to: "+15550100009" }, 429, 20429]
])("refuses to create %j: %i, %i", (wrong, status, code) =>
  inWorld({ twilio: { ownNumbers: [from] } }, ({ client, simulated }) =>
    Effect.gen(function* () {
      const right = { to: "+15550100001", from, url: `${ours}/twiml` }
      const error = yield* refusal(() => client.calls.create({ ...right, ...wrong }))
      expect(error).toMatchObject({ status, code, moreInfo: `https://www.twilio.com/docs/errors/${code}` })
      expect(simulated.calls()).toEqual([])
      expect(simulated.requests().map((request) => [request.status, request.code])).toEqual([[status, code]])
    })
  )
)

it("lets nobody in without the account's token", () =>
  inWorld({ twilio: { authToken: Redacted.make("another token") } }, ({ client, simulated }) =>
    Effect.gen(function* () {
      const error = yield* refusal(() => client.calls.list())
      expect(error).toMatchObject({ status: 401, code: 20003, message: "Authenticate" })
      const answer = yield* simulated.host.http({ method: "GET", url: `${root}/Calls.json`, headers: {}, body: "" })
      expect(answer.status).toBe(401)
    })
  ))

it("knows no other calls, accounts or resources", () =>
  inWorld({}, ({ client, simulated }) =>
    Effect.gen(function* () {
      const error = yield* refusal(() => client.calls(`CA${"0".repeat(32)}`).fetch())
      expect(error).toMatchObject({ status: 404, code: 20404 })
      for (const url of [`${root}/Messages.json`, `${root.slice(0, -1)}2/Calls.json`, "https://api.twilio.com/"]) {
        const headers = { authorization: basic(authToken) }
        expect((yield* simulated.host.http({ method: "GET", url, headers, body: "" })).status).toBe(404)
      }
    })
  ))

it("a call cancelled while queued was never dialled, and nobody is told", () =>
  inWorld({ twilio: { callsPerSecond: 0.1 } }, ({ call, client, service, simulated }) =>
    Effect.gen(function* () {
      yield* call("+15550100002")
      const sid = yield* call("+15550100001")
      expect((yield* Effect.promise(() => client.calls(sid).fetch())).queueTime).toBe("9996")
      const ended = yield* Effect.promise(() => client.calls(sid).update({ status: "canceled" }))
      expect(ended.status).toBe("canceled")
      yield* Effect.sleep("1 minute")
      expect(service.hooks.filter(({ form }) => form.CallSid === sid)).toEqual([])
      expect(statuses(simulated.calls()[1] ?? { statuses: [] })).toEqual(["queued", "canceled"])
    })
  ))

it.each(["canceled", "completed"] as const)("%s ends a call that rings", (status) =>
  inWorld({}, ({ call, client, over, service }) =>
    Effect.gen(function* () {
      const sid = yield* call("+15550100003")
      yield* Effect.sleep("3 seconds")
      expect((yield* Effect.promise(() => client.calls(sid).fetch())).status).toBe("ringing")
      const ended = yield* Effect.promise(() => client.calls(sid).update({ status }))
      expect(ended.status).toBe("canceled")
      yield* over
      expect(service.hooks.at(-1)?.form).toMatchObject({ CallStatus: "canceled", CallDuration: "0" })
    })
  )
)

it("completed on a ringing call can be made the refusal that others have seen", () =>
  inWorld({ twilio: { completesRinging: false } }, ({ call, client, over }) =>
    Effect.gen(function* () {
      const sid = yield* call("+15550100003")
      yield* Effect.sleep("3 seconds")
      expect(yield* refusal(() => client.calls(sid).update({ status: "completed" }))).toMatchObject({ code: 21220 })
      yield* Effect.promise(() => client.calls(sid).update({ status: "canceled" }))
      expect(statuses(yield* over).at(-1)).toBe("canceled")
    })
  ))

it("completed hangs up at once; canceled leaves an answered call alone; an ended call can only be read", () =>
  inWorld({ twiml }, ({ call, client, over }) =>
    Effect.gen(function* () {
      const sid = yield* call("+15550100007")
      yield* Effect.sleep("6 seconds")
      const alone = yield* Effect.promise(() => client.calls(sid).update({ status: "canceled" }))
      expect(alone.status).toBe("in-progress")
      const ended = yield* Effect.promise(() => client.calls(sid).update({ status: "completed" }))
      expect(ended.status).toBe("completed")
      yield* over
      for (const update of [{ status: "completed" as const }, { twiml: "<Response/>" }]) {
        const error = yield* refusal(() => client.calls(sid).update(update))
        expect(error).toMatchObject({ status: 400, code: 21220, message: "Call is not in-progress. Cannot redirect." })
      }
      const read = yield* Effect.promise(() => client.calls(sid).fetch())
      expect([read.status, read.duration, read.price]).toEqual(["completed", "4", "-0.01400"])
    })
  ))

it("dials one call a second, and tells the others how long they wait", () =>
  inWorld({ twilio: { callsPerSecond: 1 } }, ({ call, client, simulated }) =>
    Effect.gen(function* () {
      for (let n = 0; n < 3; n++) yield* call("+15550100002")
      yield* Effect.sleep("1 minute")
      const dialled = simulated
        .calls()
        .map(({ statuses }) => statuses.find(({ status }) => status === "initiated")?.at ?? 0)
      expect(dialled.slice(1).map((at, index) => at - (dialled[index] ?? 0))).toEqual([1000, 1000])
      const listed = yield* Effect.promise(() => client.calls.list())
      expect(listed.map(({ queueTime }) => Number(queueTime) > 900)).toEqual([true, true, false])
    })
  ))

it("lists by numbers, status and start, newest first, in pages", () =>
  inWorld({ twilio: { callsPerSecond: 100 } }, ({ call, client }) =>
    Effect.gen(function* () {
      const first = yield* call("+15550100002")
      yield* Effect.sleep("1 hour")
      const second = yield* call("+15550100003")
      const third = yield* call("+15550100003")
      yield* Effect.sleep("5 seconds")
      const list = (filter: Parameters<typeof client.calls.list>[0]) =>
        Effect.map(
          Effect.promise(() => client.calls.list(filter)),
          (calls) => calls.map(({ sid }) => sid)
        )
      expect(yield* list({})).toEqual([third, second, first])
      expect(yield* list({ pageSize: 1 })).toEqual([third, second, first])
      expect(yield* list({ to: "+15550100002", from })).toEqual([first])
      expect(yield* list({ status: "ringing" })).toEqual([third, second])
      expect(yield* list({ startTimeAfter: new Date("2026-01-05T15:30:00Z") })).toEqual([third, second])
      expect(yield* list({ startTimeBefore: new Date("2026-01-05T15:30:00Z") })).toEqual([first])
      expect(yield* list({ startTime: new Date("2026-01-04T00:00:00Z") })).toEqual([])
      expect(yield* refusal(() => client.calls.list({ pageSize: 1001 }))).toMatchObject({ code: 20007 })
    })
  ))

it("inline TwiML runs without any fetch", () =>
  inWorld({}, ({ client, over, service }) =>
    Effect.gen(function* () {
      const inline = "<Response><Say>Hello.</Say></Response>"
      yield* Effect.promise(() => client.calls.create({ to: "+15550100007", from, twiml: inline }))
      expect((yield* over).heard.map(({ text }) => text)).toEqual(["Hello."])
      expect(service.hooks).toEqual([])
    })
  ))
