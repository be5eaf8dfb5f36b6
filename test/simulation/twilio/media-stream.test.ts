import { Effect } from "effect"
import { expect, it } from "vitest"
import { speak, spokenMs } from "../../../src/simulation/audio/SpokenText.ts"
import { heardText, inWorld, ours, saidText, statuses, streaming, textAt } from "./world.ts"

const silent = "+15550100007"
const polite = "+15550100001"
const twiml = { "/twiml": streaming() }

it("dials our socket signed, says connected and start at once, then 20 ms of line every 20 ms", () =>
  inWorld({ twiml, agent: (agent) => agent.until("media", 99) }, ({ call, over, service }) =>
    Effect.gen(function* () {
      const sid = yield* call(silent)
      const log = yield* over
      expect(service.handshakes).toEqual([{ url: "wss://phone.test/media", genuine: true }])
      const [agent] = service.agents
      const all = agent?.received ?? []
      expect(all[0]?.message).toEqual({ event: "connected", protocol: "Call", version: "1.0.0" })
      expect(all[1]?.message).toEqual({
        event: "start",
        sequenceNumber: "1",
        start: {
          accountSid: "AC00000000000000000000000000000001",
          streamSid: agent?.sid,
          callSid: sid,
          tracks: ["inbound"],
          mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
          customParameters: { token: "a & b" }
        },
        streamSid: agent?.sid
      })
      expect(all[1]?.at).toBe(all[0]?.at)
      const media = all.slice(2, 102)
      expect(media.map(({ message }) => message)).toEqual(
        media.map((_, index) => ({
          event: "media",
          sequenceNumber: String(index + 2),
          media: {
            track: "inbound",
            chunk: String(index + 1),
            timestamp: String((index + 1) * 20),
            payload: Buffer.alloc(160, 0xff).toString("base64")
          },
          streamSid: agent?.sid
        }))
      )
      const times = media.map(({ at }) => at)
      expect(times.slice(1).map((at, index) => at - (times[index] ?? 0))).toEqual(Array(99).fill(20))
      // we closed the socket: the stream is over, the next verb hangs up
      expect(statuses(log).at(-1)).toBe("completed")
      expect(log.streams[0]?.closedByServer).toBe(1000)
      const events = service.hooks.filter(({ path }) => path === "/stream").map(({ form }) => form.StreamEvent)
      expect(events).toEqual(["stream-started", "stream-stopped"])
    })
  ))

it("plays what we send in real time, and the callee's words reach us", () =>
  inWorld(
    {
      twiml,
      agent: (agent) =>
        Effect.gen(function* () {
          yield* Effect.sleep("4 seconds")
          agent.say("Hello, I would like")
          agent.say(" an appointment.")
          yield* Effect.sleep("6 seconds")
          agent.say("Goodbye.")
          agent.mark("bye")
          yield* agent.until("mark")
        })
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call(polite)
        const log = yield* over
        expect(heardText(log)).toEqual(["Hello, I would like an appointment.", "Goodbye."])
        expect(saidText(log)).toEqual([
          "Hello, Doctor Smith's office, how can I help?",
          "Yes, Tuesday at 2 pm works. See you then."
        ])
        expect(service.agents[0]?.heard()).toBe(saidText(log).join(""))
        expect(log.heard[0]?.ms).toBe(spokenMs("Hello, I would like an appointment."))
        expect(log.alerts).toEqual([])
      })
  ))

it("sends a mark back when the audio before it has been played, or at once when there is none", () =>
  inWorld(
    {
      twiml,
      agent: (agent) =>
        Effect.gen(function* () {
          agent.mark("empty")
          agent.play(speak("abc").subarray(0, 1000))
          agent.mark("one")
          agent.mark("two")
          agent.play(speak("d"))
          agent.mark("three")
          yield* agent.until("mark", 3)
        })
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call(silent)
        const log = yield* over
        const marks = service.agents[0]?.received.filter(({ message }) => message.event === "mark") ?? []
        expect(marks.map(({ message }) => textAt(message, "mark", "name"))).toEqual(["empty", "one", "two", "three"])
        const [empty = 0, one = 0, two, three = 0] = marks.map(({ at }) => at)
        // 1000 bytes are 125 ms: seven frames of 20 ms, of which the first waits for the line's next tick
        expect(one - empty).toBeGreaterThanOrEqual(140)
        expect(one - empty).toBeLessThanOrEqual(160)
        expect([two, three]).toEqual([one, one + 60])
        expect(log.marks.map(({ cleared }) => cleared)).toEqual([false, false, false, false])
      })
  ))

it("a clear drops what waits, sends all marks back at once, and later audio plays", () =>
  inWorld(
    {
      twiml,
      agent: (agent) =>
        Effect.gen(function* () {
          agent.say("This sentence will never be heard to its end.")
          agent.mark("a")
          agent.mark("a")
          yield* Effect.sleep("600 millis")
          agent.clear()
          const back = yield* agent.until("mark", 1)
          yield* Effect.sleep("1 second")
          agent.say("Yes?")
          agent.mark("b")
          yield* agent.until("mark", 2)
          return back
        })
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call(silent)
        const log = yield* over
        expect(heardText(log)).toEqual([expect.stringMatching(/^This sent/), "Yes?"])
        expect(heardText(log)[0]?.length).toBeLessThan(12)
        expect(log.marks.map(({ cleared, name }) => [name, cleared])).toEqual([
          ["a", true],
          ["a", true],
          ["b", false]
        ])
        expect(log.clears[0]?.droppedMs).toBeGreaterThan(2000)
        expect(log.marks[1]?.at).toBe(log.clears[0]?.at)
      })
  ))

