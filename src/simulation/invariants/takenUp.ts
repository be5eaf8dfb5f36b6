/**
 * Sentences that were interrupted and taken up again: after a cough or a "mhm", and on the stream after one that has died, the
 * agent goes on from a little before where it stopped. Found in the audio itself: what comes after the clear, or the death, is
 * the same item, from there. Whatever else comes is none.
 */
import { understand } from "../audio/SpokenText.ts"
import type { Utterance } from "../callee/CalleeLine.ts"
import type { Said } from "../realtime/Journal.ts"
import type { Run } from "../world/Run.ts"
import { forgotten } from "./forgotten.ts"
import { has } from "./Invariant.ts"
import { type Stretch, sounds } from "./line.ts"

type Leg = Run["legs"][number]

const bytesPerMs = 8
/** Milliseconds: what is not known exactly of how far a sentence had come, and a tick. */
const inexact = 60 + 20
/** Without the marks nobody knows that it was heard, until they are given up. */
const unmarked = 2_000
/** As much audio as is compared. */
const piece = 300 * bytesPerMs

/** `from` to `to`: bytes of the line, the pause and what was said again. */
interface TakenUp {
  readonly clearAt: number
  readonly from: number
  readonly to: number
}

const withoutPadding = (audio: Uint8Array): Uint8Array => {
  let end = audio.length
  while (end > 0 && audio[end - 1] === 0xff) end--
  return audio.subarray(0, end)
}

/** Where in an item this stands, by its end. */
const ends = (item: Buffer, tail: Buffer): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = item.indexOf(tail); at >= 0; at = item.indexOf(tail, at + 1)) found.push(at + tail.length)
  return found
}

/** Where in an item audio may end that ends like this. */
const endings = (item: Buffer, heard: Uint8Array): ReadonlyArray<number> => {
  const tail = Buffer.from(heard.subarray(-piece))
  const found = [...ends(item, tail)]
  // its beginning, behind another item
  for (let length = Math.min(tail.length - 1, item.length); found.length === 0 && length > 0; length--) {
    if (item.subarray(0, length).equals(tail.subarray(tail.length - length))) found.push(length)
  }
  return found
}

/** What stops a sentence, in milliseconds. */
interface Stop {
  readonly at: number
  /** By then the last sound has ended, `around` before it at the earliest. */
  readonly silentAt: number
  readonly around: number
  /** How far before its end the sentence is taken up. */
  readonly back: number
}

/** The network's lead, which it plays also when nothing reaches it any more, and the packet whose mark did not come. */
const leadOfNetwork = 400 + 100

const stopsOf = (run: Run, { clears }: Leg): ReadonlyArray<Stop> => {
  const unknown = inexact + (has(run, "loseMarks", "delayMarks") ? unmarked : 0)
  return [
    ...clears.map(({ at }) => ({ at, silentAt: at + 20, around: 160, back: 250 + unknown })),
    ...run.met.flatMap(({ at, fault }) =>
      "muteMedia" in fault
        ? [{ at, silentAt: at + leadOfNetwork, around: leadOfNetwork + 100, back: leadOfNetwork + unknown }]
        : []
    )
  ].toSorted((a, b) => a.at - b.at)
}

/** How many bytes of an item that ended there are said again at the beginning of this; `undefined`: it is something else. */
const repeated = (item: Buffer, end: number, next: Uint8Array, back: number): number | undefined => {
  const earliest = Math.max(0, end - back * bytesPerMs)
  const head = Buffer.from(withoutPadding(next).subarray(0, piece))
  const at = item.subarray(earliest, end + head.length).indexOf(head)
  return head.length === 0 || at < 0 ? undefined : end - earliest - at
}

interface Place {
  readonly said: Said
  readonly end: number
}

