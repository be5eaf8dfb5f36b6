/** What a client does to the conversation: creates, looks at, truncates and deletes items (facts 3, 4.7, 6). */
import { understand } from "../audio/SpokenText.ts"
import { Track } from "../audio/Track.ts"
import { fromBase64, makeInput } from "./Codec.ts"
import { Conversation, type Item, itemToWire, type Part } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import type { AudioFormat, ClientEvent, NewItem } from "./Protocol.ts"
import type { Settings } from "./Settings.ts"

type Event<T extends ClientEvent["type"]> = Extract<ClientEvent, { readonly type: T }>

/** The item a client describes; `undefined` when audio in it is not base64. */
export const itemFromClient = (desk: Desk, given: NewItem, format: AudioFormat): Item | undefined => {
  const base = { id: given.id ?? desk.id("item"), status: "completed" as const }
  switch (given.type) {
    case "function_call":
      return {
        ...base,
        type: given.type,
        name: given.name,
        arguments: given.arguments,
        call_id: given.call_id ?? desk.id("call")
      }
    case "function_call_output":
      return { ...base, type: given.type, call_id: given.call_id, output: given.output }
    case "message": {
      const content: Array<Part> = []
      for (const part of given.content) {
        if (part.type !== "input_audio") content.push({ ...part })
        else {
          const bytes = fromBase64(part.audio)
          if (bytes === undefined) return undefined
          const audio = makeInput(format)(bytes)
          const heard = part.transcript ?? understand(audio)
          content.push({ type: "input_audio", transcript: part.transcript ?? null, heard, audio: Track.of(audio) })
        }
      }
      return { ...base, type: "message", role: given.role, content }
    }
  }
}

export class Items {
  readonly #desk: Desk
  readonly #conversation: Conversation
  readonly #settings: () => Settings

  constructor(desk: Desk, conversation: Conversation, settings: () => Settings) {
    this.#desk = desk
    this.#conversation = conversation
    this.#settings = settings
  }

  create({ item: given, previous_item_id }: Event<"conversation.item.create">, eventId: string | null): void {
    const item = itemFromClient(this.#desk, given, this.#settings().audio.input.format)
    if (item === undefined) {
      const problem = { code: "invalid_value", message: "Invalid base64 audio.", param: "item.content" }
      return this.#desk.refuse(problem, eventId, "rejected-event")
    }
    if (this.#conversation.find(item.id) !== undefined) {
      const problem = { code: "invalid_value", message: `Item with id '${item.id}' already exists.`, param: "item.id" }
      return this.#desk.refuse(problem, eventId, "rejected-event")
    }
    if (item.type === "function_call_output" && !this.#answer(item.call_id, item.output, eventId)) return
    if (!this.#conversation.insert(item, previous_item_id)) {
      const message = `Item with id '${previous_item_id}' does not exist.`
      return this.#desk.refuse({ code: "invalid_value", message, param: "previous_item_id" }, eventId, "unknown-item")
    }
    const fields = { previous_item_id: this.#conversation.before(item.id), item: itemToWire(item) }
    this.#desk.emit("conversation.item.added", fields)
    this.#desk.emit("conversation.item.done", fields)
  }

  retrieve({ item_id }: Event<"conversation.item.retrieve">, eventId: string | null): void {
    const item = this.#conversation.find(item_id)
    if (item === undefined) return this.#unknown("retrieve", item_id, eventId)
    const { input, output } = this.#settings().audio
    const format = item.type === "message" && item.role === "user" ? input.format : output.format
    this.#desk.emit("conversation.item.retrieved", { item: itemToWire(item, format) })
  }

  delete({ item_id }: Event<"conversation.item.delete">, eventId: string | null): void {
    if (!this.#conversation.remove(item_id)) return this.#unknown("delete", item_id, eventId)
    this.#desk.emit("conversation.item.deleted", { item_id })
  }

  truncate(
    { item_id, content_index, audio_end_ms }: Event<"conversation.item.truncate">,
    eventId: string | null
  ): void {
    const item = this.#conversation.find(item_id)
    if (item === undefined) return this.#unknown("truncate", item_id, eventId)
    const part = item.type === "message" ? item.content[content_index] : undefined
    if (part?.type !== "output_audio" || part.audio.length === 0) {
      const message = "Only model output audio messages can be truncated"
      return this.#desk.refuse({ code: "unsupported_content_type", message }, eventId, "rejected-event")
    }
    if (audio_end_ms > part.audio.ms) {
      const message = `Audio content of ${part.audio.ms}ms is already shorter than ${audio_end_ms}ms`
      return this.#desk.refuse({ code: "invalid_value", message }, eventId, "truncate-beyond-audio")
    }
    Conversation.truncate(part, audio_end_ms)
    this.#desk.emit("conversation.item.truncated", { item_id, content_index, audio_end_ms })
  }

  /** `false` when nobody asked for this output: the name of that code is unverified (facts 3). */
  #answer(callId: string, output: string, eventId: string | null): boolean {
    const asked = this.#conversation.items.some((item) => item.type === "function_call" && item.call_id === callId)
    if (!asked) {
      const message = `Tool call ID '${callId}' not found in conversation.`
      this.#desk.refuse({ code: "invalid_tool_call_id", message, param: "item.call_id" }, eventId, "unknown-call-id")
      return false
    }
    const call = this.#desk.journal.toolCalls.find((other) => other.callId === callId)
    call?.outputs.push(output)
    if (call !== undefined && call.outputs.length > 1) this.#desk.violate("tool-answered-twice", callId)
    return true
  }

  #unknown(verb: "retrieve" | "delete" | "truncate", id: string, eventId: string | null): void {
    const message = `Error during item ${verb}: the item with id '${id}' does not exist.`
    this.#desk.refuse({ code: `item_${verb}_invalid_item_id`, message, param: "item_id" }, eventId, "unknown-item")
  }
}
