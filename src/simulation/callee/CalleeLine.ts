/**
 * The callee's handset: a mouth (audio waiting to be spoken) and an ear (what came from the other side), moved by whoever
 * owns the line, one 20 ms tick at a time. Its clock is the number of ticks since the answer. Knows no script and no network.
 */
import { Effect } from "effect"
import { loudness, silentFrame } from "../audio/MuLaw.ts"
import { Ear, understand } from "../audio/SpokenText.ts"

/** Milliseconds and mu-law bytes of one tick. */
export const tickMs = 20
export const tickBytes = 160

const loud = 0.02
/** Quiet that ends an utterance. */
const pauseTicks = 15

/** A stretch of speech. `at` is in milliseconds since the answer. `text` is what it said, as far as it was really heard. */
export interface Utterance {
  readonly at: number
  readonly ms: number
  readonly text: string
}

interface Spoken {
  readonly audio: Uint8Array
  at: number
  offset: number
}

interface Heard {
  readonly from: number
  until: number
  text: string
}

interface Waiter {
  readonly done: () => boolean
  readonly resume: () => void
}

export class CalleeLine {
  #ticks = 0
  #mouth: Array<Spoken> = []
  readonly #spoken: Array<Spoken> = []
  readonly #ear = new Ear()
  readonly #heard: Array<Heard> = []
  /** How many utterances the callee has reacted to already. */
  #minded = 0
  #wasSilent = true
  readonly #waiters = new Set<Waiter>()
  #beeped = false
  #digits = ""
  readonly #press: (digit: string) => void

  /** `press` is told each key that the callee presses. */
  constructor(press: (digit: string) => void) {
    this.#press = press
  }

  /** Moves time by 20 ms: `heard` is what the other side sounds like (`null`: nothing), the result what the callee does. */
  tick(heard: Uint8Array | null): Uint8Array | null {
    this.#listen(heard)
    const frame = this.#speak()
    this.#ticks++
    for (const waiter of this.#waiters) {
      if (!waiter.done()) continue
      this.#waiters.delete(waiter)
      waiter.resume()
    }
    return frame
  }

  #listen(heard: Uint8Array | null): void {
    if (heard === null) {
      // a code word that was cut off must not be completed by the next sentence
      if (!this.#wasSilent) this.#ear.hear(silentFrame)
      this.#wasSilent = true
      return
    }
    this.#wasSilent = false
    const last = this.#heard.at(-1)
    const open = last !== undefined && this.#ticks - last.until <= pauseTicks
    if (loudness(heard) < loud) return this.#ear.hear(heard)
    const now = open ? last : { from: this.#ticks, until: this.#ticks, text: "" }
    if (!open) {
      if (last !== undefined) last.text += this.#ear.take()
      this.#heard.push(now)
    }
    this.#ear.hear(heard)
    now.until = this.#ticks + 1
  }

  #speak(): Uint8Array | null {
    const head = this.#mouth[0]
    if (head === undefined) return null
    if (head.offset === 0) {
      head.at = this.ms
      this.#spoken.push(head)
    }
    const piece = head.audio.subarray(head.offset, head.offset + tickBytes)
    head.offset += piece.length
    if (head.offset >= head.audio.length) this.#mouth.shift()
    if (piece.length === tickBytes) return piece
    const frame = silentFrame.slice()
    frame.set(piece)
    return frame
  }

  /** Milliseconds since the answer. */
  get ms(): number {
    return this.#ticks * tickMs
  }

  /** Puts audio into the mouth, behind what is there. */
  say(audio: Uint8Array): void {
    if (audio.length > 0) this.#mouth.push({ audio, at: 0, offset: 0 })
  }

  get speaking(): boolean {
    return this.#mouth.length > 0
  }

  /** When the callee stopped speaking, in milliseconds since the answer; 0 if it never spoke. */
  get quietSince(): number {
    const last = this.#spoken.at(-1)
    return last === undefined ? 0 : last.at + last.offset / 8
  }

  beep(audio: Uint8Array): void {
    this.say(audio)
    this.#beeped = true
  }

  /** A voicemail's tone has been played: the greeting is over. */
  get greeted(): boolean {
    return this.#beeped && !this.speaking
  }

  press(digit: string): void {
    this.#press(digit)
  }

  /** A key of the other side arrives. */
  dial(digit: string): void {
    this.#digits += digit
  }

  /** Keys that the other side pressed so far. */
  get digits(): string {
    return this.#digits
  }

  /** How long the agent has spoken since `mind`, in milliseconds. */
  get agentSpoke(): number {
    return this.#heard.slice(this.#minded).reduce((sum, { from, until }) => sum + (until - from) * tickMs, 0)
  }

  /** How long the agent has been quiet, in milliseconds; since the answer if it never spoke. */
  get agentQuiet(): number {
    return (this.#ticks - (this.#heard.at(-1)?.until ?? 0)) * tickMs
  }

  /** What the agent said since the last time; from now on it is dealt with. */
  mind(): string {
    const text = this.#since(this.#minded).map((utterance) => utterance.text)
    this.#minded = this.#heard.length
    return text.join(" ")
  }

  /** Everything the callee heard. */
  get heard(): ReadonlyArray<Utterance> {
    return this.#since(0)
  }

  #since(first: number): ReadonlyArray<Utterance> {
    const last = this.#heard.at(-1)
    return this.#heard.slice(first).map((heard) => ({
      at: heard.from * tickMs,
      ms: (heard.until - heard.from) * tickMs,
      text: heard === last ? heard.text + this.#ear.text : heard.text
    }))
  }

  /** Everything the callee said, as far as it got. */
  get said(): ReadonlyArray<Utterance> {
    return this.#spoken.map(({ at, audio, offset }) => ({
      at,
      ms: offset / 8,
      text: understand(audio.subarray(0, offset))
    }))
  }

  /** Waits, tick by tick, until something is so. */
  until(done: () => boolean): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      if (done()) return resume(Effect.void)
      const waiter: Waiter = { done, resume: () => resume(Effect.void) }
      this.#waiters.add(waiter)
      return Effect.sync(() => this.#waiters.delete(waiter))
    })
  }
}
