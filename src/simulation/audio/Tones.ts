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

const tune = [262, 330, 392, 523, 392, 330]

/** Hold music: notes of half a second, as loud as quiet speech. */
export const music = (ms: number): Uint8Array => {
  const audio = new Uint8Array(Math.round(ms * 8))
  const notes = tune.map((hz) => tone(hz, 500, 0.15))
  for (let at = 0, index = 0; at < audio.length; at += 4000, index++) {
    const note = notes[index % notes.length]
    if (note !== undefined) audio.set(note.subarray(0, audio.length - at), at)
  }
  return audio
}
