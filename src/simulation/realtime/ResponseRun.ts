/**
 * One response, from `response.created` to `response.done`, in the order of facts 4.3 to 4.6. It is a generator that
 * yields how many milliseconds to wait; `Responses.ts` decides which responses run, `OutputItems.ts` how items look.
 */
import { type Conversation, type Item, itemToWire } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import { millis, type ResponseFault } from "./Faults.ts"
import type { Plan } from "./Mind.ts"
import { type OpenItem, type Output, openCall, openMessage } from "./OutputItems.ts"
import { piecesOf } from "./Pieces.ts"
import type { AudioFormat, MaxTokens, Modalities, Voice } from "./Protocol.ts"
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
  /** Of the session's responses, from 1. */
  readonly nth: number
  readonly fault: ResponseFault | undefined
  /** What the model read for it, and what it had read for the one before. */
  readonly input: Tokens
  readonly inputBefore: Tokens
}

export type ResponseStatus = "completed" | "cancelled" | "incomplete" | "failed"
type Details = Readonly<Record<string, unknown>> | null

/** Characters of arguments per delta: 170 came as 52 (facts 4.4). */
const argumentLength = 3

export class ResponseRun {
  readonly order: ResponseOrder
  /** Milliseconds of audio sent. */
  audioMs = 0
  readonly #desk: Desk
  readonly #ended: (run: ResponseRun) => void
  readonly #items: Array<Item> = []
  readonly #output: Output
  #phase: "pending" | "active" | "done" = "pending"
  #open: OpenItem | undefined
  #status: ResponseStatus | "in_progress" = "in_progress"
  #details: Details = null
  #usage: Readonly<Record<string, unknown>> | null = null
  /** How long the audio sent last keeps what follows waiting. */
  #debt = 0
  #reachedMiddle = false

