/** The input side of a session: the audio buffer, turns found in it or committed by hand, and their transcription. */
import type { Cancel } from "../../Timers.ts"
import { understand } from "../audio/SpokenText.ts"
import { Track } from "../audio/Track.ts"
import { Activity, type Edge, hasVoice } from "./Activity.ts"
import { makeInput } from "./Codec.ts"
import { type Conversation, type Item, itemToWire, type Part } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import { millis } from "./Faults.ts"
import type { Responses } from "./Responses.ts"
import type { Settings } from "./Settings.ts"
import { textTokens } from "./Usage.ts"

const leastCommitMs = 100

type HeardPart = Extract<Part, { readonly type: "input_audio" }>

export class Hearing {
  readonly #desk: Desk
  readonly #conversation: Conversation
  readonly #responses: Responses
  readonly #settings: () => Settings
  /** What a voice that carries no text is taken for; empty: for noise. */
  readonly #unintelligible: string
  readonly #activity = new Activity()
  #decode = makeInput({ type: "audio/pcm" })
  #format = "audio/pcm"
  /** Where the buffer begins: everything before was committed or cleared. In bytes of all audio ever. */
  #from = 0
  /** The turn that is being spoken. */
  #speech: { readonly itemId: string; readonly from: number } | undefined
  #idle: Cancel = () => {}

  constructor(
    desk: Desk,
    conversation: Conversation,
    responses: Responses,
    settings: () => Settings,
    unintelligible: string
  ) {
    this.#desk = desk
    this.#conversation = conversation
    this.#responses = responses
    this.#settings = settings
    this.#unintelligible = unintelligible
    this.configured()
  }

  /** The settings have changed. */
  configured(): void {
    const { format, turn_detection } = this.#settings().audio.input
    if (format.type !== this.#format) {
      this.#format = format.type
      this.#decode = makeInput(format)
    }
    if (turn_detection !== null) this.#activity.configure(turn_detection)
    else {
      this.#activity.reset()
      this.#speech = undefined
    }
    if (turn_detection?.type !== "server_vad" || turn_detection.idle_timeout_ms === null) this.#idle()
  }

  /** Audio in the format of the settings. */
  append(bytes: Uint8Array): void {
    const audio = this.#decode(bytes)
    this.#desk.journal.appended(this.#desk.now(), bytes.length)
    this.#desk.journal.input.append(audio)
    this.#activity.hear(audio, this.#edge)
  }

