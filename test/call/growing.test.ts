/** The map that grows all call long behaves as a `Map` does, and what was taken from it before stays as it was. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { Growing } from "../../src/call/Growing.ts"

const step = FastCheck.record({
  key: FastCheck.nat(40).map((number) => `item${number}`),
  value: FastCheck.nat(),
  removed: FastCheck.nat(9).map((number) => number === 0)
})

describe("a growing map", () => {
  it.prop(
    "has the entries of a Map, in its order, and never changes inside",
    [FastCheck.array(step, { maxLength: 80 })],
    ([steps]) => {
      const map = new Map<string, number>()
      const versions = [{ growing: Growing.of<number>(), entries: [...map] }]
      for (const { key, removed, value } of steps) {
        const last = versions.at(-1)?.growing ?? Growing.of<number>()
        if (removed) map.delete(key)
        else map.set(key, value)
        versions.push({ growing: removed ? last.without(key) : last.with(key, value), entries: [...map] })
      }
      for (const { entries, growing } of versions) {
        expect([...growing]).toEqual(entries)
        for (let number = 0; number <= 40; number++) {
          const key = `item${number}`
          const known = entries.find(([one]) => one === key)
          expect(growing.get(key)).toBe(known?.[1])
          expect(growing.has(key)).toBe(known !== undefined)
        }
      }
    }
  )
})
