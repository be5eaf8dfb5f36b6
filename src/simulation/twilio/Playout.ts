/**
 * What waits to be played to the callee on one media stream: audio in order with marks between, drained 20 ms at a time.
 * Plain data and synchronous functions; knows no socket.
 */
import { silentFrame } from "../audio/MuLaw.ts"
import { tickBytes } from "../callee/CalleeLine.ts"

/** Twilio keeps ten minutes; what goes beyond is thrown away with warning 31931 (facts/twilio.md 7.3). */
const capBytes = 10 * 60 * 8000

type Item = { readonly _tag: "Audio"; readonly audio: Uint8Array } | { readonly _tag: "Mark"; readonly name: string }

export class Playout {
  #items: Array<Item> = []
  /** First item not yet played through, and how much of it was. */
  #at = 0
  #offset = 0
  #bytes = 0
  /** Marks whose audio is in the frame that is playing now. */
  #due: Array<string> = []

  /** Milliseconds of audio not yet played. */
  get bufferedMs(): number {
    return this.#bytes / 8
  }

  /** `false`: the buffer is full, the audio is thrown away. */
  play(audio: Uint8Array): boolean {
    if (this.#bytes + audio.length > capBytes) return false
    if (audio.length > 0) this.#items.push({ _tag: "Audio", audio })
    this.#bytes += audio.length
    return true
  }

  /** `true`: nothing is before it, so it is due at once and not kept. */
  mark(name: string): boolean {
    if (this.#at === this.#items.length && this.#due.length === 0) return true
    this.#items.push({ _tag: "Mark", name })
    return false
  }

  /** Throws everything away; returns the names of all marks that were waiting, in order. */
  clear(): ReadonlyArray<string> {
    const names = this.#due
    for (const item of this.#items.slice(this.#at)) if (item._tag === "Mark") names.push(item.name)
    this.#items = []
    this.#at = 0
    this.#offset = 0
    this.#bytes = 0
    this.#due = []
    return names
  }

  /** Marks whose audio has been played by now. Asked before each frame. */
  played(): ReadonlyArray<string> {
    this.#passMarks()
    if (this.#due.length === 0) return this.#due
    const due = this.#due
    this.#due = []
    return due
  }

  #passMarks(): void {
    for (let item = this.#items[this.#at]; item?._tag === "Mark"; item = this.#items[++this.#at])
      this.#due.push(item.name)
    if (this.#at === this.#items.length && this.#at > 0) {
      this.#items = []
      this.#at = 0
    }
  }

  /** The next 20 ms, filled up with silence when there is less; `null` when there is nothing. */
  next(): Uint8Array | null {
    if (this.#bytes === 0) return null
    let frame: Uint8Array | undefined
    for (let filled = 0; filled < tickBytes && this.#at < this.#items.length; ) {
      const item = this.#items[this.#at]
      if (item?._tag !== "Audio") {
        this.#passMarks()
        continue
      }
      const piece = item.audio.subarray(this.#offset, this.#offset + tickBytes - filled)
      this.#offset += piece.length
      this.#bytes -= piece.length
      if (this.#offset === item.audio.length) {
        this.#offset = 0
        this.#at++
      }
      if (piece.length === tickBytes) return piece
      frame ??= silentFrame.slice()
      frame.set(piece, filled)
      filled += piece.length
    }
    return frame ?? null
  }
}
