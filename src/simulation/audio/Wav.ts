/** WAV files of the simulators: read into mu-law 8 kHz, written as Twilio serves recordings (PCM 16 bit, 8 kHz). */
import { Either, Schema } from "effect"
import { decodeSample, encodeSample, silenceByte } from "./MuLaw.ts"

/** The bytes are not a mono or multi-channel WAV of PCM 16 bit or mu-law. */
export class BadWav extends Schema.TaggedError<BadWav>("phone/BadWav")("BadWav", { message: Schema.String }) {}

const pcm = 1
const mulaw = 7
const extensible = 0xfffe
const rate = 8000

interface Format {
  readonly code: number
  readonly channels: number
  readonly rate: number
  readonly bits: number
}

const tagAt = (view: DataView, at: number) =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

/** First channel of the samples as mu-law. Mu-law at 8 kHz passes byte for byte. */
const toMulaw = (view: DataView, format: Format): Uint8Array => {
  const width = (format.bits / 8) * format.channels
  const count = Math.floor(view.byteLength / width)
  const sample = (index: number) =>
    format.code === mulaw ? decodeSample(view.getUint8(index * width)) : view.getInt16(index * width, true)
  if (format.rate === rate) {
    return Uint8Array.from({ length: count }, (_, index) =>
      format.code === mulaw ? view.getUint8(index * width) : encodeSample(sample(index))
    )
  }
  // Another rate: each new sample is the mean of the old ones it covers. Plain, but clean enough for a telephone.
  const step = format.rate / rate
  return Uint8Array.from({ length: Math.floor(count / step) }, (_, index) => {
    const from = Math.floor(index * step)
    const to = Math.min(count, Math.max(from + 1, Math.floor((index + 1) * step)))
    let sum = 0
    for (let at = from; at < to; at++) sum += sample(at)
    return encodeSample(Math.round(sum / (to - from)))
  })
}

/** Reads a WAV file of PCM 16 bit or mu-law into mu-law 8 kHz (its first channel). A cut-off file gives what is there. */
export const readWav = (bytes: Uint8Array): Either.Either<Uint8Array, BadWav> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bad = (message: string) => Either.left(new BadWav({ message }))
  if (view.byteLength < 12 || tagAt(view, 0) !== "RIFF" || tagAt(view, 8) !== "WAVE") return bad("not a WAV file")
  let format: Format | undefined
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const tag = tagAt(view, at)
    const start = at + 8
    const size = Math.min(view.getUint32(at + 4, true), view.byteLength - start)
    if (tag === "fmt " && size >= 16) {
      const code = view.getUint16(start, true)
      format = {
        code: code === extensible && size >= 26 ? view.getUint16(start + 24, true) : code,
        channels: view.getUint16(start + 2, true),
        rate: view.getUint32(start + 4, true),
        bits: view.getUint16(start + 14, true)
      }
    }
    if (tag === "data") {
      if (format === undefined) return bad("audio before its format")
      const known = (format.code === pcm && format.bits === 16) || (format.code === mulaw && format.bits === 8)
      if (!known || format.channels === 0) return bad("only PCM 16 bit and mu-law are understood")
      if (format.rate < rate) return bad(`sampled at ${format.rate} Hz, a telephone needs ${rate}`)
      return Either.right(toMulaw(new DataView(bytes.buffer, bytes.byteOffset + start, size), format))
    }
    at = start + size + (size % 2)
  }
  return bad("no audio in it")
}

/** The samples of all mu-law bytes, as they lie in a file, whatever this machine's order of bytes. */
const stored = (() => {
  const view = new DataView(new ArrayBuffer(512))
  for (let byte = 0; byte < 256; byte++) view.setInt16(byte * 2, decodeSample(byte), true)
  return new Int16Array(view.buffer)
})()

/** Writes a mu-law track as one of so many channels. Millions of samples: an index, no iterator. */
const spread = (track: Uint8Array, samples: Int16Array, channel: number, channels: number): void => {
  for (let index = 0, at = channel; index < track.length; index++, at += channels) {
    samples[at] = stored[track[index] ?? silenceByte] ?? 0
  }
}

/** A WAV file, PCM 16 bit at 8 kHz, of one mu-law track per channel; shorter tracks end in silence. */
export const writeWav = (tracks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const length = Math.max(0, ...tracks.map((track) => track.length))
  const block = tracks.length * 2
  const bytes = new Uint8Array(44 + length * block)
  const view = new DataView(bytes.buffer)
  const tag = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at)
  tag(0, "RIFF")
  view.setUint32(4, bytes.length - 8, true)
  tag(8, "WAVEfmt ")
  view.setUint32(16, 16, true)
  view.setUint16(20, pcm, true)
  view.setUint16(22, tracks.length, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * block, true)
  view.setUint16(32, block, true)
  view.setUint16(34, 16, true)
  tag(36, "data")
  view.setUint32(40, length * block, true)
  const samples = new Int16Array(bytes.buffer, 44)
  for (const [channel, track] of tracks.entries()) spread(track, samples, channel, tracks.length)
  return bytes
}
