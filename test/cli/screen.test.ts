/** What is really on a terminal after lines were printed above live ones: a small terminal reads every byte. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { hasColour, makeScreen } from "../../src/cli/Screen.ts"
import { paint } from "../../src/cli/text.ts"
import { withoutColour } from "../../src/cli/width.ts"

/** A control sequence, or a character. */
const spelled = new RegExp(`(${String.fromCharCode(27)}\\[([?\\d]*)([A-Za-z]))|([\\s\\S])`, "gu")

/** Understands what a screen writes: text, line feeds, cursor up, clearing below, automatic wrapping on and off. */
const terminal = (columns: number, rows = 24) => {
  const lines: Array<Array<string>> = [[]]
  let row = 0
  let column = 0
  let wraps = true
  const put = (character: string) => {
    if (column >= columns && wraps) {
      row += 1
      column = 0
    }
    while (lines.length <= row) lines.push([])
    const line = lines[row] ?? []
    line[Math.min(column, columns - 1)] = character
    column += 1
  }
  const write = (text: string) => {
    for (const [, escape, argument = "", command, character = ""] of text.matchAll(spelled)) {
      if (escape === undefined) {
        if (character === "\n") row += 1
        if (character === "\n" || character === "\r") column = 0
        else put(character)
        while (lines.length <= row) lines.push([])
      } else if (command === "A") row = Math.max(0, row - Number(argument))
      else if (command === "J") {
        lines.splice(row + 1)
        lines[row]?.splice(column)
      } else if (argument === "?7") wraps = command === "h"
    }
  }
  const seen = () => lines.map((line) => Array.from(line, (character) => character ?? " ").join(""))
  return { stream: { isTTY: true, columns, rows, write }, seen, wraps: () => wraps }
}

const printable = FastCheck.stringMatching(/^[ -~]{0,60}$/)
const action = FastCheck.oneof(
  FastCheck.record({ print: printable.map((text) => text.slice(0, 30)) }),
  FastCheck.record({ live: FastCheck.array(printable, { maxLength: 5 }) })
)

describe("a screen", () => {
  it("has the lines that were printed, in order, and below them the live ones and nothing of those before", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(action, { maxLength: 20 }),
        FastCheck.integer({ min: 31, max: 50 }),
        (actions, columns) => {
          const { seen, stream, wraps } = terminal(columns)
          const screen = makeScreen({ TERM: "xterm" }, stream, stream)
          const printed: Array<string> = []
          let live = ""
          for (const [index, step] of actions.entries()) {
            if ("live" in step) {
              live = step.live.join("\n")
              screen.live(live)
            } else {
              printed.push(step.print)
              // complaints go above the live lines, too
              if (index % 2 === 0) screen.print(step.print)
              else screen.complain(step.print)
            }
          }
          // a line too long for the terminal is cut off there, and takes one row all the same; its last cell is overwritten
          const cut = (line: string) => (line.length > columns ? line.slice(0, columns - 1) + line.slice(-1) : line)
          expect(seen().map((line) => line.trimEnd())).toEqual(
            [...printed, ...live.split("\n").map(cut)].map((line) => line.trimEnd())
          )
          expect(wraps()).toBe(true)
        }
      ),
      { numRuns: 300 }
    )
  })

  it("shows the end of live lines that are more than its rows", () => {
    const { seen, stream } = terminal(40, 3)
    const screen = makeScreen({ TERM: "xterm" }, stream, stream)
    screen.live("a\nb\nc\nd")
    expect(seen()).toEqual(["c", "d"])
  })

  it("that is none, or a dumb one, gets plain lines and nothing live", () => {
    for (const [isTTY, TERM] of [
      [false, "xterm"],
      [true, "dumb"]
    ] as const) {
      const written: Array<string> = []
      const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) }
      const screen = makeScreen({ TERM }, stream, stream)
      screen.live("speaking")
      screen.print("said")
      screen.complain(paint(screen.colour)("red", "oh"))
      expect(written.join("")).toBe("said\noh\n")
      expect(screen.terminal).toBe(false)
      expect(screen.columns()).toBe(isTTY ? 40 : Number.POSITIVE_INFINITY)
    }
  })

  it("keeps colour from a stderr that is a file", () => {
    const complaints: Array<string> = []
    const { stream } = terminal(40)
    const screen = makeScreen({ TERM: "xterm" }, stream, { write: (text) => complaints.push(text) })
    screen.complain(paint(screen.colour)("red", "oh"))
    expect(complaints).toEqual(["oh\n"])
    expect(withoutColour(paint(true)("red", "oh"))).toBe("oh")
  })
})

describe("colour", () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [true, { TERM: "dumb" }, false],
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "", NO_COLOR: "1" }, false]
  ])("on a terminal %s with %j: %s", (isTerminal, env, expected) => {
    expect(hasColour(isTerminal, env)).toBe(expected)
  })
})
