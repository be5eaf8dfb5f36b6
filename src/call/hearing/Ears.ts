/** What is to be heard in the callee's audio beside words, told as facts. Synchronous, 50 times a second; decides nothing. */
import type { Fact } from "../Fact.ts"
import { alone, hearFrame, noBeep } from "./Beep.ts"
import { makeFrames } from "./Frames.ts"
import { makeMusicDetector } from "./Music.ts"

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
