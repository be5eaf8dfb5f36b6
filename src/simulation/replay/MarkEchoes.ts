/**
 * The marks of one media stream coming back when their audio has been played, as late as each of them was in the log. That
 * time depends on when the speaking began, and not on when each packet was sent. A clear brings back at once all that is
 * still out, whatever the log says.
 */
import type { Entry } from "../../wirelog/Entry.ts"
import type { Agenda } from "./Agenda.ts"
import { markOf, typeOf } from "./Moments.ts"

interface Recorded {
  /** Milliseconds from the end of its audio to the echo; `undefined` when it never came. */
  readonly late: number | undefined
  /** A clear had brought it back before it was played. */
  readonly cleared: boolean
  readonly frame: unknown
}

export interface MarkHistory {
  readonly marks: ReadonlyMap<string, Recorded>
  /** Milliseconds from a clear to the first echo after it. */
  readonly clearing: number
  /** Milliseconds, the least, between the end of a mark's audio and its echo: the way there and back. */
  readonly latency: number
}

/** Twilio's own time for a clear, where the log shows none. */
const usualClearing = 40

const isFrame = (entry: Entry, dir: Entry["dir"], type: string) =>
  entry.is === "frame" && entry.dir === dir && typeOf(entry.frame) === type

const bytesPerMs = 8

/** What the log says of the marks of stream `on`. */
export const markHistory = (entries: ReadonlyArray<Entry>, on: string): MarkHistory => {
  /** When the audio sent so far has been played, if it took no time to get there. */
  let playedAt = 0
  let latency = Number.POSITIVE_INFINITY
  const playedBy = new Map<string, number>()
  const marks = new Map<string, Recorded>()
  const sentAt = new Map<string, number>()
  const clears: Array<number> = []
  let clearing: number | undefined
  for (const entry of entries) {
    if (entry.on !== on || entry.is !== "frame") continue
    if (isFrame(entry, "out", "media")) playedAt = Math.max(playedAt, entry.t) + (entry.audio?.bytes ?? 0) / bytesPerMs
    if (isFrame(entry, "out", "clear")) {
      clears.push(entry.t)
      playedAt = entry.t
    }
    const name = markOf(entry.frame)
    if (name === undefined) continue
    if (entry.dir === "out") {
      sentAt.set(name, entry.t)
      playedBy.set(name, Math.max(playedAt, entry.t))
      marks.set(name, { late: undefined, cleared: false, frame: undefined })
      continue
    }
    const sent = sentAt.get(name)
    if (sent === undefined) continue
    const clear = clears.findLast((at) => at >= sent)
    const late = entry.t - (playedBy.get(name) ?? entry.t)
    marks.set(name, { late, cleared: clear !== undefined, frame: entry.frame })
    if (clear === undefined) latency = Math.min(latency, late)
    else clearing = Math.min(clearing ?? usualClearing, entry.t - clear)
  }
  return {
    marks,
    clearing: clearing ?? usualClearing,
    latency: Number.isFinite(latency) ? Math.max(0, latency) : 0
  }
}

export class MarkEchoes {
  readonly #agenda: Agenda
  readonly #history: MarkHistory
  readonly #echo: (frame: unknown) => void
  readonly #streamSid: string
  #playedAt = 0
  #out: Array<{ readonly name: string; readonly order: number }> = []

  constructor(agenda: Agenda, history: MarkHistory, streamSid: string, echo: (frame: unknown) => void) {
    this.#agenda = agenda
    this.#history = history
    this.#streamSid = streamSid
    this.#echo = echo
  }

  audio(bytes: number): void {
    this.#playedAt = Math.max(this.#playedAt, this.#agenda.now) + bytes / bytesPerMs
  }

  mark(name: string, order: number): void {
    const recorded = this.#history.marks.get(name)
    const known = recorded !== undefined && !recorded.cleared
    if (known && recorded.late === undefined) return
    const { now } = this.#agenda
    this.#out.push({ name, order })
    const late = known ? (recorded.late ?? 0) : this.#history.latency
    const at = Math.max(now, Math.round(Math.max(now, this.#playedAt) + late))
    this.#agenda.put(at, order, () => this.#back(name))
  }

  clear(order: number): void {
    this.#playedAt = this.#agenda.now
    const cleared = this.#out.map(({ name }) => name)
    this.#agenda.put(this.#agenda.now + this.#history.clearing, order, () => {
      for (const name of cleared) this.#back(name)
    })
  }

  #back(name: string): void {
    const still = this.#out.filter((mark) => mark.name !== name)
    if (still.length === this.#out.length) return
    this.#out = still
    const frame = this.#history.marks.get(name)?.frame
    this.#echo(frame ?? { event: "mark", streamSid: this.#streamSid, mark: { name } })
  }
}
