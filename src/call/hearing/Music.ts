/**
 * Tells music from speech, noise and signals in the callee's audio: sound without pauses, made of tones that are held and
 * change. Hears mu-law as it comes, 20 ms at a time; allocates nothing per frame. What music means for the talk is `Hold.ts`'s.
 */
import { frameMs, inaudible, makeTones, tonalShare } from "./Tones.ts"

/** What is remembered, in frames: music is known by all of it, and its end by the last of it. */
const whole = 4_000 / frameMs
const last = 1_000 / frameMs

/** A frame is quiet below this share of the loudest that was heard lately. */
const quietShare = 0.02
/** By how much the memory of the loudest frame fades per frame: to a half in seven seconds. */
const fading = 0.998

/** A tone is held when one band, or its neighbour, stays the strongest for so many frames. */
const heldFrames = 4

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

export const makeMusicDetector = (): MusicDetector => {
  const memory = new Uint8Array(whole).fill(isQuiet)
  const tones = makeTones()
  let at = 0
  let loudest = 0
  /** The tone that is being held: its band, and for how many frames. */
  let tone = -1
  let held = 0
  let music = false
  /** Frames of all that is remembered, and of the last of it. */
  let quiet = whole
  let holding = 0
  let tonesHeard = 0
  let quietNow = last
  let holdingNow = 0

  const remember = (bits: number): void => {
    const old = memory[at] ?? 0
    const older = memory[(at + whole - last) % whole] ?? 0
    quiet += (bits & isQuiet) - (old & isQuiet)
    holding += ((bits & isHeld) - (old & isHeld)) >> 1
    tonesHeard += ((bits & isNewTone) - (old & isNewTone)) >> 2
    quietNow += (bits & isQuiet) - (older & isQuiet)
    holdingNow += ((bits & isHeld) - (older & isHeld)) >> 1
    memory[at] = bits
    at = (at + 1) % whole
  }

  const bitsOf = (frame: Uint8Array): number => {
    tones.read(frame)
    const { band, energy, share } = tones
    loudest = Math.max(energy, loudest * fading)
    if (energy < inaudible || energy < loudest * quietShare) {
      held = 0
      tone = -1
      return isQuiet
    }
    if (share < tonalShare) {
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
    tonesHeard = 0
    quietNow = last
    holdingNow = 0
  }

  return {
    hear: (frame) => {
      remember(bitsOf(frame))
      const was = music
      music = music
        ? holdingNow - 2 * quietNow >= ends * last
        : holding - 2 * quiet >= begins * whole && tonesHeard >= leastTones
      if (music === was) return undefined
      if (!music) forget()
      return music
    }
  }
}