it("warns of messages it cannot use, ignores them, and goes on", () =>
  inWorld(
    {
      twiml,
      agent: (agent) =>
        Effect.gen(function* () {
          const payload = Buffer.from(speak("no")).toString("base64")
          const bad = [
            "{",
            "[]",
            JSON.stringify({ event: "media", streamSid: "MZ1", media: { payload } }),
            JSON.stringify({ event: "media", streamSid: agent.sid, media: { payload, track: "outbound" } }),
            JSON.stringify({ event: "media", streamSid: agent.sid, media: { payload: "?!" } }),
            JSON.stringify({ event: "mark", streamSid: agent.sid, mark: {} }),
            JSON.stringify({ event: "clear", streamSid: agent.sid, now: true }),
            JSON.stringify({ event: "dtmf", streamSid: agent.sid })
          ]
          for (const text of bad) agent.socket.send(text)
          agent.play(new Uint8Array(601 * 8000))
          agent.say("yes")
          agent.mark("end")
          yield* agent.until("mark")
        })
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call(silent)
        const log = yield* over
        expect(log.alerts.map(({ code }) => code)).toEqual([...Array(8).fill(31951), 31931])
        expect(heardText(log)).toEqual(["yes"])
      })
  ))

it("an update with other TwiML ends the stream with stop and close, presses the digits, and opens a new one", () =>
  inWorld(
    {
      twiml: { ...twiml, "/digits": streaming('<Play digits="w1#"/>') },
      agent: (agent) => agent.closed
    },
    ({ call, client, over, service, simulated }) =>
      Effect.gen(function* () {
        const sid = yield* call(silent)
        yield* Effect.sleep("5 seconds")
        yield* Effect.promise(() => client.calls(sid).update({ url: `${ours}/digits` }))
        yield* Effect.sleep("3 seconds")
        expect(simulated.calls()[0]?.live).toBe(true)
        yield* Effect.promise(() => client.calls(sid).update({ status: "completed" }))
        const log = yield* over
        expect(log.digits).toBe("1#")
        expect(new Set(log.streams.map((stream) => stream.sid)).size).toBe(2)
        expect(service.agents).toHaveLength(2)
        for (const agent of service.agents) {
          expect(agent.received.at(-1)?.message).toMatchObject({
            event: "stop",
            stop: { callSid: sid, accountSid: "AC00000000000000000000000000000001" },
            streamSid: agent.sid
          })
          expect((yield* agent.closed).code).toBe(1000)
        }
      })
  ))

it.each([
  ["wss://nobody.test/media", 31902],
  ["ws://phone.test/media", 31922],
  ["wss://[", 31923]
])("a stream to %s is error %i, and the next verb follows", (url, code) =>
  inWorld(
    {
      twiml: {
        "/twiml": `<Response><Connect><Stream url="${url}" statusCallback="${ours}/stream"/></Connect><Say>Sorry.</Say></Response>`
      }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call(silent)
        const log = yield* over
        expect(log.alerts.map((alert) => alert.code)).toEqual([code])
        expect(heardText(log)).toEqual(["Sorry."])
        const errors = service.hooks.filter(({ form }) => form.StreamEvent === "stream-error")
        expect(errors.map(({ form, genuine }) => [genuine, form.StreamError !== ""])).toEqual([[true, true]])
      })
  )
)

it("when our process dies the stream breaks, and the redirect behind it opens another", () =>
  inWorld(
    {
      twiml: {
        "/twiml": streaming("", `<Redirect>${ours}/again</Redirect>`),
        "/again": streaming()
      },
      agent: (agent, n) =>
        n > 0
          ? agent.until("media", 10)
          : Effect.zipRight(
              agent.until("media", 10),
              Effect.zipRight(
                Effect.sync(() => agent.socket.terminate()),
                Effect.never
              )
            )
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call(silent)
        const log = yield* over
        expect(log.alerts.map(({ code }) => code)).toEqual([31903])
        expect(log.streams.map(({ closedByServer }) => closedByServer)).toEqual([1006, 1000])
      })
  ))

it("keys that the callee presses come as dtmf messages", () =>
  inWorld(
    {
      twiml,
      agent: (agent) => agent.until("dtmf", 1),
      twilio: {
        callees: () => ({
          answers: { after: 1, as: "human", amdAfter: 1 },
          steps: [{ wait: 1 }, { press: "5#" }]
        })
      }
    },
    ({ call, over, service }) =>
      Effect.gen(function* () {
        yield* call(silent)
        yield* over
        const digits = service.agents[0]?.received.filter(({ message }) => message.event === "dtmf") ?? []
        expect(digits.map(({ message }) => message.dtmf)).toEqual([
          { track: "inbound_track", digit: "5" },
          { track: "inbound_track", digit: "#" }
        ])
      })
  ))
