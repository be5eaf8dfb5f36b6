/**
 * One response, from `response.created` to `response.done`, in the frames of facts 4.3 to 4.6. Each step is a generator
 * that yields how many milliseconds to wait; `Responses.ts` decides which responses run.
 */
import { speak } from "../audio/SpokenText.ts"
import { encodeOutput, toBase64 } from "./Codec.ts"
import { type Conversation, type Item, itemToWire, type Part } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import { millis, type ResponseFault } from "./Faults.ts"
import type { Said } from "./Journal.ts"
import type { Plan } from "./Mind.ts"
import type { AudioFormat, MaxTokens, Modalities, Voice } from "./Protocol.ts"
import { Recording } from "./Recording.ts"
import { type Tokens, tokensOf, usageOf } from "./Usage.ts"

export interface ResponseOrder {
  readonly id: string
  /** `null`: beside the conversation. */
  readonly conversation: { readonly id: string; readonly items: Conversation } | null
  readonly plan: Plan
  readonly modalities: Modalities
  readonly format: AudioFormat
  readonly voice: Voice
  readonly maxTokens: MaxTokens
  readonly metadata: Readonly<Record<string, string>> | null
  readonly tag: string | undefined
  readonly fault: ResponseFault | undefined
  /** What the model read for it, and what it had read for the one before. */
  readonly input: Tokens
  readonly inputBefore: Tokens
}

export type ResponseStatus = "completed" | "cancelled" | "incomplete" | "failed"
type Details = Readonly<Record<string, unknown>> | null

/** `length` characters of arguments per delta: 170 came as 52 (facts 4.4). */
const argumentPiece = 3

export class ResponseRun {
  readonly order: ResponseOrder
  phase: "pending" | "active" | "done" = "pending"
  /** Milliseconds of audio sent. */
  audioMs = 0
  readonly #desk: Desk
  readonly #done: (run: ResponseRun) => void
  readonly #output: Array<Item> = []
  #open: { readonly index: number; readonly close: (complete: boolean) => void } | undefined
  #status: ResponseStatus | "in_progress" = "in_progress"
  #details: Details = null
  #usage: Readonly<Record<string, unknown>> | null = null
  /** How long the audio sent so far keeps the next piece waiting. */
  #debt = 0
  #startled = false

  constructor(desk: Desk, order: ResponseOrder, done: (run: ResponseRun) => void) {
    this.#desk = desk
    this.order = order
    this.#done = done
  }

  /** From being asked for to the end. */
  *perform(): Generator<number> {
    const { timing } = this.#desk
    const { fault, plan } = this.order
    yield millis(timing.responseCreated)
    this.created()
    const late = fault?._tag === "Slow" ? millis(fault.by) : 0
    yield Math.max(0, millis(timing.firstOutput) - millis(timing.responseCreated)) + late
    if (fault?._tag === "Fail") {
      const message = fault.message ?? `The model failed to respond: ${fault.code}.`
      const type = fault.code === "server_error" ? "server_error" : "invalid_request_error"
      return this.finish("failed", { type: "failed", error: { type, code: fault.code, message } })
    }
    for (const part of plan) {
      if ("call" in part) yield* this.#call(part.call, part.input)
      else yield* this.#message("say" in part ? part.say : part.write)
    }
    this.finish("completed", null)
  }

  created(): void {
    if (this.phase !== "pending") return
    this.phase = "active"
    this.#desk.emit("response.created", { response: this.#wire() })
  }

  /** Closes what is open with what was sent of it, and the response. Does nothing the second time. */
  finish(status: ResponseStatus, details: Details): void {
    if (this.phase === "done") return
    this.created()
    this.#open?.close(status === "completed")
    this.#open = undefined
    this.phase = "done"
    this.#status = status
    this.#details = details
    if (status !== "failed") this.#usage = usageOf(this.order.input, this.order.inputBefore, this.#tokens())
    this.#desk.emit("response.done", { response: this.#wire() })
    this.#done(this)
  }

