/**
 * Lets what came in come in again: waits for each event's cue, keeps its delay, and the order of one socket. An event whose
 * cue does not come is let in anyhow after a while, unless it could only be the effect of that cue.
 */
import type { Agenda } from "./Agenda.ts"
import type { Plan, Planned } from "./plan.ts"

/** Milliseconds by which the replay may be later than the log before a cue is given up. */
const patience = 5_000

const connectionOf = (moment: string): string => moment.split(" ", 1)[0] ?? ""

export class Cues {
  readonly #agenda: Agenda
  readonly #plan: Plan
  readonly #play: (event: Planned) => void
  readonly #startedAt: number
  readonly #waiting = new Map<string, Array<Planned>>()
  /** When each moment was in this run. */
  readonly #moments = new Map<string, number>()
  /** How much later than in the log each connection is. */
  readonly #shifts = new Map<string, number>()
  /** What is still to come on each socket of the voice model, in order. */
  readonly #lanes = new Map<string, Array<Planned>>()
  readonly #due = new Set<Planned>()

  constructor(agenda: Agenda, plan: Plan, play: (event: Planned) => void) {
    this.#agenda = agenda
    this.#plan = plan
    this.#play = play
    this.#startedAt = agenda.now
    for (const event of plan.events) {
      const { on } = event.entry
      if (on.startsWith("realtime")) this.#lanes.set(on, [...(this.#lanes.get(on) ?? []), event])
    }
  }

  /** From now on events come in. */
  begin(): void {
    for (const event of this.#plan.events) {
      const { cue, order, otherwise } = event
      if (cue === undefined) this.#put(event, this.#startedAt)
      else {
        const at = this.#moments.get(cue)
        if (at !== undefined) this.#put(event, at)
        else this.#waiting.set(cue, [...(this.#waiting.get(cue) ?? []), event])
        if (otherwise === "anyhow") this.#agenda.put(this.#givenUpAt(event), order, () => this.#giveUp(event))
      }
    }
  }

  /** The service has done what the log knows under this name, or something the log does not know at all. */
  happened(moment: string): void {
    const at = this.#agenda.now
    if (this.#moments.has(moment)) return
    this.#moments.set(moment, at)
    const then = this.#plan.moments.get(moment)
    if (then !== undefined) this.#shifts.set(connectionOf(moment), at - this.#startedAt - then)
    for (const event of this.#waiting.get(moment) ?? []) this.#put(event, at)
    this.#waiting.delete(moment)
  }

  #put(event: Planned, cuedAt: number): void {
    this.#agenda.put(cuedAt + event.delay, event.order, () => this.#ready(event))
  }

  #givenUpAt({ entry }: Planned): number {
    return this.#startedAt + entry.t + Math.max(0, this.#shifts.get(entry.on) ?? 0) + patience
  }

  #giveUp(event: Planned): void {
    const { cue, order } = event
    if (cue === undefined || this.#moments.has(cue)) return
    const at = this.#givenUpAt(event)
    if (at > this.#agenda.now) this.#agenda.put(at, order, () => this.#giveUp(event))
    else {
      const waiting = this.#waiting.get(cue) ?? []
      this.#waiting.delete(cue)
      for (const other of waiting) this.#agenda.put(this.#agenda.now, other.order, () => this.#ready(other))
    }
  }

  #ready(event: Planned): void {
    const lane = this.#lanes.get(event.entry.on)
    if (lane === undefined) return this.#letIn(event)
    this.#due.add(event)
    for (let [next] = lane; next !== undefined && this.#due.has(next); [next] = lane) {
      lane.shift()
      this.#due.delete(next)
      this.#letIn(next)
    }
  }

  #letIn(event: Planned): void {
    if (event.needs === undefined || this.#moments.has(event.needs)) this.#play(event)
  }
}
