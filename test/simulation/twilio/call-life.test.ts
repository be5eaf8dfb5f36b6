import { Effect } from "effect"
import { expect, it } from "vitest"
import { respond } from "../../../src/wire/Network.ts"
import { heardText, inWorld, ours, statuses, streaming } from "./world.ts"

const twiml = { "/twiml": streaming() }
const say = (text: string) => ({ "/twiml": `<Response><Say>${text}</Say></Response>` })

const told = (service: {
  readonly hooks: ReadonlyArray<{ readonly path: string; readonly form: Readonly<Record<string, string>> }>
}) => service.hooks.filter(({ path }) => path === "/status").map(({ form }) => form)

it.each([
  ["+15550100001", ["initiated", "ringing", "in-progress", "completed"], "200"],
  ["+15550100002", ["initiated", "busy"], "486"],
  ["+15550100003", ["initiated", "ringing", "no-answer"], "487"],
  ["+15550100004", ["initiated", "failed"], "404"]
])("a call to %s goes %j", (to, expected, sip) =>
  inWorld({ twiml: say("Hello.") }, ({ call, over, service }) =>
    Effect.gen(function* () {
      const sid = yield* call(to)
      const log = yield* over
      expect(statuses(log)).toEqual(["queued", ...expected])
      expect(log.live).toBe(false)
      const forms = told(service)
      expect(forms.map(({ CallStatus }) => CallStatus)).toEqual(expected)
      expect(forms.map(({ SequenceNumber }) => SequenceNumber)).toEqual(expected.map((_, index) => String(index)))
      expect(forms.at(-1)).toMatchObject({
        CallSid: sid,
        AccountSid: "AC00000000000000000000000000000001",
        To: to,
        From: "+15550100000",
        Direction: "outbound-api",
        CallbackSource: "call-progress-events",
        SipResponseCode: sip,
        ToCity: "",
        CallDuration: expect.stringMatching(/^\d+$/),
        Timestamp: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/)
      })
      expect(forms[0]).not.toHaveProperty("CallDuration")
      expect(service.hooks.every(({ genuine }) => genuine)).toBe(true)
    })
  )
)

it("rings for as long as Timeout says", () =>
  inWorld({}, ({ call, over }) =>
    Effect.gen(function* () {
      yield* call("+15550100003", { timeout: 12 })
      const log = yield* over
      const at = (status: string) => log.statuses.find((entry) => entry.status === status)?.at ?? 0
      expect(at("no-answer") - at("ringing")).toBe(12_000)
    })
  ))

it("ends the call at TimeLimit, with stop and completed", () =>
  inWorld({ twiml }, ({ call, over, service }) =>
    Effect.gen(function* () {
      yield* call("+15550100007", { timeLimit: 30 })
      const log = yield* over
      expect((log.endedAt ?? 0) - (log.answeredAt ?? 0)).toBe(30_000)
      expect(told(service).at(-1)).toMatchObject({ CallStatus: "completed", CallDuration: "30", Duration: "1" })
      expect(service.agents[0]?.received.at(-1)?.message.event).toBe("stop")
      expect(log.alerts.map(({ code }) => code)).toEqual([32015])
    })
  ))

it("asks for TwiML at the answer by a signed form, after the callee picked up", () =>
  inWorld({ twiml: say("Hi.") }, ({ call, over, service }) =>
    Effect.gen(function* () {
      const sid = yield* call("+15550100001")
      const log = yield* over
      const asked = service.hooks.filter(({ path }) => path === "/twiml")
      expect(asked).toHaveLength(1)
      expect(asked[0]).toMatchObject({
        method: "POST",
        genuine: true,
        form: { CallSid: sid, CallStatus: "in-progress" }
      })
      expect(asked[0]?.headers).toMatchObject({
        "user-agent": "TwilioProxy/1.1",
        "i-twilio-idempotency-token": expect.stringMatching(/^[0-9a-f]{32}$/)
      })
      expect(asked[0]?.at).toBeGreaterThan(log.answeredAt ?? Number.POSITIVE_INFINITY)
      expect(heardText(log)).toEqual(["Hi."])
    })
  ))

it.each([
  ["answers 500", Effect.succeed(respond(500)), 11200],
  [
    "answers something that is not XML",
    Effect.succeed(respond(200, "<Response>", { "content-type": "text/xml" })),
    12100
  ],
  ["answers another root", Effect.succeed(respond(200, "<Reply/>", { "content-type": "text/xml" })), 12102],
  ["answers no content type", Effect.succeed(respond(200, "<Response/>")), 12300],
  ["does not answer", Effect.never, 11200]
])("when the TwiML server %s, the callee hears an apology and the call ends", (_, answer, code) =>
  inWorld({ answer: { "/twiml": answer } }, ({ call, over }) =>
    Effect.gen(function* () {
      yield* call("+15550100007")
      const log = yield* over
      expect(log.alerts.map((alert) => alert.code)).toEqual([code])
      expect(heardText(log)).toEqual(["We are sorry, an application error has occurred. Goodbye."])
      expect(statuses(log).at(-1)).toBe("completed")
    })
  )
)

it("asks the fallback, with the error, when the first document cannot be had", () =>
  inWorld(
    {
      twiml: { "/fallback": "<Response><Say>Later.</Say></Response>" },
      answer: { "/twiml": Effect.succeed(respond(404)) }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call("+15550100007", { fallbackUrl: `${ours}/fallback` })
        expect(heardText(yield* over)).toEqual(["Later."])
        expect(service.hooks.find(({ path }) => path === "/fallback")?.form).toMatchObject({
          ErrorCode: "11200",
          ErrorUrl: `${ours}/twiml`
        })
      })
  ))

