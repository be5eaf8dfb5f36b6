/** What was really on the line: stretches of sound, and how much of what the model said was played, found in the audio itself. */
import { loudness, silenceByte } from "../audio/MuLaw.ts"
import { understand } from "../audio/SpokenText.ts"
import type { SimulatedCallLog } from "../twilio/logs.ts"

const frame = 160
const loud = 0.02

/** Milliseconds since the answer. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Stretches of sound on one side of the line; less than 60 ms of quiet does not end one. */
export const sounds = (audio: Uint8Array): ReadonlyArray<Stretch> => {
  const found: Array<{ from: number; to: number }> = []
  for (let at = 0; at + frame <= audio.length; at += frame) {
    if (loudness(audio.subarray(at, at + frame)) < loud) continue
    const ms = at / 8
    const last = found.at(-1)
    if (last !== undefined && ms - last.to <= 40) last.to = ms + 20
    else found.push({ from: ms, to: ms + 20 })
  }
  return found
}

/** The beginning by which audio is found on a line: one letter. */
const head = 480

const common = (one: Uint8Array, from: number, other: Uint8Array): number => {
  let length = 0
  while (length < other.length && one[from + length] === other[length]) length++
  return length
}

/** What goes on there is more of one of these than what is left of this: another sentence has begun with the same letters. */
const isAnother = (track: Uint8Array, at: number, left: Uint8Array, sentences: ReadonlyArray<Uint8Array>): boolean =>
  sentences.some((sentence) => common(track, at, sentence) > common(track, at, left))

/**
 * Where this audio begins on the line, and how much of it was played there. `sentences`: the model may have kept it waiting in the
 * middle, so it is found in pieces too, and these are what may have begun behind a pause instead.
 */
export const playedRuns = (
  audio: Uint8Array,
  line: Uint8Array,
  sentences?: ReadonlyArray<Uint8Array>
): ReadonlyArray<Stretch> => {
  const beginning = Buffer.from(audio.subarray(0, head))
  // written text has no sound, and nothing would be found everywhere, for ever
  if (beginning.length === 0) return []
  const track = Buffer.from(line)
  const runs: Array<Stretch> = []
  for (let at = track.indexOf(beginning); at >= 0; at = track.indexOf(beginning, at + 1)) {
    let played = common(track, at, audio)
    let pause = 0
    while (sentences !== undefined && played < audio.length && track[at + played + pause] === silenceByte) {
      while (track[at + played + pause] === silenceByte) pause++
      const left = audio.subarray(played)
      if (isAnother(track, at + played + pause, left, sentences)) break
      played += common(track, at + played + pause, left)
    }
    runs.push({ from: at / 8, to: (at + played) / 8 })
  }
  return runs
}

export const lasts = ({ from, to }: Stretch): number => to - from

/** Whether this audio ends in all of `other`. */
export const endsIn = (audio: Uint8Array, other: Uint8Array): boolean =>
  other.length > 0 && Buffer.from(audio.subarray(-other.length)).equals(other)

/** Two sentences that have so much in common cannot be told apart on the line, in milliseconds. */
const alike = 600

/** Whether `other` holds what this audio begins with: as much of it as was heard, in milliseconds. */
export const holdsBeginning = (audio: Uint8Array, other: Uint8Array, heard: number): boolean =>
  Buffer.from(other).includes(Buffer.from(audio.subarray(0, Math.max(head, Math.min(alike, heard) * 8))))

/** Stretches between which there is less than `gap` of quiet are one. */
export const joined = (stretches: ReadonlyArray<Stretch>, gap: number): ReadonlyArray<Stretch> => {
  const all: Array<Stretch> = []
  for (const stretch of stretches) {
    const last = all.at(-1)
    if (last === undefined || stretch.from - last.to > gap) all.push(stretch)
    else all[all.length - 1] = { from: last.from, to: stretch.to }
  }
  return all
}

const tick = 20

/** So many ways in which the streams may have carried what was said are looked at. */
const mostWays = 100

/** The callee's side of a line, and what carries it to us. */
export type Carrying = Pick<SimulatedCallLog, "answeredAt" | "calleeAudio" | "streams">

/**
 * What the callee said while a stream was open to carry it: before the first, between two, or to somebody else after a transfer,
 * it was not said to us. A stream begins and ends within a tick of the line: all that it may have carried.
 */
export const carried = ({ answeredAt = 0, calleeAudio, streams }: Carrying): ReadonlyArray<string> => {
  const position = (at: number) => Math.max(0, Math.floor((at - answeredAt) / tick) * tick * 8)
  const heardOn = ({ endedAt = Number.POSITIVE_INFINITY, startedAt }: Carrying["streams"][number]) =>
    [0, -tick, tick].map((by) => understand(calleeAudio.subarray(position(startedAt + by), position(endedAt + by))))
  // each may have carried another tick; of many streams that is too much to try
  const each = streams.map((stream) => [...new Set(heardOn(stream))])
  const ways = each.reduce((count, { length }) => count * length, 1)
  const whole =
    ways > mostWays
      ? [0, 1, 2].map((way) => streams.map((stream) => heardOn(stream)[way] ?? "").join(""))
      : each.reduce<ReadonlyArray<string>>(
          (found, some) => found.flatMap((one) => some.map((text) => one + text)),
          [""]
        )
  return [...new Set(whole)]
}
