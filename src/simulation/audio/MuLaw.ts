/** G.711 mu-law: its silence, its loudness, and the way from linear samples (ITU-T G.711). */

/** The byte for "nothing" on a mu-law line. */
export const silenceByte = 0xff
/** 20 ms of nothing. Shared: never written to. */
export const silentFrame: Uint8Array = new Uint8Array(160).fill(silenceByte)

const bias = 0x84
const clip = 32_635

/** One mu-law byte for a 16-bit linear sample. */
export const encodeSample = (sample: number): number => {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), clip) + bias
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

const samples = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + bias) << ((value & 0x70) >> 4)) - bias
  return (value & 0x80) !== 0 ? -magnitude : magnitude
})

/** The 16-bit linear sample of a mu-law byte. */
export const decodeSample = (byte: number): number => samples[byte & 0xff] ?? 0

const amplitudes = Float64Array.from(samples, Math.abs)

/** Mean amplitude of a piece of mu-law audio, 0 to 1. Speech is above 0.02, line noise below. */
export const loudness = (audio: Uint8Array): number => {
  if (audio.length === 0 || audio === silentFrame) return 0
  let sum = 0
  for (let at = 0; at < audio.length; at++) sum += amplitudes[audio[at] ?? silenceByte] ?? 0
  return sum / audio.length / 32_768
}
