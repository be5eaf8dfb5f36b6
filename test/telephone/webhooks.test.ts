import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { bodyText, type WireRequest } from "../../src/wire/Network.ts"
import { callSid, follow, makeStage, order, origin, parametersOf, settle, sign, statusesOf } from "./support.ts"

const post = (url: string, params: Record<string, string>, signedUrl = url): WireRequest => ({
  method: "POST",
  url,
  headers: { "x-twilio-signature": sign(signedUrl, params) },
  body: new URLSearchParams(params).toString()
})

describe("webhooks", () => {
  it.scoped("statuses move the call forward in whatever order and number they come", () =>
    Effect.gen(function* () {
      const { telephone, tell } = yield* makeStage
      const { seen, ended } = yield* follow(yield* telephone.dial(order()))
      for (const [status, sequence] of [
        ["ringing", "1"],
        ["ringing", "1"],
        ["initiated", "0"],
        ["in-progress", "2"],
        ["completed", "3"],
        ["in-progress", "2"],
        ["completed", "3"],
        ["busy", "4"]
      ] as const) {
        expect((yield* tell("status", { CallStatus: status, SequenceNumber: sequence })).status).toBe(204)
      }
      yield* ended
      expect(statusesOf(seen)).toEqual(["dialing", "ringing", "in-progress", "completed"])
    })
  )

  it.scoped("a failure carries the code", () =>
    Effect.gen(function* () {
      const { telephone, tell } = yield* makeStage
      const { seen, ended } = yield* follow(yield* telephone.dial(order()))
      yield* tell("status", { CallStatus: "failed", SipResponseCode: "404", SequenceNumber: "1" })
      yield* ended
      expect(seen.at(-1)).toEqual({ _tag: "Status", status: "failed", code: "404" })
    })
  )

  it.scoped("without a valid signature nothing happens", () =>
    Effect.gen(function* () {
      const { telephone, host, urlOf } = yield* makeStage
      const { seen } = yield* follow(yield* telephone.dial(order()))
      const before = seen.length
      const good = post(urlOf("status"), { CallSid: callSid, CallStatus: "completed" })
      const forged = [
        { ...good, headers: {} },
        { ...good, headers: { "x-twilio-signature": "" } },
        { ...good, headers: { "x-twilio-signature": "eu21LVcN4EW+lURcHTJKI5mViM0=" } },
        { ...good, body: good.body.replace("completed", "busy") },
        // Signed for the host the request itself claims.
        post(urlOf("status").replace(origin, "https://evil.test"), { CallSid: callSid, CallStatus: "completed" })
      ]
      for (const request of forged) expect((yield* host.http(request)).status).toBe(403)
      yield* settle
      expect(seen.length).toBe(before)
      expect((yield* host.http(good)).status).toBe(204)
      yield* settle
      expect(statusesOf(seen).at(-1)).toBe("completed")
    })
  )

  it.scoped("what is malformed, too large, misdirected or unknown gets its own refusal", () =>
    Effect.gen(function* () {
      const { telephone, host, urlOf, tell } = yield* makeStage
      const { seen } = yield* follow(yield* telephone.dial(order()))
      const before = seen.length
      const status = urlOf("status")
      const statusOf = (request: WireRequest) => Effect.map(host.http(request), (response) => response.status)
      expect(yield* statusOf(post(`${origin}/twilio`, {}))).toBe(404)
      expect(yield* statusOf(post(`${origin}/twilio/../etc/passwd`, {}))).toBe(404)
      expect(yield* statusOf(post(status.replace(/status$/, "other"), { CallSid: callSid }))).toBe(404)
      expect(yield* statusOf(post("no url at all", {}))).toBe(404)
      expect(yield* statusOf({ ...post(status, {}), method: "GET" })).toBe(405)
      expect(yield* statusOf({ ...post(status, {}), body: "x".repeat(65_537) })).toBe(413)
      expect(yield* statusOf(post(status, {}))).toBe(400)
      expect(yield* statusOf(post(status, { CallSid: "CA1", CallStatus: "completed" }))).toBe(400)
      expect(yield* statusOf(post(status, { CallSid: callSid, CallStatus: "exploded" }))).toBe(400)
      expect(yield* statusOf(post(status, { CallSid: callSid, CallStatus: "constructor" }))).toBe(400)
      // Another call's sid, or another token, cannot end this one.
      expect(yield* statusOf(post(status, { CallSid: `CA${"8".repeat(32)}`, CallStatus: "completed" }))).toBe(404)
      const otherToken = status.replace(/[a-z0-9]{40}/, "a".repeat(40))
      expect(yield* statusOf(post(otherToken, { CallSid: callSid, CallStatus: "completed" }))).toBe(404)
      expect((yield* tell("amd", {})).status).toBe(400)
      expect((yield* tell("recording", { RecordingStatus: "completed", RecordingSid: "../x" })).status).toBe(400)
      expect((yield* tell("dial", { DialCallStatus: "?" })).status).toBe(400)
      yield* settle
      expect(seen.length).toBe(before)
    })
  )

  it.scoped("health is answered, and only to be read", () =>
    Effect.gen(function* () {
      const { host } = yield* makeStage
      const ask = (method: string) => host.http({ method, url: "http://x/health", headers: {}, body: "" })
      expect((yield* ask("GET")).status).toBe(200)
      expect((yield* ask("POST")).status).toBe(405)
    })
  )

  it.scoped("a call from before a restart is acknowledged, and hung up when it asks what to do", () =>
    Effect.gen(function* () {
      const { host } = yield* makeStage
      const url = (endpoint: string) => `${origin}/twilio/zzzz9999/${"b".repeat(40)}/${endpoint}`
      expect((yield* host.http(post(url("status"), { CallSid: callSid, CallStatus: "ringing" }))).status).toBe(204)
      const voice = yield* host.http(post(url("voice"), { CallSid: callSid, CallStatus: "in-progress" }))
      expect(voice.headers["content-type"]).toContain("text/xml")
      expect(bodyText(voice)).toContain("<Response><Hangup/></Response>")
      expect((yield* host.http({ ...post(url("voice"), { CallSid: callSid }), headers: {} })).status).toBe(403)
    })
  )

  it.scoped("the detector's verdicts are told, and never change the status", () =>
    Effect.gen(function* () {
      const { telephone, tell } = yield* makeStage
      const { seen } = yield* follow(yield* telephone.dial(order()))
      yield* tell("status", { CallStatus: "in-progress", SequenceNumber: "2" })
      const answers = [
        "human",
        "machine_start",
        "machine_end_beep",
        "machine_end_silence",
        "fax",
        "unknown",
        "new_value"
      ]
      for (const AnsweredBy of answers) yield* tell("amd", { AnsweredBy, MachineDetectionDuration: "3000" })
      yield* settle
      expect(seen.flatMap((event) => (event._tag === "Machine" ? [event.verdict] : []))).toEqual([
        "human",
        "machine-start",
        "machine-end",
        "long-greeting",
        "fax",
        "unknown",
        "unknown"
      ])
      expect(statusesOf(seen)).toEqual(["dialing", "in-progress"])
    })
  )

  it.scoped("the first TwiML records and connects; each further one has a token of its own and records nothing", () =>
    Effect.gen(function* () {
      const { telephone, voice, urlOf } = yield* makeStage
      yield* telephone.dial(order())
      const [first, second] = [yield* voice, yield* voice]
      expect(first).toContain(`<Recording channels="dual"`)
      expect(first).toContain(`<Stream url="wss://dial.example.test/twilio/media"`)
      expect(first).toContain(`statusCallback="${urlOf("stream")}"`)
      // nothing behind it is fetched: were we gone, that would end the call with an error
      expect(first).not.toContain("<Redirect")
      expect(first).toMatch(
        /<\/Connect><Connect>.*<\/Connect><Pause length="3"\/><Say voice="alice" language="de-DE">Einen Moment, bitte\.<\/Say><Pause length="10"\/><Connect>.*<\/Connect><Say voice="alice" language="de-DE">Es tut mir leid\.<\/Say><Hangup\/><\/Response>$/
      )
      expect(second).not.toContain("Recording")
      expect(parametersOf(first).token).toMatch(/^[a-z0-9]{40}$/)
      expect(parametersOf(second).token).not.toBe(parametersOf(first).token)
    })
  )

  it.scoped("a call that is not to be recorded is not", () =>
    Effect.gen(function* () {
      const { telephone, voice } = yield* makeStage
      yield* telephone.dial(order({ record: false }))
      expect(yield* voice).not.toContain("Recording")
    })
  )
})
