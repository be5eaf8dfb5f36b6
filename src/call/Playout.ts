/**
 * The playout ledger (pure): audio that waits for the line, audio the telephone network holds, and what of it the callee has
 * heard. Paces so that the network never holds more than a bounded lead (design, 3.5). Touches no clock and no socket.
 */

/** Milliseconds of audio sent ahead of its playing, and the longest packet. Small, so that a clear throws away little. */
export const lead = 400
export const packet = 100
/** Beyond this the network has not confirmed what it holds, so we wait for its marks instead of trusting our schedule. */
const unconfirmedLimit = 1_000
/** Marks looked at to tell audio that runs late from a mark that was late itself, and what a mark may be late by itself. */
const recentMarks = 4
const jitter = 20

/** A mark that is later than this is lost, and the network with it as a witness: from then on our schedule must do. */
const markPatience = 1_500

const bytesPerMs = 8

/** A content part of an item of the voice model: the unit in which the model forgets what was not heard. */
export interface Piece {
  readonly itemId: string
  readonly contentIndex: number
  readonly bytes: Uint8Array
}

interface Sent extends Piece {
  readonly mark: string
  readonly ms: number
  /** When it begins to play by our schedule (constant network delay cancels out: a clear is as late as the audio was). */
  readonly startsAt: number
}

/** `received` and `heard` in milliseconds; `heard` counts only what marks have proven. */
export interface ItemAudio {
  readonly contentIndex: number
  readonly received: number
  readonly heard: number
}

export interface Playout {
  readonly queue: ReadonlyArray<Piece>
  readonly sent: ReadonlyArray<Sent>
  readonly items: ReadonlyMap<string, ItemAudio>
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
}

export const empty: Playout = {
  queue: [],
  sent: [],
  items: new Map(),
  playhead: 0,
  generation: 0,
  count: 0,
  delay: Number.POSITIVE_INFINITY,
  lateness: [],
  marksLost: false
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
  const known = playout.items.get(piece.itemId)
  const items = new Map(playout.items).set(piece.itemId, {
    contentIndex: piece.contentIndex,
    received: (known?.received ?? 0) + ms(piece.bytes),
    heard: known?.heard ?? 0
  })
  return { ...playout, items, queue: [...playout.queue, piece] }
}

export interface Packet {
  readonly itemId: string
  readonly bytes: Uint8Array
  readonly mark: string
}

/** The next packet: up to `packet` ms of one item, cut from the head of the queue. */
const cut = (queue: ReadonlyArray<Piece>): readonly [Piece, ReadonlyArray<Piece>] | undefined => {
  const [head, ...rest] = queue
  if (head === undefined) return undefined
  const wanted = packet * bytesPerMs
  if (head.bytes.length > wanted) {
    return [
      { ...head, bytes: head.bytes.subarray(0, wanted) },
      [{ ...head, bytes: head.bytes.subarray(wanted) }, ...rest]
    ]
  }
  const next = rest[0]
  if (head.bytes.length < wanted && next !== undefined && next.itemId === head.itemId) {
    const joined = new Uint8Array(head.bytes.length + next.bytes.length)
    joined.set(head.bytes)
    joined.set(next.bytes, head.bytes.length)
    return cut([{ ...head, bytes: joined }, ...rest.slice(1)])
  }
  return [head, rest]
}

const hear = (items: ReadonlyMap<string, ItemAudio>, heard: Iterable<readonly [string, number]>) => {
  const next = new Map(items)
  for (const [itemId, more] of heard) {
    const item = next.get(itemId)
    if (item !== undefined) next.set(itemId, { ...item, heard: Math.min(item.received, item.heard + more) })
  }
  return next
}

/** Without a witness the schedule must do, and what the network adds to it: nothing counts as heard before that. */
const blindMargin = 500

/** How long after its playing a packet may stay unconfirmed. */
const patience = (playout: Playout): number =>
  playout.marksLost ? blindMargin : markPatience + (Number.isFinite(playout.delay) ? Math.max(playout.delay, 0) : 0)

/** Lost marks must not silence us for good: what they would have proven is taken from the schedule. */
const withoutMarks = (playout: Playout, now: number): Playout => {
  const behind = lag(playout)
  const first = playout.sent[0]
  if (first === undefined || now - (first.startsAt + first.ms + behind) < patience(playout)) return playout
  const done = playout.sent.filter((sent) => sent.startsAt + sent.ms + behind + blindMargin <= now)
  return {
    ...playout,
    marksLost: true,
    items: hear(
      playout.items,
      done.map((sent) => [sent.itemId, sent.ms] as const)
    ),
    sent: playout.sent.slice(done.length)
  }
}

