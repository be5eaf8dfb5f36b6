import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { speak, spokenMs, understand } from "../../../src/simulation/audio/SpokenText.ts"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { inVirtualTime, manual, phone, pick, server } from "./support.ts"

const long = "I have a great many things to tell you about the table that we would like to book at your place tonight."
const talks = scriptedMind([{ plan: [{ say: long }] }])

describe("speech of the callee", () => {
  it("comes first, then closes the running response with what was streamed of it", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready()
        client.send({ type: "response.create" })
        yield* client.next("response.output_audio.delta")
        yield* client.play(speak("Stop"))
        const from = client.types().indexOf("input_audio_buffer.speech_started")
        expect(client.types().slice(from, from + 7)).toEqual([
          "input_audio_buffer.speech_started",
          "response.output_audio.done",
          "response.output_audio_transcript.done",
          "response.content_part.done",
          "conversation.item.done",
          "response.output_item.done",
          "response.done"
        ])
        const { event } = yield* client.next("response.done")
        expect(pick(event, "response")).toMatchObject({
          status: "cancelled",
          status_details: { type: "cancelled", reason: "turn_detected" },
          output: [{ status: "incomplete" }]
        })
        const transcript = String(pick(event, "response.output.0.content.0.transcript"))
        expect(transcript.length).toBeLessThan(long.length)
        expect(long.startsWith(transcript)).toBe(true)
        yield* Effect.sleep("2 seconds")
        expect(client.types().lastIndexOf("response.output_audio.delta")).toBeLessThan(from)
      })
    ))

  it("cancels nothing when the response was already generated: only speech_started tells", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready()
        client.send({ type: "response.create" })
        yield* client.next("rate_limits.updated")
        const before = client.seen.length
        yield* client.play(speak("Stop"))
        expect(client.types().slice(before)).toEqual(["input_audio_buffer.speech_started"])
      })
    ))

  it("ends a response that was asked for but not announced yet, and leaves those beside the conversation alone", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready()
        yield* client.play(speak("ab").subarray(0, 160))
        client.send({ type: "response.create", response: { metadata: { tag: "in" } } })
        client.send({ type: "response.create", response: { conversation: "none", metadata: { tag: "beside" } } })
        yield* client.play(speak("ab").subarray(160, 640))
        const first = yield* client.next("response.done")
        expect(pick(first.event, "response")).toMatchObject({
          status: "cancelled",
          output: [],
          metadata: { tag: "in" }
        })
        const second = yield* client.next("response.done")
        expect(pick(second.event, "response")).toMatchObject({ status: "completed", metadata: { tag: "beside" } })
      })
    ))

  it("does not stop a response that may not be interrupted", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready(manual)
        client.send({ type: "response.create" })
        yield* client.next("response.output_audio.delta")
        yield* client.say("Stop")
        expect(pick((yield* client.next("response.done")).event, "response.status")).toBe("completed")
      })
    ))
})

describe("response.cancel", () => {
  it("stops the active response, by id or without", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready(manual)
        for (const byId of [true, false]) {
          client.send({ type: "response.create" })
          const created = yield* client.next("response.created")
          yield* client.next("response.output_audio.delta")
          client.send({ type: "response.cancel", ...(byId && { response_id: pick(created.event, "response.id") }) })
          const { event } = yield* client.next("response.done")
          expect(pick(event, "response.status_details")).toEqual({ type: "cancelled", reason: "client_cancelled" })
          expect(Number(pick(event, "response.usage.output_tokens"))).toBeGreaterThan(0)
        }
      })
    ))

  it("is refused when nothing runs, or before it was announced, and harms nothing", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks })
        const client = yield* ready(manual)
        client.send({ type: "response.cancel", event_id: "x1" })
        expect(pick((yield* client.next("error")).event, "error")).toMatchObject({
          code: "response_cancel_not_active",
          event_id: "x1"
        })
        client.send({ type: "response.create" })
        client.send({ type: "response.cancel" })
        yield* client.next("error")
        expect(pick((yield* client.next("response.done")).event, "response.status")).toBe("completed")
      })
    ))
})

