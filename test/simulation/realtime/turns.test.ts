import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeSample } from "../../../src/simulation/audio/MuLaw.ts"
import { silence, speak, spokenMs } from "../../../src/simulation/audio/SpokenText.ts"
import { beep, music } from "../../../src/simulation/audio/Tones.ts"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { inVirtualTime, manual, phone, pick, server } from "./support.ts"

const withInput = (input: Readonly<Record<string, unknown>>) => ({
  ...phone,
  audio: { ...phone.audio, input: { ...phone.audio.input, ...input } }
})

it("a turn is started, stopped, committed and transcribed under one item id, and answered", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({
        mind: scriptedMind([{ heard: "hello", plan: [{ say: "Good day to you, what may I do for you?" }] }])
      })
      const client = yield* ready()
      yield* client.play(silence(600))
      yield* client.say("Hello there")
      yield* client.next("response.done")
      const order = client.types().filter((type) => !type.endsWith(".delta"))
      expect(order.slice(2)).toEqual([
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "conversation.item.input_audio_transcription.completed",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done"
      ])
      const started = yield* client.next("input_audio_buffer.speech_started")
      const stopped = yield* client.next("input_audio_buffer.speech_stopped")
      const committed = yield* client.next("input_audio_buffer.committed")
      const text = yield* client.next("conversation.item.input_audio_transcription.completed")
      const created = yield* client.next("response.created")
      expect(started.event.audio_start_ms).toBe(300)
      const spoken = spokenMs("Hello there")
      expect(stopped.event.audio_end_ms).toBe(600 + spoken + 500)
      expect(new Set([started, stopped, committed, text].map(({ event }) => event.item_id)).size).toBe(1)
      expect(committed.event.previous_item_id).toBeNull()
      expect(text.event.transcript).toBe("Hello there")
      expect(pick(text.event, "usage.type")).toBe("tokens")
      expect(text.at - stopped.at).toBe(600)
      expect(created.at - stopped.at).toBe(250)
      expect(client.log().turns.map((turn) => turn.text)).toEqual(["Hello there"])
      expect(client.log().heard()).toBe("Hello there")
    })
  ))

it("the clock is the audio: when frames stop inside an utterance, the turn does not end", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server()
      const client = yield* ready()
      yield* client.play(speak("Hold on"))
      yield* Effect.sleep("1 minute")
      expect(client.types()).not.toContain("input_audio_buffer.speech_stopped")
      yield* client.play(silence(500))
      yield* client.next("input_audio_buffer.speech_stopped")
    })
  ))

it("hears the same in appends of any size, and takes clicks and line noise for nothing", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server()
      const client = yield* ready(manual)
      const click = speak("x").subarray(0, 160)
      const noise = new Uint8Array(8_000).fill(0xf0)
      const audio = Buffer.concat([silence(200), click, noise, speak("Any size will do"), silence(600)])
      for (let at = 0, size = 1; at < audio.length; at += size, size = (size * 7) % 1_013) {
        client.send({ type: "input_audio_buffer.append", audio: audio.subarray(at, at + size).toString("base64") })
      }
      yield* client.next("input_audio_buffer.committed")
      expect(client.log().turns.map((turn) => turn.text)).toEqual(["Any size will do"])
      expect(client.log().input()).toEqual(new Uint8Array(audio))
      const appends = client.log().received.filter((entry) => entry._tag === "Audio")
      expect(appends).toHaveLength(1)
      expect(appends[0]).toMatchObject({ bytes: audio.length })
    })
  ))

