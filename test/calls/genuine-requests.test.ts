/** Who may tell us about a call: only Twilio, about this very call, at this very address. Whatever else comes changes nothing. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, FastCheck, Stream } from "effect"
import { Calls } from "../../src/Calls.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { isTerminal } from "../../src/domain/CallStatus.ts"
import type { CallId } from "../../src/domain/Ids.ts"
import { Outside } from "../../src/simulation/Simulation.ts"
import { sign } from "../../src/simulation/twilio/Signature.ts"
import { Network, type WireHeaders } from "../../src/wire/Network.ts"
import { until, webhook } from "./faults.ts"
import { agrees, alwaysHolds, greets, spoken, story, type World } from "./world.ts"

const { authToken } = simulatedCredentials
const media = "wss://phone.example/twilio/media"
type Fields = Readonly<Record<string, string>>

const entries = (fields: Fields) => Object.entries(fields)

const post = Effect.fnUntraced(function* (url: string, fields: Fields | string, headers: WireHeaders) {
  const network = yield* Network
  const body = typeof fields === "string" ? fields : new URLSearchParams(entries(fields)).toString()
  const type = { "content-type": "application/x-www-form-urlencoded" }
  return (yield* network.http({ method: "POST", url, headers: { ...type, ...headers }, body })).status
})

const signed = (url: string, fields: Fields, token = authToken) => ({
  "x-twilio-signature": sign(token, url, entries(fields))
})

/** What Twilio has really been sending to this call's addresses, as somebody might see it who reads its traffic. */
const traffic = Effect.map(Outside, ({ twilio }) => {
  const leg = twilio.calls().at(-1)
  if (leg === undefined) throw new Error("nobody was called")
  const urlOf = (endpoint: string) => {
    const known = leg.requests[0]?.parameters.map(([, value]) => value).find((value) => value.endsWith("/status"))
    return (known ?? "").replace(/status$/, endpoint)
  }
  return { leg, urlOf, base: { AccountSid: simulatedCredentials.accountSid, CallSid: leg.sid } }
})

const callee = greets(...agrees)
const undisturbedTalk = [
  "user: Hello, Doctor Smith's office.",
  "assistant: Hello, this is an AI assistant calling. Book an appointment for Tuesday at 2 pm.",
  "user: Yes, Tuesday at 2 pm works. See you then.",
  "assistant: Thank you, goodbye."
]

/** In the middle of a call that goes as it should, somebody tries something; the call must not notice. */
const undisturbed = <E, R>(world: World, attack: (id: CallId) => Effect.Effect<void, E, R>) =>
  Effect.gen(function* () {
    const { twilio } = yield* Outside
    const id = yield* world.place()
    yield* until(() => (twilio.calls().at(-1)?.heard.length ?? 0) > 0)
    yield* attack(id)
    const finished = yield* world.finish(id)
    alwaysHolds(finished)
    expect(spoken(finished.call)).toEqual(undisturbedTalk)
    expect(finished.call.status).toBe("completed")
    expect(finished.call.outcome?.success).toBe(true)
    expect(finished.call.answeredBy).toBe("human")
    expect(finished.legs[0]?.streams).toHaveLength(1)
  })

/** Each would end the call, or turn it into something else, if it were believed. */
const harmful: ReadonlyArray<readonly [endpoint: string, Fields]> = [
  ["status", { CallStatus: "completed" }],
  ["status", { CallStatus: "failed", ErrorCode: "13224" }],
  ["amd", { AnsweredBy: "fax" }],
  ["amd", { AnsweredBy: "machine_end_beep" }],
  ["stream", { StreamEvent: "stream-stopped", StreamSid: "MZ0" }],
  ["recording", { RecordingStatus: "completed", RecordingSid: `RE${"e".repeat(32)}` }],
  ["voice", { CallStatus: "in-progress" }],
  ["dial", { DialCallStatus: "completed" }]
]

