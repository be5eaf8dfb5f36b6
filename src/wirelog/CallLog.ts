/**
 * The wire log of one call while it runs: synchronous, bounded, in memory until somebody takes its lines away. Never fails
 * and never waits; when it is full it says so in its last line.
 */
import { type Clock, DateTime, Schema } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import type { Call } from "../domain/Call.ts"
import type { NewCall } from "../Transcripts.ts"
import { Cut, type Direction, End, Header, logVersion, type NewEntry } from "./Entry.ts"
import { frameMembers } from "./frames.ts"
import { Names } from "./Names.ts"

/** The part of `maxSize` after which audio is left out, so that the rest of the call still finds room. */
const audioShare = 0.6
/** Characters that may wait to be written: more of them means that the disk does not keep up. */
const longestWait = 8_000_000

export interface CallLogOptions {
  readonly audio: boolean
  /** Bytes, about: the length of the lines is counted. */
  readonly maxSize: number
}

const encodeHeader = Schema.encodeSync(Header)
const encodeEnd = Schema.encodeSync(End)
const encodeCut = Schema.encodeSync(Cut)

export class CallLog {
  readonly callId: string
  readonly #names: Names
  readonly #clock: Clock.Clock
  readonly #startedAt: number
  readonly #options: CallLogOptions
  readonly #filled: () => void
  readonly #connections = new Map<string, number>()
  #lines: Array<string> = []
  #waiting = 0
  #size = 0
  #requests = 0
  #over = false

  /** `filled` is called when there are lines to be taken, once until they are taken. */
  constructor(
    call: NewCall,
    config: PhoneConfigValues,
    clock: Clock.Clock,
    options: CallLogOptions,
    filled: () => void
  ) {
    this.callId = call.id
    this.#names = new Names({ callId: call.id, accountSid: config.accountSid, webhookHost: config.webhookHost })
    this.#clock = clock
    this.#startedAt = call.startedAt.getTime()
    this.#options = options
    this.#filled = filled
    const { context, from, task, to } = call
    const header = encodeHeader({
      log: "phone wire log",
      version: logVersion,
      callId: call.id,
      startedAt: DateTime.unsafeFromDate(call.startedAt),
      request: { to, from, task, ...(context === undefined ? {} : { context }) },
      config
    })
    this.#write(this.#textOf(header))
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Ids and secrets under names that are the same in every run. */
  hide(text: string, dir: Direction): string {
    return this.#names.hide(text, dir)
  }

  /** The name of a connection that is being opened: `realtime-1`, then `realtime-2`. */
  connection(kind: "realtime" | "media"): string {
    const number = (this.#connections.get(kind) ?? 0) + 1
    this.#connections.set(kind, number)
    return `${kind}-${number}`
  }

  /** The number that a request shares with its answer. */
  nextRequest(): number {
    this.#requests += 1
    return this.#requests
  }

  #now(): number {
    return this.#clock.unsafeCurrentTimeMillis() - this.#startedAt
  }

  /** Also what the owner said may hold a key; the frames hide it, and a replay must begin and end with the same words. */
  #textOf(line: object): string {
    return this.#names.hideSecrets(JSON.stringify(line))
  }

  add(entry: NewEntry): void {
    if (!this.#over) this.#write(this.#textOf({ t: this.#now(), ...entry }))
  }

  /** One text frame; 50 times a second in each direction. */
  frame(on: string, dir: Direction, text: string | null): void {
    if (this.#over) return
    const keepAudio = this.#options.audio && this.#size < this.#options.maxSize * audioShare
    const members = frameMembers(text, dir, { hide: (shown) => this.#names.hide(shown, dir), keepAudio })
    this.#write(`{"t":${this.#now()},"on":"${on}","dir":"${dir}",${members}}`)
  }

  /** The call is over: its record is the last line. */
  end(call: Call): void {
    if (this.#over) return
    this.#last(this.#textOf(encodeEnd({ t: this.#now(), end: call })))
  }

  /** Nothing more is written, and why. */
  cut(why: string): void {
    if (!this.#over) this.#last(JSON.stringify(encodeCut({ t: this.#now(), cut: why })))
  }

  /** All lines so far, which are the taker's from now on. */
  take(): ReadonlyArray<string> {
    const lines = this.#lines
    this.#lines = []
    this.#waiting = 0
    return lines
  }

  #last(line: string): void {
    this.#over = true
    this.#push(line)
  }

  #write(line: string): void {
    if (this.#size + line.length > this.#options.maxSize) return this.cut("the log has reached its maxSize")
    if (this.#waiting + line.length > longestWait) return this.cut("the disk did not keep up")
    this.#push(line)
  }

  #push(line: string): void {
    this.#size += line.length + 1
    this.#waiting += line.length + 1
    if (this.#lines.push(line) === 1) this.#filled()
  }
}