  commit(eventId: string | null): void {
    const ms = (this.#desk.journal.input.length - this.#from) / 8
    if (ms < leastCommitMs) {
      const message = `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${ms.toFixed(2)}ms of audio.`
      return this.#desk.refuse({ code: "input_audio_buffer_commit_empty", message }, eventId, "rejected-event")
    }
    const itemId = this.#speech?.itemId ?? this.#desk.id("item")
    this.#activity.reset()
    this.#commit(itemId, this.#from)
  }

  clear(): void {
    this.#from = this.#desk.journal.input.length
    this.#speech = undefined
    this.#activity.reset()
    this.#desk.emit("input_audio_buffer.cleared", {})
  }

  /** A response of the conversation has ended: silence is counted from the end of its playing (facts 2.4). */
  responded(audioMs: number): void {
    const detection = this.#settings().audio.input.turn_detection
    this.#idle()
    if (detection?.type !== "server_vad" || detection.idle_timeout_ms === null || this.#speech !== undefined) return
    const from = this.#desk.journal.input.length
    this.#idle = this.#desk.after(audioMs + detection.idle_timeout_ms, () => {
      this.#idle = () => {}
      if (this.#speech !== undefined || this.#responses.active) return
      const itemId = this.#desk.id("item")
      const { input } = this.#desk.journal
      this.#desk.emit("input_audio_buffer.timeout_triggered", {
        audio_start_ms: Math.floor(from / 8),
        audio_end_ms: input.ms,
        item_id: itemId
      })
      this.#commit(itemId, from)
      this.#responses.reply()
    })
  }

  readonly #edge = (edge: Edge): void => {
    const detection = this.#settings().audio.input.turn_detection
    if (detection === null) return
    if (edge._tag === "Started") {
      const padding = detection.type === "server_vad" ? detection.prefix_padding_ms : 300
      const from = Math.max(this.#from, (edge.atMs - padding) * 8, 0)
      this.#speech = { itemId: this.#desk.id("item"), from }
      this.#idle()
      const audio_start_ms = Math.floor(from / 8)
      this.#desk.emit("input_audio_buffer.speech_started", { audio_start_ms, item_id: this.#speech.itemId })
      if (detection.interrupt_response) this.#responses.interrupt()
    } else if (this.#speech !== undefined) {
      const { itemId, from } = this.#speech
      this.#desk.emit("input_audio_buffer.speech_stopped", { audio_end_ms: edge.atMs, item_id: itemId })
      this.#commit(itemId, from)
      if (detection.create_response) this.#responses.reply()
    }
  }

  /** What was appended since `from` becomes the callee's turn. Never starts a response by itself. */
  #commit(itemId: string, from: number): void {
    const { input, turns } = this.#desk.journal
    const audio = input.slice(from)
    const understood = understand(audio)
    const heard = understood === "" && hasVoice(audio) ? this.#unintelligible : understood
    this.#from = input.length
    this.#speech = undefined
    const part: HeardPart = { type: "input_audio", transcript: null, heard, audio: Track.of(audio) }
    const item: Item = { type: "message", id: itemId, role: "user", status: "completed", content: [part] }
    this.#conversation.insert(item)
    turns.push({ itemId, at: this.#desk.now(), text: heard })
    const previous_item_id = this.#conversation.before(itemId)
    this.#desk.emit("input_audio_buffer.committed", { previous_item_id, item_id: itemId })
    this.#desk.emit("conversation.item.added", { previous_item_id, item: itemToWire(item) })
    this.#desk.emit("conversation.item.done", { previous_item_id, item: itemToWire(item) })
    this.#transcribe(itemId, part, turns.length)
  }

  #transcribe(itemId: string, part: HeardPart, turn: number): void {
    const { faults, timing } = this.#desk
    const scribe = this.#settings().audio.input.transcription
    const fault = typeof faults.transcription === "object" ? faults.transcription[turn] : faults.transcription
    if (scribe === null) return
    const at = { item_id: itemId, content_index: 0 }
    const event = "conversation.item.input_audio_transcription"
    const delay = this.#desk.between(millis(timing.transcription), millis(timing.latestTranscription))
    this.#desk.after(delay, () => {
      // where nothing was understood, nothing is what is written down anyway
      if (fault !== undefined && !(fault === "empty" && part.heard === "")) this.#desk.tell({ transcription: turn })
      if (fault === "missing") return
      if (fault === "failed") {
        const error = {
          type: "server_error",
          code: "transcription_failed",
          message: "Input transcription failed.",
          param: null
        }
        this.#desk.emit(`${event}.failed`, { ...at, error })
        return
      }
      const transcript = fault === "empty" ? "" : part.heard
      part.transcript = transcript
      const deltas = scribe.model === "whisper-1" ? [transcript] : (transcript.match(/\s*\S+/g) ?? [])
      for (const delta of deltas) {
        this.#desk.emit(`${event}.delta`, { ...at, delta, logprobs: null, obfuscation: this.#desk.letters(8) })
      }
      this.#desk.emit(`${event}.completed`, {
        ...at,
        transcript,
        logprobs: null,
        usage: usageOf(scribe.model, part),
        ...(scribe.model === "gpt-transcribe" && { languages: [{ code: scribe.language ?? "en" }] })
      })
    })
  }
}

/** The gpt-4o transcribers bill tokens, the others time (facts 2.3). */
const usageOf = (model: string | undefined, { audio, transcript }: HeardPart) => {
  if (model?.startsWith("gpt-4o") !== true) return { type: "duration", seconds: Math.ceil(audio.ms / 1_000) }
  const input = Math.ceil(audio.ms / 100)
  const output = textTokens(transcript ?? "")
  return {
    type: "tokens",
    total_tokens: input + output,
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output
  }
}