describe("a signature check that exists and is called", () => {
  for (const [endpoint, more] of harmful) {
    it(`refuses ${endpoint} ${Object.values(more)[0]} without, or with a wrong, foreign or borrowed signature`, () =>
      story({ callee }, (world) =>
        undisturbed(world, () =>
          Effect.gen(function* () {
            const { base, leg, urlOf } = yield* traffic
            const url = urlOf(endpoint)
            const stream = leg.streams.at(-1)?.sid ?? ""
            const fields = { ...base, ...more, ...("StreamSid" in more ? { StreamSid: stream } : {}) }
            const foreign = url.replace("phone.example", "evil.example")
            const refused: ReadonlyArray<WireHeaders> = [
              {},
              { "x-twilio-signature": "" },
              { "x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
              { "x-twilio-signature": "ü".repeat(28) },
              signed(url, fields, "another token"),
              // made for another host, another address, and another body
              signed(foreign, fields),
              { ...signed(foreign, fields), host: "evil.example", "x-forwarded-host": "evil.example" },
              signed(urlOf(endpoint === "status" ? "amd" : "status"), fields),
              signed(url, { ...base, CallStatus: "ringing" })
            ]
            for (const headers of refused) expect(yield* post(url, fields, headers)).toBe(403)
          })
        )
      ))
  }

  it("believes a genuine request once: repeated to the letter, it changes nothing", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const { leg } = yield* traffic
          for (const { kind, parameters, url } of [...leg.webhooks]) {
            if (kind === "twiml") continue
            const headers = { "x-twilio-signature": sign(authToken, url, parameters) }
            const body = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]))
            expect(yield* post(url, body.toString(), headers)).toBeLessThan(300)
          }
        })
      )
    ))

  it("believes nothing signed that is about another call, an unknown call or no call", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const { base, urlOf } = yield* traffic
          const url = urlOf("status")
          const bad = { ...base, CallStatus: "failed" }
          const answers = [
            [url, { ...bad, CallSid: `CA${"9".repeat(32)}` }, 404],
            [url.replace(/\/[a-z0-9]{40}\//, `/${"a".repeat(40)}/`), bad, 404],
            [url.replace(/\/[a-z0-9]{8}\//, "/aaaaaaaa/"), bad, 204],
            [url, { ...bad, CallSid: "" }, 400],
            [url, { CallStatus: "failed" }, 400],
            [url, { ...base, CallStatus: "exploded" }, 400],
            [urlOf("nothing"), bad, 404],
            ["https://phone.example/", bad, 404],
            [`${url}/../../..`, bad, 404]
          ] as const
          for (const [to, fields, status] of answers) {
            expect([to, yield* post(to, fields, signed(new URL(to).href, fields))]).toEqual([to, status])
          }
        })
      )
    ))

  it("survives bodies that are no forms, signed or not", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const { urlOf } = yield* traffic
          const bodies = FastCheck.sample(FastCheck.fullUnicodeString({ maxLength: 200 }), { numRuns: 60, seed: 2 })
          for (const body of ["", "&&&==", "CallSid", "CallSid=%", "__proto__=1", "{}", "<x/>", ...bodies]) {
            for (const endpoint of ["status", "voice", "amd", "recording", "stream", "dial", "dialed"]) {
              const url = urlOf(endpoint)
              const form = [...new URLSearchParams(body)]
              expect(yield* post(url, body, { "x-twilio-signature": "x" })).toBe(403)
              const genuine = { "x-twilio-signature": sign(authToken, url, form) }
              expect([400, 404]).toContain(yield* post(url, body, genuine))
            }
          }
          const large = { CallSid: "x".repeat(70_000) }
          expect(yield* post(urlOf("status"), large, signed(urlOf("status"), large))).toBe(413)
        })
      )
    ))

  it("says nothing about a call to who only asks: GET, PUT and plain requests of the media address", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const network = yield* Network
          const { urlOf } = yield* traffic
          const ask = (method: string, url: string) =>
            Effect.map(network.http({ method, url, headers: {}, body: "" }), ({ status }) => status)
          expect(yield* ask("GET", urlOf("voice"))).toBe(405)
          expect(yield* ask("PUT", urlOf("status"))).toBe(405)
          expect(yield* ask("GET", media.replace("wss", "https"))).toBe(426)
          expect(yield* ask("GET", "https://phone.example/health")).toBe(200)
        })
      )
    ))
})

const start = (fields: { readonly callSid: string; readonly call: string; readonly token: string }, sid: string) =>
  JSON.stringify({
    event: "start",
    sequenceNumber: "1",
    streamSid: sid,
    start: {
      accountSid: simulatedCredentials.accountSid,
      streamSid: sid,
      callSid: fields.callSid,
      tracks: ["inbound"],
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
      customParameters: { call: fields.call, token: fields.token }
    }
  })

const genuineSocket = { "x-twilio-signature": sign(authToken, media, []) }
const otherStream = `MZ${"f".repeat(32)}`

/** Opens a socket, says something on it, and gives what came back and how it was closed. */
const speakOn = Effect.fnUntraced(function* (...texts: ReadonlyArray<string>) {
  const network = yield* Network
  const socket = yield* network.webSocket(media, { headers: genuineSocket, timeout: "10 seconds" })
  const closed = yield* Deferred.make<number>()
  const came: Array<string | null> = []
  socket.listen({
    message: (text) => void came.push(text),
    close: ({ code }) => Deferred.unsafeDone(closed, Effect.succeed(code))
  })
  for (const text of texts) socket.send(text)
  return { came, closed: Deferred.await(closed), socket }
})

