/** A callee with a real voice: the bytes of the line reach the model unchanged, and are in the call's recording file. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { decodeSample } from "../../src/simulation/audio/MuLaw.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { agrees, alwaysHolds, person, story } from "./world.ts"

/** A WAV file as telephones keep it: mu-law, 8 kHz, mono (format 7). */
const mulawWav = (audio: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(46 + audio.length)
  const view = new DataView(bytes.buffer)
  const tag = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at)
  tag(0, "RIFF")
  view.setUint32(4, bytes.length - 8, true)
  tag(8, "WAVEfmt ")
  view.setUint32(16, 18, true)
  view.setUint16(20, 7, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, 8000, true)
  view.setUint32(28, 8000, true)
  view.setUint16(32, 1, true)
  view.setUint16(34, 8, true)
  tag(38, "data")
  view.setUint32(42, audio.length, true)
  bytes.set(audio, 46)
  return bytes
}

/** Two seconds that hold every byte there is: louder and softer syllables, as voices have, and no pause that ends a turn. */
const voice = Uint8Array.from({ length: 16_000 }, (_, index) => {
  const softness = Math.floor(index / 800) % 4
  return (index % 2) * 128 + softness * 32 + (((index * 167) >> 1) % 32)
})

const at = (haystack: Uint8Array, needle: Uint8Array): number => Buffer.from(haystack).indexOf(Buffer.from(needle))

describe("known failures: a real voice", () => {
  const callee = person([{ wait: 0.7 }, { play: mulawWav(voice) }, ...agrees])
  const call = story({ callee, realtime: { unintelligible: "Good morning." } }, (world) =>
    Effect.gen(function* () {
      const finished = yield* world.call()
      const files = yield* MemoryFiles
      return { finished, wav: Option.getOrThrow(files.bytes(`/transcripts/${finished.id}.wav`)) }
    })
  )

  it("reaches the model byte for byte, without a gap, from the start of the stream to its end", async () => {
    const { finished } = await call
    alwaysHolds(finished, { calleeUnheard: true })
    const [leg] = finished.legs
    const [session] = finished.sessions
    const line = leg?.calleeAudio ?? new Uint8Array()
    const input = session?.input() ?? new Uint8Array()
    expect(new Set(voice).size).toBe(256)
    expect(at(line, voice)).toBeGreaterThan(0)
    expect(at(input, voice)).toBeGreaterThanOrEqual(0)
    // the whole of what the stream carried, not only the voice in it
    const from = at(line, voice) - at(input, voice)
    const carried = line.subarray(from, from + input.length)
    expect(from / 8).toBeLessThan(300)
    expect(Buffer.compare(input.subarray(0, carried.length), carried)).toBe(0)
    expect(carried.length / 8).toBeGreaterThan(8_000)
    expect(finished.call.transcript[0]).toMatchObject({ role: "user", text: "Good morning." })
  })

  it("26: is in the recording beside the transcript, where it was spoken, and so is every word of the agent", async () => {
    const { finished, wav } = await call
    const [leg] = finished.legs
    const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength)
    expect(finished.call.recording).toBe(`/transcripts/${finished.id}.wav`)
    expect(view.getUint16(22, true)).toBe(2)
    expect(view.getUint32(24, true)).toBe(8000)
    const frames = (wav.length - 44) / 4
    const track = (channel: 0 | 1) =>
      Int16Array.from({ length: frames }, (_, index) => view.getInt16(44 + index * 4 + channel * 2, true))
    const linear = (bytes: Uint8Array) => Int16Array.from(bytes, decodeSample)
    const samples = (values: Int16Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    const callee = samples(track(0))
    const spoken = at(callee, samples(linear(voice)))
    expect(spoken).toBeGreaterThanOrEqual(0)
    // both tracks run on one clock, that of the line: an answer's distance from the voice is what it was
    const agent = leg?.agentAudio ?? new Uint8Array()
    const calleeLine = leg?.calleeAudio ?? new Uint8Array()
    const offset = at(calleeLine, voice) - spoken / 2
    const recorded = linear(agent.subarray(offset, offset + frames))
    expect(Buffer.compare(samples(track(1)).subarray(0, recorded.length * 2), samples(recorded))).toBe(0)
    expect(Math.abs(frames / 8000 - finished.call.duration)).toBeLessThan(0.5)
  })
})
