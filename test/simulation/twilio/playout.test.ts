import { FastCheck } from "effect"
import { expect, it } from "vitest"
import { Playout } from "../../../src/simulation/twilio/Playout.ts"

const step = FastCheck.oneof(
  FastCheck.record({ play: FastCheck.uint8Array({ minLength: 1, maxLength: 700 }) }),
  FastCheck.record({ mark: FastCheck.string() }),
  FastCheck.record({ tick: FastCheck.constant(true) })
)

it("plays every byte once and in order, and gives every mark back once, in order, never before its audio", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.array(step, { maxLength: 60 }), (steps) => {
      const playout = new Playout()
      let sent = 0
      let played = 0
      let padding = 0
      const due: Array<{ readonly name: string; readonly after: number }> = []
      const bytes: Array<number> = []
      const given: Array<number> = []
      const back = (name: string) => {
        const next = due.shift()
        expect(next?.name).toBe(name)
        expect(next?.after).toBeLessThanOrEqual(played)
      }
      const tick = () => {
        for (const name of playout.played()) back(name)
        const before = playout.bufferedMs * 8
        const frame = playout.next()
        const taken = before - playout.bufferedMs * 8
        if (frame === null) expect(taken).toBe(0)
        else {
          expect(frame).toHaveLength(160)
          expect([...frame.subarray(taken)].every((byte) => byte === 0xff)).toBe(true)
          bytes.push(...frame.subarray(0, taken))
        }
        played += taken
        padding += taken === 160 ? 0 : 1
      }
      for (const one of steps) {
        if ("play" in one) {
          expect(playout.play(one.play)).toBe(true)
          given.push(...one.play)
          sent += one.play.length
        } else if ("mark" in one) {
          due.push({ name: one.mark, after: sent })
          if (playout.mark(one.mark)) back(one.mark)
        } else tick()
      }
      while (playout.bufferedMs > 0 || due.length > 0) tick()
      expect(bytes).toEqual(given)
      expect(played).toBe(sent)
      expect(padding).toBeLessThanOrEqual(steps.length + 2)
    })
  )
})

it("a clear gives back every mark that was waiting, and nothing of the audio", () => {
  const playout = new Playout()
  playout.play(new Uint8Array(100))
  playout.mark("in this frame")
  playout.play(new Uint8Array(1000))
  playout.mark("later")
  playout.next()
  expect(playout.clear()).toEqual(["in this frame", "later"])
  expect(playout.next()).toBeNull()
  expect(playout.mark("now")).toBe(true)
})

it("holds ten minutes and not a byte more", () => {
  const playout = new Playout()
  expect(playout.play(new Uint8Array(600 * 8000))).toBe(true)
  expect(playout.play(new Uint8Array(1))).toBe(false)
  playout.next()
  expect(playout.play(new Uint8Array(160))).toBe(true)
})