describe("the media door", () => {
  it("refuses a handshake without, or with a wrong, foreign or borrowed signature", () =>
    story({ callee }, (world) =>
      undisturbed(world, (id) =>
        Effect.gen(function* () {
          const network = yield* Network
          const { leg, urlOf } = yield* traffic
          const headers: ReadonlyArray<WireHeaders> = [
            {},
            { "x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
            { "x-twilio-signature": sign("another token", media, []) },
            { "x-twilio-signature": sign(authToken, "wss://evil.example/twilio/media", []), host: "evil.example" },
            { "x-twilio-signature": sign(authToken, urlOf("status"), []) }
          ]
          for (const each of headers) {
            const opened = yield* Effect.either(network.webSocket(media, { headers: each, timeout: "5 seconds" }))
            expect(Either.isLeft(opened) && opened.left._tag === "HandshakeRefused" && opened.left.status).toBe(403)
          }
          expect(leg.streams).toHaveLength(1)
          expect(id).toBe(leg.streams[0]?.parameters.call)
        }).pipe(Effect.scoped)
      )
    ))

  it("lets nobody in with a used token, a guessed one, another call's, or none", () =>
    story({ callee }, (world) =>
      undisturbed(world, (id) =>
        Effect.gen(function* () {
          const { leg } = yield* traffic
          const used = leg.streams[0]?.parameters.token ?? ""
          const tries = [
            { callSid: leg.sid, call: id, token: used },
            { callSid: leg.sid, call: id, token: "a".repeat(40) },
            { callSid: leg.sid, call: id, token: "" },
            { callSid: leg.sid, call: "aaaaaaaa", token: used },
            { callSid: `CA${"9".repeat(32)}`, call: id, token: used }
          ]
          for (const fields of tries) {
            const { came, closed } = yield* speakOn('{"event":"connected"}', start(fields, otherStream))
            expect(yield* closed).toBe(1008)
            expect(came).toEqual([])
          }
        }).pipe(Effect.scoped)
      )
    ))

  it("understands no malformed message, and takes no stop, mark or audio of another stream", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const { leg } = yield* traffic
          const stream = leg.streams[0]?.sid ?? ""
          const junk = FastCheck.sample(FastCheck.json(), { numRuns: 50, seed: 3 })
          const { came, closed } = yield* speakOn(
            "not JSON",
            ...junk,
            "{}",
            '{"event":"stop"}',
            `{"event":"stop","sequenceNumber":"9","streamSid":"${stream}","stop":{"callSid":"${leg.sid}"}}`,
            `{"event":"dtmf","streamSid":"${stream}","dtmf":{"track":"inbound_track","digit":"5"}}`,
            `{"event":"media","streamSid":"${stream}","media":{"timestamp":"1e9","payload":"****"}}`
          )
          // never said whose it is: it gets five seconds
          expect(yield* closed).toBe(1008)
          expect(came).toEqual([])
        }).pipe(Effect.scoped)
      )
    ))

  it("closes on a message no stream of Twilio's would send for its size", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const { closed } = yield* speakOn(`{"event":"media","x":"${"x".repeat(70_000)}"}`)
          expect(yield* closed).toBe(1009)
        }).pipe(Effect.scoped)
      )
    ))

  it("takes few sockets at a time that have not said whose they are, and is free again after five seconds", () =>
    story({ callee }, (world) =>
      undisturbed(world, () =>
        Effect.gen(function* () {
          const flood = yield* Effect.forEach(Array.from({ length: 200 }), () => speakOn())
          const codes = yield* Effect.forEach(flood, ({ closed }) => closed)
          expect(codes.filter((code) => code === 1013).length).toBeGreaterThan(150)
          expect(codes.filter((code) => code === 1008).length).toBeGreaterThan(0)
          const { closed } = yield* speakOn(start({ callSid: "x", call: "x", token: "x" }, otherStream))
          expect(yield* closed).toBe(1008)
        }).pipe(Effect.scoped)
      )
    ))
})

describe("after the end", () => {
  it("genuine news about an ended call changes neither its record nor its file, and wakes nothing", () =>
    story({ callee }, (world) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const finished = yield* world.call()
        const { base, urlOf } = yield* traffic
        for (const [endpoint, more] of harmful) {
          const fields = { ...base, ...more }
          expect(yield* post(urlOf(endpoint), fields, signed(urlOf(endpoint), fields))).toBeLessThan(300)
        }
        yield* Effect.sleep("2 minutes")
        expect(yield* calls.status(finished.id)).toEqual(finished.call)
        const again = yield* Stream.runCollect(calls.watch(finished.id, { after: 0 }))
        expect([...again].filter((event) => event._tag === "Status" && isTerminal(event.status))).toHaveLength(1)
        expect(world.sent.filter(({ path }) => /Recordings/.test(path))).toHaveLength(1)
        alwaysHolds(finished)
      })
    ))

  it("whoever asks for TwiML of an ended or unknown call is told to hang up", () =>
    story({ callee }, (world) =>
      Effect.gen(function* () {
        const network = yield* Network
        yield* world.call()
        const { base, urlOf } = yield* traffic
        for (const url of [urlOf("voice"), urlOf("voice").replace(/\/[a-z0-9]{8}\//, "/aaaaaaaa/")]) {
          const fields = { ...base, CallStatus: "in-progress" }
          const body = new URLSearchParams(entries(fields)).toString()
          const request = { method: "POST", url, headers: signed(url, fields), body }
          expect(webhook("voice")(request)).toBe(true)
          const answer = yield* network.http(request)
          expect(new TextDecoder().decode(answer.body)).toContain("<Response><Hangup/></Response>")
        }
      })
    ))
})
