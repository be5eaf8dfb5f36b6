/** Audio of the simulators as it grows: nothing of it is lost between its blocks. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { Track } from "../../src/simulation/audio/Track.ts"

/** Pieces as they come on a line, and some that are longer than a block. */
const piece = FastCheck.tuple(FastCheck.nat(255), FastCheck.oneof(FastCheck.nat(200), FastCheck.nat(40_000)))

describe("a track", () => {
  it.prop(
    "gives back any part of what was appended",
    [FastCheck.array(piece, { maxLength: 60 }), FastCheck.nat(100_000), FastCheck.nat(100_000)],
    ([pieces, from, to]) => {
      const track = new Track()
      const all: Array<number> = []
      for (const [byte, length] of pieces) {
        const audio = new Uint8Array(length).map((_, at) => byte + at)
        track.append(audio)
        for (const value of audio) all.push(value)
      }
      expect(track.length).toBe(all.length)
      expect(Buffer.compare(track.slice(), Uint8Array.from(all))).toBe(0)
      expect(Buffer.compare(track.slice(from, to), Uint8Array.from(all.slice(from, Math.max(from, to))))).toBe(0)
    }
  )

  it("gives a copy", () => {
    const track = Track.of(new Uint8Array([1, 2, 3]))
    track.slice().fill(9)
    expect([...track.slice(1)]).toEqual([2, 3])
  })
})
