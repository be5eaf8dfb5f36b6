/**
 * The playout ledger (pure): audio that waits for the line, audio the telephone network holds, and what of it the callee has
 * heard. Paces so that the network never holds more than a bounded lead (design, 3.5). Touches no clock and no socket.
 */
import { type ItemAudio, Items } from "./playout/Items.ts"

export { type ItemAudio, partAt } from "./playout/Items.ts"

/** Milliseconds of audio sent ahead of its playing, and the longest packet. Small, so that a clear throws away little. */
export const lead = 400
export const packet = 100
/** What a mark may be late by itself. Marks looked at to tell that from audio that plays late. */
const jitter = 20
const recentMarks = 4

/** A mark that is later than this is lost, and the network with it as a witness: from then on our schedule must do. */
const markPatience = 1_500
/**
 * Without a witness the schedule must do, and what the network adds to it: nothing counts as heard before that. So long may it
 * also take until a line is known to be quiet.
 */
const blindMargin = 1_000
/**
 * The most that is out without a proof of its playing. Above what is out while marks are merely late, for those must not make
 * the agent stutter: whether a late mark means late audio cannot be known, and a clear throws away what was sent too early.
 */
const unconfirmedLimit = 3_000

/** Packets that are kept after they were heard, so that a sentence can be taken up a little before where it was cut. */
const keptPackets = 4

const bytesPerMs = 8

/** A content part of an item of the voice model: the unit in which the model forgets what was not heard. */
export interface Piece {
  readonly itemId: string
  readonly contentIndex: number
  readonly bytes: Uint8Array
}

/** `at`: where it lies in its item, in milliseconds. */
interface Placed extends Piece {
  readonly at: number
}

interface Sent extends Placed {
  readonly mark: string
  readonly ms: number
  /** The earliest at which it begins to play (constant network delay cancels out: a clear is as late as the audio was). */
  readonly startsAt: number
  /** How much later than that it was known to play when the schedule began anew behind it. */
  readonly lag?: number
}

export interface Playout {
  readonly queue: ReadonlyArray<Placed>
  readonly sent: ReadonlyArray<Sent>
  /** The last that was heard. */
  readonly kept: ReadonlyArray<Placed>
  readonly items: Items
  /** When everything sent will have been played, by our schedule. */
  readonly playhead: number
  /** Marks of an earlier generation come back after a clear and prove nothing. */
  readonly generation: number
  readonly count: number
  /** The least lateness of a mark so far: the delay of the network itself. */
  readonly delay: number
  /** The lateness of the last marks, since the audio last ran dry. */
  readonly lateness: ReadonlyArray<number>
  /** Marks do not come back at all: what was sent counts as heard when it has been played by our schedule. */
  readonly marksLost: boolean
  /** Since when nothing comes from the line: then it may carry nothing to the callee either, and the schedule is no witness. */
  readonly quietSince: number | undefined
}

export const empty: Playout = {
  queue: [],
  sent: [],
  kept: [],
  items: Items.none,
  playhead: 0,
  generation: 0,
  count: 0,
  delay: Number.POSITIVE_INFINITY,
  lateness: [],
  marksLost: false,
  quietSince: undefined
}

const ms = (bytes: Uint8Array): number => bytes.length / bytesPerMs
const sum = (values: Iterable<{ readonly ms: number }>): number => {
  let total = 0
  for (const value of values) total += value.ms
  return total
}

/** How far the playing runs behind our schedule: only what all recent marks agree on, so that nothing adds up over time. */
const lag = (playout: Pick<Playout, "lateness" | "delay">): number =>
  playout.lateness.length === 0 ? 0 : Math.max(0, Math.min(...playout.lateness) - playout.delay - jitter)

/** Whether nothing waits and nothing is being played. */
export const isIdle = (playout: Playout): boolean => playout.queue.length === 0 && playout.sent.length === 0

/** When all that is known now will have been played, in the time of `now`. */
export const expectedEnd = (playout: Playout, now: number): number =>
  Math.max(playout.playhead + lag(playout), now) + playout.queue.reduce((total, piece) => total + ms(piece.bytes), 0)

export const enqueue = (playout: Playout, piece: Piece): Playout => {
  if (piece.bytes.length === 0) return playout
  const at = playout.items.get(piece.itemId)?.received ?? 0
  return {
    ...playout,
    items: playout.items.receive(piece.itemId, piece.contentIndex, ms(piece.bytes)),
    queue: [...playout.queue, { ...piece, at }]
  }
}

export interface Packet {
  readonly itemId: string
  readonly bytes: Uint8Array
  readonly mark: string
}

const join = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  if (one.length === 0) return other
  const joined = new Uint8Array(one.length + other.length)
  joined.set(one)
  joined.set(other, one.length)
  return joined
}

