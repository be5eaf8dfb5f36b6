/** One simulated Realtime session: reads the client's events and hands them to the part that answers them. */
import { type Clock, Either } from "effect"
import type { PCGRandom } from "effect/Utils"
import type { Timers } from "../../Timers.ts"
import type { WireSocket } from "../../wire/Network.ts"
import type { Rejection } from "./Admission.ts"
import { fromBase64, readAppend } from "./Codec.ts"
import { Conversation, toRemembered } from "./Conversation.ts"
import { Desk, type DeskOptions } from "./Desk.ts"
import { type Faults, millis, type Timing, type UnansweredTurn } from "./Faults.ts"
import { Hearing } from "./Hearing.ts"
import { Items } from "./Items.ts"
import { Journal, type SessionLog } from "./Journal.ts"
import type { Mind } from "./Mind.ts"
import { clientEventTypes, decodeClientEvent } from "./Protocol.ts"
import { Responses } from "./Responses.ts"
import { defaultSettings, type Settings, updateSettings } from "./Settings.ts"

export interface SessionOptions {
  readonly index: number
  readonly model: string
  readonly rejection: Rejection | undefined
  readonly mind: Mind
  readonly timing: Timing
  readonly faults: Faults
  readonly unansweredTurn: UnansweredTurn
  readonly unintelligible: string
  readonly socket: WireSocket
  readonly clock: Clock.Clock
  readonly random: PCGRandom
  readonly timers: Timers
  readonly end: DeskOptions["end"]
}

/** The most audio one append may hold (facts 2.5), as base64. */
const largestAppend = (15 * 1024 * 1024 * 4) / 3

