/**
 * Mu-law audio that only grows, cut by byte offsets (8 bytes are one millisecond). It is kept in blocks, so that what is
 * there is never copied to make room.
 */

const smallest = 8_192
const largest = 1 << 19

export class Track {
  readonly #full: Array<Uint8Array> = []
  /** Bytes in full blocks. */
  #before = 0
  #block = new Uint8Array(smallest)
  /** Bytes in the last block. */
  #filled = 0

  static of(audio: Uint8Array): Track {
    const track = new Track()
    track.append(audio)
    return track
  }

  get length(): number {
    return this.#before + this.#filled
  }

  /** Whole milliseconds. */
  get ms(): number {
    return Math.floor(this.length / 8)
  }

  append(audio: Uint8Array): void {
    if (this.#filled + audio.length > this.#block.length) this.#extend(audio.length)
    this.#block.set(audio, this.#filled)
    this.#filled += audio.length
  }

  #extend(needed: number): void {
    if (this.#filled > 0) this.#full.push(this.#block.subarray(0, this.#filled))
    this.#before += this.#filled
    this.#block = new Uint8Array(Math.max(needed, Math.min(largest, this.#block.length * 2)))
    this.#filled = 0
  }

  /** A copy of the bytes from `from` up to `to`. */
  slice(from = 0, to = this.length): Uint8Array {
    const copy = new Uint8Array(Math.max(0, Math.min(to, this.length) - from))
    let at = -from
    for (const block of [...this.#full, this.#block.subarray(0, this.#filled)]) {
      const wanted = block.subarray(Math.max(0, -at), Math.max(0, copy.length - at))
      copy.set(wanted, Math.max(0, at))
      at += block.length
      if (at >= copy.length) break
    }
    return copy
  }
}
