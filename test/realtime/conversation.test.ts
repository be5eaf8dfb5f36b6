/** What the server reports reaches the call in its own words; what the call commands reaches the server, and nothing else does. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, FastCheck } from "effect"
import { commandFrame, tagOf } from "../../src/realtime/ClientEvents.ts"
import { type VoiceCommand, type VoiceEvent, VoiceModel, type VoiceSession } from "../../src/VoiceModel.ts"
import { brief, directed, error, realtime, until } from "./FakeRealtime.ts"

const conversation = Effect.gen(function* () {
  const server = yield* directed()
  const session = yield* Effect.flatMap(VoiceModel, (model) => model.open(brief))
  const [peer] = server.peers
  if (peer === undefined) return yield* Effect.dieMessage("no connection")
  return { session, peer }
})

/** The first events that the session reports. */
const firstOf = Effect.fnUntraced(function* (session: VoiceSession, count: number) {
  const seen: Array<VoiceEvent> = []
  const enough = yield* Deferred.make<void>()
  const following = session.follow((event) => {
    if (seen.push(event) === count) Deferred.unsafeDone(enough, Effect.void)
  })
  yield* Effect.raceFirst(following, Deferred.await(enough))
  return seen.slice(0, count)
})

/** What the call hears of these events. */
const told = (expected: number, ...events: ReadonlyArray<object>) =>
  Effect.gen(function* () {
    const { session, peer } = yield* conversation
    peer.say(...events)
    return yield* firstOf(session, expected)
  })

const message = (id: string, status: string, content: ReadonlyArray<object>) => ({
  id,
  object: "realtime.item",
  type: "message",
  role: "assistant",
  status,
  content
})
const call = (callId: string, status: string, input: string) => ({
  id: "item_f",
  type: "function_call",
  status,
  name: "end_call",
  call_id: callId,
  arguments: input
})
const inResponse = { response_id: "resp_1", output_index: 0 }
const inItem = { ...inResponse, item_id: "item_a", content_index: 0 }
const itemDone = (item: object) => ({ type: "response.output_item.done", ...inResponse, item })
const done = (fields: object) => ({
  type: "response.done",
  response: { id: "resp_1", status: "completed", status_details: null, metadata: null, usage: null, ...fields }
})

