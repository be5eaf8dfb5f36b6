import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { silence, speak, understand } from "../../../src/simulation/audio/SpokenText.ts"
import { encodeOutput, fromBase64, makeInput, toBase64 } from "../../../src/simulation/realtime/Codec.ts"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { piecesOf } from "../../../src/simulation/realtime/Pieces.ts"
import { type Client, inVirtualTime, manual, pick, type Seen, server } from "./support.ts"

const audioOf = (client: Client, itemId?: unknown) =>
  Buffer.concat(
    client.seen
      .filter(
        ({ event, type }) =>
          type === "response.output_audio.delta" && (itemId === undefined || event.item_id === itemId)
      )
      .map(({ event }) => Buffer.from(String(event.delta), "base64"))
  )

/** Without deltas, from `response.created` on. */
const frame = (client: Client, responseId?: unknown): ReadonlyArray<string> => {
  const from = client.seen.findIndex(({ type }) => type === "response.created")
  return client.seen
    .slice(from)
    .filter(
      ({ event, type }) => !type.endsWith(".delta") && (responseId === undefined || event.response_id === responseId)
    )
    .map(({ type }) => type)
}

const answer = "Sure, I can do that for you, and I will tell you at once how it went."

it("speech comes in the frame of the service, faster than real time, in odd pieces, words ahead of audio", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ plan: [{ say: answer }] }]) })
      const client = yield* ready(manual)
      const asked = client.seen.at(-1)?.at ?? 0
      client.send({ type: "response.create", response: { metadata: { tag: "reply#1" } } })
      const done = yield* client.next("response.done")
      const limits = yield* client.next("rate_limits.updated")
      expect(frame(client)).toEqual([
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated"
      ])
      expect(limits.at - done.at).toBe(40)
      expect(understand(audioOf(client))).toBe(answer)
      expect(audioOf(client)).toEqual(Buffer.from(speak(answer)))

      const deltas = client.seen.filter(({ type }) => type === "response.output_audio.delta")
      const sizes = deltas.map(({ event }) => Buffer.from(String(event.delta), "base64").length)
      expect(sizes.every((size) => size % 160 !== 0 || size === sizes.at(-1))).toBe(true)
      expect(sizes.slice(0, -1).every((size) => size >= 800 && size <= 3_201)).toBe(true)
      const first = deltas[0]?.at ?? 0
      expect(first - asked).toBe(500)
      const took = (deltas.at(-1)?.at ?? 0) - first
      expect(speak(answer).length / 8 / took).toBeGreaterThan(3.5)
      expect(speak(answer).length / 8 / took).toBeLessThan(6)

      let said = ""
      let heard = 0
      for (const { event, type } of client.seen) {
        if (type === "response.output_audio_transcript.delta") said += String(event.delta)
        if (type !== "response.output_audio.delta") continue
        heard += Buffer.from(String(event.delta), "base64").length
        expect(said.length).toBeGreaterThanOrEqual(Math.floor(heard / 480))
      }
      expect(said).toBe(answer)

      const response = pick(done.event, "response")
      expect(response).toMatchObject({
        status: "completed",
        status_details: null,
        output_modalities: ["audio"],
        metadata: { tag: "reply#1" },
        audio: { output: { format: { type: "audio/pcmu" }, voice: "marin" } },
        output: [
          {
            type: "message",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_audio", transcript: answer }]
          }
        ],
        usage: { output_token_details: { audio_tokens: Math.ceil(speak(answer).length / 400) } }
      })
      expect(JSON.stringify(response)).not.toContain('"audio":"')
      const added = yield* client.next("response.content_part.added")
      expect(added.event.part).toEqual({ type: "audio", transcript: "" })
      expect(client.log().said).toMatchObject([{ text: answer, tag: "reply#1", aside: false }])
      expect(understand(client.log().said[0]?.audio() ?? new Uint8Array())).toBe(answer)
    })
  ))

it("every server event has an id of its own, and all ids of a response agree", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ plan: [{ say: "One." }, { say: "Two." }] }]) })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      const { event } = yield* client.next("response.done")
      const ids = client.seen.map((seen) => seen.event.event_id)
      expect(new Set(ids).size).toBe(ids.length)
      const own = client.seen.filter(({ event: other }) => other.response_id !== undefined)
      expect(new Set(own.map(({ event: other }) => other.response_id))).toEqual(new Set([pick(event, "response.id")]))
      const items = [0, 1].map((index) => pick(event, `response.output.${index}.id`))
      for (const [index, id] of items.entries()) {
        const events = own.filter(({ event: other }) => other.item_id === id)
        expect(events.length).toBeGreaterThan(5)
        expect(events.every(({ event: other }) => other.output_index === index && other.content_index === 0)).toBe(true)
      }
      expect(client.log().memory()).toMatchObject([{ text: "One." }, { text: "Two." }])
    })
  ))