/** All sentences that were taken up again, in order. */
export const takenUp = (run: Run, leg: Leg): ReadonlyArray<TakenUp> => {
  const { agentAudio, answeredAt = 0 } = leg
  const stops = stopsOf(run, leg)
  if (stops.length === 0) return []
  const stretches = sounds(agentAudio)
  const audioOf = ({ from, to }: Stretch) => agentAudio.subarray(from * bytesPerMs, to * bytesPerMs)
  // the phrase for gaps too, which is no part of the conversation
  const all = run.sessions.flatMap(({ said }) => said)
  // a short piece may stand in thousands of places
  const audios = new Map(all.map((said) => [said, Buffer.from(said.audio())]))
  const forgetting = run.sessions.flatMap(forgotten).filter(({ itemId }) => all.some((said) => said.itemId === itemId))
  const found: Array<TakenUp> = []
  /** Where the stretch that was found last stands in its item, and how far that item has been heard. */
  let before: { readonly index: number; readonly start: number; readonly place: Place } | undefined
  for (const { around, at, back: furthestBack, silentAt } of stops) {
    const latest = silentAt - answeredAt
    const index = stretches.findLastIndex(({ from, to }) => from <= latest && to >= latest - around)
    const last = stretches[index]
    const next = stretches[index + 1]
    if (last === undefined || next === undefined) continue
    // what the model was told to forget is over, and what comes then may begin alike
    const given = forgetting.filter((item) => item.at - answeredAt <= next.from)
    if (given.some((item) => item.at >= at)) continue
    const gone = new Set(given.map(({ itemId }) => itemId))
    const known = before?.index === index ? before : undefined
    const length = (last.to - last.from) * bytesPerMs
    const heard = withoutPadding(audioOf(last))
    // too little to be known by: the model has kept the sentence waiting before it, perhaps with the phrase for gaps between
    const earlier =
      heard.length < piece
        ? stretches.slice(Math.max(0, index - 2), index).map((one) => withoutPadding(audioOf(one)))
        : []
    // the sentence that was taken up before, or one that has begun behind it
    const places = [
      ...(known === undefined ? [] : [{ said: known.place.said, end: known.start + length }]),
      ...all
        .filter((said) => said.at <= at && !gone.has(said.itemId) && said !== known?.place.said)
        .flatMap((said) => {
          const item = audios.get(said) ?? Buffer.alloc(0)
          const waited = earlier.flatMap((one) => ends(item, Buffer.concat([one, heard]).subarray(-piece)))
          return (waited.length > 0 ? waited : endings(item, heard)).map((end) => ({ said, end }))
        })
    ]
    for (const { end, said } of places) {
      const back = repeated(audios.get(said) ?? Buffer.alloc(0), end, audioOf(next), furthestBack)
      if (back === undefined) continue
      // who is interrupted again before that has not come as far as before
      const furthest = said === known?.place.said ? Math.max(end, known.place.end) : end
      const from = last.to * bytesPerMs
      const again = back + furthest - end
      found.push({ clearAt: at, from, to: Math.min(next.from * bytesPerMs + again, next.to * bytesPerMs) })
      before = { index: index + 1, start: end - back, place: { said, end: furthest } }
      break
    }
  }
  return found
}

const without = (audio: Uint8Array, from: number, to: number, gaps: ReadonlyArray<TakenUp>): Uint8Array => {
  const pieces: Array<Uint8Array> = []
  let at = from
  for (const gap of gaps) {
    if (gap.from < at || gap.from >= to) continue
    pieces.push(audio.subarray(at, gap.from))
    at = gap.to
  }
  pieces.push(audio.subarray(at, Math.max(at, to)))
  return new Uint8Array(Buffer.concat(pieces))
}

/** What the agent was heard to say, each sentence that was taken up again as if it had not been interrupted. */
export const rejoined = (
  run: Run,
  leg: Leg
): {
  readonly audio: Uint8Array
  readonly heard: ReadonlyArray<Utterance>
  /** The clears after which a sentence was taken up again. */
  readonly clears: ReadonlySet<number>
  /** When on the line a millisecond of `audio` was heard. */
  readonly onLine: (ms: number) => number
} => {
  const { agentAudio, answeredAt = 0, heard } = leg
  const gaps = takenUp(run, leg)
  const clears = new Set(gaps.map(({ clearAt }) => clearAt))
  const onLine = (ms: number) =>
    gaps.reduce((at, { from, to }) => (at >= from ? at + to - from : at), ms * bytesPerMs) / bytesPerMs
  if (gaps.length === 0) return { audio: agentAudio, heard, clears, onLine }
  const offset = (at: number) => Math.max(0, Math.round((at - answeredAt) * bytesPerMs))
  const whole = (at: number, until: number): Utterance => {
    const text = understand(without(agentAudio, offset(at), offset(until), gaps))
    return { at, ms: until - at, text }
  }
  const joined: Array<Utterance> = []
  for (const utterance of heard) {
    const { at, ms } = utterance
    const last = joined.at(-1)
    const goesOn = gaps.some(
      ({ from, to }) =>
        last !== undefined && offset(last.at + last.ms) <= from + 320 && offset(at) >= from && offset(at) <= to
    )
    // a pause that was short ended no utterance
    const hasPause = gaps.some(({ from, to }) => offset(at) < from && to < offset(at + ms))
    if (last !== undefined && goesOn) joined[joined.length - 1] = whole(last.at, at + ms)
    else joined.push(hasPause ? whole(at, at + ms) : utterance)
  }
  return { audio: without(agentAudio, 0, agentAudio.length, gaps), heard: joined, clears, onLine }
}
