import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { inVirtualTime, phone, pick, server } from "./support.ts"

it("an update is merged into what was there, and the whole session is echoed", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server()
      const client = yield* connect()
      yield* client.next("session.created")
      client.send({ type: "session.update", event_id: "cfg-1", session: phone })
      const first = (yield* client.next("session.updated")).event
      expect(JSON.stringify(first)).not.toContain("cfg-1")
      expect(pick(first, "session.audio.input.turn_detection")).toMatchObject({
        silence_duration_ms: 500,
        prefix_padding_ms: 300,
        create_response: true
      })
      const instructions = pick(first, "session.instructions")
      client.send({
        type: "session.update",
        session: {
          type: "realtime",
          tools: [{ type: "function", name: "end_call", parameters: { type: "object" } }],
          audio: {
            input: { turn_detection: { type: "server_vad", threshold: 0.7 }, noise_reduction: { type: "near_field" } }
          }
        }
      })
      const second = (yield* client.next("session.updated")).event
      expect(pick(second, "session.instructions")).toBe(instructions)
      expect(pick(second, "session.audio.input.turn_detection")).toMatchObject({
        threshold: 0.7,
        silence_duration_ms: 500
      })
      expect(pick(second, "session.audio.input.noise_reduction")).toEqual({ type: "near_field", strength: 1 })
      expect(pick(second, "session.tools.0.name")).toBe("end_call")
      client.send({
        type: "session.update",
        session: {
          type: "realtime",
          instructions: "",
          tools: [],
          audio: { input: { turn_detection: null, transcription: null } }
        }
      })
      const third = (yield* client.next("session.updated")).event
      expect(pick(third, "session")).toMatchObject({ instructions: "", tools: [] })
      expect(pick(third, "session.audio.input")).toMatchObject({ turn_detection: null, transcription: null })
      expect(pick(third, "session.audio.output.voice")).toBe("marin")
    })
  ))

describe("anything wrong in an update rejects all of it", () => {
  const cases = [
    ["temperature", { type: "realtime", temperature: 0.8 }, "unknown_parameter", "session.temperature"],
    ["a member of the beta", { type: "realtime", modalities: ["audio"] }, "unknown_parameter", "session.modalities"],
    [
      "an unknown member deep inside",
      { type: "realtime", audio: { output: { pitch: 2 } } },
      "unknown_parameter",
      "session.audio.output.pitch"
    ],
    ["no type", { instructions: "x" }, "missing_required_parameter", "session.type"],
    [
      "both modalities",
      { type: "realtime", output_modalities: ["audio", "text"] },
      "invalid_value",
      "session.output_modalities.1"
    ],
    [
      "a voice of another service",
      { type: "realtime", audio: { output: { voice: "nova" } } },
      "invalid_value",
      "session.audio.output.voice"
    ],
    [
      "too low a rate",
      { type: "realtime", audio: { input: { format: { type: "audio/pcm", rate: 8000 } } } },
      "integer_below_min_value",
      "session.audio.input.format.rate"
    ],
    [
      "too short an idle timeout",
      { type: "realtime", audio: { input: { turn_detection: { type: "server_vad", idle_timeout_ms: 100 } } } },
      "integer_below_min_value",
      "session.audio.input.turn_detection.idle_timeout_ms"
    ],
    [
      "a threshold for semantic detection",
      { type: "realtime", audio: { input: { turn_detection: { type: "semantic_vad", threshold: 0.5 } } } },
      "unknown_parameter",
      "session.audio.input.turn_detection.threshold"
    ],
    [
      "a transcriber that takes no turns",
      { type: "realtime", audio: { input: { transcription: { model: "gpt-realtime-whisper" } } } },
      "invalid_value",
      "session.audio.input.turn_detection"
    ],
    ["another model", { type: "realtime", model: "gpt-realtime-1.5" }, "invalid_value", "session.model"]
  ] as const
  for (const [name, session, code, param] of cases) {
    it(name, () =>
      inVirtualTime(
        Effect.gen(function* () {
          const { connect } = yield* server()
          const client = yield* connect()
          const before = pick((yield* client.next("session.created")).event, "session")
          client.send({ type: "session.update", event_id: "e1", session: { ...session, max_output_tokens: 77 } })
          const { event } = yield* client.next("error")
          expect(pick(event, "error")).toMatchObject({ type: "invalid_request_error", code, param, event_id: "e1" })
          expect(client.log().session()).toEqual(before)
          expect(client.log().violations.map(({ kind }) => kind)).toEqual(["rejected-event"])
          client.send({ type: "session.update", session: { type: "realtime" } })
          yield* client.next("session.updated")
        })
      )
    )
  }
})

it("only reasoning models take reasoning", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server()
      for (const [model, answer] of [
        ["gpt-realtime-1.5", "error"],
        ["gpt-realtime", "error"],
        ["gpt-realtime-2", "session.updated"],
        ["gpt-realtime-2.1-mini", "session.updated"]
      ]) {
        const client = yield* connect({ query: `?model=${model}` })
        yield* client.next("session.created")
        client.send({ type: "session.update", session: { type: "realtime", reasoning: { effort: "low" } } })
        yield* Effect.sleep("10 millis")
        expect(client.types().at(-1)).toBe(answer)
      }
    })
  ))

it("a transcription model can be refused, so that the client tries the next", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server({ faults: { refusedTranscriptionModels: ["gpt-transcribe"] } })
      const client = yield* connect()
      const transcription = { model: "gpt-transcribe" }
      client.send({ type: "session.update", session: { type: "realtime", audio: { input: { transcription } } } })
      expect(pick((yield* client.next("error")).event, "error.param")).toBe("session.audio.input.transcription.model")
    })
  ))

it("the voice is fixed once it was heard; the same voice may be named again", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ plan: [{ say: "Hello" }] }]) })
      const client = yield* ready()
      const voice = (name: string) => ({
        type: "session.update",
        session: { type: "realtime", audio: { output: { voice: name } } }
      })
      client.send(voice("ash"))
      yield* client.next("session.updated")
      client.send({ type: "response.create" })
      yield* client.next("response.done")
      client.send(voice("coral"))
      expect(pick((yield* client.next("error")).event, "error.code")).toBe("cannot_update_voice")
      client.send(voice("ash"))
      yield* client.next("session.updated")
      client.send({ type: "response.create", response: { audio: { output: { voice: "coral" } } } })
      expect(pick((yield* client.next("error")).event, "error.code")).toBe("cannot_update_voice")
    })
  ))

it("what is no event at all is refused, and the session lives on", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server()
      const client = yield* ready()
      const codes = []
      for (const text of [
        "{",
        "7",
        '{"type":"nonsense","event_id":"n"}',
        '{"type":"output_audio_buffer.clear"}',
        '{"type":"input_audio_buffer.append"}',
        '{"type":"input_audio_buffer.append","audio":"AAA=AAA="}',
        '{"type":"conversation.item.delete"}',
        '{"type":"response.create","response":{"metadata":{"a":1}}}'
      ]) {
        client.sendText(text)
        codes.push(pick((yield* client.next("error")).event, "error.code"))
      }
      expect(codes).toEqual([
        "invalid_json",
        "invalid_event",
        "invalid_event",
        "invalid_event",
        "missing_required_parameter",
        "invalid_value",
        "missing_required_parameter",
        "invalid_value"
      ])
      expect(client.seen.filter(({ event }) => pick(event, "error.event_id") === "n")).toHaveLength(1)
      client.send({ type: "session.update", session: { type: "realtime" } })
      yield* client.next("session.updated")
    })
  ))
