/** The playout ledger against a simulated line, over any delay and jitter: what it sends, when, and what it believes was heard. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import * as Playout from "../../src/call/Playout.ts"

/** One way of the network: in order, each message a little late by itself. */
const wire = (delay: number, jitter: () => number) => {
  let last = 0
  return (at: number) => {
    last = Math.max(last, at + delay + jitter())
    return last
  }
}

/** The far end: plays what arrives, one after the other, and answers each mark when what is before it was played. */
const makeLine = (delay: number, jitter: () => number) => {
  const there = wire(delay, jitter)
  const back = wire(delay, jitter)
  const played: Array<{
    readonly arrives: number
    readonly from: number
    readonly ms: number
    readonly itemId: string
  }> = []
  let playhead = 0
  return {
    played,
    /** When the mark of this packet is back. */
    play: (at: number, { bytes, itemId }: Playout.Packet): number => {
      const arrives = there(at)
      const from = Math.max(playhead, arrives)
      playhead = from + bytes.length / 8
      played.push({ arrives, from, ms: bytes.length / 8, itemId })
      return back(playhead)
    },
    /** What the callee has heard of an item when a clear sent at this time arrives. */
    heardAtClear: (at: number, itemId: string): number => {
      const arrives = there(at)
      return played
        .filter((piece) => piece.itemId === itemId)
        .reduce((total, { from, ms }) => total + Math.min(Math.max(arrives - from, 0), ms), 0)
    }
  }
}

interface Conduct {
  readonly items: ReadonlyArray<{ readonly after: number; readonly ms: number }>
  readonly delay: number
  readonly jitter: number
  readonly late: number
  readonly seed: number
}

/** A small repeatable source of numbers from 0 to 1. */
const source = (seed: number) => {
  let state = (seed * 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Plays the items until `until`, and tells of every step. */
const conduct = (
  { delay, items, jitter, late, seed }: Conduct,
  until: number,
  see: (playout: Playout.Playout, now: number) => void = () => undefined
) => {
  const random = source(seed)
  const line = makeLine(delay, () => random() * jitter)
  const sent: Array<Playout.Packet> = []
  let playout = Playout.empty
  const agenda: Array<{ readonly at: number; readonly act: (now: number) => void }> = []
  const plan = (at: number, act: (now: number) => void) => {
    const later = agenda.findIndex((next) => next.at > at)
    agenda.splice(later === -1 ? agenda.length : later, 0, { at, act })
  }
  let timer = 0
  const pump = (now: number) => {
    const next = Playout.pump(playout, now)
    playout = next.playout
    for (const packet of next.packets) {
      sent.push(packet)
      plan(line.play(now, packet), (at) => {
        playout = Playout.played(playout, packet.mark, at)
        pump(at)
      })
    }
    if (next.again !== undefined) {
      timer += 1
      const mine = timer
      // at most one timer runs: the last that was set
      plan(now + next.again + random() * late, (at) => (mine === timer ? pump(at) : undefined))
    }
  }
  let at = 0
  items.forEach(({ after, ms }, index) => {
    at += after
    const itemId = `item${index}`
    plan(at, (now) => {
      for (let rest = ms * 8; rest > 0; rest -= 2_345) {
        const bytes = new Uint8Array(Math.min(rest, 2_345)).fill(index)
        playout = Playout.enqueue(playout, { itemId, contentIndex: 0, bytes })
      }
      pump(now)
    })
  })
  for (let next = agenda.shift(); next !== undefined && next.at <= until; next = agenda.shift()) {
    next.act(next.at)
    see(playout, next.at)
  }
  return { line, playout, sent }
}

const spoken = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 6_000 }), ms: fc.integer({ min: 1, max: 5_000 }) }),
  {
    minLength: 1,
    maxLength: 6
  }
)
const network = {
  delay: fc.integer({ min: 0, max: 150 }),
  jitter: fc.integer({ min: 0, max: 40 }),
  late: fc.integer({ min: 0, max: 50 }),
  seed: fc.integer({ min: 1, max: 1_000_000 })
}

