/** The playback ledger against any line: marks late, lost and returned by a clear, streams that change, timers that are late. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import * as Playout from "../../src/call/Playout.ts"

/** What the line has really played, and the truth about it: each byte of an item says where in the item it lies. */
interface Played {
  readonly itemId: string
  readonly at: number
  readonly from: number
  readonly ms: number
}

const rate = 8

/** 8 bytes a millisecond, which tell where in the item they lie. */
const audio = (from: number, ms: number): Uint8Array =>
  Uint8Array.from({ length: ms * rate }, (_, index) => {
    const at = from + Math.floor(index / rate)
    return index % 2 === 0 ? at >> 8 : at & 0xff
  })
const placeOf = (bytes: Uint8Array): number => (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)

/**
 * A line that plays what is sent and echoes marks, some late, some never; a clear gives all pending marks back at once. It is
 * right about what was heard; the ledger is asked what it believes.
 */
class Line {
  ledger = Playout.empty
  now = 0
  readonly received = new Map<string, number>()
  /** Milliseconds of each item that were played, as they lie in it. */
  readonly played: Array<Played> = []
  /** Marks under way to us: when, and which. */
  marks: Array<{ readonly at: number; readonly mark: string }> = []
  #playhead = 0
  #buffer: Array<{ readonly mark: string; readonly from: number; readonly ms: number }> = []
  #due: number | undefined
  readonly sent: Array<{ readonly itemId: string; readonly bytes: Uint8Array }> = []
  markDelay = 0
  losesMarks = false
  timerLate = 0
  suspended = false

  say(itemId: string, ms: number, contentIndex = 0): void {
    const from = this.received.get(itemId) ?? 0
    this.received.set(itemId, from + ms)
    this.ledger = Playout.enqueue(this.ledger, { itemId, contentIndex, bytes: audio(from, ms) })
    this.pump()
  }

  pump(): void {
    if (this.suspended) return
    const { again, packets, playout } = Playout.pump(this.ledger, this.now)
    this.ledger = playout
    for (const { bytes, itemId, mark } of packets) {
      this.sent.push({ itemId, bytes })
      const from = Math.max(this.#playhead, this.now)
      const ms = bytes.length / rate
      this.#playhead = from + ms
      this.#buffer.push({ mark, from, ms })
      this.played.push({ itemId, at: placeOf(bytes), from, ms })
      if (!this.losesMarks) this.#echo(this.#playhead + this.markDelay, mark)
    }
    this.#due = again === undefined ? undefined : this.now + again + this.timerLate
  }

  /** In order, as everything on one socket is. */
  #echo(at: number, mark: string): void {
    this.marks.push({ at: Math.max(at, this.marks.at(-1)?.at ?? 0), mark })
  }

  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const mark = this.marks[0]
      const next = Math.min(mark?.at ?? Number.POSITIVE_INFINITY, this.#due ?? Number.POSITIVE_INFINITY)
      if (next > until) break
      this.now = Math.max(this.now, next)
      if (mark !== undefined && mark.at <= this.now) {
        this.marks.shift()
        this.ledger = Playout.played(this.ledger, mark.mark, this.now)
      }
      this.pump()
    }
    this.now = until
  }

  /** What the network held is gone; the marks of it come back at once. */
  #drop(echoes: boolean): void {
    const kept = this.played.filter(({ from }) => from < this.now)
    const cut = kept.map((piece) => ({ ...piece, ms: Math.min(piece.ms, this.now - piece.from) }))
    this.played.splice(0, this.played.length, ...cut)
    const pending = this.#buffer.filter(({ from, ms }) => from + ms > this.now).map(({ mark }) => mark)
    this.marks = this.marks.filter(({ mark }) => !pending.includes(mark))
    if (echoes) for (const mark of pending) this.#echo(this.now, mark)
    this.#buffer = []
    this.#playhead = this.now
    this.#due = undefined
  }

  clear(): ReadonlyArray<Playout.Cut> {
    const { cuts, playout } = Playout.clear(this.ledger, this.now)
    this.ledger = playout
    this.#drop(true)
    return cuts
  }

  suspend(): void {
    this.ledger = Playout.suspend(this.ledger, this.now).playout
    this.#drop(true)
    this.suspended = true
  }

  resume(): void {
    this.suspended = false
    this.pump()
  }

  changeStream(): void {
    this.ledger = Playout.interruptStream(this.ledger, this.now)
    this.#drop(false)
    this.marks = []
    this.pump()
  }

  heardOf(itemId: string): number {
    return this.ledger.items.get(itemId)?.heard ?? 0
  }
}

const acts = fc.array(
  fc.oneof(
    fc.record({ say: fc.integer({ min: 1, max: 3_000 }), item: fc.nat(3) }),
    fc.record({ pass: fc.integer({ min: 1, max: 2_000 }) }),
    fc.constant("clear" as const),
    fc.constant("suspend" as const),
    fc.constant("resume" as const),
    fc.constant("stream" as const),
    fc.record({ marks: fc.integer({ min: 0, max: 4_000 }) }),
    fc.record({ lose: fc.boolean() }),
    fc.record({ late: fc.integer({ min: 0, max: 900 }) })
  ),
  { maxLength: 40 }
)

