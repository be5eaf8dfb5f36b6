/**
 * Speech of the simulators: text carried in mu-law audio itself, so that what either side heard can be compared with what
 * was said, word for word, after any re-cutting, gap or clear. Each UTF-8 byte takes 60 ms (about 200 words a minute): a
 * loud block that begins with a mark and the byte's two halves. A byte counts as heard when the first 1 ms of its block was.
 */
import { silenceByte } from "./MuLaw.ts"

/** Bytes of audio for one byte of text: 60 ms. */
const blockBytes = 480
/** All values below 0x30 are loud in mu-law, so a voice activity detector takes the whole block for speech. */
const mark = [0x01, 0x21, 0x02, 0x22] as const
const half = 0x10
const filler = 0x0f
const headBytes = mark.length + 3

/** How long `text` takes to say, in milliseconds. */
export const spokenMs = (text: string): number => (new TextEncoder().encode(text).length * blockBytes) / 8

/** `text` as mu-law 8 kHz audio. */
export const speak = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  const audio = new Uint8Array(bytes.length * blockBytes).fill(filler)
  bytes.forEach((byte, index) => {
    const high = byte >> 4
    const low = byte & 0x0f
    audio.set([...mark, half + high, half + low, half + (high ^ low)], index * blockBytes)
  })
  return audio
}

/** `ms` of silence. */
export const silence = (ms: number): Uint8Array => new Uint8Array(Math.round(ms) * 8).fill(silenceByte)

/** Understands spoken text as it comes in, in pieces of any size. Anything else (real voices, noise) is heard as nothing. */
export class Ear {
  /** The code word that is being heard, as far as it got. */
  readonly #head = new Uint8Array(headBytes)
  #length = 0
  #bytes: Array<number> = []

  hear(audio: Uint8Array): void {
    for (let at = 0; at < audio.length; at++) {
      if (this.#length === 0) {
        // most audio is filler or silence
        at = audio.indexOf(mark[0], at)
        if (at < 0) return
      }
      const value = audio[at] ?? silenceByte
      const isBroken = this.#length < mark.length ? value !== mark[this.#length] : value === mark[0]
      if (isBroken) {
        // a mark may begin right where another one, or what follows it, broke off
        this.#length = value === mark[0] ? 1 : 0
        continue
      }
      this.#head[this.#length++] = value
      if (this.#length === headBytes) this.#understand()
    }
  }

  #understand(): void {
    const [high = 0, low = 0, check = 0] = this.#head.subarray(mark.length).map((code) => code - half)
    if (high < 16 && low < 16 && check === (high ^ low)) this.#bytes.push(high * 16 + low)
    this.#length = 0
  }

  /** All text heard since the last `take`. */
  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.#bytes))
  }

  /** The text heard since the last `take`, which is forgotten. */
  take(): string {
    const text = this.text
    this.#bytes = []
    return text
  }
}

/** All text in a piece of audio. */
export const understand = (audio: Uint8Array): string => {
  const ear = new Ear()
  ear.hear(audio)
  return ear.text
}
