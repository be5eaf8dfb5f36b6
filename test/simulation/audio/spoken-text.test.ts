/** Speech of the simulators: what was said is understood, however it was cut and joined again. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Ear, speak, understand } from "../../../src/simulation/audio/SpokenText.ts"

const words = fc.string({ unit: fc.constantFrom(..."abc Ü?.", "1"), minLength: 1, maxLength: 12 })

describe("spoken text", () => {
  it("is understood in pieces of any size", () => {
    fc.assert(
      fc.property(words, fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 40 }), (text, sizes) => {
        const ear = new Ear()
        let audio = speak(text)
        for (const size of [...sizes, audio.length]) {
          ear.hear(audio.subarray(0, size))
          audio = audio.subarray(size)
        }
        expect(ear.text).toBe(text)
      })
    )
  })

  it("is understood right behind other words that break off, wherever they do", () => {
    fc.assert(
      fc.property(words, words, fc.nat(480), (cut, text, bytes) => {
        const audio = speak(cut)
        const broken = audio.subarray(0, Math.max(0, audio.length - bytes))
        expect(understand(Buffer.concat([broken, speak(text)]))).toBe(understand(broken) + text)
      }),
      { numRuns: 500 }
    )
  })
})
