/** Mu-law audio that grows: one buffer, doubled when full, cut by byte offsets (8 bytes are one millisecond). */
export class Recording {
  #bytes = new Uint8Array(8_192)
  #length = 0

  static of(audio: Uint8Array): Recording {
    const recording = new Recording()
    recording.append(audio)
    return recording
  }

  get length(): number {
    return this.#length
  }

  /** Whole milliseconds. */
  get ms(): number {
    return Math.floor(this.#length / 8)
  }

  append(audio: Uint8Array): void {
    const length = this.#length + audio.length
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(audio, this.#length)
    this.#length = length
  }

  /** A copy of the bytes from `from` up to `to`. */
  slice(from = 0, to = this.#length): Uint8Array {
    return this.#bytes.slice(from, Math.min(to, this.#length))
  }
}