/** Cuts packets from the head of a queue: each up to `packet` ms of one content part. */
const cutter = (queue: ReadonlyArray<Placed>) => {
  let index = 0
  let offset = 0
  const wanted = packet * bytesPerMs
  return {
    isEmpty: (): boolean => index >= queue.length,
    next: (): Placed | undefined => {
      const first = queue[index]
      if (first === undefined) return undefined
      const at = first.at + offset / bytesPerMs
      let bytes: Uint8Array = new Uint8Array(0)
      for (let piece: Placed | undefined = first; piece !== undefined && bytes.length < wanted; piece = queue[index]) {
        if (piece.itemId !== first.itemId || piece.contentIndex !== first.contentIndex) break
        const more = piece.bytes.subarray(offset, offset + wanted - bytes.length)
        bytes = join(bytes, more)
        offset += more.length
        if (offset < piece.bytes.length) break
        index += 1
        offset = 0
      }
      return { ...first, at, bytes }
    },
    rest: (): ReadonlyArray<Placed> => {
      const first = queue[index]
      if (first === undefined) return []
      if (offset === 0) return index === 0 ? queue : queue.slice(index)
      const rest = { ...first, at: first.at + offset / bytesPerMs, bytes: first.bytes.subarray(offset) }
      return [rest, ...queue.slice(index + 1)]
    }
  }
}

/** These were heard to their end. */
const heardWhole = (playout: Playout, done: ReadonlyArray<Sent>) => ({
  items: done.reduce((items, { at, itemId, ms }) => items.hear(itemId, at + ms), playout.items),
  kept: [...playout.kept, ...done].slice(-keptPackets),
  sent: playout.sent.slice(done.length)
})

/** How long after its playing a packet may stay unconfirmed. */
const patience = (playout: Playout): number =>
  playout.marksLost ? blindMargin : markPatience + (Number.isFinite(playout.delay) ? Math.max(playout.delay, 0) : 0)

/** When a packet has been played, as far as is known. */
const endOf = (playout: Pick<Playout, "lateness" | "delay">, sent: Sent): number =>
  sent.startsAt + sent.ms + (sent.lag ?? lag(playout))

/** Nothing has come from the line since then, not even a mark: what was to be played later counts as unheard. */
export const quiet = (playout: Playout, since: number): Playout => ({ ...playout, quietSince: since })

/** The line is heard again, and with it what it has held back. */
export const alive = (playout: Playout): Playout => ({ ...playout, quietSince: undefined })

/** Until when the schedule may be believed. */
const witnessed = ({ quietSince }: Playout, now: number): number => Math.min(now, quietSince ?? now)

/** Lost marks must not silence us for good: what they would have proven is taken from the schedule. */
const withoutMarks = (playout: Playout, now: number): Playout => {
  const [first] = playout.sent
  const until = witnessed(playout, now)
  if (first === undefined || until - endOf(playout, first) < patience(playout)) return playout
  const done = playout.sent.filter((sent) => endOf(playout, sent) + blindMargin <= until)
  return { ...playout, marksLost: true, ...heardWhole(playout, done) }
}

/**
 * What to send now, and in how many milliseconds to ask again (`undefined`: when something new has come).
 * A late caller catches up at once: the schedule is the playhead, not the timer, and no mark holds it up.
 */
export const pump = (
  before: Playout,
  now: number
): { readonly playout: Playout; readonly packets: ReadonlyArray<Packet>; readonly again: number | undefined } => {
  const playout = withoutMarks(before, now)
  const { delay, generation } = playout
  let { count, lateness, playhead, sent } = playout
  const packets: Array<Packet> = []
  const queue = cutter(playout.queue)
  const after = (again: number | undefined) => ({
    playout: packets.length === 0 ? playout : { ...playout, queue: queue.rest(), sent, playhead, count, lateness },
    packets,
    again: again === undefined ? undefined : Math.max(1, Math.ceil(again))
  })
  let unconfirmed = sum(sent)
  while (unconfirmed < unconfirmedLimit) {
    const ahead = playhead - now
    if (queue.isEmpty()) break
    if (ahead > lead - packet) return after(ahead - (lead - packet))
    const piece = queue.next()
    if (piece === undefined) break
    if (ahead <= 0) {
      // ran dry: the schedule begins anew, and how late it was does not count for what comes now
      const behind = lag({ lateness, delay })
      sent = sent.map((packet) => (packet.lag === undefined ? { ...packet, lag: behind } : packet))
      playhead = now
      lateness = []
    }
    const mark = `${generation}.${count}`
    const length = ms(piece.bytes)
    packets.push({ itemId: piece.itemId, bytes: piece.bytes, mark })
    sent = [...sent, { ...piece, mark, ms: length, startsAt: playhead }]
    unconfirmed += length
    playhead += length
    count += 1
  }
  return after(untilDoubt())

  /** Until the first packet without its mark makes us look again; nothing of it can be doubted while the whole line is quiet. */
  function untilDoubt(): number | undefined {
    const [first] = sent
    return first === undefined || playout.quietSince !== undefined
      ? undefined
      : endOf({ lateness, delay }, first) + patience(playout) - now
  }
}

