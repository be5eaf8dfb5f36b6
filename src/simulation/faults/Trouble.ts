/** What the parts of a fault plan share while they do their work: which fault was met when, and how often what has happened. */
import type { Clock } from "effect"
import type { Fault } from "./Fault.ts"

/**
 * The time of the world in epoch milliseconds: what lasts, whatever hangs on the wall of the machine whose fiber asks (a
 * simulated clock's monotonic time begins at the epoch too).
 */
export const worldTime = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

/** A fault that took effect. `at` is in epoch milliseconds of the world. */
export interface Met {
  readonly at: number
  readonly fault: Fault
}

/** One per run, also when the service in it is started again. */
export class Trouble {
  readonly plan: ReadonlyArray<Fault>
  readonly met: Array<Met> = []
  readonly #counts = new Map<string, number>()

  constructor(plan: ReadonlyArray<Fault>) {
    this.plan = plan
  }

  /** The number of this occurrence of `what`, from 1. */
  count(what: string): number {
    const nth = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, nth)
    return nth
  }

  meet(at: number, fault: Fault): void {
    this.met.push({ at, fault })
  }
}

/** Whether the occurrence `count` is meant by "from the `nth` (1), `times` (1) in a row". */
export const isMeant = (
  { nth = 1, times = 1 }: { readonly nth?: number; readonly times?: number },
  count: number
): boolean => count >= nth && count < nth + times
