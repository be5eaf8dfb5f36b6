/** The timers of one talk, by name: setting one anew replaces it, and one that no longer counts is told from one that does. */
import type { Cancel, Timers } from "../Timers.ts"
import type { Fact, TimerName } from "./Fact.ts"

export interface TalkTimers {
  readonly set: (timer: TimerName, ms: number) => void
  readonly stop: (timer: TimerName) => void
  /** Whether this is a timer that was stopped or set anew after it had gone off. */
  readonly isStale: (fact: Fact) => boolean
}

/** Each tells, when it goes off, that it has. */
export const makeTalkTimers = (after: Timers["after"], tell: (fact: Fact) => void): TalkTimers => {
  const armed = new Map<TimerName, { readonly due: Fact; readonly cancel: Cancel }>()
  const stop = (timer: TimerName) => {
    armed.get(timer)?.cancel()
    armed.delete(timer)
  }
  return {
    set: (timer, ms) => {
      stop(timer)
      const due: Fact = { _tag: "Timer", timer }
      armed.set(timer, { due, cancel: after(ms, () => tell(due)) })
    },
    stop,
    isStale: (fact) => fact._tag === "Timer" && armed.get(fact.timer)?.due !== fact
  }
}