const expiry = "Your session hit the maximum duration of 60 minutes."

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export class Session {
  readonly log: SessionLog
  readonly #options: SessionOptions
  readonly #journal = new Journal()
  readonly #desk: Desk
  readonly #conversation = new Conversation()
  readonly #responses: Responses
  readonly #hearing: Hearing
  readonly #items: Items
  readonly #id: string
  readonly #expiresAt: number
  #settings: Settings = defaultSettings
  #configured = false

  constructor(options: SessionOptions) {
    const { clock, end, faults, index, mind, model, random, socket, timers, timing } = options
    this.#options = options
    this.#desk = new Desk({ socket, journal: this.#journal, timing, faults, clock, random, timers, end })
    const settings = () => this.#settings
    this.#responses = new Responses({
      desk: this.#desk,
      conversation: this.#conversation,
      conversationId: this.#desk.id("conv"),
      mind,
      settings,
      unansweredTurn: options.unansweredTurn,
      ended: (audioMs) => this.#hearing.responded(audioMs)
    })
    this.#hearing = new Hearing(this.#desk, this.#conversation, this.#responses, settings, options.unintelligible)
    this.#items = new Items(this.#desk, this.#conversation, settings)
    this.#id = this.#desk.id("sess")
    const openedAt = this.#desk.now()
    this.#expiresAt = Math.floor((openedAt + this.#limit()) / 1_000)
    const journal = this.#journal
    this.log = {
      index,
      id: this.#id,
      model,
      openedAt,
      get closed() {
        return journal.closed
      },
      session: () => this.#echo(),
      received: journal.received,
      sent: journal.sent,
      input: () => journal.input.slice(),
      heard: () => journal.heard(),
      turns: journal.turns,
      said: journal.said,
      toolCalls: journal.toolCalls,
      memory: () => this.#conversation.items.map(toRemembered),
      violations: journal.violations
    }
  }

  /** Begins to listen and to speak. */
  open(): void {
    const { faults, rejection, socket, timing } = this.#options
    socket.listen({
      message: (text) => this.#desk.turn(() => this.#message(text)),
      close: ({ code, reason }) => this.#desk.closed(code, reason)
    })
    const desk = this.#desk
    if (rejection !== undefined) {
      const { close, code, message, type } = rejection
      desk.after(millis(timing.sessionCreated), () => {
        desk.refuse({ type, code, message }, null)
        desk.close(close, code === null ? type : `${type}.${code}`)
      })
      return
    }
    desk.after(millis(timing.sessionCreated), () => {
      desk.tell("opened")
      desk.emit("session.created", { session: this.#echo() })
    })
    desk.after(this.#limit(), () => {
      desk.tell("expired")
      if (faults.closeOnlyAtLimit !== true) desk.refuse({ code: "session_expired", message: expiry }, null)
      desk.close(1001, expiry)
    })
    if (faults.dropAfter !== undefined) desk.after(millis(faults.dropAfter), () => desk.close())
    if (faults.freezeAfter !== undefined) desk.after(millis(faults.freezeAfter), () => desk.freeze())
  }

  #limit(): number {
    return millis(this.#options.faults.sessionLimit ?? "60 minutes")
  }

  #echo() {
    const { model } = this.#options
    const identity = { type: "realtime", object: "realtime.session", id: this.#id, model }
    return { ...identity, expires_at: this.#expiresAt, ...this.#settings }
  }

  #message(text: string | null): void {
    const desk = this.#desk
    if (desk.frozen || this.#options.rejection !== undefined) return
    if (text === null) {
      const message = "Expected a text WebSocket message; binary frames are not supported."
      return desk.refuse({ code: "invalid_event", message }, null, "rejected-event")
    }
    const audio = readAppend(text)
    if (audio !== undefined) return this.#append(audio)
    const event = parse(text)
    if (event === undefined) {
      return desk.refuse({ code: "invalid_json", message: "The event is not valid JSON." }, null, "rejected-event")
    }
    const type = isRecord(event) ? event.type : undefined
    const given = isRecord(event) ? event.event_id : undefined
    const eventId = typeof given === "string" ? given : null
    if (isRecord(event) && type === "input_audio_buffer.append") return this.#appendGiven(event.audio, eventId)
    const name = typeof type === "string" ? type : ""
    this.#journal.received.push({ _tag: "Event", at: desk.now(), type: name, event })
    if (!clientEventTypes.includes(name)) {
      const message = `Invalid value: '${name}'. Supported values are: ${clientEventTypes.map((known) => `'${known}'`).join(", ")}.`
      return desk.refuse({ code: "invalid_event", message, param: "type" }, eventId, "rejected-event")
    }
    if (name === "output_audio_buffer.clear") {
      const message = "output_audio_buffer.clear is only available over WebRTC and SIP."
      return desk.refuse({ code: "invalid_event", message, param: "type" }, eventId, "rejected-event")
    }
    this.#dispatch(event, eventId)
  }

  #appendGiven(audio: unknown, eventId: string | null): void {
    if (typeof audio !== "string") {
      const problem = {
        code: "missing_required_parameter",
        message: "Missing required parameter: 'audio'.",
        param: "audio"
      }
      return this.#desk.refuse(problem, eventId, "rejected-event")
    }
    const bytes = audio.length <= largestAppend ? fromBase64(audio) : undefined
    if (bytes === undefined) {
      const message = "Invalid 'audio'. Expected base64-encoded audio bytes, at most 15 MiB."
      return this.#desk.refuse({ code: "invalid_value", message, param: "audio" }, eventId, "rejected-event")
    }
    this.#append(bytes)
  }

  /** The hot path: 50 times a second (facts/effect.md 3.4). */
  #append(bytes: Uint8Array): void {
    if (!this.#configured) {
      const told = this.#journal.violations.some(({ kind }) => kind === "audio-before-configured")
      if (!told) this.#desk.violate("audio-before-configured", "Audio was appended before session.updated.")
    }
    this.#hearing.append(bytes)
  }

  #dispatch(value: unknown, eventId: string | null): void {
    const decoded = decodeClientEvent(value)
    if (Either.isLeft(decoded)) return this.#desk.refuse(decoded.left, eventId, "rejected-event")
    const event = decoded.right
    switch (event.type) {
      case "session.update": {
        const updated = updateSettings(this.#settings, event.session, {
          model: this.#options.model,
          spoke: this.#responses.spoke,
          refusedTranscription: this.#options.faults.refusedTranscriptionModels ?? []
        })
        if (Either.isLeft(updated)) return this.#desk.refuse(updated.left, eventId, "rejected-event")
        this.#settings = updated.right
        this.#configured = true
        this.#hearing.configured()
        return this.#desk.emit("session.updated", { session: this.#echo() })
      }
      case "input_audio_buffer.commit":
        return this.#hearing.commit(eventId)
      case "input_audio_buffer.clear":
        return this.#hearing.clear()
      case "conversation.item.create":
        return this.#items.create(event, eventId)
      case "conversation.item.retrieve":
        return this.#items.retrieve(event, eventId)
      case "conversation.item.truncate":
        return this.#items.truncate(event, eventId)
      case "conversation.item.delete":
        return this.#items.delete(event, eventId)
      case "response.create":
        return this.#responses.create(event.response ?? {}, eventId)
      case "response.cancel":
        return this.#responses.cancel(event.response_id, eventId)
    }
  }
}