  *#message(text: string): Generator<number> {
    const spoken = this.order.modalities[0] === "audio"
    const part: Part = spoken
      ? { type: "output_audio", transcript: "", audio: new Recording() }
      : { type: "output_text", text: "" }
    const content: Array<Part> = []
    const item: Item = { type: "message", id: this.#desk.id("item"), role: "assistant", status: "in_progress", content }
    const whole = new Recording()
    let sentText = ""
    const said: Said = {
      at: this.#desk.now(),
      itemId: item.id,
      responseId: this.order.id,
      tag: this.order.tag,
      aside: this.order.conversation === null,
      get text() {
        return sentText
      },
      audio: () => whole.slice()
    }
    yield* this.#begin()
    if (this.phase === "done") return
    this.#desk.journal.said.push(said)
    const index = this.#add(item)
    const at = { response_id: this.order.id, item_id: item.id, output_index: index, content_index: 0 }
    const kind = spoken ? "response.output_audio_transcript" : "response.output_text"
    const eventPart = () => (spoken ? { type: "audio", transcript: sentText } : { type: "text", text: sentText })
    this.#emit("response.content_part.added", { ...at, part: eventPart() })
    content.push(part)
    this.#open = {
      index,
      close: (complete) => {
        item.status = complete ? "completed" : "incomplete"
        if (spoken) this.#emit("response.output_audio.done", at)
        this.#emit(`${kind}.done`, { ...at, [spoken ? "transcript" : "text"]: sentText })
        this.#emit("response.content_part.done", { ...at, part: eventPart() })
        this.#itemDone(item, index)
      }
    }
    const words = (delta: string): void => {
      sentText += delta
      if (part.type === "output_audio" && part.transcript !== undefined) part.transcript = sentText
      else if (part.type === "output_text") part.text = sentText
      this.#emit(`${kind}.delta`, { ...at, delta, obfuscation: this.#desk.letters(8) })
    }
    if (spoken) {
      for (const { delta, audio, ms } of this.#pieces(text)) {
        if (this.#debt > 0) yield this.#debt
        if (this.phase === "done") return
        if (delta !== "") words(delta)
        if (audio.length > 0) {
          whole.append(audio)
          if (part.type === "output_audio" && part.transcript !== undefined) part.audio.append(audio)
          const encoded = encodeOutput(this.order.format, audio)
          this.#emit("response.output_audio.delta", at, { base64: toBase64(encoded), bytes: encoded.length })
        }
        this.audioMs += audio.length / 8
        this.#debt = ms / this.#desk.timing.pace
        if (this.#spent()) return
      }
    } else {
      for (const [delta] of text.matchAll(/\S*\s*/g)) {
        if (this.#isDone()) return
        if (delta !== "") words(delta)
        if (this.#spent()) return
      }
    }
    this.#closeOpen()
  }

  /** What a response says, cut as the server cuts it: odd lengths, words ahead of the audio (facts 4.3, 6). */
  *#pieces(text: string): Generator<{ readonly delta: string; readonly audio: Uint8Array; readonly ms: number }> {
    const { fault } = this.order
    const { timing } = this.#desk
    const lost = fault?._tag === "LoseTail" ? millis(fault.length) * 8 : 0
    const whole = speak(text)
    const audio = whole.subarray(0, Math.max(0, whole.length - lost))
    let told = 0
    for (let from = 0; from < audio.length || told < text.length; ) {
      const length = this.#desk.between(millis(timing.shortestPiece) * 8, millis(timing.longestPiece) * 8)
      const piece = audio.subarray(from, from + (length % 160 === 0 ? length + 1 : length))
      from += piece.length
      const reach = Math.ceil(text.length * Math.min(1, (from / Math.max(1, audio.length)) * 1.5 + 0.05))
      const space = text.indexOf(" ", Math.max(told, reach))
      const until = from >= audio.length || space < 0 ? text.length : space + 1
      yield { delta: text.slice(told, until), audio: piece, ms: piece.length / 8 }
      told = until
    }
  }

  *#call(name: string, input: Readonly<Record<string, unknown>> | string): Generator<number> {
    const text = typeof input === "string" ? input : JSON.stringify(input)
    const call_id = this.#desk.id("call")
    const item: Item = {
      type: "function_call",
      id: this.#desk.id("item"),
      status: "in_progress",
      name,
      call_id,
      arguments: ""
    }
    yield* this.#begin()
    if (this.phase === "done") return
    const index = this.#add(item)
    const at = { response_id: this.order.id, item_id: item.id, output_index: index, call_id }
    this.#open = {
      index,
      close: (complete) => {
        item.status = complete ? "completed" : "incomplete"
        this.#desk.journal.toolCalls.push({ callId: call_id, name, input: item.arguments, complete, outputs: [] })
        this.#emit("response.function_call_arguments.done", { ...at, name, arguments: item.arguments })
        this.#itemDone(item, index)
      }
    }
    for (let from = 0; from < text.length; from += argumentPiece) {
      yield millis(this.#desk.timing.argument)
      if (this.#isDone()) return
      const delta = text.slice(from, from + argumentPiece)
      item.arguments += delta
      this.#emit("response.function_call_arguments.delta", { ...at, delta, obfuscation: this.#desk.letters(8) })
      if (this.#spent()) return
    }
    this.#closeOpen()
  }

  /** Waits until the audio before this item is out. */
  *#begin(): Generator<number> {
    if (this.#debt > 0) yield this.#debt
    this.#debt = 0
  }

  #add(item: Item): number {
    const index = this.#output.push(item) - 1
    this.#emit("response.output_item.added", {
      response_id: this.order.id,
      output_index: index,
      item: itemToWire(item)
    })
    const { conversation } = this.order
    if (conversation !== null) {
      conversation.items.insert(item)
      const previous_item_id = conversation.items.before(item.id)
      this.#emit("conversation.item.added", { previous_item_id, item: itemToWire(item) })
    }
    return index
  }

