/** What a person sees of a call: lines that stay, the live line, the card at the end, the history. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck } from "effect"
import { callLines, transcriptLines, turnLine } from "../../src/cli/callText.ts"
import { historyLines } from "../../src/cli/historyText.ts"
import { clip, clipStart, durationText, moneyText, paint, plain, withoutColour } from "../../src/cli/text.ts"
import { liveLine, see, unseen, type View } from "../../src/cli/watchView.ts"
import type { Call } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import type { Turn } from "../../src/domain/Turn.ts"
import { call } from "../rpc/service.ts"
import { look } from "./support.ts"

const at = (time: string) => DateTime.unsafeMake(`2026-01-01T${time}Z`)
const hello: Turn = { timestamp: at("10:30:05"), role: "assistant", text: "Hello, this is Ann's assistant." }
const hi: Turn = { timestamp: at("10:30:09"), role: "user", text: "Hi!" }

const outcome = {
  success: true,
  taskCompleted: true,
  summary: "Booked for 7.",
  nextSteps: ["Send a mail"],
  evidence: [1]
}

const ended: Call = {
  ...call,
  task: "Book a table",
  status: "completed",
  answeredBy: "human",
  startedAt: at("10:30:00"),
  answeredAt: at("10:30:04"),
  endedAt: at("10:35:46"),
  duration: 342,
  transcript: [hello, hi],
  outcome,
  cost: { telephone: 0.03, model: 0.09, total: 0.12 },
  latency: { answerToFirstWord: 0.42, turn: { p50: 0.81, p95: 1.2 } },
  recording: "/t/abc12345.wav"
}

const watched = (events: ReadonlyArray<CallEvent>): readonly [View, ReadonlyArray<string>] =>
  events.reduce<readonly [View, ReadonlyArray<string>]>(
    ([view, lines], event) => {
      const [next, more] = see(view, event, look)
      return [next, [...lines, ...more]]
    },
    [unseen, []]
  )

const ringing: CallEvent = { _tag: "Status", seq: 1, at: at("10:30:01"), status: "ringing" }
const answered: CallEvent = { _tag: "Status", seq: 2, at: at("10:30:04"), status: "in-progress" }

describe("a watched call", () => {
  it("shows who says what, when, in lines that stay", () => {
    const [view, lines] = watched([
      ringing,
      answered,
      { _tag: "Turn", seq: 3, position: 0, turn: hello },
      { _tag: "Turn", seq: 4, position: 1, turn: hi },
      { _tag: "Ended", seq: 5, call: ended }
    ])
    expect(lines).toEqual([
      "10:30:01  ringing",
      "10:30:04  in progress",
      "10:30:05  agent   Hello, this is Ann's assistant.",
      "10:30:09  callee  Hi!"
    ])
    expect(view.ended).toBe(ended)
    expect(view.seq).toBe(5)
  })

  it("shows nothing twice when a connection comes back and events repeat", () => {
    const [, lines] = watched([ringing, answered, ringing, answered])
    expect(lines).toHaveLength(2)
  })

  it("shows a turn again when it was corrected, and not when it only came again", () => {
    const cut: Turn = { ...hello, text: "Hello, this", interrupted: true }
    const [, lines] = watched([
      { _tag: "Turn", seq: 1, position: 0, turn: hello },
      { _tag: "Turn", seq: 2, position: 0, turn: hello },
      { _tag: "Turn", seq: 3, position: 0, turn: cut }
    ])
    expect(lines).toEqual([
      "10:30:05  agent   Hello, this is Ann's assistant.",
      "10:30:05  agent   Hello, this (interrupted) (corrected)"
    ])
  })

  it("spins while it rings, and tells for how long", () => {
    const [view] = watched([ringing])
    const since = at("10:30:01").epochMillis
    expect(liveLine(view, since + 7_000, 80, look)).toMatch(/^\S ringing 7 s$/)
    expect(liveLine(view, since + 7_100, 80, look)).not.toBe(liveLine(view, since + 7_000, 80, look))
    expect(liveLine(watched([ringing, answered])[0], since, 80, look)).toBe("")
  })

  it("shows partial text until its turn is complete, the end of it when it is long", () => {
    const partial = (text: string): CallEvent => ({ _tag: "Partial", seq: 2, position: 1, role: "user", text })
    const [speaking, lines] = watched([ringing, answered, partial("I would like")])
    expect(lines).toHaveLength(2)
    expect(liveLine(speaking, 0, 80, look)).toBe("          callee  I would like")
    const [long] = watched([ringing, answered, partial(`${"word ".repeat(40)}the end`)])
    expect(liveLine(long, 0, 60, look)).toMatch(/^ {10}callee {2}….* the end$/)
    expect(liveLine(long, 0, 60, look).length).toBeLessThan(60)
    const [complete] = watched([ringing, answered, partial("Hi"), { _tag: "Turn", seq: 3, position: 1, turn: hi }])
    expect(liveLine(complete, 0, 80, look)).toBe("")
  })

  it("never lets what is said steer the terminal", () => {
    const line = turnLine({ ...hi, text: "a\u001b[2Jb\r\nc\u0007\u009b31m" }, look)
    expect(line).toBe("10:30:09  callee  a [2Jb c 31m")
  })
})

describe("the end of a call", () => {
  it("is status, outcome, cost, latency and where the files are", () => {
    expect(callLines(ended, { ...look, transcriptsDir: "/t" })).toEqual([
      "abc12345  +15551234567  completed, successful",
      "  task        Book a table",
      "  outcome     Booked for 7.",
      "  next step   Send a mail",
      "  answered by human",
      "  started     2026-01-01 10:30",
      "  duration    5 min 42 s",
      "  cost        about $0.12 (telephone $0.03, model $0.09)",
      "  latency     first word after 0.4 s, replies after 0.8 s, 95 % within 1.2 s",
      "  transcript  /t/abc12345.json",
      "  recording   /t/abc12345.wav"
    ])
    expect(transcriptLines(ended, look)).toHaveLength(2)
  })

  it("is the error, when there was one, and nothing that is not known", () => {
    const busy: Call = {
      ...call,
      status: "busy",
      endedAt: at("10:30:20"),
      error: { type: "CallBusy", message: "The line was busy." }
    }
    expect(callLines(busy, look)).toEqual([
      "abc12345  +15551234567  busy",
      "  task        Say hello",
      "  error       CallBusy: The line was busy.",
      "  started     2026-01-01 00:00"
    ])
  })
})

describe("the history", () => {
  it("is a table, one line a call, no wider than the terminal", () => {
    const lines = historyLines([ended, { ...ended, outcome: { ...outcome, summary: "x".repeat(300) } }], look, 100)
    expect(lines[0]).toMatch(/^ID +STARTED +TO +STATUS +DURATION +COST +OUTCOME$/)
    expect(lines[1]).toMatch(
      /^abc12345 {2}2026-01-01 10:30 {2}\+15551234567 {2}completed {2}5 min 42 s {2}\$0\.12 {2}Booked/
    )
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  })

  it("that is empty says so", () => {
    expect(historyLines([], look, 80)).toEqual(["No calls."])
  })
})

describe("words", () => {
  it("durations and money", () => {
    expect([0, 7.4, 59.6, 342, 3780].map(durationText)).toEqual(["0 s", "7 s", "1 min 0 s", "5 min 42 s", "1 h 3 min"])
    expect([0, 0.0042, 0.12, 3].map(moneyText)).toEqual(["$0.00", "$0.0042", "$0.12", "$3.00"])
  })

  it("are clipped to the room there is, wide characters counted double", () => {
    expect(clip("abcdef", 6)).toBe("abcdef")
    expect(clip("abcdefg", 6)).toBe("abcde…")
    expect(clipStart("abcdefg", 6)).toBe("…cdefg")
    expect(clip("漢字漢字", 5)).toBe("漢字…")
    FastCheck.assert(
      FastCheck.property(
        FastCheck.string({ unit: "grapheme" }),
        FastCheck.integer({ min: 1, max: 40 }),
        (text, room) => {
          expect([...clip(text, room)].length).toBeLessThanOrEqual(room)
          expect([...clipStart(text, room)].length).toBeLessThanOrEqual(room)
        }
      )
    )
  })

  it("are one line without control characters, whatever they were", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary" }), (text) => {
        expect(plain(text)).not.toMatch(/\p{Cc}|\u2028|\u2029/u)
      })
    )
  })

  it("have colour only where it is wanted", () => {
    expect(paint(false)("red", "x")).toBe("x")
    expect(withoutColour(paint(true)("red", "x"))).toBe("x")
    expect(paint(true)("red", "x")).not.toBe("x")
  })
})