describe("what the call hears", () => {
  it.scoped("the callee speaks, and the text comes later", () =>
    Effect.gen(function* () {
      const transcription = "conversation.item.input_audio_transcription"
      const events = yield* told(
        8,
        { type: "input_audio_buffer.speech_started", audio_start_ms: 340, item_id: "item_u" },
        { type: "input_audio_buffer.speech_stopped", audio_end_ms: 900, item_id: "item_u" },
        { type: "input_audio_buffer.committed", item_id: "item_u", previous_item_id: null },
        { type: "conversation.item.added", item: { id: "item_u" } },
        { type: `${transcription}.delta`, item_id: "item_u", delta: "Hel", obfuscation: "xyz" },
        {
          type: `${transcription}.completed`,
          item_id: "item_u",
          transcript: "Hello.",
          usage: { type: "duration", seconds: 60 }
        },
        { type: "input_audio_buffer.committed", item_id: "item_v", previous_item_id: "item_u" },
        { type: "input_audio_buffer.committed", item_id: "item_w" },
        { type: `${transcription}.failed`, item_id: "item_v", error: { code: "audio_unintelligible" } }
      )
      expect(events).toEqual([
        { _tag: "SpeechStarted", itemId: "item_u", inAudio: 340 },
        { _tag: "SpeechStopped", itemId: "item_u", inAudio: 900 },
        { _tag: "CalleeSpoke", itemId: "item_u", after: null },
        { _tag: "CalleePartial", itemId: "item_u", text: "Hel" },
        { _tag: "CalleeText", itemId: "item_u", text: "Hello.", failed: false, usage: 0.003 },
        { _tag: "CalleeSpoke", itemId: "item_v", after: "item_u" },
        { _tag: "CalleeSpoke", itemId: "item_w" },
        { _tag: "CalleeText", itemId: "item_v", text: "", failed: true }
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("an answer in sound and text", () =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from([255, 0, 127, 128, 1])
      const events = yield* told(
        6,
        {
          type: "response.created",
          response: { id: "resp_1", status: "in_progress", metadata: { tag: "opening#1" }, usage: null }
        },
        { type: "response.output_item.added", ...inResponse, item: message("item_a", "in_progress", []) },
        { type: "response.content_part.added", ...inItem, part: { type: "audio", transcript: "" } },
        { type: "response.output_audio_transcript.delta", ...inItem, delta: "Good morning", obfuscation: "q" },
        {
          type: "response.output_audio.delta",
          ...inItem,
          content_index: 2,
          delta: Buffer.from(bytes).toString("base64")
        },
        { type: "response.output_audio.done", ...inItem },
        itemDone(message("item_a", "completed", [{ type: "output_audio", transcript: "Good morning." }])),
        done({
          metadata: { tag: "opening#1" },
          usage: { output_token_details: { audio_tokens: 1_000_000, text_tokens: 0 } }
        })
      )
      expect(events).toEqual([
        { _tag: "ResponseStarted", responseId: "resp_1", tag: "opening#1" },
        { _tag: "ItemStarted", responseId: "resp_1", itemId: "item_a" },
        { _tag: "Text", responseId: "resp_1", itemId: "item_a", text: "Good morning" },
        { _tag: "Audio", responseId: "resp_1", itemId: "item_a", contentIndex: 2, bytes },
        { _tag: "ItemDone", responseId: "resp_1", itemId: "item_a", text: "Good morning." },
        { _tag: "ResponseDone", responseId: "resp_1", tag: "opening#1", status: "completed", usage: 64 }
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("an item's text whatever its parts are called", () =>
    Effect.gen(function* () {
      const parts = [
        { type: "audio", transcript: "One. " },
        { type: "output_audio", transcript: "Two. " },
        { type: "text", text: "Three. " },
        { type: "output_text", text: "Four.", transcript: null }
      ]
      const events = yield* told(
        2,
        { type: "response.output_text.delta", ...inItem, delta: "written" },
        itemDone(message("item_a", "incomplete", parts))
      )
      expect(events).toEqual([
        { _tag: "Text", responseId: "resp_1", itemId: "item_a", text: "written" },
        { _tag: "ItemDone", responseId: "resp_1", itemId: "item_a", text: "One. Two. Three. Four.", cutOff: true }
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("a tool call once, and only when it is whole", () =>
    Effect.gen(function* () {
      const events = yield* told(
        3,
        itemDone(call("call_cut", "incomplete", '{"success":tr')),
        { type: "response.output_item.added", ...inResponse, item: call("call_1", "in_progress", "") },
        {
          type: "response.function_call_arguments.done",
          ...inItem,
          call_id: "call_1",
          name: "end_call",
          arguments: "{}"
        },
        itemDone(call("call_1", "completed", "{}")),
        itemDone(call("call_1", "completed", "{}")),
        itemDone(call("call_2", "completed", '{"a":1}')),
        done({ output: [call("call_1", "completed", "{}")] })
      )
      const common = { _tag: "ToolCalled", responseId: "resp_1", name: "end_call" }
      expect(events).toEqual([
        { ...common, toolCallId: "call_1", input: "{}" },
        { ...common, toolCallId: "call_2", input: '{"a":1}' },
        { _tag: "ResponseDone", responseId: "resp_1", status: "completed", usage: 0 }
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("how a response ended", () =>
    Effect.gen(function* () {
      const failed = (code: string | null) =>
        done({
          status: "failed",
          status_details: { type: "failed", error: { type: "some_error", code, message: "Why." } }
        })
      const events = yield* told(
        7,
        done({ status: "cancelled", status_details: { type: "cancelled", reason: "client_cancelled" } }),
        done({ status: "incomplete", status_details: { type: "incomplete", reason: "content_filter" } }),
        failed("rate_limit_exceeded"),
        failed("server_error"),
        failed("insufficient_quota"),
        failed(null),
        done({ status: "something_new" })
      )
      const failure = (code: string, retryable: boolean, message: unknown = "Why.") => ({
        status: "failed",
        failure: { code, message, retryable }
      })
      expect(events).toMatchObject([
        { status: "cancelled" },
        { status: "incomplete", failure: { code: "content_filter", retryable: false } },
        failure("rate_limit_exceeded", true),
        failure("server_error", true),
        failure("insufficient_quota", false),
        failure("some_error", true),
        failure("unknown", true, expect.any(String))
      ])
      expect(events[0]).not.toHaveProperty("failure")
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("a refusal, laid at the door of the request it answers, and the session lives on", () =>
    Effect.gen(function* () {
      const { session, peer } = yield* conversation
      session.send({ _tag: "Respond", tag: "reply#7" })
      session.send({ _tag: "Truncate", itemId: "item_a", contentIndex: 0, ms: 99_999 })
      yield* until(() => peer.received.length === 3)
      const idOf = (index: number) => String(Object(peer.received[index]).event_id)
      peer.say(
        error({ code: "conversation_already_has_active_response", event_id: idOf(1) }),
        error({ code: "invalid_value", event_id: idOf(2) }),
        error({ code: "response_cancel_not_active" }),
        error({ code: "rate_limit_exceeded" }),
        error({ type: "server_error", code: null }),
        { type: "input_audio_buffer.speech_started", item_id: "item_u" }
      )
      const events = yield* firstOf(session, 6)
      expect(events).toEqual([
        { _tag: "Refused", code: "conversation_already_has_active_response", message: "no", tag: "reply#7" },
        { _tag: "Refused", code: "invalid_value", message: "no" },
        { _tag: "Refused", code: "response_cancel_not_active", message: "no" },
        { _tag: "Refused", code: "rate_limit_exceeded", message: "no" },
        { _tag: "Refused", code: "server_error", message: "no" },
        { _tag: "SpeechStarted", itemId: "item_u" }
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("nothing of what it does not know or cannot read", () =>
    Effect.gen(function* () {
      const { session, peer } = yield* conversation
      for (const text of ["", "no JSON", "null", "[]", '"text"', '{"type":7}', '{"type":"response.done"}'])
        peer.sayRaw(text)
      peer.say({ type: "some.new.event" }, { type: "rate_limits.updated", rate_limits: [] })
      peer.say({ type: "input_audio_buffer.speech_started", item_id: "item_u", and: { more: "of it" } })
      const events = yield* firstOf(session, 1)
      expect(events).toEqual([{ _tag: "SpeechStarted", itemId: "item_u" }])
    }).pipe(Effect.provide(realtime()))
  )
})

describe("what the server hears", () => {
  it.scoped("the callee's audio unchanged, and each command as one event", () =>
    Effect.gen(function* () {
      const { session, peer } = yield* conversation
      const silence = Buffer.alloc(160, 0xff).toString("base64")
      const commands: ReadonlyArray<VoiceCommand> = [
        { _tag: "Respond", tag: "reply#1" },
        { _tag: "Respond", tag: "goodbye#2", instructions: "Say goodbye.", tools: false },
        { _tag: "Respond", tag: "outcome#3", instructions: "Write.", aside: "text" },
        { _tag: "Respond", tag: "holding#4", aside: "audio" },
        { _tag: "Cancel", responseId: "resp_1" },
        { _tag: "Truncate", itemId: "item_a", contentIndex: 1, ms: 1480.9 },
        { _tag: "Forget", itemId: "item_b" },
        { _tag: "Note", text: "They dialled 5." },
        { _tag: "ToolResult", toolCallId: "call_1", output: '{"ok":true}' }
      ]
      expect(session.hear(silence)).toBe(true)
      for (const command of commands) expect(session.send(command)).toBe(true)
      yield* until(() => peer.received.length === 11)
      const [append, ...sent] = peer.received.slice(1)
      expect(append).toEqual({ type: "input_audio_buffer.append", audio: silence })
      const id = { event_id: expect.any(String) }
      const respond = (response: object) => ({ type: "response.create", ...id, response })
      const spoken = { output_modalities: ["audio"] }
      expect(sent).toEqual([
        respond({ ...spoken, metadata: { tag: "reply#1" } }),
        respond({
          ...spoken,
          metadata: { tag: "goodbye#2" },
          instructions: `# Now\nSay goodbye.\n\n${brief.instructions}`,
          tool_choice: "none"
        }),
        respond({
          output_modalities: ["text"],
          metadata: { tag: "outcome#3" },
          instructions: `# Now\nWrite.\n\n${brief.instructions}`,
          conversation: "none",
          tool_choice: "none"
        }),
        respond({ ...spoken, metadata: { tag: "holding#4" }, conversation: "none", tool_choice: "none" }),
        { type: "response.cancel", ...id, response_id: "resp_1" },
        { type: "conversation.item.truncate", ...id, item_id: "item_a", content_index: 1, audio_end_ms: 1480 },
        { type: "conversation.item.delete", ...id, item_id: "item_b" },
        {
          type: "conversation.item.create",
          ...id,
          item: { type: "message", role: "system", content: [{ type: "input_text", text: "They dialled 5." }] }
        },
        {
          type: "conversation.item.create",
          ...id,
          item: { type: "function_call_output", call_id: "call_1", output: '{"ok":true}' }
        }
      ])
      expect(new Set(sent.map((event) => Object(event).event_id)).size).toBe(commands.length)
    }).pipe(Effect.provide(realtime()))
  )

  it.prop(
    "a tag is found again in the event id, whatever it is",
    [FastCheck.string(), FastCheck.nat()],
    ([tag, serial]) => {
      const { event_id } = JSON.parse(commandFrame(brief, { _tag: "Respond", tag }, serial))
      expect(tagOf(event_id)).toBe(tag)
      expect(tagOf(JSON.parse(commandFrame(brief, { _tag: "Note", text: tag }, serial)).event_id)).toBeUndefined()
    }
  )
})
