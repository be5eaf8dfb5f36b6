/** What a person sees of a call: lines that stay, the live line, the card at the end, the history. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck } from "effect"
import { callLines, endLines, transcriptLines, turnLine } from "../../src/cli/callText.ts"
import { historyLines } from "../../src/cli/historyText.ts"
import { durationText, moneyText, paint, plain } from "../../src/cli/text.ts"
import { liveLines, promptLine, see, unseen, type View } from "../../src/cli/watchView.ts"
import { width, withoutColour } from "../../src/cli/width.ts"
import type { Call } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import type { Role, Turn } from "../../src/domain/Turn.ts"
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

  it("spins while it rings and while nobody speaks, and tells for how long", () => {
    const [view] = watched([ringing])
    const since = at("10:30:01").epochMillis
    const [line = ""] = liveLines(view, since + 7_000, 80, look)
    expect(line).toMatch(/^\S ringing 7 s$/)
    expect(liveLines(view, since + 7_100, 80, look)).not.toEqual([line])
    const [quiet] = watched([ringing, answered])
    expect(liveLines(quiet, at("10:31:09").epochMillis, 80, look)[0]).toMatch(/^\S in progress 1 min 5 s$/)
    expect(liveLines(unseen, since, 80, look)).toEqual([])
  })

  const partial = (position: number, role: Role, text: string): CallEvent => ({
    _tag: "Partial",
    seq: 2,
    position,
    role,
    text
  })
  const live = (events: ReadonlyArray<CallEvent>, columns = 80) =>
    liveLines(watched([ringing, answered, ...events])[0], 0, columns, look)

  it("shows the words as they are spoken, of both sides at once, each until its turn is complete", () => {
    const both = [partial(0, "assistant", "Hello, this is"), partial(1, "user", "Who is th")]
    expect(live(both)).toEqual(["          agent   Hello, this is", "          callee  Who is th"])
    expect(live([...both, partial(1, "user", "Who is there?")])[1]).toBe("          callee  Who is there?")
    const complete: CallEvent = { _tag: "Turn", seq: 3, position: 1, turn: hi }
    expect(live([...both, complete])).toEqual(["          agent   Hello, this is"])
    expect(live([...both, complete, partial(1, "user", "too late")])).toHaveLength(1)
    // a turn of which nothing was heard never completes: the next of that side takes its place
    expect(live([...both, partial(2, "assistant", "Sorry?")])).toEqual([
      "          callee  Who is th",
      "          agent   Sorry?"
    ])
  })

  it("wraps what is being said, behind the speaker where there is room, and shows the end of a long one", () => {
    expect(live([partial(0, "user", "I would like to know when you are open on Sunday")], 44)).toEqual([
      "          callee  I would like to know when",
      "                  you are open on Sunday"
    ])
    const long = live([partial(0, "user", `${"word ".repeat(100)}the end`)], 44)
    expect(long).toHaveLength(6)
    expect(long[0]).toBe("…")
    expect(long.at(-1)).toMatch(/the end$/)
  })

  it("is never wider than the terminal, whatever is said", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.string({ unit: "grapheme", maxLength: 200 }),
        FastCheck.integer({ min: 2, max: 120 }),
        (text, columns) => {
          const colours = { ...look, paint: paint(true) }
          const [view] = watched([ringing, answered, partial(0, "user", text), partial(1, "assistant", text)])
          const lines = [
            ...liveLines(view, 0, columns, colours),
            ...liveLines(watched([ringing])[0], 0, columns, colours)
          ]
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
          // the cursor has room behind it, as soon as there is any for the text
          if (columns > 9) expect(width(promptLine(text, columns, colours))).toBeLessThan(columns)
        }
      )
    )
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
      '  evidence    callee, 10:30:09: "Hi!"',
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

  it("tells where the recording will be, which comes later than the end", () => {
    const { recording: _, ...without } = ended
    const known = { ...look, transcriptsDir: "/t", recordCalls: true }
    expect(endLines(without, known).at(-1)).toBe("  recording   /t/abc12345.wav, in some seconds")
    expect(endLines(ended, known).at(-1)).toBe("  recording   /t/abc12345.wav")
    expect(endLines(without, { ...known, recordCalls: false }).at(-1)).toBe("  transcript  /t/abc12345.json")
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

  it("gives up columns on a narrow terminal, the least telling first", () => {
    const heads = (columns: number) => historyLines([ended], look, columns)[0]?.split(/ +/)
    expect(heads(90)).toEqual(["ID", "STARTED", "TO", "STATUS", "DURATION", "OUTCOME"])
    expect(heads(75)).toEqual(["ID", "STARTED", "TO", "STATUS", "OUTCOME"])
    expect(heads(56)).toEqual(["ID", "TO", "STATUS", "OUTCOME"])
    expect(heads(30)).toEqual(["ID", "STATUS", "OUTCOME"])
  })

  it("is never wider than the terminal, and as long as it must be when nobody looks", () => {
    const text = FastCheck.string({ unit: "grapheme" })
    FastCheck.assert(
      FastCheck.property(
        text,
        FastCheck.integer({ min: 1, max: 150 }),
        FastCheck.boolean(),
        (summary, columns, colour) => {
          const calls = [ended, { ...ended, outcome: { ...outcome, summary } }, { ...call, duration: 100_000 }]
          for (const line of historyLines(calls, { ...look, paint: paint(colour) }, columns)) {
            expect(width(line)).toBeLessThanOrEqual(columns)
          }
          expect(historyLines(calls, look, Number.POSITIVE_INFINITY)[2]).toContain(plain(summary))
        }
      )
    )
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
