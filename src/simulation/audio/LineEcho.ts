/** The echo of a line: what one side says, given back to it later and quieter, until it has been learnt away. */
import { decodeSample, encodeSample, loudness, silenceByte } from "./MuLaw.ts"

const tickMs = 20
const loud = 0.02

/** A quieter mu-law byte for each. What carries the words of spoken text is not touched: quieter speech has the same words. */
const quieter = (decibels: number): Uint8Array => {
  const gain = 10 ** (-decibels / 20)
  const carriesWords = (byte: number) => byte >= 0x10 && byte < 0x20
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte === silenceByte || carriesWords(byte) || [0x01, 0x21, 0x02, 0x22].includes(byte)
      ? byte
      : encodeSample(Math.round(decodeSample(byte) * gain))
  )
}

export class LineEcho {
  readonly #table: Uint8Array
  readonly #delay: number
  readonly #ticks: number
  /** Frames under way, the oldest first. */
  readonly #way: Array<Uint8Array | null> = []
  /** Since the first sound. */
  #age = 0

  /** Seconds, decibels, seconds. */
  constructor({ attenuation, delay, for: seconds }: { readonly [K in "attenuation" | "delay" | "for"]: number }) {
    this.#table = quieter(attenuation)
    this.#delay = Math.max(1, Math.round((delay * 1000) / tickMs))
    this.#ticks = Math.round((seconds * 1000) / tickMs)
  }

  /** Once per tick: what is said now, and what comes back of what was said before. */
  pass(frame: Uint8Array | null): Uint8Array | null {
    if (this.#age > 0 || (frame !== null && loudness(frame) >= loud)) this.#age++
    const lasts = frame !== null && this.#age > 0 && this.#age <= this.#ticks
    this.#way.push(lasts ? frame.map((byte) => this.#table[byte] ?? byte) : null)
    return this.#way.length > this.#delay ? (this.#way.shift() ?? null) : null
  }
}
