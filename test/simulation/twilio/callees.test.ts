import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, FastCheck, Schema } from "effect"
import { expect, it } from "vitest"
import { encodeSample } from "../../../src/simulation/audio/MuLaw.ts"
import { readWav, writeWav } from "../../../src/simulation/audio/Wav.ts"
import { CalleeScript } from "../../../src/simulation/callee/CalleeScript.ts"
import { documentedNumbers } from "../../../src/simulation/callee/numbers.ts"
import { type Agent, heardText, inWorld, ours, saidText, streaming } from "./world.ts"

const twiml = { "/twiml": streaming() }

/** Says its lines one after the other, each when the callee has been quiet for a second, and then waits for the end. */
const talks = (...lines: ReadonlyArray<string>) =>
  Effect.fnUntraced(function* (agent: Agent) {
    for (const line of lines) {
      let before = ""
      do {
        before = agent.heard()
        yield* Effect.sleep("1500 millis")
      } while (agent.heard() !== before)
      agent.say(line)
      agent.mark(line)
      yield* agent.until("mark", lines.indexOf(line))
    }
    yield* agent.closed
  })

const opening = "Hello, I am an assistant calling for Ms Smith about an appointment on Tuesday."

it("every documented number has a script that is plain data, and a description of one line", () => {
  for (const { description, script } of documentedNumbers) {
    expect(Schema.decodeUnknownEither(CalleeScript)(JSON.parse(JSON.stringify(script)))).toEqual(Either.right(script))
    expect(description).toMatch(/^[^\n]{4,100}$/)
  }
  expect(documentedNumbers.map(({ number }) => number)).toEqual(
    Array.from({ length: 15 }, (_, index) => `+155501000${String(index + 1).padStart(2, "0")}`)
  )
})

it.each([
  { line: "dead" },
  { answers: { after: -1, as: "human", amdAfter: 1 }, steps: [] },
  { answers: { after: 1, as: "human", amdAfter: 1 }, steps: [{ reply: [{ when: "(" }] }] },
  { answers: { after: 1, as: "human", amdAfter: 1 }, steps: [{ press: "x" }] }
])("%j is no script", (script) => {
  expect(Either.isLeft(Schema.decodeUnknownEither(CalleeScript)(script))).toBe(true)
})

it.each([
  [
    "+15550100001",
    [opening, "Thank you, goodbye."],
    ["Hello, Doctor Smith's office, how can I help?", "Yes, Tuesday at 2 pm works. See you then.", "Goodbye."]
  ],
  ["+15550100008", [opening], ["Hello?", "No, I have no time for this."]],
  [
    "+15550100011",
    ["This is an assistant, about an appointment.", "Can I book Tuesday?", "Thank you, goodbye."],
    [
      "This call is being screened. Please state your name and the reason for your call.",
      "Thank you. Please hold while I try to connect you.",
      "Hi, this is Sam speaking.",
      "Yes, Tuesday at 2 pm works. See you then.",
      "Goodbye."
    ]
  ],
  [
    "+15550100014",
    [opening, "Understood. Goodbye."],
    ["Hello?", "Please do not call me again, and take me off your list.", "Goodbye."]
  ]
])("%s talks with the agent", (to, lines, said) =>
  inWorld({ twiml, agent: talks(...lines) }, ({ call, over, service }) =>
    Effect.gen(function* () {
      yield* call(to, { timeLimit: 120 })
      const log = yield* over
      expect(saidText(log)).toEqual(said)
      expect(heardText(log)).toEqual(lines)
      expect(service.agents[0]?.heard()).toBe(said.join(""))
      expect(log.alerts).toEqual([])
      expect((log.endedAt ?? 0) - (log.answeredAt ?? 0)).toBeLessThan(120_000)
    })
  )
)

it("the voicemail greets, beeps, listens to the message and hangs up", () =>
  inWorld(
    {
      twiml,
      agent: (agent) =>
        Effect.gen(function* () {
          yield* Effect.sleep("12 seconds")
          agent.say("Please call us back.")
          yield* agent.closed
        })
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call("+15550100005")
        const log = yield* over
        expect(saidText(log)[0]).toMatch(/after the tone\.$/)
        expect(heardText(log)).toEqual(["Please call us back."])
        const end = (log.heard[0]?.at ?? 0) + (log.heard[0]?.ms ?? 0)
        expect((log.endedAt ?? 0) - end).toBeGreaterThanOrEqual(3_900)
        expect((log.endedAt ?? 0) - end).toBeLessThan(4_100)
      })
  ))

it.each([
  ["1", /^Appointments, this is Anna/],
  ["2", /^We are open/]
])("the menu goes on by the digit that is pressed: %s", (digit, next) =>
  inWorld({ twiml: { ...twiml, "/press": streaming(`<Play digits="w${digit}"/>`) } }, ({ call, client, over }) =>
    Effect.gen(function* () {
      const sid = yield* call("+15550100006", { timeLimit: 30 })
      yield* Effect.sleep("8 seconds")
      yield* Effect.promise(() => client.calls(sid).update({ url: `${ours}/press` }))
      const log = yield* over
      expect(saidText(log)[0]).toMatch(/^Welcome to the clinic/)
      expect(saidText(log)[1]).toMatch(next)
    })
  )
)

