/**
 * What an observer of the simulated server can see of one session: everything that crossed the wire, what the model heard,
 * said and remembers, and what the client did wrong. Times are milliseconds of the Effect Clock.
 */
import type { WireClose } from "../../wire/Network.ts"
import { Ear } from "../audio/SpokenText.ts"
import { Track } from "../audio/Track.ts"
import type { Remembered } from "./Mind.ts"

type ReceivedAudio = Extract<Received, { readonly _tag: "Audio" }>

/** One event from the client; appends in a row are one entry, without their audio. */
export type Received =
  | { readonly _tag: "Event"; readonly at: number; readonly type: string; readonly event: unknown }
  | {
      readonly _tag: "Audio"
      readonly at: number
      readonly until: number
      readonly appends: number
      readonly bytes: number
    }

/** One event to the client; `bytes` instead of the audio itself. */
export interface Sent {
  readonly at: number
  readonly type: string
  readonly event: Readonly<Record<string, unknown>>
  readonly bytes?: number
}

/** One thing the model said, as far as it was sent. */
export interface Said {
  readonly at: number
  readonly itemId: string
  readonly responseId: string
  readonly tag: string | undefined
  /** Not part of the conversation. */
  readonly aside: boolean
  /** The transcript that was sent. */
  readonly text: string
  /** The audio that was sent, as mu-law 8 kHz, also when it was truncated later. Empty for written text. */
  readonly audio: () => Uint8Array
}

export type ViolationKind =
  | "audio-before-configured"
  | "response-while-active"
  | "unknown-call-id"
  | "tool-answered-twice"
  | "truncate-beyond-audio"
  | "unknown-item"
  | "rejected-event"

export interface Violation {
  readonly at: number
  readonly kind: ViolationKind
  readonly detail: string
}

/** A call of a tool by the model. */
export interface ToolCall {
  readonly callId: string
  readonly name: string
  /** As it was sent; cut when `complete` is false. */
  readonly input: string
  readonly complete: boolean
  /** The outputs the client gave; more than one is a violation. */
  readonly outputs: ReadonlyArray<string>
}

export interface SessionLog {
  /** 0 for the first connection to this server. */
  readonly index: number
  readonly id: string
  readonly model: string
  readonly openedAt: number
  /** `undefined` while it is open. */
  readonly closed: (WireClose & { readonly at: number; readonly by: "client" | "server" }) | undefined
  /** The session as `session.updated` would show it now. */
  readonly session: () => Readonly<Record<string, unknown>>
  readonly received: ReadonlyArray<Received>
  readonly sent: ReadonlyArray<Sent>
  /** All audio ever appended, as mu-law 8 kHz (unchanged, if it came as that). */
  readonly input: () => Uint8Array
  /** Everything understood in it. */
  readonly heard: () => string
  /** The turns of the callee in the order of their end, with what the model understood. */
  readonly turns: ReadonlyArray<{ readonly itemId: string; readonly at: number; readonly text: string }>
  readonly said: ReadonlyArray<Said>
  readonly toolCalls: ReadonlyArray<ToolCall>
  /** The conversation as the model remembers it now. */
  readonly memory: () => ReadonlyArray<Remembered>
  readonly violations: ReadonlyArray<Violation>
}

/** The part of the log that is still being written. */
export class Journal {
  readonly received: Array<Received> = []
  readonly sent: Array<Sent> = []
  readonly turns: Array<SessionLog["turns"][number]> = []
  readonly said: Array<Said> = []
  readonly toolCalls: Array<ToolCall & { readonly outputs: Array<string> }> = []
  readonly violations: Array<Violation> = []
  readonly input = new Track()
  /** The entry of the audio that comes in now. */
  #audio: { -readonly [K in keyof ReceivedAudio]: ReceivedAudio[K] } | undefined
  closed: SessionLog["closed"]

  appended(at: number, bytes: number): void {
    if (this.#audio === undefined || this.received.at(-1) !== this.#audio) {
      this.#audio = { _tag: "Audio", at, until: at, appends: 0, bytes: 0 }
      this.received.push(this.#audio)
    }
    this.#audio.until = at
    this.#audio.appends += 1
    this.#audio.bytes += bytes
  }

  heard(): string {
    const ear = new Ear()
    ear.hear(this.input.slice())
    return ear.text
  }
}
