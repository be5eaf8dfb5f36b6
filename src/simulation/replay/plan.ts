/**
 * When what came in is to come in again: each event so long after the deed of the service that it answers as it was in the
 * log. Pure; whoever plays it is `RecordedOutside.ts`.
 */
import type { Entry, EntryOf } from "../../wirelog/Entry.ts"
import { clientNames, isHearing, makeMoments, momentOf, responseOf, tagOf, typeOf } from "./Moments.ts"

/** What to do with an event whose cue never comes: it was the cue's effect, or it would have come anyhow. */
type Otherwise = "never" | "anyhow"

export interface Planned {
  readonly entry: Entry
  /** Its place in the log. */
  readonly order: number
  /** The moment it follows; none: the start of the call. */
  readonly cue: string | undefined
  /** Milliseconds after the cue. */
  readonly delay: number
  readonly otherwise: Otherwise
  /** A moment without which it cannot be: that its response was asked for. */
  readonly needs: string | undefined
}

export interface Plan {
  /** All that comes in by itself: not the answers to requests and handshakes, nor the echoes of marks. */
  readonly events: ReadonlyArray<Planned>
  /** When each moment was, in milliseconds since the start of the call. */
  readonly moments: ReadonlyMap<string, number>
  /** The names that the client gave at a moment, and the server gave back (`clientNames`). */
  readonly names: ReadonlyMap<string, ReadonlyArray<string>>
}

interface Cue {
  readonly moment: string
  readonly at: number
}

const isMark = (entry: Entry): boolean => entry.is === "frame" && typeOf(entry.frame) === "mark"
const ticketOf = (text: string): string | undefined => /\{token-\d+\}/.exec(text)?.[0]

/** The ticket with which a media stream came. */
const ticketOfStream = (entries: ReadonlyArray<Entry>, on: string): string | undefined => {
  const start = entries.find(
    (entry): entry is EntryOf<"frame"> => entry.on === on && entry.is === "frame" && typeOf(entry.frame) === "start"
  )
  return start === undefined ? undefined : ticketOf(JSON.stringify(start.frame))
}

/** All texts that an entry took out to Twilio: where tickets are given out. */
const givenOut = (entry: Entry): string => {
  if (entry.dir === "in") return ""
  if (entry.is === "response") return entry.body ?? ""
  return entry.is === "request" ? entry.form.map(([, value]) => value).join("\n") : ""
}

export const planOf = (entries: ReadonlyArray<Entry>): Plan => {
  const namer = makeMoments()
  const moments = new Map<string, number>()
  const latest = new Map<string, Cue>()
  /** The last piece of the callee's voice that a session was given. */
  const heard = new Map<string, Cue>()
  const tickets = new Map<string, Cue>()
  const events: Array<Planned> = []
  const names = new Map<string, ReadonlyArray<string>>()
  /** Where a response was asked for, by connection and tag. */
  const requests = new Map<string, string>()
  /** The request of each response, by the response's id. */
  const responses = new Map<string, string>()

  const later = (...cues: ReadonlyArray<Cue | undefined>): Cue | undefined =>
    cues.reduce((found, cue) => (cue !== undefined && cue.at >= (found?.at ?? 0) ? cue : found), undefined)
  /** The last thing that we asked of Twilio: by REST, or by closing a stream. */
  const asked = () => later(latest.get("rest"), latest.get("closed stream"))

  const cueOf = (
    entry: Entry
  ): { readonly cue: Cue | undefined; readonly otherwise: Otherwise; readonly needs?: string } | undefined => {
    const { on } = entry
    if (on === "owner") return { cue: undefined, otherwise: "anyhow" }
    if (on === "webhook") return { cue: asked(), otherwise: "never" }
    if (on.startsWith("media")) {
      if (entry.is === "open")
        return { cue: tickets.get(ticketOfStream(entries, on) ?? "") ?? asked(), otherwise: "never" }
      const opened = { moment: namer.open(on), at: moments.get(namer.open(on)) ?? 0 }
      if (isMark(entry)) return undefined
      const flows = entry.is === "frame" && ["connected", "start", "media"].includes(typeOf(entry.frame))
      if (flows) return { cue: opened, otherwise: "never" }
      const rest = latest.get("rest")
      const cue = later(opened, latest.get(on), rest)
      return { cue, otherwise: cue === latest.get(on) ? "anyhow" : "never" }
    }
    if (!on.startsWith("realtime") || !["frame", "text", "close"].includes(entry.is)) return undefined
    const frame = entry.is === "frame" ? entry.frame : undefined
    // a detector and a transcriber answer to what they heard, not to what was asked
    if (/^input_audio_buffer\.|\.input_audio_transcription\./.test(typeOf(frame))) {
      return { cue: later(latest.get(on), heard.get(on)), otherwise: "anyhow" }
    }
    const id = responseOf(frame)
    const tag = tagOf(frame)
    const request = requests.get(`${on} ${tag}`)
    if (id !== undefined && request !== undefined) responses.set(id, request)
    const needs = id === undefined ? undefined : responses.get(id)
    const at = needs === undefined ? undefined : moments.get(needs)
    if (needs === undefined || at === undefined) return { cue: latest.get(on), otherwise: "anyhow" }
    const begins = typeOf(frame) === "response.created"
    return { cue: begins ? { moment: needs, at } : latest.get(on), otherwise: "anyhow", needs }
  }

  for (const [order, entry] of entries.entries()) {
    if (entry.dir === "in") {
      const found = cueOf(entry)
      if (found !== undefined) {
        const { cue, needs, otherwise } = found
        const delay = Math.max(0, entry.t - (cue?.at ?? 0))
        events.push({ entry, order, cue: cue?.moment, delay, otherwise, needs })
      }
    }
    const moment = momentOf(namer, entry)
    if (moment === undefined) continue
    const cue = { moment, at: entry.t }
    moments.set(moment, entry.t)
    if (entry.is === "frame") {
      names.set(moment, clientNames(entry.frame))
      const tag = typeOf(entry.frame) === "response.create" ? tagOf(entry.frame) : undefined
      if (tag !== undefined) requests.set(`${entry.on} ${tag}`, moment)
    }
    if (entry.is === "frame" && isHearing(entry.frame)) {
      heard.set(entry.on, cue)
      continue
    }
    for (const [, ticket = ""] of givenOut(entry).matchAll(/<Parameter name="token" value="(\{token-\d+\})"/g))
      tickets.set(ticket, cue)
    if (entry.on === "rest" && entry.is === "request" && entry.method !== "POST") continue
    if (entry.is === "close" && entry.on.startsWith("media")) latest.set("closed stream", cue)
    else latest.set(entry.on, cue)
  }
  return { events, moments, names }
}
