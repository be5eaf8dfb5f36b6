/** How loud 20 ms of mu-law are, and which tone is the strongest in them. A measurement: what it means is for others to say. */
import { linear } from "./MuLaw.ts"

export const frameMs = 20
/** Of two samples of the line one is made: what is looked for lies far below 2,000 Hz. */
const rate = 4_000
const frameSamples = (rate * frameMs) / 1_000

/** Below this mean square nothing is heard, and no tone is looked for. */
export const inaudible = 3_000
/** A band with less of the energy is no tone. */
export const tonalShare = 0.1

/** Where tones are looked for, in Hz: 20 ms of audio cannot part tones that are nearer to each other than 50 Hz. */
const lowest = 200
const spacing = 50
/** A multiple of three. */
const bands = 30

/** The frequency of a band, in Hz. */
export const hertzOf = (band: number): number => lowest + band * spacing

const coefficients = Float64Array.from(
  { length: bands },
  (_, band) => 2 * Math.cos((2 * Math.PI * hertzOf(band)) / rate)
)

/** What was read last. One object, read again and again: nothing is allocated per frame. */
export interface Tones {
  /** Mean square of the samples. */
  readonly energy: number
  /** The strongest band, and its share of the energy, 0 to 1. */
  readonly band: number
  readonly share: number
  /** 160 bytes. */
  readonly read: (frame: Uint8Array) => void
}

export const makeTones = (): Tones => {
  const samples = new Float64Array(frameSamples)

  /** The samples without their mean; returns their energy. */
  const take = (frame: Uint8Array): number => {
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
    return energy / frameSamples
  }

  const tones = {
    energy: 0,
    band: 0,
    share: 0,
    read: (frame: Uint8Array): void => {
      tones.energy = take(frame)
      tones.share = 0
      if (tones.energy < inaudible) return
      let most = 0
      // Goertzel's algorithm, three bands in one pass over the samples: their chains of sums do not wait for each other
      for (let band = 0; band < bands; band += 3) {
        const a = coefficients[band] ?? 0
        const b = coefficients[band + 1] ?? 0
        const c = coefficients[band + 2] ?? 0
        let a1 = 0
        let a2 = 0
        let b1 = 0
        let b2 = 0
        let c1 = 0
        let c2 = 0
        for (let n = 0; n < frameSamples; n++) {
          const sample = samples[n] ?? 0
          const a0 = sample + a * a1 - a2
          const b0 = sample + b * b1 - b2
          const c0 = sample + c * c1 - c2
          a2 = a1
          a1 = a0
          b2 = b1
          b1 = b0
          c2 = c1
          c1 = c0
        }
        const first = a1 * a1 + a2 * a2 - a * a1 * a2
        const second = b1 * b1 + b2 * b2 - b * b1 * b2
        const third = c1 * c1 + c2 * c2 - c * c1 * c2
        if (first > most) {
          most = first
          tones.band = band
        }
        if (second > most) {
          most = second
          tones.band = band + 1
        }
        if (third > most) {
          most = third
          tones.band = band + 2
        }
      }
      tones.share = most / (tones.energy * frameSamples * frameSamples * 0.5)
    }
  }
  return tones
}
