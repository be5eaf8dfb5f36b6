/** Sounds that are not speech: the beep of a voicemail, the music of a waiting line. Mu-law 8 kHz. */
import { encodeSample } from "./MuLaw.ts"

/** A sine tone of `hz` for `ms`; `level` is its peak, 0 to 1. */
export const tone = (hz: number, ms: number, level: number): Uint8Array =>
  Uint8Array.from({ length: Math.round(ms * 8) }, (_, index) =>
    encodeSample(Math.round(Math.sin((2 * Math.PI * hz * index) / 8000) * level * 32_000))
  )

/** The beep after a voicemail greeting. */
export const beep = (): Uint8Array => tone(1000, 500, 0.4)

/** A cough, a passing car: as loud as speech, even, and without words. */
export const noise = (ms: number): Uint8Array => {
  let state = 1
  return Uint8Array.from({ length: Math.round(ms * 8) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return encodeSample(((state >>> 16) & 1) === 0 ? 3_000 : -3_000)
  })
}

/** One line of melody: hertz and quarters of a second. */
const tune = [
  [262, 2],
  [330, 1],
  [392, 1],
  [523, 3],
  [494, 1],
  [440, 2],
  [349, 2],
  [392, 3],
  [330, 1]
] as const

/** A plucked note with two overtones over a deep one: it fades to a half. */
const note = (hz: number, bass: number, samples: number, level: number): Uint8Array =>
  Uint8Array.from({ length: samples }, (_, index) => {
    const at = (2 * Math.PI * index) / 8000
    const melody = Math.sin(hz * at) + 0.4 * Math.sin(2 * hz * at) + 0.2 * Math.sin(3 * hz * at)
    return encodeSample(Math.round((melody + 0.5 * Math.sin(bass * at)) * level * 0.5 ** (index / samples) * 32_000))
  })

const verse = (level: number): Uint8Array =>
  Buffer.concat(tune.map(([hz, quarters]) => note(hz, 131, quarters * 2_000, level)))

/** The same line louder and softer. */
const song = Buffer.concat([verse(0.16), verse(0.1), verse(0.13), verse(0.2)])

/** Hold music: a melody with changing notes and volume, about as loud as quiet speech. */
export const music = (ms: number): Uint8Array => {
  const audio = new Uint8Array(Math.round(ms * 8))
  for (let at = 0; at < audio.length; at += song.length) audio.set(song.subarray(0, audio.length - at), at)
  return audio
}
