/** What is to be heard in the callee's audio beside words, told as facts. Synchronous, 50 times a second; decides nothing. */
import type { Fact } from "../Fact.ts"
import { alone, hearFrame, noBeep } from "./Beep.ts"
import { makeMusicDetector } from "./Music.ts"

/** 20 ms of mu-law. */
const frameBytes = 160

const bytesOf = (base64: string): number => {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0
  return (base64.length / 4) * 3 - padding
}

/** Cuts base64 pieces of any length into frames of 20 ms. The frame is the same one each time. */
export const makeFrames = (hear: (frame: Uint8Array) => void): ((payload: string) => void) => {
  const frame = Buffer.alloc(frameBytes)
  let filled = 0
  const fill = (bytes: number): void => {
    filled += bytes
    if (filled < frameBytes) return
    filled = 0
    hear(frame)
  }
  return (payload) => {
    // as Twilio sends it: nothing is allocated
    if (bytesOf(payload) <= frameBytes - filled) return fill(frame.write(payload, filled, "base64"))
    const piece = Buffer.from(payload, "base64")
    for (let at = 0; at < piece.length; ) {
      const bytes = piece.copy(frame, filled, at, at + frameBytes - filled)
      at += bytes
      fill(bytes)
    }
  }
}

/** Hears base64 pieces of the callee's audio, in order, and tells what was heard in them. */
export const makeEars = (
  tell: (fact: Fact) => void,
  /** Whether a tone would tell anything now: else nobody listens for one. */
  awaitsBeep: () => boolean = () => false
): ((payload: string) => void) => {
  const music = makeMusicDetector()
  let beeps = noBeep
  return makeFrames((frame) => {
    const begun = music.hear(frame)
    if (begun !== undefined) tell({ _tag: begun ? "MusicStarted" : "MusicStopped" })
    if (!awaitsBeep()) return
    const [next, beep] = hearFrame(beeps, frame)
    beeps = next
    if (beep !== undefined) tell({ _tag: "BeepHeard", ...beep, since: alone })
  })
}
