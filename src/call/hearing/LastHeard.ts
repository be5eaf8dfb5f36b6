/**
 * What the callee's side was heard to say last, to be heard again. In one block of memory: pieces that live for half a minute each
 * would cost the garbage collector more than all the rest of a call.
 */
import { frameBytes, frameMs, makeFrames } from "./Frames.ts"

/** 20 ms, base64, with the moment at which they came in, in milliseconds of the clock. */
export interface HeardFrame {
  readonly at: number
  readonly payload: string
}

export interface LastHeard {
  /** One base64 piece of mu-law, of any length. */
  readonly add: (payload: string) => void
  /** What came in at this moment and later, in order, as far as it is kept. */
  readonly since: (moment: number) => ReadonlyArray<HeardFrame>
}

/** Keeps the last `keeps` milliseconds. */
export const makeLastHeard = (keeps: number, now: () => number): LastHeard => {
  const slots = Math.ceil(keeps / frameMs)
  const audio = Buffer.alloc(slots * frameBytes)
  const moments = new Float64Array(slots)
  let count = 0
  const add = makeFrames((frame) => {
    const slot = count % slots
    audio.set(frame, slot * frameBytes)
    moments[slot] = now()
    count += 1
  })
  return {
    add,
    since: (moment) => {
      const first = Math.max(0, count - slots)
      return Array.from({ length: count - first }, (_, index) => (first + index) % slots).flatMap((slot) => {
        const at = moments[slot] ?? 0
        const [from, to] = [slot * frameBytes, (slot + 1) * frameBytes]
        return at < moment ? [] : [{ at, payload: audio.toString("base64", from, to) }]
      })
    }
  }
}
