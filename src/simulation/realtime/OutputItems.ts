/** The items of a response while they are being sent: which events open, fill and close each (facts 4.3, 4.4). */

import { Track } from "../audio/Track.ts"
import { encodeOutput, toBase64 } from "./Codec.ts"
import type { Item, Part } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import type { AudioFormat } from "./Protocol.ts"

/** What an item needs of the response it belongs to. */
export interface Output {
  readonly desk: Desk
  readonly responseId: string
  readonly tag: string | undefined
  readonly aside: boolean
  readonly format: AudioFormat
  /** Silent once the response is over. */
  readonly emit: Desk["emit"]
  /** Announces an item and gives its place in the response. */
  readonly add: (item: Item) => number
  readonly done: (item: Item, index: number) => void
}

/** Complete: all of it was sent. Otherwise only what was sent so far is in it. */
export interface OpenItem {
  readonly close: (complete: boolean) => void
}

export interface OpenMessage extends OpenItem {
  readonly words: (delta: string) => void
  readonly sound: (audio: Uint8Array) => void
}

export interface OpenCall extends OpenItem {
  readonly input: (delta: string) => void
}

/** Hides how long a delta is, as the real server does. */
const obfuscation = (desk: Desk): string => desk.letters(8)

export const openMessage = (output: Output, spoken: boolean): OpenMessage => {
  const { desk, emit } = output
  const content: Array<Part> = []
  const item: Item = { type: "message", id: desk.id("item"), role: "assistant", status: "in_progress", content }
  const whole = new Track()
  let text = ""
  desk.journal.said.push({
    at: desk.now(),
    itemId: item.id,
    responseId: output.responseId,
    tag: output.tag,
    aside: output.aside,
    get text() {
      return text
    },
    audio: () => whole.slice()
  })
  const index = output.add(item)
  const at = { response_id: output.responseId, item_id: item.id, output_index: index, content_index: 0 }
  const wirePart = () => (spoken ? { type: "audio", transcript: text } : { type: "text", text })
  const kind = spoken ? "response.output_audio_transcript" : "response.output_text"
  emit("response.content_part.added", { ...at, part: wirePart() })
  const kept: Part = spoken
    ? { type: "output_audio", transcript: "", audio: new Track() }
    : { type: "output_text", text: "" }
  content.push(kept)
  return {
    words: (delta) => {
      text += delta
      if (kept.type === "output_text") kept.text = text
      // once truncated, it has no transcript any more
      else if (kept.type === "output_audio" && kept.transcript !== undefined) kept.transcript = text
      emit(`${kind}.delta`, { ...at, delta, obfuscation: obfuscation(desk) })
    },
    sound: (audio) => {
      whole.append(audio)
      if (kept.type === "output_audio" && kept.transcript !== undefined) kept.audio.append(audio)
      const encoded = encodeOutput(output.format, audio)
      emit("response.output_audio.delta", at, { base64: toBase64(encoded), bytes: encoded.length })
    },
    close: (complete) => {
      item.status = complete ? "completed" : "incomplete"
      if (spoken) emit("response.output_audio.done", at)
      emit(`${kind}.done`, { ...at, [spoken ? "transcript" : "text"]: text })
      emit("response.content_part.done", { ...at, part: wirePart() })
      output.done(item, index)
    }
  }
}

export const openCall = (output: Output, name: string): OpenCall => {
  const { desk, emit } = output
  const call_id = desk.id("call")
  const id = desk.id("item")
  const item: Item = { type: "function_call", id, status: "in_progress", name, call_id, arguments: "" }
  const index = output.add(item)
  const at = { response_id: output.responseId, item_id: id, output_index: index, call_id }
  return {
    input: (delta) => {
      item.arguments += delta
      emit("response.function_call_arguments.delta", { ...at, delta, obfuscation: obfuscation(desk) })
    },
    close: (complete) => {
      item.status = complete ? "completed" : "incomplete"
      desk.journal.toolCalls.push({ callId: call_id, name, input: item.arguments, complete, outputs: [] })
      emit("response.function_call_arguments.done", { ...at, name, arguments: item.arguments })
      output.done(item, index)
    }
  }
}
