import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, FastCheck as fc } from "effect"
import { makeLastHeard } from "../../src/call/hearing/LastHeard.ts"

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")
const bytesOf = (payloads: ReadonlyArray<string>) => Buffer.concat(payloads.map((text) => Buffer.from(text, "base64")))

/** Numbered, so that a frame in the wrong place shows. */
const numbered = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 256)

describe("what was heard last", () => {
  it.prop(
    "is all that came, and of more than is kept the end, in frames of 20 ms, however it is cut",
    [fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 60 }), fc.integer({ min: 1, max: 40 })],
    ([lengths, frames]) => {
      const all = numbered(lengths.reduce((sum, length) => sum + length, 0))
      const lastHeard = makeLastHeard(frames * 20, () => 0)
      let at = 0
      for (const length of lengths) {
        lastHeard.add(base64(all.subarray(at, at + length)))
        at += length
      }
      const whole = all.length - (all.length % 160)
      const kept = lastHeard.since(0).map(({ payload }) => payload)
      expect(bytesOf(kept)).toEqual(Buffer.from(all.subarray(Math.max(0, whole - frames * 160), whole)))
      expect(kept.every((payload) => Buffer.byteLength(payload, "base64") === 160)).toBe(true)
    }
  )

  it("tells of each frame when it came, and nothing from before the moment that is asked for", () => {
    let now = 0
    const lastHeard = makeLastHeard(100, () => now)
    for (const index of Arr.range(1, 8)) {
      now = index * 1000
      lastHeard.add(base64(new Uint8Array(160).fill(index)))
    }
    expect(lastHeard.since(0).map(({ at }) => at)).toEqual([4000, 5000, 6000, 7000, 8000])
    expect(lastHeard.since(6500).map(({ at, payload }) => [at, bytesOf([payload])[0]])).toEqual([
      [7000, 7],
      [8000, 8]
    ])
    expect(lastHeard.since(9000)).toEqual([])
  })
})