it("a tool is called with arguments in pieces; unknown and second answers are noted; nothing is said unasked", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const input = { digits: "123", note: "a longer text so that there are several pieces" }
      const { ready } = yield* server({
        mind: scriptedMind([
          { after: "send_digits", plan: [{ say: "Done." }] },
          { plan: [{ call: "send_digits", input }] }
        ])
      })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      const done = yield* client.next("response.done")
      expect(frame(client)).toEqual([
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done"
      ])
      const whole = yield* client.next("response.function_call_arguments.done")
      const pieces = client.seen.filter(({ type }) => type === "response.function_call_arguments.delta")
      expect(pieces.length).toBeGreaterThan(10)
      expect(pieces.map(({ event }) => event.delta).join("")).toBe(whole.event.arguments)
      expect(JSON.parse(String(whole.event.arguments))).toEqual(input)
      expect(pick(done.event, "response.output.0")).toMatchObject({
        type: "function_call",
        name: "send_digits",
        call_id: whole.event.call_id
      })

      const output = (call_id: unknown) => ({
        type: "conversation.item.create",
        item: { type: "function_call_output", call_id, output: '{"ok":true}' }
      })
      client.send(output("call_nobody"))
      yield* client.next("error")
      client.send(output(whole.event.call_id))
      yield* Effect.sleep("5 seconds")
      expect(client.types().filter((type) => type === "response.created")).toHaveLength(1)
      client.send(output(whole.event.call_id))
      client.send({ type: "response.create" })
      yield* client.next("response.done")
      expect(client.log().said.map(({ text }) => text)).toEqual(["Done."])
      expect(client.log().violations.map(({ kind }) => kind)).toEqual(["unknown-call-id", "tool-answered-twice"])
      expect(client.log().toolCalls).toMatchObject([
        { name: "send_digits", complete: true, outputs: ['{"ok":true}', '{"ok":true}'] }
      ])
    })
  ))

it("speech and two calls share a response, in order", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const plan = [{ say: "Goodbye." }, { call: "a", input: {} }, { call: "b", input: "{cut" }]
      const { ready } = yield* server({ mind: scriptedMind([{ plan }]) })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      const { event } = yield* client.next("response.done")
      expect([0, 1, 2].map((index) => pick(event, `response.output.${index}.type`))).toEqual([
        "message",
        "function_call",
        "function_call"
      ])
      expect(client.log().toolCalls.map(({ input, name }) => [name, input])).toEqual([
        ["a", "{}"],
        ["b", "{cut"]
      ])
    })
  ))

describe("tool choice", () => {
  const tools = [
    { type: "function", name: "a", parameters: {} },
    { type: "function", name: "b", parameters: {} }
  ]
  const plan = [{ say: "Yes." }, { call: "a", input: { x: 1 } }]
  const cases = [
    ["auto", ["message", "function_call"], "a"],
    ["none", ["message"], undefined],
    ["required", ["function_call"], "a"],
    [{ type: "function", name: "b" }, ["function_call"], "b"]
  ] as const
  for (const [tool_choice, types, name] of cases) {
    it(JSON.stringify(tool_choice), () =>
      inVirtualTime(
        Effect.gen(function* () {
          const { ready } = yield* server({ mind: scriptedMind([{ plan }]) })
          const client = yield* ready({ ...manual, tools })
          client.send({ type: "response.create", response: { tool_choice } })
          const { event } = yield* client.next("response.done")
          const output = pick(event, "response.output")
          expect(Array.isArray(output) ? output.map((item) => pick(item, "type")) : output).toEqual(types)
          expect(client.log().toolCalls[0]?.name).toBe(name)
        })
      )
    )
  }
})

it("a response beside the conversation runs along with the one in it, and leaves no trace there", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const mind = scriptedMind([
        { tag: "outcome", plan: [{ write: '{"success":true}' }] },
        { plan: [{ say: answer }] }
      ])
      const { ready } = yield* server({ mind })
      const client = yield* ready(manual)
      client.send({ type: "response.create", event_id: "r1" })
      const created = yield* client.next("response.created")
      const aside = { conversation: "none", output_modalities: ["text"], metadata: { tag: "outcome#2" } }
      client.send({ type: "response.create", response: aside })
      client.send({ type: "response.create", event_id: "r3" })
      const { event: error } = yield* client.next("error")
      expect(pick(error, "error")).toMatchObject({ code: "conversation_already_has_active_response", event_id: "r3" })
      expect(String(pick(error, "error.message"))).toContain(String(pick(created.event, "response.id")))
      const dones: Array<Seen> = [yield* client.next("response.done"), yield* client.next("response.done")]
      const written = dones.find(({ event }) => pick(event, "response.conversation_id") === null)
      expect(pick(written?.event, "response")).toMatchObject({
        status: "completed",
        metadata: { tag: "outcome#2" },
        output: [{ content: [{ type: "output_text", text: '{"success":true}' }] }]
      })
      expect(frame(client, pick(written?.event, "response.id"))).toEqual([
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done"
      ])
      expect(
        client
          .log()
          .memory()
          .map((item) => item._tag === "Said" && item.text)
      ).toEqual([answer])
      expect(
        client
          .log()
          .said.map(({ aside: beside }) => beside)
          .sort()
      ).toEqual([false, true])
      expect(client.log().violations.map(({ kind }) => kind)).toEqual(["response-while-active"])
    })
  ))

