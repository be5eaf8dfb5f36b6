import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { makeGapFiller } from "../../src/telephone/GapFiller.ts"

const frame = (bytes: number) => Buffer.alloc(bytes, 0x55).toString("base64")
const total = (frames: ReadonlyArray<{ readonly ms: number }>) => frames.reduce((sum, { ms }) => sum + ms, 0)

describe("gaps in what the callee says", () => {
  it("frames without gaps pass unchanged", () => {
    const fill = makeGapFiller()
    expect(fill(5000, frame(160))).toEqual([{ payload: frame(160), ms: 20 }])
    expect(fill(5020, frame(160))).toEqual([{ payload: frame(160), ms: 20 }])
  })

  it("a lost second becomes a second of silence, byte for byte", () => {
    const fill = makeGapFiller()
    fill(0, frame(160))
    const [silence, voice] = fill(1020, frame(160))
    expect(silence?.ms).toBe(1000)
    expect(Buffer.from(silence?.payload ?? "", "base64").equals(Buffer.alloc(8000, 0xff))).toBe(true)
    expect(voice).toEqual({ payload: frame(160), ms: 20 })
  })

  it("no more than ten seconds are made up, and time goes on from there", () => {
    const fill = makeGapFiller()
    fill(0, frame(160))
    expect(total(fill(60_000, frame(160)))).toBe(10_020)
    expect(total(fill(60_020, frame(160)))).toBe(20)
  })

  it.prop(
    "whatever is lost, jitters or comes twice: every frame passes, and silence keeps time with the clock",
    [
      fc.array(
        fc.record({
          skip: fc.integer({ min: -40, max: 2000 }),
          bytes: fc.integer({ min: 1, max: 40 }).map((n) => n * 8)
        }),
        { maxLength: 60 }
      )
    ],
    ([steps]) => {
      const fill = makeGapFiller()
      let clock = 0
      let passed = 0
      let spoken = 0
      for (const { skip, bytes } of steps) {
        clock = Math.max(0, clock + skip)
        const out = fill(clock, frame(bytes))
        expect(out.at(-1)).toEqual({ payload: frame(bytes), ms: bytes / 8 })
        expect(out.length).toBeLessThanOrEqual(2)
        if (passed === 0) spoken = clock
        clock += bytes / 8
        passed += total(out)
        // Never a frame behind Twilio's clock.
        expect(spoken + passed).toBeGreaterThan(clock - 20)
      }
    }
  )
})
