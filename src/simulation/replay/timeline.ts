/** A wire log as a story for people: what went over each connection, but for the flow of audio. Pure. */
import { Predicate } from "effect"
import type { Entry } from "../../wirelog/Entry.ts"
import { detailOf, isWorthTelling, lineOf } from "../modelEvents.ts"
import { isProbe, typeOf } from "./Moments.ts"

const whatOf = (entry: Entry): string | undefined => {
  switch (entry.is) {
    case "request": {
      const form = new Map(entry.form)
      const told = ["CallStatus", "Status", "AnsweredBy", "Twiml"].flatMap((key) => form.get(key) ?? []).join(" ")
      return `${entry.method} ${entry.path}${told === "" ? "" : ` ${told}`}`
    }
    case "response":
    case "refused":
      return `answer ${entry.status}`
    case "failed":
      return `${entry.kind}: ${entry.message}`
    case "open":
      return `open ${entry.path}`
    case "opened":
      return "is open"
    case "text":
      return entry.text === null ? "a binary frame" : entry.text
    case "close":
      return `close ${entry.code} ${entry.reason}`.trimEnd()
    case "order":
      return entry.text === undefined ? entry.order : `${entry.order} "${entry.text}"`
    case "frame": {
      const type = typeOf(entry.frame)
      if (type === "media" || type === "mark" || !isWorthTelling(type) || isProbe(entry.frame)) return undefined
      return `${type}${Predicate.isRecord(entry.frame) ? detailOf(entry.frame) : ""}`
    }
  }
}

/** One line for each entry that tells something: seconds since the start, the connection, `<-` what the service does there or `->` what comes to it. */
export const timelineOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> =>
  entries.flatMap((entry) => {
    const what = whatOf(entry)
    return what === undefined
      ? []
      : [lineOf(entry.t, entry.on.padEnd(10), `${entry.dir === "out" ? "<-" : "->"} ${what}`)]
  })