describe("truncate, delete and retrieve", () => {
  const spoken = (say = long) =>
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ plan: [{ say }] }]) })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      const { event } = yield* client.next("response.done")
      const item_id = String(pick(event, "response.output.0.id"))
      const truncate = (audio_end_ms: number, id = item_id) =>
        client.send({ type: "conversation.item.truncate", event_id: "t", item_id: id, content_index: 0, audio_end_ms })
      return { client, item_id, truncate }
    })
  const remembered = (client: Effect.Effect.Success<ReturnType<typeof spoken>>["client"]) =>
    client
      .log()
      .memory()
      .map((item) => (item._tag === "Said" ? item.text : item._tag))

  it("truncating leaves what was heard, and no transcript; what was said stays on record", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { client, item_id, truncate } = yield* spoken()
        truncate(1_205)
        expect((yield* client.next("conversation.item.truncated")).event).toMatchObject({
          item_id,
          content_index: 0,
          audio_end_ms: 1_205
        })
        expect(remembered(client)).toEqual([long.slice(0, 21)])
        expect(understand(client.log().said[0]?.audio() ?? new Uint8Array())).toBe(long)
        client.send({ type: "conversation.item.retrieve", item_id })
        const { event } = yield* client.next("conversation.item.retrieved")
        expect(pick(event, "item.content.0")).not.toHaveProperty("transcript")
        expect(Buffer.from(String(pick(event, "item.content.0.audio")), "base64").length).toBe(1_205 * 8)
        truncate(600)
        yield* client.next("conversation.item.truncated")
        expect(remembered(client)).toEqual([long.slice(0, 10)])
        truncate(601)
        expect(pick((yield* client.next("error")).event, "error.message")).toBe(
          "Audio content of 600ms is already shorter than 601ms"
        )
      })
    ))

  it("the whole length may be kept; more is refused with both lengths, and nothing changes", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { client, truncate } = yield* spoken()
        const ms = spokenMs(long)
        truncate(ms + 1)
        const { event } = yield* client.next("error")
        expect(pick(event, "error")).toMatchObject({
          code: "invalid_value",
          message: `Audio content of ${ms}ms is already shorter than ${ms + 1}ms`,
          event_id: "t"
        })
        expect(remembered(client)).toEqual([long])
        truncate(ms)
        yield* client.next("conversation.item.truncated")
        expect(remembered(client)).toEqual([long])
        expect(client.log().violations.map(({ kind }) => kind)).toEqual(["truncate-beyond-audio"])
      })
    ))

  it("only speech of the model can be truncated; unknown items are refused by every verb", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { client, truncate } = yield* spoken()
        client.send({
          type: "conversation.item.create",
          item: { id: "u1", type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }
        })
        truncate(0, "u1")
        expect(pick((yield* client.next("error")).event, "error.code")).toBe("unsupported_content_type")
        truncate(0, "nobody")
        client.send({ type: "conversation.item.delete", item_id: "nobody" })
        client.send({ type: "conversation.item.retrieve", item_id: "nobody" })
        const codes = []
        for (let count = 0; count < 3; count++) codes.push(pick((yield* client.next("error")).event, "error.code"))
        expect(codes).toEqual([
          "item_truncate_invalid_item_id",
          "item_delete_invalid_item_id",
          "item_retrieve_invalid_item_id"
        ])
      })
    ))

  it("a deleted item is forgotten", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { client, item_id } = yield* spoken()
        client.send({ type: "conversation.item.delete", item_id })
        expect((yield* client.next("conversation.item.deleted")).event.item_id).toBe(item_id)
        expect(client.log().memory()).toEqual([])
      })
    ))
})

it("the next answer knows of an interrupted one only what was heard", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({
        mind: scriptedMind([{ turn: 0, plan: [{ say: long }] }], ({ items }) => [
          { say: items.map((item) => (item._tag === "Said" ? item.text : "")).join("|") }
        ])
      })
      const client = yield* ready(phone)
      client.send({ type: "response.create" })
      const { event } = yield* client.next("response.output_audio.delta")
      yield* client.play(speak("W"))
      client.send({ type: "conversation.item.truncate", item_id: event.item_id, content_index: 0, audio_end_ms: 100 })
      yield* client.say("ait")
      yield* client.next("response.done")
      yield* client.next("response.done")
      expect(client.log().said.at(-1)?.text).toBe(`${long.slice(0, 2)}|Wait`)
    })
  ))