it("what is restored is remembered: texts, notes, calls and outputs, in the order asked for", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: (situation) => [{ say: String(situation.items.length) }] })
      const client = yield* ready(manual)
      const create = (item: unknown, previous_item_id?: string) =>
        client.send({ type: "conversation.item.create", item, ...(previous_item_id && { previous_item_id }) })
      create({ id: "u1", type: "message", role: "user", content: [{ type: "input_text", text: "Hello?" }] })
      create({ type: "message", role: "assistant", content: [{ type: "output_text", text: "Good day." }] })
      create({ id: "c1", type: "function_call", name: "send_digits", call_id: "call_1", arguments: "{}" })
      create({ type: "function_call_output", call_id: "call_1", output: "ok" }, "c1")
      create({ type: "message", role: "system", content: [{ type: "input_text", text: "First." }] }, "root")
      create({ type: "message", role: "assistant", content: [{ type: "output_audio", transcript: "no" }] })
      create({ id: "u1", type: "message", role: "user", content: [{ type: "input_text", text: "again" }] })
      create({ type: "message", role: "user", content: [{ type: "input_text", text: "lost" }] }, "nowhere")
      client.send({ type: "response.create" })
      yield* client.next("response.done")
      expect(
        client
          .log()
          .memory()
          .map((item) => (item._tag === "Said" ? `${item.role}: ${item.text}` : item._tag))
      ).toEqual(["system: First.", "user: Hello?", "assistant: Good day.", "Called", "Returned", "assistant: 5"])
      expect(client.types().filter((type) => type === "error")).toHaveLength(3)
    })
  ))

it("usage grows with the conversation, and most of it is cached; a budget that is spent cuts the response", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ plan: [{ say: answer }] }]) })
      const client = yield* ready({ ...manual, instructions: "x".repeat(2_000) })
      const usages = []
      for (let turn = 0; turn < 3; turn++) {
        client.send({ type: "response.create" })
        usages.push(pick((yield* client.next("response.done")).event, "response.usage"))
      }
      const inputs = usages.map((usage) => Number(pick(usage, "input_tokens")))
      expect(inputs.toSorted((a, b) => a - b)).toEqual(inputs)
      expect(pick(usages[0], "input_token_details.cached_tokens")).toBe(0)
      expect(Number(pick(usages[2], "input_token_details.cached_tokens_details.text_tokens")) % 64).toBe(0)
      expect(Number(pick(usages[2], "input_token_details.cached_tokens"))).toBeGreaterThan(
        inputs[2] === undefined ? 0 : inputs[2] / 2
      )
      client.send({ type: "response.create", response: { max_output_tokens: 20 } })
      const { event } = yield* client.next("response.done")
      expect(pick(event, "response")).toMatchObject({
        status: "incomplete",
        status_details: { type: "incomplete", reason: "max_output_tokens" },
        output: [{ status: "incomplete" }]
      })
    })
  ))

it("PCM clients are heard and answered too", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({ mind: scriptedMind([{ heard: "hello", plan: [{ say: "Hi" }] }]) })
      const client = yield* ready({ type: "realtime", audio: { input: { transcription: { model: "whisper-1" } } } })
      const pcm = encodeOutput({ type: "audio/pcm" }, Buffer.concat([silence(100), speak("Hello"), silence(900)]))
      for (let at = 0; at < pcm.length; at += 1_001) {
        client.send({ type: "input_audio_buffer.append", audio: toBase64(pcm.subarray(at, at + 1_001)) })
      }
      yield* client.next("response.done")
      expect(client.log().heard()).toBe("Hello")
      expect(understand(makeInput({ type: "audio/pcm" })(audioOf(client)))).toBe("Hi")
    })
  ))

describe("for any text and any cutting", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 })
  it("all words and all audio are sent, in order", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 4_000 }), (words, length) => {
        const pieces = [...piecesOf(words, { length: () => length, lost: 0 })]
        expect(pieces.map(({ delta }) => delta).join("")).toBe(words)
        expect(understand(Buffer.concat(pieces.map(({ audio }) => audio)))).toBe(words)
      })
    )
  })
  it("a lost tail loses audio only", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 40_000 }), (words, lost) => {
        const pieces = [...piecesOf(words, { length: () => 1_000, lost })]
        expect(pieces.map(({ delta }) => delta).join("")).toBe(words)
        expect(Buffer.concat(pieces.map(({ audio }) => audio)).length).toBe(Math.max(0, speak(words).length - lost))
      })
    )
  })
  it("base64 and PCM lose nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
        expect(Buffer.from(fromBase64(toBase64(bytes)) ?? "wrong")).toEqual(Buffer.from(bytes))
        const spoken = speak(String(size))
        const pcm = encodeOutput({ type: "audio/pcm" }, spoken)
        const input = makeInput({ type: "audio/pcm" })
        const cut = []
        for (let at = 0; at < pcm.length; at += size) cut.push(input(pcm.subarray(at, at + size)))
        expect(Buffer.concat(cut)).toEqual(Buffer.from(spoken))
      })
    )
  })
})
