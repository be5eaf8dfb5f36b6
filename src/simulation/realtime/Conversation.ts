/** The conversation as the model remembers it, and how its items look on the wire. Says nothing to anybody by itself. */
import { understand } from "../audio/SpokenText.ts"
import { Track } from "../audio/Track.ts"
import { encodeOutput, toBase64 } from "./Codec.ts"
import type { Remembered } from "./Mind.ts"
import type { AudioFormat } from "./Protocol.ts"

export type Status = "in_progress" | "completed" | "incomplete"
export type Role = "system" | "user" | "assistant"

/** `transcript` of the callee is `null` until it is known; `heard` is what the model itself understood. */
export type Part =
  | { readonly type: "input_text" | "output_text"; text: string }
  | { readonly type: "input_audio"; transcript: string | null; readonly heard: string; readonly audio: Track }
  | { readonly type: "input_image"; readonly image_url: string }
  /** `transcript` is gone once the item was truncated. */
  | { readonly type: "output_audio"; transcript: string | undefined; audio: Track }

export type Item =
  | {
      readonly type: "message"
      readonly id: string
      readonly role: Role
      status: Status
      readonly content: Array<Part>
    }
  | {
      readonly type: "function_call"
      readonly id: string
      readonly call_id: string
      readonly name: string
      arguments: string
      status: Status
    }
  | {
      readonly type: "function_call_output"
      readonly id: string
      readonly call_id: string
      readonly output: string
      status: Status
    }

type Json = Readonly<Record<string, unknown>>

const partToWire = (part: Part, format: AudioFormat | undefined): Json => {
  switch (part.type) {
    case "input_audio":
    case "output_audio": {
      const transcript = part.transcript === undefined ? {} : { transcript: part.transcript }
      const audio = format && { audio: toBase64(encodeOutput(format, part.audio.slice())) }
      return { type: part.type, ...transcript, ...audio }
    }
    default:
      return { ...part }
  }
}

/** An item as an event shows it; with audio only when it was asked for in a format. */
export const itemToWire = (item: Item, format?: AudioFormat): Json => {
  const { id, type, status } = item
  const base = { id, object: "realtime.item", type, status }
  if (item.type === "message") {
    return { ...base, role: item.role, content: item.content.map((part) => partToWire(part, format)) }
  }
  return item.type === "function_call"
    ? { ...base, name: item.name, call_id: item.call_id, arguments: item.arguments }
    : { ...base, call_id: item.call_id, output: item.output }
}

/** What is left of a part in the model's mind: of truncated speech, what can be understood of the audio. */
const remember = (part: Part): string => {
  switch (part.type) {
    case "input_audio":
      return part.heard
    case "output_audio":
      return part.transcript ?? understand(part.audio.slice())
    case "input_image":
      return ""
    default:
      return part.text
  }
}

export const toRemembered = (item: Item): Remembered => {
  if (item.type === "message") {
    return { _tag: "Said", id: item.id, role: item.role, text: item.content.map(remember).join(" ") }
  }
  return item.type === "function_call"
    ? { _tag: "Called", id: item.id, callId: item.call_id, name: item.name, input: item.arguments }
    : { _tag: "Returned", id: item.id, callId: item.call_id, output: item.output }
}

export class Conversation {
  #items: ReadonlyArray<Item> = []

  get items(): ReadonlyArray<Item> {
    return this.#items
  }

  find(id: string): Item | undefined {
    return this.#items.find((item) => item.id === id)
  }

  /** The id of the item before this one; `null` for the first. */
  before(id: string): string | null {
    const at = this.#items.findIndex((item) => item.id === id)
    return this.#items[at - 1]?.id ?? null
  }

  /** Puts an item at the end, or after another, or at the "root". `false` when there is no such other. */
  insert(item: Item, after?: string | null): boolean {
    const at =
      after === undefined || after === null
        ? this.#items.length
        : after === "root"
          ? 0
          : this.#items.findIndex((other) => other.id === after) + 1
    if (at === 0 && after !== "root" && after !== undefined && after !== null) return false
    this.#items = this.#items.toSpliced(at, 0, item)
    return true
  }

  remove(id: string): boolean {
    const length = this.#items.length
    this.#items = this.#items.filter((item) => item.id !== id)
    return this.#items.length < length
  }

  /** Replaces spoken audio by its first `ms`, and forgets its words. */
  static truncate(part: Extract<Part, { type: "output_audio" }>, ms: number): void {
    part.audio = Track.of(part.audio.slice(0, ms * 8))
    part.transcript = undefined
  }
}