it("tries a webhook once more when the connection is refused, with the same token, and never after an answer", () =>
  inWorld({ answer: { "/status": Effect.succeed(respond(503)) } }, ({ call, over, service }) =>
    Effect.gen(function* () {
      yield* call("+15550100002", { statusCallbackEvent: ["completed"], statusCallback: "https://nobody.test/status" })
      const log = yield* over
      expect(log.webhooks.map(({ answer }) => answer)).toEqual(["refused", "refused"])
      expect(new Set(log.webhooks.map(({ token }) => token)).size).toBe(1)
      expect(log.webhooks[0]?.parameters).toContainEqual(["SequenceNumber", "0"])
      expect(service.hooks).toEqual([])
    })
  ))

it("follows what a URL's fragment says about retries, and neither sends nor signs it", () =>
  inWorld({ answer: { "/status": Effect.succeed(respond(503)) } }, ({ call, over, service }) =>
    Effect.gen(function* () {
      yield* call("+15550100002", {
        statusCallbackEvent: ["completed"],
        statusCallback: `${ours}/status?a=1#rc=3&rp=5xx`
      })
      yield* over
      expect(service.hooks.map(({ genuine, query }) => [genuine, query.a])).toEqual(Array(4).fill([true, "1"]))
    })
  ))

it("runs the verbs in order, skips what it does not know, and takes GET and relative addresses", () =>
  inWorld(
    {
      twiml: {
        "/twiml": `<?xml version="1.0"?><!-- hello --><Response><Dance/><Say>One &lt;&#50;&gt;</Say><Pause length="2"/><Redirect method="GET">next?x=1</Redirect></Response>`,
        "/next": "<Response><Say><![CDATA[Three & four]]></Say><Hangup/><Say>never</Say></Response>"
      }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call("+15550100007")
        const log = yield* over
        expect(heardText(log)).toEqual(["One <2>", "Three & four"])
        expect(log.alerts.map(({ code }) => code)).toEqual([12200])
        const next = service.hooks.find(({ path }) => path === "/next")
        expect(next).toMatchObject({ method: "GET", genuine: true, query: { x: "1", CallStatus: "in-progress" } })
      })
  ))

it.each([
  ["+15550100001", "completed", "5"],
  ["+15550100002", "busy", undefined],
  ["+15550100003", "no-answer", undefined],
  ["+15550100004", "failed", undefined],
  ["Bob", "failed", undefined]
])("<Dial> to %s tells the action %s", (to, status, duration) =>
  inWorld(
    {
      twiml: {
        "/twiml": `<Response><Dial action="/dialled" timeout="10"><Number>${to}</Number></Dial></Response>`,
        "/dialled": "<Response><Say>Back.</Say></Response>"
      }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call("+15550100007")
        const log = yield* over
        const action = service.hooks.find(({ path }) => path === "/dialled")
        expect(action?.form.DialCallStatus).toBe(status)
        expect(action?.form.DialCallDuration).toBe(duration)
        expect(action?.genuine).toBe(true)
        expect(log.dials.map((dial) => [dial.to, dial.status])).toEqual([[to, status]])
        expect(heardText(log)).toEqual(["Back."])
      })
  )
)

it.each([
  ["+15550100001", "DetectMessageEnd", "human", 1500],
  ["+15550100012", "DetectMessageEnd", "fax", 2000],
  ["+15550100011", "DetectMessageEnd", "unknown", 4000],
  ["+15550100005", "Enable", "machine_start", 3000],
  ["+15550100005", "DetectMessageEnd", "machine_end_beep", 7000]
])("machine detection beside the call: %s with %s is %s", (to, machineDetection, verdict, ms) =>
  inWorld({ twiml }, ({ call, client, over, service }) =>
    Effect.gen(function* () {
      const sid = yield* call(to, {
        machineDetection,
        asyncAmd: "true",
        asyncAmdStatusCallback: `${ours}/amd`,
        timeLimit: 60
      })
      const log = yield* over
      const amd = service.hooks.filter(({ path }) => path === "/amd")
      expect(amd.map(({ form, genuine }) => [form.AnsweredBy, form.CallSid, genuine])).toEqual([[verdict, sid, true]])
      expect(Number(amd[0]?.form.MachineDetectionDuration)).toBeGreaterThanOrEqual(ms)
      expect(Number(amd[0]?.form.MachineDetectionDuration)).toBeLessThan(ms + 1500)
      expect((yield* Effect.promise(() => client.calls(sid).fetch())).answeredBy).toBe(verdict)
      expect(log.answeredBy).toBe(verdict)
    })
  )
)

it("machine detection before the TwiML withholds the request and is told in it", () =>
  inWorld({ twiml: say("Hi.") }, ({ call, over, service }) =>
    Effect.gen(function* () {
      yield* call("+15550100001", { machineDetection: "Enable" })
      const log = yield* over
      const asked = service.hooks.find(({ path }) => path === "/twiml")
      expect(asked?.form).toMatchObject({ AnsweredBy: "human", MachineDetectionDuration: "1500" })
      expect((asked?.at ?? 0) - (log.answeredAt ?? 0)).toBeGreaterThan(1500)
      expect(told(service).at(-1)?.AnsweredBy).toBe("human")
    })
  ))

it("two runs with the same seed are identical, to the ids and milliseconds", async () => {
  const once = () =>
    inWorld({ twiml }, ({ call, over }) =>
      Effect.gen(function* () {
        yield* call("+15550100008", { timeLimit: 20 })
        const { alerts, said, statuses, streams, webhooks } = yield* over
        return { alerts, said, statuses, streams, webhooks }
      })
    )
  const first = await once()
  expect(first.webhooks.length).toBeGreaterThan(4)
  expect(await once()).toEqual(first)
})
