/** A watched call on the screen: events become lines, and below them live lines show what is going on. Pure. */
import type { Call } from "../domain/Call.ts"
import type { CallEvent } from "../domain/CallEvent.ts"
import type { CallStatus } from "../domain/CallStatus.ts"
import type { Role } from "../domain/Turn.ts"
import {
  askedLine,
  closedLine,
  type Look,
  roleText,
  statusText,
  transferLine,
  turnIndent,
  turnLine
} from "./callText.ts"
import { clockText, durationText, plain } from "./text.ts"
import { clip, clipStart, withoutColour, wrap } from "./width.ts"

export interface View {
  /** The last lasting event seen: where to go on after a lost connection. */
  readonly seq: number
  readonly status?: CallStatus
  /** Since when, in milliseconds of the epoch. */
  readonly since?: number
  /** What each side is just saying: text so far of a turn that is not complete. */
  readonly partials: ReadonlyArray<{ readonly position: number; readonly role: Role; readonly text: string }>
  /** Lines of turns shown already, by position: a turn may come again, corrected. */
  readonly shown: ReadonlyMap<number, string>
  readonly ended?: Call
}

export const unseen: View = { seq: 0, partials: [], shown: new Map() }

/** The partials that are left when a side has come to this turn: what it was saying before is over. */
const upTo = (view: View, role: Role, position: number) =>
  view.partials.filter((partial) => partial.role !== role || partial.position > position)

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
      const next = { ...view, seq: event.seq, partials: upTo(view, event.turn.role, event.position) }
      if (before === line) return [next, []]
      const shown = new Map(view.shown).set(event.position, line)
      return [{ ...next, shown }, [before === undefined ? line : `${line}${look.paint("dim", " (corrected)")}`]]
    }
    case "Question":
      return [{ ...view, seq: event.seq }, [askedLine(event, look)]]
    case "Answered":
      return [{ ...view, seq: event.seq }, [closedLine(event, look)]]
    case "Transfer":
      return [{ ...view, seq: event.seq }, [transferLine(event, look)]]
    case "Partial": {
      const { position, role, text } = event
      if (view.shown.has(position)) return [view, []]
      const now = text === "" ? [] : [{ position, role, text }]
      const partials = [...upTo(view, role, position), ...now].sort((a, b) => a.position - b.position)
      return [{ ...view, partials }, []]
    }
    case "Ended":
      return [{ ...view, seq: event.seq, partials: [], status: event.call.status, ended: event.call }, []]
  }
}

/** Where an answer is typed: the end of it, with room for the cursor. */
export const promptLine = (typed: string, columns: number, look: Look): string => {
  const indent = columns >= 40 ? 10 : 0
  return `${" ".repeat(indent)}${look.paint("yellow", "answer")}  ${clipStart(typed, columns - indent - 9)}`
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

/** More live lines than these, and the beginning of a long sentence is left out. */
const mostLines = 6

/** What is going on at `now`: who is just saying what, or how long it has been ringing or quiet. */
export const liveLines = (view: View, now: number, columns: number, look: Look): ReadonlyArray<string> => {
  if (view.ended !== undefined || view.status === undefined) return []
  const speaking = view.partials.flatMap(({ role, text }) =>
    wrap(`${" ".repeat(10)}${roleText(role, look)}  ${look.paint("dim", plain(text))}`, columns, turnIndent)
  )
  if (speaking.length > mostLines) {
    return ["…", ...speaking.slice(1 - mostLines)].map((line) => look.paint("dim", withoutColour(line)))
  }
  if (speaking.length > 0) return speaking
  const spinner = frames[Math.floor(now / 100) % frames.length] ?? ""
  const waited = durationText((now - (view.since ?? now)) / 1000)
  const line = clip(`${spinner} ${statusText(view.status)} ${waited}`, columns)
  return [look.paint("cyan", line.slice(0, 1)) + look.paint("dim", line.slice(1))]
}
