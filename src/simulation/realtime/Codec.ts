/**
 * The three audio formats of the wire and the one used inside, mu-law 8 kHz. Spoken text survives mu-law and 16-bit PCM
 * unchanged; A-law is another scale, so text coded in it cannot be read back.
 */
import { decodeSample, encodeSample, silentFrame } from "../audio/MuLaw.ts"
import type { AudioFormat } from "./Protocol.ts"

/** One A-law byte for a 16-bit sample, and back (ITU-T G.711). */
const encodeALaw = (sample: number): number => {
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767) >> 3
  const exponent = magnitude < 32 ? 0 : 31 - Math.clz32(magnitude) - 4
  const mantissa = (magnitude >> Math.max(1, exponent)) & 0x0f
  return ((sample >= 0 ? 0x80 : 0) | (exponent << 4) | mantissa) ^ 0x55
}
const decodeALaw = (byte: number): number => {
  const value = byte ^ 0x55
  const exponent = (value & 0x70) >> 4
  const step = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1)
  return (value & 0x80) !== 0 ? magnitude : -magnitude
}

const aLawToMuLaw = Uint8Array.from({ length: 256 }, (_, byte) => encodeSample(decodeALaw(byte)))
const muLawToALaw = Uint8Array.from({ length: 256 }, (_, byte) => encodeALaw(decodeSample(byte)))

/** Letters of an append that is read without JSON: more than a second of audio is none of the usual. */
const usualLength = 64 * 1024

/** 16-bit samples at 24 kHz: three for each of ours, two bytes each. */
const pcmBytes = 6

/** Turns what a client appends into mu-law. PCM may be cut anywhere, so what does not fill a sample is kept. */
export const makeInput = (format: AudioFormat): ((bytes: Uint8Array) => Uint8Array) => {
  if (format.type === "audio/pcmu") return (bytes) => bytes
  if (format.type === "audio/pcma") return (bytes) => bytes.map((byte) => aLawToMuLaw[byte] ?? 0xff)
  let rest = new Uint8Array(0)
  return (bytes) => {
    const all = new Uint8Array(rest.length + bytes.length)
    all.set(rest)
    all.set(bytes, rest.length)
    const samples = Math.floor(all.length / pcmBytes)
    rest = all.slice(samples * pcmBytes)
    const view = new DataView(all.buffer)
    return Uint8Array.from({ length: samples }, (_, at) => encodeSample(view.getInt16(at * pcmBytes, true)))
  }
}

/** Mu-law audio as the client wants to get it. */
export const encodeOutput = (format: AudioFormat, audio: Uint8Array): Uint8Array => {
  if (format.type === "audio/pcmu") return audio
  if (format.type === "audio/pcma") return audio.map((byte) => muLawToALaw[byte] ?? 0xd5)
  const out = new DataView(new ArrayBuffer(audio.length * pcmBytes))
  audio.forEach((byte, index) => {
    const sample = decodeSample(byte)
    for (let copy = 0; copy < pcmBytes; copy += 2) out.setInt16(index * pcmBytes + copy, sample, true)
  })
  return new Uint8Array(out.buffer)
}

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The bytes of one base64 text; `undefined` when it is not one (joined texts with padding inside are not). */
export const fromBase64 = (text: string): Uint8Array | undefined =>
  text.length % 4 === 0 && base64.test(text) ? Buffer.from(text, "base64") : undefined

/** The append of 20 ms of nothing: most of what is heard. */
const silentAppend = `{"type":"input_audio_buffer.append","audio":"${toBase64(silentFrame)}"}`
const usualAppend = /^\{"type":"input_audio_buffer\.append","audio":"([A-Za-z0-9+/]*={0,2})"\}$/

/** The audio of an append, 50 times a second, as it is mostly written; `undefined`: any other event or spelling. */
export const readAppend = (text: string): Uint8Array | undefined => {
  if (text === silentAppend) return silentFrame
  const payload = text.length <= usualLength ? usualAppend.exec(text)?.[1] : undefined
  return payload !== undefined && payload.length % 4 === 0 ? Buffer.from(payload, "base64") : undefined
}
