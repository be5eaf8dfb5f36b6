/** Text fits where it is put, whatever it is: wide characters, emoji, combining marks, colour. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { paint } from "../../src/cli/text.ts"
import { clip, clipStart, pad, width, withoutColour, wrap } from "../../src/cli/width.ts"

const text = FastCheck.string({ unit: "grapheme", maxLength: 120 })
const words = FastCheck.array(FastCheck.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 20 }).map((parts) =>
  parts.join(" ").replace(/\s+/g, " ").trim()
)
const room = FastCheck.integer({ min: 2, max: 100 })

describe("the width of text", () => {
  it.each([
    ["abc", 3],
    ["漢字", 4],
    ["한국어", 6],
    ["ｆｕｌｌ", 8],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["👩‍👩‍👧", 2],
    ["…", 1],
    ["⠋", 1],
    ["", 0]
  ])("%s", (shown, columns) => {
    expect(width(shown)).toBe(columns)
    expect(width(paint(true)("red", shown))).toBe(columns)
  })
})

describe("text that is cut or padded", () => {
  it("has the room that it was given", () => {
    expect(clip("abcdef", 6)).toBe("abcdef")
    expect(clip("abcdefg", 6)).toBe("abcde…")
    expect(clip("漢字漢字", 5)).toBe("漢字…")
    expect(clipStart("abcdefg", 6)).toBe("…cdefg")
    expect(clipStart("漢字漢字", 6)).toBe("…漢字")
    expect(pad("漢字", 6)).toBe("漢字  ")
    FastCheck.assert(
      FastCheck.property(text, FastCheck.integer({ min: 0, max: 40 }), (shown, columns) => {
        expect(width(clip(shown, columns))).toBeLessThanOrEqual(columns)
        expect(width(clipStart(shown, columns))).toBeLessThanOrEqual(columns)
        expect(width(pad(clip(shown, columns), columns))).toBe(columns)
      })
    )
  })
})

describe("text that is wrapped", () => {
  it("breaks at spaces and hangs behind its indent", () => {
    expect(wrap("agent   Hello, this is Ann speaking", 28, 8)).toEqual([
      "agent   Hello, this is Ann",
      "        speaking"
    ])
    expect(wrap("as short as this", 80, 8)).toEqual(["as short as this"])
  })

  it("breaks what has no spaces where the line is full", () => {
    expect(wrap("call 漢字漢字漢字漢字漢字", 11)).toEqual(["call 漢字漢", "字漢字漢字", "漢字"])
  })

  it("keeps colour over the break", () => {
    const words = "a long text that is wrapped"
    expect(wrap(paint(true)("dim", words), 12).join("\n")).toBe(paint(true)("dim", wrap(words, 12).join("\n")))
  })

  it("is never wider than asked, and loses nothing but spaces", () => {
    const squeezed = (shown: string) => shown.replace(/\s/g, "")
    FastCheck.assert(
      FastCheck.property(
        FastCheck.oneof(text, words),
        room,
        FastCheck.nat(30),
        FastCheck.boolean(),
        (said, columns, indent, colour) => {
          const lines = wrap(paint(colour)("cyan", said), columns, indent)
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
          expect(squeezed(withoutColour(lines.join("")))).toBe(squeezed(said))
        }
      ),
      { numRuns: 500 }
    )
  })
})
