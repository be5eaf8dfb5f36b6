/** A watched call on the screen: events become lines, and between them a live line shows what is going on. Pure. */
import type { Call } from "../domain/Call.ts"
import type { CallEvent } from "../domain/CallEvent.ts"
import type { CallStatus } from "../domain/CallStatus.ts"
import type { Role } from "../domain/Turn.ts"
import { askedLine, closedLine, type Look, roleText, statusText, turnLine } from "./callText.ts"
import { clipStart, clockText, durationText, plain } from "./text.ts"

export interface View {
  /** The last lasting event seen: where to go on after a lost connection. */
  readonly seq: number
  readonly status?: CallStatus
  /** Since when, in milliseconds of the epoch. */
  readonly since?: number
  readonly partial?: { readonly position: number; readonly role: Role; readonly text: string }
  /** Lines of turns shown already, by position: a turn may come again, corrected. */
  readonly shown: ReadonlyMap<number, string>
  readonly ended?: Call
}

export const unseen: View = { seq: 0, shown: new Map() }

const without = (view: View, position: number): View => {
  const { partial, ...rest } = view
  return partial === undefined || partial.position === position ? rest : view
}

/** The view after an event, and the lines that are printed for good. */
export const see = (view: View, event: CallEvent, look: Look): readonly [View, ReadonlyArray<string>] => {
  if (event._tag !== "Partial" && event.seq <= view.seq) return [view, []]
  switch (event._tag) {
    case "Status": {
      const line = `${look.paint("dim", clockText(event.at, look.timeZone))}  ${statusText(event.status)}`
      return [{ ...view, seq: event.seq, status: event.status, since: event.at.epochMillis }, [line]]
    }
    case "Turn": {
      const line = turnLine(event.turn, look)
      const before = view.shown.get(event.position)
      const next = { ...without(view, event.position), seq: event.seq }
      if (before === line) return [next, []]
      const shown = new Map(view.shown).set(event.position, line)
      return [{ ...next, shown }, [before === undefined ? line : `${line}${look.paint("dim", " (corrected)")}`]]
    }
    case "Question":
      return [{ ...view, seq: event.seq }, [askedLine(event, look)]]
    case "Answered":
      return [{ ...view, seq: event.seq }, [closedLine(event, look)]]
    case "Partial":
      return [{ ...view, partial: { position: event.position, role: event.role, text: event.text } }, []]
    case "Ended": {
      const { partial: _, ...rest } = view
      return [{ ...rest, seq: event.seq, status: event.call.status, ended: event.call }, []]
    }
  }
}

/** Where an answer is typed. */
export const promptLine = (typed: string, columns: number, look: Look): string =>
  `${" ".repeat(10)}${look.paint("yellow", "answer")}  ${clipStart(typed, columns - 20)}`

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
const waiting: ReadonlySet<CallStatus | undefined> = new Set<CallStatus>(["queued", "dialing", "ringing"])

/** What is going on at `now`: who is just saying what, or how long it has been ringing. */
export const liveLine = (view: View, now: number, columns: number, look: Look): string => {
  if (view.ended !== undefined) return ""
  if (view.partial !== undefined) {
    const { role, text } = view.partial
    return `${" ".repeat(10)}${roleText(role, look)}  ${look.paint("dim", clipStart(plain(text), columns - 20))}`
  }
  if (!waiting.has(view.status) || view.status === undefined) return ""
  const spinner = frames[Math.floor(now / 100) % frames.length] ?? ""
  const waited = durationText((now - (view.since ?? now)) / 1000)
  return `${look.paint("cyan", spinner)} ${statusText(view.status)} ${look.paint("dim", waited)}`
}
