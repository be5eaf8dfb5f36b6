/**
 * Feels the pulse of a media stream, to find the one that has died without a word. Frames come 50 times a second but may pause
 * while the stream lives (facts/twilio.md 7.2), so a stream that is still is asked, with a mark, which Twilio gives back at once
 * unless it plays, and then it gives back those of what it plays. It counts looks, not time: after a stall of our own a single
 * look is late, and what has waited on the socket meanwhile is read before the next.
 */
import type { Timers } from "../Timers.ts"

/** Milliseconds between two looks; and after how many looks in a row without a message what is done. */
const lookEvery = 250
const isAsked = 3
const isQuiet = 4
const isDead = 10

/** The mark with which a stream is asked. */
export const pulseMark = "pulse"

export interface Signs {
  /** The stream is to be asked for a sign of life. */
  readonly ask: () => void
  /** Nothing has come for so many milliseconds, though it was asked. */
  readonly quiet: (ms: number) => void
  /** It was quiet, and is no more. */
  readonly back: () => void
  /** Nothing comes any more. It is not looked at again. */
  readonly dead: () => void
}

export interface Pulse {
  /** Something has come. */
  readonly beat: () => void
  readonly stop: () => void
}

/** Looks at a stream from now on. `now`: milliseconds of a clock that nobody sets. */
export const feelPulse = (after: Timers["after"], now: () => number, { ask, back, dead, quiet }: Signs): Pulse => {
  let still = 0
  let cameAt = now()
  const look = () => {
    still += 1
    if (still === isDead) return dead()
    stop = after(lookEvery, look)
    if (still === isAsked) ask()
    if (still === isQuiet) quiet(now() - cameAt)
  }
  let stop = after(lookEvery, look)
  return {
    beat: () => {
      const wasQuiet = still >= isQuiet
      still = 0
      cameAt = now()
      if (wasQuiet) back()
    },
    stop: () => stop()
  }
}