describe("the playout ledger", () => {
  it("sends every byte once, in order, and proves all of it heard in the end", () => {
    fc.assert(
      fc.property(fc.record({ items: spoken, ...network }), (story) => {
        const { playout, sent } = conduct(story, Number.POSITIVE_INFINITY)
        const bytes = sent.flatMap((packet) => [...packet.bytes])
        const wanted = story.items.flatMap(({ ms }, index) => Array.from({ length: ms * 8 }, () => index))
        expect(Buffer.compare(Buffer.from(bytes), Buffer.from(wanted))).toBe(0)
        expect(Playout.isIdle(playout)).toBe(true)
        for (const [, { heard, received }] of playout.items) expect(heard).toBe(received)
        expect(new Set(sent.map(({ mark }) => mark)).size).toBe(sent.length)
      }),
      { numRuns: 60 }
    )
  })

  it("never lets the network hold more than its lead and what is on the way", () => {
    fc.assert(
      fc.property(fc.record({ items: spoken, ...network }), (story) => {
        const { line, sent } = conduct(story, Number.POSITIVE_INFINITY)
        line.played.forEach(({ arrives }, index) => {
          const held = line.played
            .slice(Math.max(0, index - 100), index + 1)
            .reduce((total, { from, ms }) => total + Math.min(Math.max(from + ms - arrives, 0), ms), 0)
          // late packets may catch up with their predecessors on the way
          expect(held).toBeLessThanOrEqual(Playout.lead + story.jitter)
        })
        expect(sent.every(({ bytes }) => bytes.length <= Playout.packet * 8)).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it("believes at every moment that no more was heard than received, and never takes a heard word back", () => {
    fc.assert(
      fc.property(fc.record({ items: spoken, ...network }), (story) => {
        const before = new Map<string, number>()
        conduct(story, Number.POSITIVE_INFINITY, (playout) => {
          for (const [itemId, { heard, received }] of playout.items) {
            expect(heard).toBeLessThanOrEqual(received)
            expect(heard).toBeGreaterThanOrEqual(before.get(itemId) ?? 0)
            before.set(itemId, heard)
          }
        })
      }),
      { numRuns: 40 }
    )
  })

  it("knows at a clear, to 60 ms, what the callee has heard, whatever the network's delay and jitter", () => {
    fc.assert(
      fc.property(fc.record({ items: spoken, ...network }), fc.integer({ min: 10, max: 20_000 }), (story, at) => {
        const { line, playout } = conduct(story, at)
        const { cuts } = Playout.clear(playout, at)
        for (const { heard, itemId } of cuts) {
          expect(Math.abs(heard - line.heardAtClear(at, itemId))).toBeLessThanOrEqual(60)
        }
      }),
      { numRuns: 400 }
    )
  })

  it("does not drift: after an hour of speech the line has never run dry, and the truth is still known", () => {
    // the model is always ten seconds ahead
    const items = Array.from({ length: 360 }, (_, index) => ({ after: index < 2 ? 0 : 10_000, ms: 10_000 }))
    const story = { items, delay: 80, jitter: 40, late: 50, seed: 3 }
    const { line, playout } = conduct(story, 3_500_000)
    const gaps = line.played.filter(({ from }, index) => {
      const before = line.played[index - 1]
      return before !== undefined && from > before.from + before.ms + 0.001
    })
    expect(gaps).toEqual([])
    const [cut] = Playout.clear(playout, 3_500_000).cuts
    expect(Math.abs((cut?.heard ?? 0) - line.heardAtClear(3_500_000, cut?.itemId ?? ""))).toBeLessThanOrEqual(60)
  }, 20_000)

  it("a mark of before a clear proves nothing of what came after", () => {
    const say = (playout: Playout.Playout, itemId: string) =>
      Playout.pump(Playout.enqueue(playout, { itemId, contentIndex: 0, bytes: new Uint8Array(1_600) }), 0)
    const first = say(Playout.empty, "a")
    const second = say(Playout.clear(first.playout, 0).playout, "b")
    for (const { mark } of first.packets) {
      expect(Playout.played(second.playout, mark, 10)).toEqual(second.playout)
    }
    expect(second.playout.items.get("b")?.heard).toBe(0)
  })

  it("a stream that is lost takes nothing with it: what was not played is played on the next one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 0, max: 4_000 }), (ms, at) => {
        const { line, playout } = conduct({ items: [{ after: 0, ms }], delay: 0, jitter: 0, late: 0, seed: 1 }, at)
        const lost = Playout.interruptStream(playout, at)
        const rest = lost.queue.reduce((total, { bytes }) => total + bytes.length / 8, 0)
        const heard = lost.items.get("item0")?.heard ?? 0
        expect(heard + rest).toBeCloseTo(ms, 0)
        expect(Math.abs(heard - line.heardAtClear(at, "item0"))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60 }
    )
  })
})
