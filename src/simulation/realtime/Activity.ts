/**
 * Hears when somebody speaks, by loudness alone, as the server's energy VAD does. Its only clock is the audio it is given:
 * where no frames come, no time passes and no turn ends (facts 2.4, 7).
 */
import { loudness } from "../audio/MuLaw.ts"
import type { TurnDetection } from "./Settings.ts"

/** Offsets are milliseconds of audio since the beginning of the session. */
export type Edge =
  | { readonly _tag: "Started"; readonly atMs: number }
  | { readonly _tag: "Stopped"; readonly atMs: number }

const windowBytes = 160
const windowMs = 20
/** This much speech in a row makes a turn; less is a click. */
const onsetMs = 40
/** Threshold 0.5 parts speech (above 0.02 in `loudness`) from line noise. */
const loudnessAtFull = 0.04
/** Semantic detection is imitated by longer silences. */
const patienceMs = { low: 1_200, medium: 800, auto: 800, high: 500 }

/**
 * Whether a piece of audio holds a voice: loud enough and, unlike a beep or the notes of hold music, uneven from
 * one moment to the next.
 */
export const hasVoice = (audio: Uint8Array): boolean => {
  const loud: Array<number> = []
  for (let at = 0; at < audio.length; at += windowBytes) {
    const level = loudness(audio.subarray(at, at + windowBytes))
    if (level > loudnessAtFull / 2) loud.push(level)
  }
  const steady = loud.filter((level, index) => Math.abs(level - (loud[index - 1] ?? level)) < level * 0.15)
  return steady.length < loud.length * 0.9
}

export class Activity {
  #threshold = 0
  #silenceMs = 0
  #ms = 0
  #filled = 0
  #sum = 0
  #loudMs = 0
  #quietMs = 0
  speaking = false

  /** New settings; what is being said goes on. */
  configure(detection: TurnDetection): void {
    const server = detection.type === "server_vad"
    this.#threshold = (server ? detection.threshold : 0.5) * loudnessAtFull
    this.#silenceMs = server ? detection.silence_duration_ms : patienceMs[detection.eagerness]
  }

  /** Forgets what was being said; the clock goes on. */
  reset(): void {
    this.#loudMs = 0
    this.#quietMs = 0
    this.speaking = false
  }

  hear(audio: Uint8Array, tell: (edge: Edge) => void): void {
    for (let at = 0; at < audio.length; ) {
      const whole = this.#filled === 0 && audio.length === windowBytes
      const piece = whole ? audio : audio.subarray(at, at + windowBytes - this.#filled)
      this.#sum += loudness(piece) * piece.length
      this.#filled += piece.length
      at += piece.length
      if (this.#filled < windowBytes) return
      const loud = this.#sum / windowBytes > this.#threshold
      this.#sum = 0
      this.#filled = 0
      this.#ms += windowMs
      this.#window(loud, tell)
    }
  }

  #window(loud: boolean, tell: (edge: Edge) => void): void {
    this.#loudMs = loud ? this.#loudMs + windowMs : 0
    this.#quietMs = loud ? 0 : this.#quietMs + windowMs
    if (!this.speaking && this.#loudMs >= onsetMs) {
      this.speaking = true
      tell({ _tag: "Started", atMs: this.#ms - this.#loudMs })
    } else if (this.speaking && !loud && this.#quietMs >= this.#silenceMs) {
      this.speaking = false
      tell({ _tag: "Stopped", atMs: this.#ms })
    }
  }
}