it("the menu asks three times and hangs up when nothing is pressed", () =>
  inWorld({ twiml }, ({ call, over }) =>
    Effect.gen(function* () {
      yield* call("+15550100006")
      expect(saidText(yield* over).map((text) => text.slice(0, 7))).toEqual(Array(3).fill("Welcome"))
    })
  ))

it("barges into the opening", () =>
  inWorld({ twiml, agent: talks(opening) }, ({ call, over }) =>
    Effect.gen(function* () {
      yield* call("+15550100010", { timeLimit: 40 })
      const log = yield* over
      const [hello, barge] = log.said
      const [sentence] = log.heard
      expect([hello?.text, barge?.text]).toEqual(["Hello?", "Sorry, who is calling, please?"])
      const into = (barge?.at ?? 0) - (sentence?.at ?? 0)
      expect(into).toBeGreaterThanOrEqual(1500)
      expect(into).toBeLessThan(1600)
    })
  ))

it("answers by what it hears", () =>
  inWorld(
    {
      twiml,
      agent: talks("Do you have time on Monday?", "And on Friday?", "Whatever."),
      twilio: {
        callees: () => ({
          answers: { after: 1, as: "human", amdAfter: 1 },
          steps: [
            {
              repeat: {
                steps: [
                  {
                    reply: [
                      { when: "monday", say: "Not on Monday." },
                      { when: "fri(day)?", say: "Friday is fine." },
                      { steps: [{ say: "Bye." }, { hangUp: true }] }
                    ]
                  }
                ]
              }
            }
          ]
        })
      }
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call("+15550100001")
        expect(saidText(yield* over)).toEqual(["Not on Monday.", "Friday is fine.", "Bye."])
      })
  ))

it("waits for digits, and hangs up when others come", () =>
  inWorld(
    {
      twiml: { "/twiml": '<Response><Pause length="1"/><Play digits="12w34"/><Pause length="60"/></Response>' },
      twilio: {
        callees: (to) => ({
          answers: { after: 1, as: "human", amdAfter: 1 },
          steps: [{ expectDigits: { digits: to.slice(-4), atMost: 10 } }, { say: "Right." }, { hangUp: true }]
        })
      }
    },
    ({ call, simulated }) =>
      Effect.gen(function* () {
        yield* call("+15550101234")
        yield* call("+15550109999")
        yield* Effect.sleep("1 minute")
        expect(simulated.calls().map(saidText)).toEqual([["Right."], []])
        expect(simulated.calls().map(({ digits, live }) => [digits, live])).toEqual([
          ["1234", false],
          ["1234", false]
        ])
      })
  ))

it("a recording that cannot be played is told, and the callee hangs up", () =>
  inWorld(
    {
      twiml,
      twilio: {
        callees: () => ({ answers: { after: 1, as: "human", amdAfter: 1 }, steps: [{ play: "/nowhere/voice.wav" }] })
      }
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call("+15550100001")
        expect((yield* over).alerts.map(({ message }) => message)).toEqual(["/nowhere/voice.wav: cannot be read"])
      })
  ))

it("plays a WAV file from disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "phone-"))
  const path = join(folder, "voice.wav")
  writeFileSync(path, writeWav([Uint8Array.from({ length: 4000 }, (_, index) => index % 97)]))
  return inWorld(
    {
      twiml,
      twilio: {
        callees: () => ({
          answers: { after: 1, as: "human", amdAfter: 1 },
          steps: [{ play: path }, { wait: 1 }, { hangUp: true }]
        })
      }
    },
    ({ call, over }) =>
      Effect.gen(function* () {
        yield* call("+15550100001")
        const log = yield* over
        expect(Buffer.from(log.calleeAudio.subarray(0, 4000))).toEqual(
          Buffer.from(Uint8Array.from({ length: 4000 }, (_, index) => index % 97))
        )
        expect(log.said[0]?.ms).toBe(500)
      })
  ).finally(() => rmSync(folder, { recursive: true }))
})

it("WAV files come back as they were written, cut or not", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.uint8Array({ maxLength: 400 }), FastCheck.nat(40), (track, cut) => {
      // the two zeros of mu-law are one
      const plain = track.map((byte) => (byte === 0x7f ? 0xff : byte))
      const wav = writeWav([plain])
      expect(Either.getOrThrow(readWav(wav))).toEqual(plain)
      const short = wav.subarray(0, Math.max(44, wav.length - cut))
      const samples = Math.floor((short.length - 44) / 2)
      expect(Either.getOrThrow(readWav(short))).toEqual(plain.subarray(0, samples))
    })
  )
  expect(Either.isLeft(readWav(new Uint8Array(100)))).toBe(true)
  expect(Either.isLeft(readWav(writeWav([]).subarray(0, 30)))).toBe(true)
})

it("a mu-law WAV file passes byte for byte, both zeros too", () => {
  const track = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const wav = writeWav([new Uint8Array(128)])
  const view = new DataView(wav.buffer)
  view.setUint16(20, 7, true)
  view.setUint16(34, 8, true)
  wav.set(track, 44)
  expect(Either.getOrThrow(readWav(wav))).toEqual(track)
})

it("another sampling rate is brought to 8 kHz", () => {
  const wav = writeWav([Uint8Array.from({ length: 2205 }, () => encodeSample(8000))])
  new DataView(wav.buffer).setUint32(24, 22_050, true)
  const read = Either.getOrThrow(readWav(wav))
  expect(read).toHaveLength(800)
  expect(new Set(read)).toEqual(new Set([encodeSample(8000)]))
})