  #itemDone(item: Item, index: number): void {
    const wire = itemToWire(item)
    const { conversation } = this.order
    if (conversation !== null) {
      this.#emit("conversation.item.done", { previous_item_id: conversation.items.before(item.id), item: wire })
    }
    this.#emit("response.output_item.done", { response_id: this.order.id, output_index: index, item: wire })
  }

  #closeOpen(): void {
    this.#open?.close(true)
    this.#open = undefined
  }

  /** After each piece: the middle of the response has been reached, and its budget may be spent. */
  #spent(): boolean {
    if (!this.#startled) {
      this.#startled = true
      switch (this.order.fault?._tag) {
        case "Drop":
          this.#desk.close()
          break
        case "Freeze":
          this.#desk.freeze()
          break
        case "Noise":
          this.#desk.emit("response.weather.updated", { response_id: this.order.id, mood: "sunny" })
          this.#desk.refuse(
            { type: "server_error", code: "server_error", message: "A hiccup that is not fatal." },
            null
          )
          break
        case "ContentFilter":
          this.finish("incomplete", { type: "incomplete", reason: "content_filter" })
          break
      }
    }
    const { text, audio } = this.#tokens()
    if (this.order.maxTokens !== "inf" && text + audio > this.order.maxTokens) {
      this.finish("incomplete", { type: "incomplete", reason: "max_output_tokens" })
    }
    return this.#isDone()
  }

  #isDone(): boolean {
    return this.phase === "done"
  }

  #tokens(): Tokens {
    const text = this.#output.reduce((sum, item) => sum + tokensOf(item).text, 0)
    return { text, audio: Math.ceil(this.audioMs / 50) }
  }

  #emit(type: string, fields: Readonly<Record<string, unknown>>, audio?: { base64: string; bytes: number }): void {
    if (this.phase !== "done") this.#desk.emit(type, fields, audio)
  }

  #wire() {
    const { id, conversation, modalities, maxTokens, format, voice, metadata } = this.order
    return {
      object: "realtime.response",
      id,
      status: this.#status,
      status_details: this.#details,
      output: this.#output.map((item) => itemToWire(item)),
      conversation_id: conversation?.id ?? null,
      output_modalities: modalities,
      max_output_tokens: maxTokens,
      audio: { output: { format, voice } },
      usage: this.#usage,
      metadata
    }
  }
}