  constructor(desk: Desk, order: ResponseOrder, ended: (run: ResponseRun) => void) {
    this.#desk = desk
    this.order = order
    this.#ended = ended
    this.#output = {
      desk,
      responseId: order.id,
      tag: order.tag,
      aside: order.conversation === null,
      format: order.format,
      emit: (type, fields, audio) => {
        if (!this.done) desk.emit(type, fields, audio)
      },
      add: (item) => this.#add(item),
      done: (item, index) => this.#itemDone(item, index)
    }
  }

  /** Announced, and not over: only such a response can be cancelled by the client. */
  get active(): boolean {
    return this.#phase === "active"
  }

  get done(): boolean {
    return this.#phase === "done"
  }

  /** From being asked for to the end. */
  *perform(): Generator<number> {
    const { timing } = this.#desk
    const { fault, modalities, plan } = this.order
    yield millis(timing.responseCreated)
    this.#announce()
    yield Math.max(0, millis(timing.firstOutput) - millis(timing.responseCreated))
    if (fault?._tag === "Slow") {
      this.#tellFault()
      yield millis(fault.by)
    }
    if (fault?._tag === "Fail") {
      this.#tellFault()
      const message = fault.message ?? `The model failed to respond: ${fault.code}.`
      const type = fault.code === "server_error" ? "server_error" : "invalid_request_error"
      return this.finish("failed", { type: "failed", error: { type, code: fault.code, message } })
    }
    for (const part of plan) {
      yield* this.#payDebt()
      if (this.done) return
      if ("call" in part) yield* this.#call(part.call, part.input)
      else if (modalities[0] === "text") this.#write("say" in part ? part.say : part.write)
      else yield* this.#speak("say" in part ? part.say : part.write)
      if (this.done) return
      this.#open?.close(true)
      this.#open = undefined
    }
    this.finish("completed", null)
  }

  /** Closes what is open with what was sent of it, and the response. Does nothing the second time. */
  finish(status: ResponseStatus, details: Details): void {
    if (this.done) return
    this.#announce()
    this.#open?.close(false)
    this.#open = undefined
    this.#phase = "done"
    this.#status = status
    this.#details = details
    if (status !== "failed") this.#usage = usageOf(this.order.input, this.order.inputBefore, this.#tokens())
    this.#desk.emit("response.done", { response: this.#wire() })
    this.#ended(this)
  }

  #announce(): void {
    if (this.#phase !== "pending") return
    this.#phase = "active"
    this.#desk.emit("response.created", { response: this.#wire() })
  }

  *#speak(text: string): Generator<number> {
    const { fault } = this.order
    const { pace, longestPiece, shortestPiece } = this.#desk.timing
    const message = openMessage(this.#output, true)
    this.#open = message
    const cut = {
      length: () => this.#desk.between(millis(shortestPiece) * 8, millis(longestPiece) * 8),
      lost: fault?._tag === "LoseTail" ? millis(fault.length) * 8 : 0
    }
    for (const { audio, delta } of piecesOf(text, cut)) {
      yield* this.#payDebt()
      if (this.done) return
      if (delta !== "") message.words(delta)
      if (audio.length > 0) message.sound(audio)
      this.audioMs += audio.length / 8
      this.#debt = audio.length / 8 / pace
      if (this.#spent()) return
    }
    if (fault?._tag === "LoseTail") this.#tellFault()
  }

  #write(text: string): void {
    const message = openMessage(this.#output, false)
    this.#open = message
    for (const [delta] of text.matchAll(/\S+\s*|\s+/g)) {
      message.words(delta)
      if (this.#spent()) return
    }
  }

  *#call(name: string, input: Readonly<Record<string, unknown>> | string): Generator<number> {
    const text = typeof input === "string" ? input : JSON.stringify(input)
    const call = openCall(this.#output, name)
    this.#open = call
    for (let from = 0; from < text.length; from += argumentLength) {
      yield millis(this.#desk.timing.argument)
      if (this.done) return
      call.input(text.slice(from, from + argumentLength))
      if (this.#spent()) return
    }
  }

  *#payDebt(): Generator<number> {
    if (this.#debt > 0) yield this.#debt
    this.#debt = 0
  }

  #add(item: Item): number {
    const index = this.#items.push(item) - 1
    const { emit } = this.#output
    emit("response.output_item.added", { response_id: this.order.id, output_index: index, item: itemToWire(item) })
    const { conversation } = this.order
    if (conversation !== null) {
      conversation.items.insert(item)
      const previous_item_id = conversation.items.before(item.id)
      emit("conversation.item.added", { previous_item_id, item: itemToWire(item) })
    }
    return index
  }

  #itemDone(item: Item, index: number): void {
    const wire = itemToWire(item)
    const { emit } = this.#output
    const { conversation } = this.order
    if (conversation !== null) {
      emit("conversation.item.done", { previous_item_id: conversation.items.before(item.id), item: wire })
    }
    emit("response.output_item.done", { response_id: this.order.id, output_index: index, item: wire })
  }

  /** After each delta: the middle of the response is reached, and its budget may be spent. `true` when it is over. */
  #spent(): boolean {
    if (!this.#reachedMiddle) {
      this.#reachedMiddle = true
      this.#middle()
    }
    const { text, audio } = this.#tokens()
    if (this.order.maxTokens !== "inf" && text + audio > this.order.maxTokens) {
      this.finish("incomplete", { type: "incomplete", reason: "max_output_tokens" })
    }
    return this.done
  }

  #middle(): void {
    switch (this.order.fault?._tag) {
      case "Drop":
        this.#tellFault()
        return this.#desk.close()
      case "Freeze":
        this.#tellFault()
        return this.#desk.freeze()
      case "Noise":
        this.#tellFault()
        this.#desk.emit("response.weather.updated", { response_id: this.order.id, mood: "sunny" })
        return this.#desk.refuse({ type: "server_error", code: "server_error", message: "A hiccup, not fatal." }, null)
      case "ContentFilter":
        this.#tellFault()
        return this.finish("incomplete", { type: "incomplete", reason: "content_filter" })
    }
  }

  /** Its fault takes effect. */
  #tellFault(): void {
    this.#desk.tell({ response: this.order.nth })
  }

  #tokens(): Tokens {
    const text = this.#items.reduce((sum, item) => sum + tokensOf(item).text, 0)
    return { text, audio: Math.ceil(this.audioMs / 50) }
  }

  #wire() {
    const { id, conversation, modalities, maxTokens, format, voice, metadata } = this.order
    return {
      object: "realtime.response",
      id,
      status: this.#status,
      status_details: this.#details,
      output: this.#items.map((item) => itemToWire(item)),
      conversation_id: conversation?.id ?? null,
      output_modalities: modalities,
      max_output_tokens: maxTokens,
      audio: { output: { format, voice } },
      usage: this.#usage,
      metadata
    }
  }
}
