import { Effect, Either } from "effect"
import { expect, it } from "vitest"
import { understand } from "../../../src/simulation/audio/SpokenText.ts"
import { readWav, writeWav } from "../../../src/simulation/audio/Wav.ts"
import { accountSid, authToken, inWorld, ours, streaming } from "./world.ts"

const recording = `<Start><Recording recordingStatusCallback="${ours}/recording" recordingStatusCallbackEvent="in-progress completed"/></Start>`

/** A voice that nobody can decode, of every loudness. */
const voice = Uint8Array.from({ length: 8000 }, (_, index) => (index * 7919) % 251)

/** One channel of a PCM WAV, as a mono file. */
const channel = (wav: Uint8Array, index: number) => {
  const view = new DataView(wav.buffer, wav.byteOffset)
  const channels = view.getUint16(22, true)
  const count = (wav.length - 44) / (2 * channels)
  const mono = writeWav([new Uint8Array(count)])
  const out = new DataView(mono.buffer)
  for (let at = 0; at < count; at++) {
    out.setInt16(44 + at * 2, view.getInt16(44 + (at * channels + index) * 2, true), true)
  }
  return Either.getOrThrow(readWav(mono))
}

it("records both sides as they were on the line, and tells when the file is ready", () =>
  inWorld(
    {
      twiml: { "/twiml": streaming(recording) },
      agent: (agent) =>
        Effect.gen(function* () {
          yield* Effect.sleep("500 millis")
          agent.say("Good evening.")
          agent.mark("end")
          yield* agent.until("mark")
        }),
      twilio: {
        callees: () => ({ answers: { after: 1, as: "human", amdAfter: 1 }, steps: [{ play: writeWav([voice]) }] })
      }
    },
    ({ call, over, service, simulated }) =>
      Effect.gen(function* () {
        const sid = yield* call("+15550100001")
        const log = yield* over
        const told = service.hooks.filter(({ path }) => path === "/recording")
        expect(told.map(({ form }) => form.RecordingStatus)).toEqual(["in-progress", "completed"])
        expect(told[1]).toMatchObject({
          genuine: true,
          form: { CallSid: sid, RecordingChannels: "2", RecordingDuration: "1", RecordingSid: log.recordings[0]?.sid }
        })
        expect(told[1]?.at).toBeGreaterThan((log.endedAt ?? 0) + 2900)
        const get = (suffix: string, token = authToken) =>
          simulated.host.http({
            method: "GET",
            url: `${told[1]?.form.RecordingUrl}${suffix}`,
            headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${token}`).toString("base64")}` },
            body: ""
          })
        const answer = yield* get(".wav?RequestedChannels=2")
        expect([answer.status, answer.headers["content-type"]]).toEqual([200, "audio/x-wav"])
        expect((yield* get("", "wrong")).status).toBe(401)
        expect(understand(channel(answer.body, 1))).toBe("Good evening.")
        // the recording begins a little after the answer; both are of one line
        const heard = channel(answer.body, 0)
        const whole = log.calleeAudio
        expect([...heard]).toEqual(
          [...whole.subarray(whole.length - heard.length)].map((byte) => (byte === 0x7f ? 0xff : byte))
        )
      })
  ))

it("a real voice goes onto the line and to our socket byte for byte", () =>
  inWorld(
    {
      twiml: { "/twiml": streaming() },
      agent: (agent) => agent.until("media", 150),
      twilio: {
        callees: () => ({
          answers: { after: 1, as: "human", amdAfter: 1 },
          steps: [{ wait: 1 }, { play: writeWav([voice]) }]
        })
      }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call("+15550100001")
        yield* over
        const frames = service.agents[0]?.received.flatMap(({ message }) =>
          message.event === "media" &&
          typeof message.media === "object" &&
          message.media !== null &&
          "payload" in message.media
            ? [Buffer.from(String(message.media.payload), "base64")]
            : []
        )
        const heard = Buffer.concat(frames ?? [])
        const expected = Buffer.from(voice.map((byte) => (byte === 0x7f ? 0xff : byte)))
        expect(heard.indexOf(expected)).toBeGreaterThan(0)
      })
  ))

it("Record=true keeps one channel, refuses two, and says so at the end of the call", () =>
  inWorld(
    { twiml: { "/twiml": "<Response><Say>Hello to you.</Say></Response>" } },
    ({ call, client, over, service, simulated }) =>
      Effect.gen(function* () {
        const sid = yield* call("+15550100007", { record: true })
        const log = yield* over
        const done = service.hooks.find(({ form }) => form.CallStatus === "completed")
        expect(done?.form.RecordingSid).toBe(log.recordings[0]?.sid)
        const [listed] = yield* Effect.promise(() => client.calls(sid).recordings.list())
        expect([listed?.channels, listed?.status, listed?.duration]).toEqual([1, "completed", "1"])
        const get = (query: string) =>
          simulated.host.http({
            method: "GET",
            url: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Recordings/${listed?.sid}.wav${query}`,
            headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
            body: ""
          })
        expect((yield* get("?RequestedChannels=2")).status).toBe(400)
        expect(understand(Either.getOrThrow(readWav((yield* get("")).body)))).toBe("Hello to you.")
      })
  ))