/**
 * What to send now, and in how many milliseconds to ask again (`undefined`: when something new has come).
 * A late caller catches up at once: the schedule is the playhead, not the timer.
 */
export const pump = (
  before: Playout,
  now: number
): { readonly playout: Playout; readonly packets: ReadonlyArray<Packet>; readonly again: number | undefined } => {
  const playout = withoutMarks(before, now)
  let { queue, sent, playhead, count, lateness } = playout
  const packets: Array<Packet> = []
  const after = (again: number | undefined) => ({
    playout: { ...playout, queue, sent, playhead, count, lateness },
    packets,
    again
  })
  let unconfirmed = sum(sent)
  while (unconfirmed < unconfirmedLimit) {
    const next = cut(queue)
    if (next === undefined) break
    const behind = lag({ lateness, delay: playout.delay })
    const ahead = playhead + behind - now
    if (ahead > lead - packet) return after(Math.max(1, Math.ceil(ahead - (lead - packet))))
    if (ahead <= 0) {
      // ran dry: the schedule begins anew, and how late it was does not count any more
      sent = sent.map((piece) => ({ ...piece, startsAt: piece.startsAt + behind }))
      playhead = now
      lateness = []
    }
    const [piece, rest] = next
    const mark = `${playout.generation}.${count}`
    packets.push({ itemId: piece.itemId, bytes: piece.bytes, mark })
    sent = [...sent, { ...piece, mark, ms: ms(piece.bytes), startsAt: playhead }]
    unconfirmed += ms(piece.bytes)
    playhead += ms(piece.bytes)
    queue = rest
    count += 1
  }
  const first = sent[0]
  return after(
    first === undefined
      ? undefined
      : Math.max(
          1,
          Math.ceil(first.startsAt + first.ms + lag({ lateness, delay: playout.delay }) + patience(playout) - now)
        )
  )
}

/** A mark has come back. One of an earlier generation, or an unknown one, changes nothing. */
export const played = (playout: Playout, mark: string, now: number): Playout => {
  const index = playout.sent.findIndex((sent) => sent.mark === mark)
  const last = playout.sent[index]
  if (last === undefined) return playout
  const late = now - (last.startsAt + last.ms)
  return {
    ...playout,
    marksLost: false,
    items: hear(
      playout.items,
      playout.sent.slice(0, index + 1).map((sent) => [sent.itemId, sent.ms] as const)
    ),
    sent: playout.sent.slice(index + 1),
    delay: Math.min(playout.delay, late),
    lateness: [...playout.lateness, late].slice(-recentMarks)
  }
}

/** What was heard of an item when it was cut off, and how much of it had come from the model. Milliseconds. */
export interface Cut extends ItemAudio {
  readonly itemId: string
}

/** How much of a packet has been played by now, without proof. */
const playedOf = (playout: Playout, sent: Sent, now: number): number =>
  Math.min(Math.max(now - lag(playout) - sent.startsAt, 0), sent.ms)

const heardBySchedule = (playout: Playout, now: number) =>
  hear(
    playout.items,
    playout.sent.map((sent) => [sent.itemId, playedOf(playout, sent, now)] as const)
  )

/** All sent is gone, played or not; marks of it that still come mean nothing. */
const nothingSent = (playout: Playout, now: number) => ({
  sent: [],
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
  const touched = new Set([...playout.sent.map((sent) => sent.itemId), ...playout.queue.map((piece) => piece.itemId)])
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

/** The stream is gone with all that the network held of it: what was not played yet is played on the next stream. */
export const interruptStream = (playout: Playout, now: number): Playout => ({
  ...playout,
  items: heardBySchedule(playout, now),
  queue: [
    ...playout.sent.flatMap((sent) => {
      const bytes = sent.bytes.subarray(Math.floor(playedOf(playout, sent, now) * bytesPerMs))
      return bytes.length === 0 ? [] : [{ itemId: sent.itemId, contentIndex: sent.contentIndex, bytes }]
    }),
    ...playout.queue
  ],
  ...nothingSent(playout, now),
  delay: Number.POSITIVE_INFINITY
})
