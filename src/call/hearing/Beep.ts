/**
 * The tone of an answering machine, found in the callee's audio: one steady sine of 350 to 2100 Hz that lasts 0.15 to 2 s and
 * stands alone. Pure; a few microseconds a frame. Not a beep: two tones at once (dialling, ringing, keys), tones one after the
 * other (special information tones, music), and what goes on longer (a fax).
 */
import { linear } from "./MuLaw.ts"

/** Samples a second, and in a frame of 20 ms. */
const rate = 8_000
const frameSamples = 160
const half = frameSamples / 2
const frameMs = 20

/** Of a frame that may belong to a beep: least mean square (about -38 dBFS), pitch in Hz, share of the energy in one sine. */
const leastPower = 160_000
const lowest = 340
const highest = 2_120
const purest = 0.93
/** Frames of a tone are alike: Hz from its pitch, and the factor from its power. */
const pitchDrift = 15
const powerDrift = 1.8

/** Milliseconds a beep lasts, and for how long no other tone may stand before or after it. */
const shortest = 140
const longest = 2_000
export const alone = 120

export interface Beep {
  /** Hz. */
  readonly pitch: number
  readonly ms: number
}

/** What was heard so far: the tone that goes on, for how long since there has been none, and the one that waits to be alone. */
export interface BeepState {
  readonly tone: { readonly pitch: number; readonly power: number; readonly frames: number } | undefined
  /** Whether the tone that goes on began close behind another. */
  readonly crowded: boolean
  readonly quiet: number
  readonly waiting: Beep | undefined
}

export const noBeep: BeepState = { tone: undefined, crowded: false, quiet: alone, waiting: undefined }

/** The sine in a frame: pitch and power, if next to all its energy is in one. */
export const sineOf = (frame: Uint8Array): { readonly pitch: number; readonly power: number } | undefined => {
  if (frame.length !== frameSamples) return undefined
  let energy = 0
  let next = 0
  let overNext = 0
  let x1 = 0
  let x2 = 0
  for (let at = 0; at < frameSamples; at++) {
    const x = linear[frame[at] ?? 0xff] ?? 0
    energy += x * x
    next += x * x1
    overNext += x * x2
    x2 = x1
    x1 = x
  }
  const power = energy / frameSamples
  if (power < leastPower) return undefined
  // samples of a sine correlate by cos(step) with the next, by cos(2 step) with the one after: a first guess, without the noise
  const ratio = overNext / (next === 0 ? 1 : next)
  const cosine = (ratio + (next < 0 ? -1 : 1) * Math.sqrt(ratio * ratio + 8)) / 4
  const guess = Math.acos(Math.min(1, Math.max(-1, cosine)))
  // the phase of both halves tells the step exactly, up to 50 Hz beside the guess
  const [re1, im1] = project(frame, 0, half, guess)
  const [re2, im2] = project(frame, half, frameSamples, guess)
  const step = guess + Math.atan2(im2 * re1 - re2 * im1, re2 * re1 + im2 * im1) / half
  const pitch = (step * rate) / (2 * Math.PI)
  if (pitch < lowest || pitch > highest) return undefined
  const [re, im] = project(frame, 0, frameSamples, step)
  return (2 * (re * re + im * im)) / (frameSamples * energy) < purest ? undefined : { pitch, power }
}

/** The part of the samples from `from` to `to` that turns by `step` a sample. */
const project = (frame: Uint8Array, from: number, to: number, step: number): readonly [number, number] => {
  const turnRe = Math.cos(step)
  const turnIm = Math.sin(step)
  let re = Math.cos(step * from)
  let im = Math.sin(step * from)
  let sumRe = 0
  let sumIm = 0
  for (let at = from; at < to; at++) {
    const x = linear[frame[at] ?? 0xff] ?? 0
    sumRe += x * re
    sumIm -= x * im
    const next = re * turnRe - im * turnIm
    im = re * turnIm + im * turnRe
    re = next
  }
  return [sumRe, sumIm]
}

/** Whether a frame goes on with the tone. */
const continues = (tone: NonNullable<BeepState["tone"]>, sine: { readonly pitch: number; readonly power: number }) =>
  Math.abs(sine.pitch - tone.pitch) <= pitchDrift &&
  sine.power < tone.power * powerDrift &&
  tone.power < sine.power * powerDrift

/** The tone has ended: a beep, if it was long and short enough and alone so far. */
const endedAs = ({ crowded, tone }: BeepState): Beep | undefined => {
  // its edges are no pure frames, and together one more
  const ms = ((tone?.frames ?? 0) + 1) * frameMs
  return tone === undefined || crowded || ms < shortest || ms > longest ? undefined : { pitch: tone.pitch, ms }
}

/** One frame of 20 ms (mu-law), and the beep that is now known to have been one: its end is `alone` ms ago. */
export const hearFrame = (state: BeepState, frame: Uint8Array): readonly [BeepState, Beep | undefined] => {
  const sine = sineOf(frame)
  if (sine === undefined) {
    if (state.tone !== undefined) {
      const waiting = endedAs(state)
      return [{ tone: undefined, crowded: false, quiet: frameMs, waiting }, undefined]
    }
    const quiet = state.quiet + frameMs
    const beep = quiet >= alone ? state.waiting : undefined
    return [quiet >= alone ? noBeep : { ...state, quiet }, beep]
  }
  const { tone } = state
  if (tone !== undefined && continues(tone, sine)) {
    // a first frame may have held the tone in part only
    const power = tone.frames === 1 ? sine.power : tone.power
    return [{ ...state, tone: { pitch: tone.pitch, power, frames: tone.frames + 1 } }, undefined]
  }
  const crowded = tone !== undefined ? tone.frames > 1 : state.quiet < alone
  return [{ tone: { ...sine, frames: 1 }, crowded, quiet: 0, waiting: undefined }, undefined]
}
