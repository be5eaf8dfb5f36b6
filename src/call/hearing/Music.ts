/**
 * Tells music from speech, noise and signals in the callee's audio: sound without pauses, made of tones that are held and
 * change. Hears mu-law as it comes, 20 ms at a time; allocates nothing per frame. What music means for the talk is `Hold.ts`'s.
 */
import { linear } from "./MuLaw.ts"

const frameMs = 20
/** Of two samples of the line one is made: what is looked for lies far below 2,000 Hz. */
const rate = 4_000
const frameSamples = (rate * frameMs) / 1_000

/** Where tones are looked for, in Hz: 20 ms of audio cannot part tones that are nearer to each other than 50 Hz. */
const lowest = 200
const spacing = 50
const bands = 30

/** What is remembered, in frames: music is known by all of it, and its end by the last of it. */
const whole = 4_000 / frameMs
const last = 1_000 / frameMs

/** A frame is quiet below this share of the loudest that was heard lately, or below this mean square of its samples. */
const quietShare = 0.02
const silence = 3_000
/** By how much the memory of the loudest frame fades per frame: to a half in seven seconds. */
const fading = 0.998

/** A tone is held when one band, or its neighbour, stays the strongest for so many frames with such a share of the energy. */
const heldFrames = 4
const tonalShare = 0.1

/**
 * Music is held for most of the time and hardly ever quiet, speech the other way round: the share of held frames less twice
 * that of quiet ones is 0.4 to 0.8 for most music, and below 0.2 for speech, also with noise behind it. Fewer than three tones
 * are a signal: of a line, a fax, or keys.
 */
const begins = 0.35
const ends = 0
const leastTones = 3

/** One frame's bits in the memory. */
const isQuiet = 1
const isHeld = 2
const isNewTone = 4

export interface MusicDetector {
  /** 20 ms of mu-law (160 bytes). `true`: music has begun, `false`: it has ended, `undefined`: nothing has changed. */
  readonly hear: (frame: Uint8Array) => boolean | undefined
}

const coefficients = Float64Array.from(
  { length: bands },
  (_, band) => 2 * Math.cos((2 * Math.PI * (lowest + band * spacing)) / rate)
)

export const makeMusicDetector = (): MusicDetector => {
  const memory = new Uint8Array(whole).fill(isQuiet)
  const samples = new Float64Array(frameSamples)
  let at = 0
  let loudest = 0
  /** The tone that is being held: its band, and for how many frames. */
  let tone = -1
  let held = 0
  let music = false
  /** Frames of all that is remembered, and of the last of it. */
  let quiet = whole
  let holding = 0
  let tones = 0
  let quietNow = last
  let holdingNow = 0

  const remember = (bits: number): void => {
    const old = memory[at] ?? 0
    const older = memory[(at + whole - last) % whole] ?? 0
    quiet += (bits & isQuiet) - (old & isQuiet)
    holding += ((bits & isHeld) - (old & isHeld)) >> 1
    tones += ((bits & isNewTone) - (old & isNewTone)) >> 2
    quietNow += (bits & isQuiet) - (older & isQuiet)
    holdingNow += ((bits & isHeld) - (older & isHeld)) >> 1
    memory[at] = bits
    at = (at + 1) % whole
  }

  /** The strongest band, or -1 where none stands out. Goertzel's algorithm, all bands of one frame. */
  const strongest = (energy: number): number => {
    let best = -1
    let most = energy * frameSamples * frameSamples * 0.5 * tonalShare
    for (let band = 0; band < bands; band++) {
      const coefficient = coefficients[band] ?? 0
      let one = 0
      let two = 0
      for (let n = 0; n < frameSamples; n++) {
        const next = (samples[n] ?? 0) + coefficient * one - two
        two = one
        one = next
      }
      const power = one * one + two * two - coefficient * one * two
      if (power > most) {
        most = power
        best = band
      }
    }
    return best
  }

  const bitsOf = (frame: Uint8Array): number => {
    let mean = 0
    for (let n = 0; n < frameSamples; n++) {
      const sample = ((linear[frame[2 * n] ?? 0xff] ?? 0) + (linear[frame[2 * n + 1] ?? 0xff] ?? 0)) / 2
      samples[n] = sample
      mean += sample
    }
    mean /= frameSamples
    let energy = 0
    for (let n = 0; n < frameSamples; n++) {
      const sample = (samples[n] ?? 0) - mean
      samples[n] = sample
      energy += sample * sample
    }
    energy /= frameSamples
    loudest = Math.max(energy, loudest * fading)
    if (energy < silence || energy < loudest * quietShare) {
      held = 0
      tone = -1
      return isQuiet
    }
    const band = strongest(energy)
    if (band < 0) {
      held = 0
      tone = -1
      return 0
    }
    if (Math.abs(band - tone) <= 1) held++
    else {
      held = 1
      tone = band
    }
    return held < heldFrames ? 0 : held === heldFrames ? isHeld | isNewTone : isHeld
  }

  /** Music that has ended must be heard for some seconds again before it is believed. */
  const forget = (): void => {
    memory.fill(isQuiet)
    quiet = whole
    holding = 0
    tones = 0
    quietNow = last
    holdingNow = 0
  }

  return {
    hear: (frame) => {
      remember(bitsOf(frame))
      const was = music
      music = music
        ? holdingNow - 2 * quietNow >= ends * last
        : holding - 2 * quiet >= begins * whole && tones >= leastTones
      if (music === was) return undefined
      if (!music) forget()
      return music
    }
  }
}