const perform = (story: typeof acts extends fc.Arbitrary<infer A> ? A : never, see: (line: Line) => void): Line => {
  const line = new Line()
  let items = 0
  for (const act of story) {
    if (act === "clear") {
      line.clear()
      items += 4
    } else if (act === "suspend") line.suspend()
    else if (act === "resume") line.resume()
    else if (act === "stream") line.changeStream()
    // items are said one after the other, and one that was cut off is not gone on with
    else if ("say" in act) {
      items = Math.max(items, items - (items % 4) + act.item)
      line.say(`item${items}`, act.say)
    } else if ("pass" in act) line.pass(act.pass)
    else if ("marks" in act) line.markDelay = act.marks
    else if ("lose" in act) line.losesMarks = act.lose
    else line.timerLate = act.late
    see(line)
  }
  return line
}

describe("2 the playback ledger", () => {
  it("2.1 whatever happens: heard never shrinks, is never more than received, and all is heard in the end", () => {
    fc.assert(
      fc.property(acts, (story) => {
        const before = new Map<string, number>()
        const line = perform(story, ({ ledger }) => {
          for (const [itemId, { heard, received }] of ledger.items) {
            expect(heard).toBeLessThanOrEqual(received)
            expect(heard).toBeGreaterThanOrEqual(before.get(itemId) ?? 0)
            before.set(itemId, heard)
          }
        })
        const waiting = new Set([...line.ledger.queue, ...line.ledger.sent].map(({ itemId }) => itemId))
        line.resume()
        line.pass(60_000)
        expect(Playout.isIdle(line.ledger)).toBe(true)
        for (const itemId of waiting) expect(line.heardOf(itemId)).toBeCloseTo(line.received.get(itemId) ?? 0, 6)
      }),
      { numRuns: 400 }
    )
  })

  it("2.2 nothing of an item is left out, and what is said again is what was said just before", () => {
    fc.assert(
      fc.property(acts, (story) => {
        const line = perform(
          story.filter((act) => act !== "clear"),
          () => undefined
        )
        line.resume()
        line.pass(60_000)
        const marksAreGood = !story.some((act) => typeof act !== "string" && ("marks" in act || "lose" in act))
        const upTo = new Map<string, number>()
        for (const { at, itemId, ms } of line.played) {
          const before = upTo.get(itemId) ?? 0
          expect(at).toBeLessThanOrEqual(before)
          if (marksAreGood) expect(before - at).toBeLessThanOrEqual(Playout.rewind)
          upTo.set(itemId, marksAreGood ? at + ms : Math.max(before, at + ms))
        }
        for (const [itemId, received] of line.received) expect(upTo.get(itemId)).toBeCloseTo(received, 6)
      }),
      { numRuns: 400 }
    )
  })

  it("2.3 marks that a clear gives back prove nothing, whatever comes after it", () => {
    const line = new Line()
    line.say("a", 2_000)
    line.pass(450)
    const [cut] = line.clear()
    expect(cut?.heard).toBe(450)
    line.pass(1)
    expect(line.heardOf("a")).toBe(450)
    line.say("b", 1_000)
    line.pass(100)
    expect(line.heardOf("a")).toBe(450)
    expect(line.heardOf("b")).toBeLessThanOrEqual(100)
  })

  for (const markDelay of [0, 300, 700, 1_000, 1_400, 2_000, 5_000]) {
    it(`2.4 marks that are ${markDelay} ms late do not make the agent stutter`, () => {
      const line = new Line()
      line.markDelay = markDelay
      line.say("a", 20_000)
      line.pass(60_000)
      const gaps = line.played.filter(({ from }, index) => {
        const before = line.played[index - 1]
        return before !== undefined && from > before.from + before.ms
      })
      expect(gaps).toEqual([])
      expect(line.heardOf("a")).toBe(20_000)
    })
  }

  it("2.5 marks that get late in the middle of a sentence do not make it stutter either, nor does their loss", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_000 }),
        fc.integer({ min: 0, max: 6_000 }),
        fc.boolean(),
        (at, by, lost) => {
          const line = new Line()
          line.say("a", 12_000)
          line.pass(at)
          line.markDelay = by
          line.losesMarks = lost
          line.pass(40_000)
          line.played.forEach(({ from }, index) => {
            const before = line.played[index - 1]
            if (before !== undefined) expect(from).toBeLessThanOrEqual(before.from + before.ms)
          })
          expect(line.heardOf("a")).toBe(12_000)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("2.6 a timer that is late is made up for at once, and never leaves more than the lead ahead", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 30 }), (pauses) => {
        const line = new Line()
        line.say("a", 30_000)
        for (const pause of pauses) {
          line.timerLate = pause
          line.pass(pause)
          const ahead = line.played.reduce(
            (sum, { from, ms }) => sum + Math.max(0, Math.min(ms, from + ms - line.now)),
            0
          )
          expect(ahead).toBeLessThanOrEqual(Playout.lead)
        }
        line.timerLate = 0
        line.pass(120_000)
        expect(line.played.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(30_000, 6)
      }),
      { numRuns: 60 }
    )
  })

  it("2.7 an hour of speech without a drift: at every minute the ledger knows what was heard, to a millisecond", () => {
    const line = new Line()
    line.markDelay = 80
    for (let minute = 0; minute < 60; minute++) {
      line.say(`minute${minute}`, 60_000)
      line.pass(60_000)
      const believed = Playout.clear(line.ledger, line.now).playout.items.get(`minute${minute}`)?.heard ?? 0
      expect(believed).toBeGreaterThanOrEqual(59_999)
    }
    expect(line.now).toBe(3_600_000)
  })

  it("2.8 of a response of several items each has its own count; the one that had not begun was not heard", () => {
    const line = new Line()
    line.say("a", 500)
    line.say("b", 1_000)
    line.say("c", 700)
    line.pass(900)
    const cuts = line.clear()
    expect(cuts.map(({ heard, itemId, received }) => [itemId, heard, received])).toEqual([
      ["b", 400, 1_000],
      ["c", 0, 700]
    ])
    expect(line.heardOf("a")).toBe(500)
  })

  it("2.9 a truncation names the content part in which it falls, and counts from its beginning", () => {
    const line = new Line()
    line.say("a", 600, 0)
    line.say("a", 800, 1)
    line.pass(1_000)
    const [cut] = line.clear()
    if (cut === undefined) throw new Error("nothing was cut")
    expect(cut.heard).toBe(1_000)
    expect(Playout.partAt(cut, cut.heard)).toEqual({ contentIndex: 1, ms: 400 })
    expect(Playout.partAt(cut, 599.9)).toEqual({ contentIndex: 0, ms: 599 })
  })

  it("2.10 never truncates beyond what came of the part, whatever was sent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 6_000 }),
        (parts, at) => {
          const line = new Line()
          let contentIndex = 0
          const lengths: Array<number> = []
          for (const [next, ms] of parts) {
            contentIndex += next
            lengths[contentIndex] = (lengths[contentIndex] ?? 0) + ms
            line.say("a", ms, contentIndex)
          }
          line.pass(at)
          for (const cut of line.clear()) {
            const told = Playout.partAt(cut, cut.heard)
            expect(Number.isInteger(told.ms)).toBe(true)
            expect(told.ms).toBeGreaterThanOrEqual(0)
            expect(told.ms).toBeLessThanOrEqual(lengths[told.contentIndex] ?? 0)
          }
        }
      ),
      { numRuns: 200 }
    )
  })

  it("2.11 a sentence is taken up a quarter of a second before where it stopped, and not before its beginning", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_900 }), fc.nat(400), (at, markDelay) => {
        const line = new Line()
        line.markDelay = markDelay
        line.say("a", 3_000)
        line.pass(at)
        line.suspend()
        const rest = line.ledger.queue.reduce((sum, { bytes }) => sum + bytes.length / rate, 0)
        expect(rest).toBeCloseTo(3_000 - Math.max(0, at - Playout.rewind), 3)
        expect(line.heardOf("a")).toBeCloseTo(at, 6)
        line.pass(5_000)
        expect(line.heardOf("a")).toBeCloseTo(at, 6)
        line.resume()
        line.pass(10_000)
        expect(line.heardOf("a")).toBe(3_000)
      }),
      { numRuns: 100 }
    )
  })

  it("2.12 keeps count of a thousand items", () => {
    const line = new Line()
    for (let item = 0; item < 1_000; item++) {
      line.say(`item${item}`, 100)
      line.pass(200)
    }
    expect(line.ledger.items.size).toBe(1_000)
    for (let item = 0; item < 1_000; item++) expect(line.heardOf(`item${item}`)).toBe(100)
    expect(line.ledger.sent).toEqual([])
  })

  it("2.13 on a line from which nothing comes no schedule is a witness: what was sent into it is sent again", () => {
    const line = new Line()
    line.say("a", 6_000)
    line.pass(2_000)
    line.losesMarks = true
    line.marks = []
    line.pass(1_000)
    line.ledger = Playout.quiet(line.ledger, 2_000)
    line.pass(20_000)
    expect(line.heardOf("a")).toBe(2_000)
    // no more is sent than can be out without a proof
    expect(line.ledger.queue.length).toBeGreaterThan(0)
    line.losesMarks = false
    line.changeStream()
    line.pass(3_900)
    expect(line.heardOf("a")).toBeLessThanOrEqual(5_900)
    line.pass(200)
    expect(line.heardOf("a")).toBe(6_000)
  })

  it("2.14 nor is it where marks had been lost before, and the schedule was all there was", () => {
    const line = new Line()
    line.losesMarks = true
    line.say("a", 10_000)
    line.pass(5_000)
    expect(line.heardOf("a")).toBeGreaterThan(3_000)
    line.pass(1_000)
    line.ledger = Playout.quiet(line.ledger, 5_000)
    line.pass(20_000)
    expect(line.heardOf("a")).toBeLessThanOrEqual(5_000)
    line.ledger = Playout.alive(line.ledger)
    line.pump()
    line.pass(20_000)
    expect(line.heardOf("a")).toBe(10_000)
  })
})
