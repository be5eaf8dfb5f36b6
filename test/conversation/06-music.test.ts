/** Hold music is told from everything else on a telephone line, by its sound alone. */
import { readFileSync } from "node:fs"
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Fact } from "../../src/call/Fact.ts"
import { makeEars } from "../../src/call/hearing/Ears.ts"
import { makeMusicDetector } from "../../src/call/hearing/Music.ts"
import { decodeSample, encodeSample } from "../../src/simulation/audio/MuLaw.ts"
import { silence, speak } from "../../src/simulation/audio/SpokenText.ts"
import { beep, music, tone } from "../../src/simulation/audio/Tones.ts"
import { readWav } from "../../src/simulation/audio/Wav.ts"

interface Change {
  readonly at: number
  readonly begun: boolean
}

/** When music was heard to begin and to end, in seconds. */
const heardIn = (...pieces: ReadonlyArray<Uint8Array>): ReadonlyArray<Change> => {
  const detector = makeMusicDetector()
  const audio = Buffer.concat(pieces)
  const changes: Array<Change> = []
  for (let at = 0; at + 160 <= audio.length; at += 160) {
    const begun = detector.hear(audio.subarray(at, at + 160))
    if (begun !== undefined) changes.push({ at: at / 8_000, begun })
  }
  return changes
}

const seconds = (count: number, sample: (n: number) => number): Uint8Array =>
  Uint8Array.from({ length: count * 8_000 }, (_, n) => encodeSample(Math.round(sample(n))))
const repeated = (count: number, ...pieces: ReadonlyArray<Uint8Array>): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, () => Buffer.concat(pieces)))

/** 3.4 s of a real voice. */
const voice = Effect.runSync(readWav(readFileSync(new URL("../fixtures/dentist.wav", import.meta.url))))

let noise = 12_345
const random = (): number => {
  noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648
  return noise / 1_073_741_824 - 1
}
const white = (count: number, level: number) => seconds(count, () => random() * level)
const withNoise = (audio: Uint8Array, level: number) =>
  audio.map((byte) => encodeSample(Math.round(decodeSample(byte) + random() * level)))
const sine = (n: number, hz: number) => Math.sin((2 * Math.PI * hz * n) / 8_000)
const dtmf = (count: number, on: number, off: number) =>
  seconds(count, (n) => {
    const [low = 0, high = 0] =
      [
        [697, 1209],
        [770, 1336],
        [852, 1477],
        [941, 1209]
      ][Math.floor(n / 8 / (on + off)) % 4] ?? []
    return (n / 8) % (on + off) < on ? (sine(n, low) + sine(n, high)) * 6_000 : 0
  })

describe("4.6 music", () => {
  it("is known within four seconds, and its end within one", () => {
    const [begun, ended, ...more] = heardIn(silence(2_000), music(20_000), silence(5_000))
    expect(begun).toMatchObject({ begun: true })
    expect(begun?.at).toBeLessThan(2 + 4)
    expect(ended).toMatchObject({ begun: false })
    expect(ended?.at).toBeGreaterThan(21.9)
    expect(ended?.at).toBeLessThan(22 + 1)
    expect(more).toEqual([])
  })

  it("is one piece, however long it plays", () => {
    expect(heardIn(music(600_000))).toHaveLength(1)
  })

  it("has ended within a second and a half when somebody speaks right behind it", () => {
    for (const words of [speak("Hello, thank you for holding. What was it about?"), voice]) {
      const [, ended, ...more] = heardIn(music(10_000), words, silence(3_000))
      expect(ended?.at).toBeGreaterThan(9.9)
      expect(ended?.at).toBeLessThan(11.5)
      expect(more).toEqual([])
    }
  })

  it("is heard again after a recording", () => {
    const changes = heardIn(music(10_000), speak("Your call is important to us."), music(10_000))
    expect(changes.map(({ begun }) => begun)).toEqual([true, false, true])
  })

  for (const [name, audio] of [
    ["five minutes of a voice without a pause", repeated(90, voice)],
    ["five minutes of a voice with pauses", repeated(60, voice, silence(1_600))],
    ["the same in a noisy room", withNoise(repeated(60, voice, silence(1_600)), 500)],
    ["a long monologue of the simulators", speak("And then I said to him that this would not do at all. ".repeat(80))],
    ["silence", silence(60_000)],
    ["noise", white(60, 8_000)],
    ["soft noise", white(60, 300)],
    ["a line that hums", seconds(60, (n) => sine(n, 50) * 2_000 + sine(n, 150) * 500)],
    ["ringing in America", seconds(60, (n) => ((n / 8_000) % 6 < 2 ? (sine(n, 440) + sine(n, 480)) * 4_000 : 0))],
    ["ringing in Europe", seconds(60, (n) => ((n / 8_000) % 5 < 1 ? sine(n, 425) * 6_000 : 0))],
    ["a dial tone", seconds(60, (n) => (sine(n, 350) + sine(n, 440)) * 4_000)],
    ["busy", seconds(60, (n) => ((n / 4_000) % 2 < 1 ? (sine(n, 480) + sine(n, 620)) * 4_000 : 0))],
    ["a fax", repeated(12, tone(1_100, 500, 0.4), silence(3_000))],
    ["the carrier of a fax", tone(2_100, 10_000, 0.4)],
    ["beeps", repeated(30, beep(), silence(300))],
    ["keys", dtmf(60, 200, 200)],
    ["keys in a hurry", dtmf(60, 80, 60)]
  ] as const) {
    it(`is not ${name}`, () => expect(heardIn(audio)).toEqual([]))
  }

  it("is told once at its begin and once at its end, in pieces of whatever length the audio comes", () => {
    const audio = Buffer.concat([music(8_000), silence(3_000)])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        const facts: Array<Fact["_tag"]> = []
        const hear = makeEars((fact) => facts.push(fact._tag))
        for (let at = 0, n = 0; at < audio.length; n++) {
          const length = lengths[n % lengths.length] ?? 160
          hear(audio.subarray(at, at + length).toString("base64"))
          at += length
        }
        expect(facts).toEqual(["MusicStarted", "MusicStopped"])
      }),
      { numRuns: 20 }
    )
  })

  it("anything at all may be listened to", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), (frame) => {
        const heard = makeMusicDetector().hear(frame)
        expect(heard).toBeUndefined()
      })
    )
  })
})