describe("who answers, and who is interrupted, is the session's choice", () => {
  it("create_response false: the turn waits for the client", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server()
        const client = yield* ready(manual)
        yield* client.say("Hello")
        yield* Effect.sleep("5 seconds")
        expect(client.types()).toContain("input_audio_buffer.committed")
        expect(client.types()).not.toContain("response.created")
      })
    ))

  for (const [unansweredTurn, responses] of [
    ["drop", 1],
    ["queue", 2]
  ] as const) {
    it(`interrupt_response false: a turn inside a response is answered only by option (${unansweredTurn})`, () =>
      inVirtualTime(
        Effect.gen(function* () {
          const long =
            "This is a long answer that takes its time to be said and will not be stopped by anybody at all. ".repeat(3)
          const { ready } = yield* server({ unansweredTurn, mind: scriptedMind([{ plan: [{ say: long }] }]) })
          const client = yield* ready(
            withInput({ turn_detection: { type: "server_vad", silence_duration_ms: 300, interrupt_response: false } })
          )
          client.send({ type: "response.create" })
          yield* client.next("response.output_audio.delta")
          yield* client.say("Yes")
          expect(pick((yield* client.next("response.done")).event, "response.status")).toBe("completed")
          yield* Effect.sleep("10 seconds")
          expect(client.types().filter((type) => type === "response.created")).toHaveLength(responses)
        })
      ))
  }

  it("without turn detection the client commits; less than 100 ms is too little, and clear forgets", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server()
        const client = yield* ready(withInput({ turn_detection: null }))
        client.send({ type: "input_audio_buffer.commit", event_id: "c1" })
        const { event } = yield* client.next("error")
        expect(pick(event, "error")).toMatchObject({ code: "input_audio_buffer_commit_empty", event_id: "c1" })
        yield* client.say("Forget this")
        client.send({ type: "input_audio_buffer.clear" })
        yield* client.next("input_audio_buffer.cleared")
        yield* client.say("Keep this")
        client.send({ type: "input_audio_buffer.commit" })
        yield* client.next("conversation.item.done")
        yield* Effect.sleep("3 seconds")
        expect(client.types()).not.toContain("input_audio_buffer.speech_started")
        expect(client.types()).not.toContain("response.created")
        expect(client.log().turns.map((turn) => turn.text)).toEqual(["Keep this"])
      })
    ))

  it("semantic detection waits longer", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server()
        const client = yield* ready(withInput({ turn_detection: { type: "semantic_vad", eagerness: "low" } }))
        yield* client.play(speak("Well"))
        yield* client.play(silence(1_000))
        expect(client.types()).not.toContain("input_audio_buffer.speech_stopped")
        yield* client.play(silence(200))
        yield* client.next("input_audio_buffer.speech_stopped")
      })
    ))

  it("an idle timeout, counted from the end of playing, commits the silence and speaks", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const mind = scriptedMind([{ plan: [{ say: "Are you there?" }] }])
        const { ready } = yield* server({ mind })
        const client = yield* ready(withInput({ turn_detection: { type: "server_vad", idle_timeout_ms: 5_000 } }))
        client.send({ type: "response.create" })
        const done = yield* client.next("response.done")
        yield* client.play(silence(8_000))
        const { at, event } = yield* client.next("input_audio_buffer.timeout_triggered")
        expect(at - done.at).toBe(5_000 + spokenMs("Are you there?"))
        expect((yield* client.next("input_audio_buffer.committed")).event.item_id).toBe(event.item_id)
        yield* client.next("response.done")
        expect(client.log().turns).toMatchObject([{ text: "" }])
      })
    ))
})

describe("transcription runs beside the conversation", () => {
  it("not at all when it is off", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server()
        const client = yield* ready(withInput({ transcription: null }))
        yield* client.say("Hello")
        yield* Effect.sleep("5 seconds")
        expect(client.types().filter((type) => type.includes("transcription."))).toEqual([])
      })
    ))

  it("failed, empty and missing, turn by turn", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ faults: { transcription: { 1: "failed", 2: "empty", 3: "missing" } } })
        const client = yield* ready(manual)
        for (const text of ["One", "Two", "Three", "Four"]) yield* client.say(text)
        yield* Effect.sleep("2 seconds")
        const came = client.seen.filter(({ type }) => /transcription\.(completed|failed)/.test(type))
        expect(came.map(({ event, type }) => [type.split(".").at(-1), event.transcript])).toEqual([
          ["failed", undefined],
          ["completed", ""],
          ["completed", "Four"]
        ])
        expect(client.log().turns.map((turn) => turn.text)).toEqual(["One", "Two", "Three", "Four"])
      })
    ))

  it("a late transcript comes after the answer to it, and two may come out of order", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({
          mind: scriptedMind([{ plan: [{ say: "Hm" }] }]),
          timing: { transcription: "200 millis", latestTranscription: "9 seconds" }
        })
        const client = yield* ready()
        for (const text of ["A", "B", "C", "D", "E", "F"]) yield* client.say(text)
        yield* Effect.sleep("10 seconds")
        const texts = client.seen.flatMap(({ event, type }) =>
          type.endsWith("transcription.completed") ? [event.transcript] : []
        )
        expect(texts).not.toEqual(["A", "B", "C", "D", "E", "F"])
        expect([...texts].sort()).toEqual(["A", "B", "C", "D", "E", "F"])
      })
    ))

  /** Swells and fades five times a second, as syllables do. */
  const voice = Uint8Array.from({ length: 8_000 }, (_, at) =>
    encodeSample(Math.round(Math.sin(at / 8) * 12_000 * (1.2 + Math.sin(at / 250))))
  )
  for (const [sound, audio, unintelligible, transcript] of [
    ["a real voice", voice, "[speech]", "[speech]"],
    ["a real voice, by option,", voice, "", ""],
    ["a beep", beep(), "[speech]", ""],
    ["hold music", music(2_000), "[speech]", ""]
  ] as const) {
    it(`${sound} is transcribed as "${transcript}"`, () =>
      inVirtualTime(
        Effect.gen(function* () {
          const { ready } = yield* server({ unintelligible })
          const client = yield* ready(manual)
          yield* client.play(audio)
          yield* client.play(silence(1_500))
          const { event } = yield* client.next("conversation.item.input_audio_transcription.completed")
          expect(event.transcript).toBe(transcript)
        })
      ))
  }
})

it("audio before the first session.updated is noted against the client", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server()
      const client = yield* connect()
      yield* client.next("session.created")
      yield* client.play(silence(100))
      expect(client.log().violations.map(({ kind }) => kind)).toEqual(["audio-before-configured"])
    })
  ))
