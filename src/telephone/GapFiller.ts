/**
 * Makes what the callee says one continuous piece of time: where Twilio's timestamps jump, silence of that length goes in
 * between, so that a voice detector hears the end of a sentence (facts/twilio.md 7.2). Pure but for its own counter.
 */
import type { AudioFrame } from "../Telephone.ts"

/** Bytes of mu-law per millisecond. */
const bytesPerMs = 8
const silence = 0xff
/** Jitter of less than a frame is no gap: it is made up as soon as it adds up to one. */
const smallestGap = 20
const longestFill = 10_000

const durationOf = (payload: string): number => {
  const padding = payload.endsWith("==") ? 2 : payload.endsWith("=") ? 1 : 0
  return ((payload.length / 4) * 3 - padding) / bytesPerMs
}

const silenceOf = (ms: number): AudioFrame => ({
  payload: Buffer.alloc(Math.round(ms * bytesPerMs), silence).toString("base64"),
  ms
})

/** One stream's filler: gives for each frame what to pass on, in order. Frames themselves are never changed nor dropped. */
export const makeGapFiller = (): ((timestamp: number, payload: string) => ReadonlyArray<AudioFrame>) => {
  /** Where the audio passed on so far ends, on Twilio's clock. */
  let end: number | undefined
  return (timestamp, payload) => {
    const frame = { payload, ms: durationOf(payload) }
    const gap = timestamp - (end ?? timestamp)
    if (gap < smallestGap) {
      end = (end ?? timestamp) + frame.ms
      return [frame]
    }
    end = timestamp + frame.ms
    return [silenceOf(Math.min(gap, longestFill)), frame]
  }
}
