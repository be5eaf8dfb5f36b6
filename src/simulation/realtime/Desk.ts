/**
 * What the parts of a session share: the socket, clock, timers, ids and the journal. Everything runs in one `turn` at a
 * time, also when a peer answers before `send` has returned.
 */
import type { Clock } from "effect"
import type { PCGRandom } from "effect/Utils"
import type { Cancel, Timers } from "../../Timers.ts"
import type { WireSocket } from "../../wire/Network.ts"
import type { Faults, SessionNews, Timing } from "./Faults.ts"
import type { Journal, ViolationKind } from "./Journal.ts"
import type { Problem } from "./Protocol.ts"

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

export interface DeskOptions {
  readonly socket: WireSocket
  readonly journal: Journal
  readonly timing: Timing
  readonly faults: Faults
  readonly clock: Clock.Clock
  readonly random: PCGRandom
  readonly timers: Timers
  /** The session is over, by a defect if one is given. */
  readonly end: (defect?: unknown) => void
}

export class Desk {
  readonly journal: Journal
  readonly timing: Timing
  readonly faults: Faults
  readonly #options: DeskOptions
  readonly #waiting: Array<() => void> = []
  #busy = false
  #over = false
  #frozen = false

  constructor(options: DeskOptions) {
    this.#options = options
    this.journal = options.journal
    this.timing = options.timing
    this.faults = options.faults
  }

  now(): number {
    return this.#options.clock.unsafeCurrentTimeMillis()
  }

  /** Does `work` now, or right after what is being done. A defect in it ends the session. */
  turn(work: () => void): void {
    this.#waiting.push(work)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined && !this.#over; next = this.#waiting.shift()) next()
    } catch (defect) {
      this.#over = true
      this.#options.end(defect)
    } finally {
      this.#busy = false
    }
  }

  after(ms: number, work: () => void): Cancel {
    return this.#options.timers.after(Math.max(0, Math.round(ms)), () => this.turn(work))
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return max <= min ? min : min + this.#options.random.integer(max - min + 1)
  }

  letters(count: number): string {
    let text = ""
    while (text.length < count) text += letters[this.#options.random.integer(letters.length)]
    return text
  }

  id(prefix: "event" | "item" | "resp" | "call" | "sess" | "conv"): string {
    return `${prefix}_${this.letters(21)}`
  }

  /** Sends one event. Audio is logged by its length only. */
  emit(
    type: string,
    fields: Readonly<Record<string, unknown>>,
    audio?: { readonly base64: string; readonly bytes: number }
  ): void {
    if (this.#over || this.#frozen) return
    const event = { type, event_id: this.id("event"), ...fields }
    const text = JSON.stringify(event)
    // base64 needs no escaping
    const sent = audio === undefined ? text : `${text.slice(0, -1)},"delta":"${audio.base64}"}`
    if (!this.#options.socket.send(sent)) return
    this.journal.sent.push({ at: this.now(), type, event, ...(audio && { bytes: audio.bytes }) })
  }

  /** Tells the client what is wrong with its event; the session lives on. */
  refuse(problem: Problem, eventId: string | null, kind?: ViolationKind): void {
    const { type = "invalid_request_error", code, message, param = null } = problem
    if (kind !== undefined) this.violate(kind, message)
    this.emit("error", { error: { type, code, message, param, event_id: eventId } })
  }

  violate(kind: ViolationKind, detail: string): void {
    this.journal.violations.push({ at: this.now(), kind, detail })
  }

  /** A session that is over, or has fallen silent, has nothing more to tell. */
  tell(news: SessionNews): void {
    if (!this.#over && !this.#frozen) this.faults.tell?.(news)
  }

  /** Nothing more is sent or taken in. */
  freeze(): void {
    this.#frozen = true
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** Ends the session from this side; without a code the connection is cut. */
  close(code?: number, reason = ""): void {
    if (this.#over) return
    this.#over = true
    this.faults.tell?.("closed")
    this.journal.closed = { at: this.now(), by: "server", code: code ?? 1006, reason }
    if (code === undefined) this.#options.socket.terminate()
    else this.#options.socket.close(code, reason)
    this.#options.end()
  }

  /** The client has gone. */
  closed(code: number, reason: string): void {
    if (!this.#over) {
      this.journal.closed = { at: this.now(), by: "client", code, reason }
      this.faults.tell?.("closed")
    }
    this.#over = true
    this.#options.end()
  }
}
