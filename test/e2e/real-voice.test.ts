/**
 * A real recording of a human voice on the line: the same bytes reach the voice model, and the call's WAV file holds them on
 * the callee's channel. Service and simulators are in this process, every byte between them crosses a real socket.
 */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { loadConfigFile } from "../../src/config/loadConfig.ts"
import { startService } from "../../src/Service.ts"
import { decodeSample } from "../../src/simulation/audio/MuLaw.ts"
import { readWav } from "../../src/simulation/audio/Wav.ts"
import { connect, human, makeHome, outside, readRecording, texts, whenCall } from "./service.ts"

const callee = "+15551230001"
const voiceFile = fileURLToPath(new URL("../fixtures/dentist.wav", import.meta.url))

/** One channel of a stereo WAV file of 16-bit samples, as bytes. */
const channelOf = (wav: Uint8Array, channel: 0 | 1): Buffer => {
  const samples = Buffer.from(wav.subarray(44))
  const bytes = Buffer.alloc(samples.length / 2)
  for (let at = 0; at + 4 <= samples.length; at += 4) bytes.writeInt16LE(samples.readInt16LE(at + channel * 2), at / 2)
  return bytes
}

const linear = (audio: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(audio.length * 2)
  audio.forEach((byte, index) => void bytes.writeInt16LE(decodeSample(byte), index * 2))
  return bytes
}

it.scopedLive(
  "a real voice reaches the model byte for byte, and is in the recording",
  () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const voice = Either.getOrThrow(readWav(yield* fs.readFile(voiceFile)))
      expect(voice.length).toBeGreaterThan(8000 * 2)
      const world = yield* outside({
        [callee]: human([{ play: voiceFile }, { listen: {} }, { say: "Goodbye." }, { wait: 30 }])
      })
      const home = yield* makeHome(world)
      const { config } = yield* loadConfigFile(home.config)
      yield* startService(config)
      const client = yield* connect(home)

      const ended = yield* client.phone_call({ to: callee, task: "Confirm the appointment on Tuesday at 2 pm" })
      expect(ended).toMatchObject({ status: "completed", answeredBy: "human" })
      expect(new Set(texts(ended, "user"))).toEqual(new Set(["[speech]", "Goodbye."]))

      const [line] = world.twilio.calls()
      const [session] = world.realtime.sessions()
      expect(Buffer.from(line?.calleeAudio ?? []).indexOf(voice)).toBeGreaterThanOrEqual(0)
      expect(Buffer.from(session?.input() ?? []).indexOf(voice)).toBeGreaterThanOrEqual(0)
      expect([line?.alerts, session?.violations]).toEqual([[], []])

      yield* whenCall(client, ended.id, "its recording", ({ recording }) => recording !== undefined)
      const wav = (yield* readRecording(home, ended.id)) ?? new Uint8Array()
      const [theirs, ours] = [channelOf(wav, 0), channelOf(wav, 1)]
      expect(theirs.indexOf(linear(voice))).toBeGreaterThanOrEqual(0)
      expect(ours.indexOf(linear(voice))).toBe(-1)
    }).pipe(Effect.provide(NodeContext.layer)),
  90_000
)