/** A mark has come back. One of an earlier generation, or an unknown one, changes nothing. */
export const played = (playout: Playout, mark: string, now: number): Playout => {
  const index = playout.sent.findIndex((sent) => sent.mark === mark)
  const last = playout.sent[index]
  if (last === undefined) return playout
  const late = now - (last.startsAt + last.ms)
  return {
    ...playout,
    ...heardWhole(playout, playout.sent.slice(0, index + 1)),
    marksLost: false,
    delay: Math.min(playout.delay, late),
    lateness: last.lag === undefined ? [...playout.lateness, late].slice(-recentMarks) : playout.lateness
  }
}

/** What was heard of an item when it was cut off, and how much of it had come from the model. Milliseconds. */
export interface Cut extends ItemAudio {
  readonly itemId: string
}

/** By how much the oldest proof is overdue: so late the playing may be, and no more is believed than that. */
const overdue = ({ delay, marksLost, sent: [first] }: Playout, now: number): number =>
  first === undefined || marksLost || !Number.isFinite(delay)
    ? 0
    : Math.max(0, now - (first.startsAt + first.ms) - delay - 3 * jitter)

/** How much of a packet has been played by now, without proof. */
const playedOf = (playout: Playout, sent: Sent, now: number): number => {
  const until = witnessed(playout, now)
  const behind = Math.max(sent.lag ?? lag(playout), overdue(playout, until))
  return Math.min(Math.max(until - behind - sent.startsAt, 0), sent.ms)
}

const heardBySchedule = (playout: Playout, now: number): Items =>
  playout.sent.reduce((items, sent) => {
    const played = playedOf(playout, sent, now)
    return played > 0 ? items.hear(sent.itemId, sent.at + played) : items
  }, playout.items)

/** All sent is gone, played or not; marks of it that still come mean nothing. */
const nothingSent = (playout: Playout, now: number) => ({
  sent: [],
  kept: [],
  lateness: [],
  playhead: now,
  generation: playout.generation + 1
})

/** Everything not yet played is thrown away. Returns the items of which something was lost, in playing order. */
export const clear = (
  playout: Playout,
  now: number
): { readonly playout: Playout; readonly cuts: ReadonlyArray<Cut>; readonly held: boolean } => {
  const items = heardBySchedule(playout, now)
  const touched = new Set([...playout.sent, ...playout.queue].map(({ itemId }) => itemId))
  const cuts = [...touched].flatMap((itemId) => {
    const item = items.get(itemId)
    return item === undefined ? [] : [{ itemId, ...item }]
  })
  return {
    playout: { ...playout, items, queue: [], ...nothingSent(playout, now) },
    cuts,
    held: playout.sent.length > 0
  }
}

/** From this millisecond of its item on; nothing, if it ends before. */
const from = (piece: Placed, position: number): ReadonlyArray<Placed> => {
  const skipped = Math.max(0, Math.floor((position - piece.at) * bytesPerMs))
  const bytes = piece.bytes.subarray(skipped)
  const { contentIndex, itemId } = piece
  return bytes.length === 0 ? [] : [{ itemId, contentIndex, at: piece.at + skipped / bytesPerMs, bytes }]
}

/** What was sent and not played yet comes back into the queue, with `rewind` ms of the same item before it. */
const takeBack = (playout: Playout, now: number, rewind: number): Playout => {
  const first = playout.sent.findIndex((sent) => playedOf(playout, sent, now) < sent.ms)
  const cut = playout.sent[first]
  const back =
    cut === undefined
      ? []
      : [...playout.kept, ...playout.sent].flatMap((piece, index) => {
          if (index >= playout.kept.length + first + 1) return from(piece, 0)
          return piece.itemId === cut.itemId ? from(piece, cut.at + playedOf(playout, cut, now) - rewind) : []
        })
  return {
    ...playout,
    items: heardBySchedule(playout, now),
    queue: [...back, ...playout.queue],
    ...nothingSent(playout, now)
  }
}

/** The stream is gone with all that the network held of it: what was not played yet is played on the next stream. */
export const interruptStream = (playout: Playout, now: number): Playout => ({
  ...takeBack(playout, now, 0),
  delay: Number.POSITIVE_INFINITY,
  quietSince: undefined
})

/** Nothing more is played for now; when playing goes on, it does so a little before where it stopped: in milliseconds. */
export const rewind = 250

/** The network is to throw away what it holds (`held`: if it holds anything); all of it may be played again. */
export const suspend = (
  playout: Playout,
  now: number
): { readonly playout: Playout; readonly held: boolean; readonly lastMark: string | undefined } => ({
  playout: takeBack(playout, now, rewind),
  held: playout.sent.length > 0,
  lastMark: playout.sent.at(-1)?.mark
})
