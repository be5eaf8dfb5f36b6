/**
 * Two logs of one call side by side: whether it came out the same, and where the service first did something else on each
 * connection. Pure.
 */
import { Predicate } from "effect"
import type { Call } from "../../domain/Call.ts"
import type { Entry } from "../../wirelog/Entry.ts"
import { isHearing, makeMoments, momentOf, tagOf, typeOf } from "./Moments.ts"

/** What the call came to, as far as a replay must give the same. */
export interface Difference {
  readonly what: string
  readonly log: string
  readonly replay: string
}

/** The first deed on a connection that is not the log's. */
export interface Divergence {
  readonly on: string
  /** Seconds since the start of the call: in the log, or in the replay where the log has no such deed. */
  readonly at: number
  /** What was done, and where it differs; absent: nothing more was done. */
  readonly log?: string
  readonly replay?: string
}

const turnText = ({ interrupted, role, text }: Call["transcript"][number]): string =>
  `${role}: ${text}${interrupted === true ? " (interrupted)" : ""}`

const outcomeText = ({ outcome }: Call): string =>
  outcome === undefined
    ? "none"
    : `${outcome.success ? "success" : "no success"}, task ${outcome.taskCompleted ? "completed" : "not completed"}: ${[outcome.summary, ...outcome.nextSteps].join(" / ")} (turns ${outcome.evidence.join(", ")})`

/** Status, outcome and words: what must be the same. Times and costs may differ. */
export const differencesOf = (log: Call, replay: Call): ReadonlyArray<Difference> => {
  const length = Math.max(log.transcript.length, replay.transcript.length)
  const pairs: ReadonlyArray<readonly [string, string, string]> = [
    ["status", log.status, replay.status],
    ["error", log.error?.type ?? "none", replay.error?.type ?? "none"],
    ["outcome", outcomeText(log), outcomeText(replay)],
    ...Array.from({ length }, (_, index) => {
      const [ours, theirs] = [log.transcript[index], replay.transcript[index]]
      return [`turn ${index}`, ours ? turnText(ours) : "none", theirs ? turnText(theirs) : "none"] as const
    })
  ]
  return pairs.flatMap(([what, log, replay]) => (log === replay ? [] : [{ what, log, replay }]))
}

/** Milliseconds by which two truncations of one item may differ: what was heard is measured. */
const sameMoment = 150

interface Deed {
  readonly on: string
  readonly t: number
  readonly name: string
  readonly content: unknown
}

/** Everything that the service did on the wire, but for the flow of audio and its marks. */
const deedsOf = (entries: ReadonlyArray<Entry>, until: number): ReadonlyMap<string, ReadonlyArray<Deed>> => {
  const moments = makeMoments()
  const deeds = new Map<string, Array<Deed>>()
  for (const entry of entries) {
    const moment = momentOf(moments, entry)
    if (moment === undefined || entry.dir === "in" || entry.t > until) continue
    if (entry.is === "frame" && isHearing(entry.frame)) continue
    const { on, t } = entry
    deeds.set(on, [...(deeds.get(on) ?? []), { on, t, name: nameOf(entry), content: contentOf(entry) }])
  }
  return deeds
}

const nameOf = (entry: Entry): string => {
  switch (entry.is) {
    case "frame":
      return [typeOf(entry.frame), tagOf(entry.frame)].filter((part) => part !== undefined).join(" ")
    case "request":
      return `${entry.method} ${entry.path}`
    case "response":
      return `answer ${entry.status}`
    case "open":
      return `open ${entry.path}`
    default:
      return entry.is
  }
}

/** Without the name that the client gave it, which counts the probes before it: they come when they come. */
const unnamed = (frame: unknown): unknown => {
  if (!Predicate.isRecord(frame)) return frame
  const { event_id, ...rest } = frame
  return rest
}

const contentOf = (entry: Entry): unknown => {
  switch (entry.is) {
    case "frame":
      return unnamed(entry.frame)
    case "request":
      return Object.fromEntries(entry.form)
    case "response":
      return entry.body ?? ""
    case "close":
      return entry.code
    default:
      return undefined
  }
}

const shown = 60

/** Two texts from shortly before the place where they part. */
const around = (text: string, at: number): string => {
  const from = Math.max(0, at - 20)
  const piece = text.slice(from, from + shown)
  return `${from > 0 ? "…" : ""}${piece}${from + shown < text.length ? "…" : ""}`
}

const textOf = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value))

/** The first place at which two values differ, and both sides of it. */
const parting = (a: unknown, b: unknown, path: ReadonlyArray<string> = []): readonly [string, string] | undefined => {
  if (Predicate.isRecord(a) && Predicate.isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = parting(a[key], b[key], [...path, key])
      if (found !== undefined) return found
    }
    return undefined
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const found = parting(a[index], b[index], [...path, String(index)])
      if (found !== undefined) return found
    }
    return undefined
  }
  const [ours, theirs] = [textOf(a), textOf(b)]
  if (ours === theirs) return undefined
  if (path.at(-1) === "audio_end_ms" && Math.abs(Number(a) - Number(b)) <= sameMoment) return undefined
  let at = 0
  while (ours[at] === theirs[at]) at += 1
  const where = path.length === 0 ? "" : ` at ${path.join(".")}:`
  return [`${where} ${around(ours, at)}`, `${where} ${around(theirs, at)}`]
}

/** What is done so many milliseconds before a cut may have been on its way to the log. */
const unwritten = 1_000

const firstDivergence = (
  ours: ReadonlyArray<Deed>,
  theirs: ReadonlyArray<Deed>,
  until: number
): Divergence | undefined => {
  for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
    const [log, replay] = [ours[index], theirs[index]]
    const known = log ?? replay
    if (known === undefined || (log === undefined && known.t > until - unwritten)) return undefined
    const base = { on: known.on, at: known.t / 1000 }
    if (log === undefined || replay === undefined || log.name !== replay.name) {
      return { ...base, ...(log ? { log: log.name } : {}), ...(replay ? { replay: replay.name } : {}) }
    }
    const parted = parting(log.content, replay.content)
    if (parted !== undefined) return { ...base, log: log.name + parted[0], replay: replay.name + parted[1] }
  }
  return undefined
}

/** The first divergence of each connection, the earliest first; of what came after `until` (milliseconds) nothing is said. */
export const divergencesOf = (
  log: ReadonlyArray<Entry>,
  replay: ReadonlyArray<Entry>,
  until = Number.POSITIVE_INFINITY
): ReadonlyArray<Divergence> => {
  const [ours, theirs] = [deedsOf(log, until), deedsOf(replay, until)]
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .flatMap((on) => firstDivergence(ours.get(on) ?? [], theirs.get(on) ?? [], until) ?? [])
    .sort((a, b) => a.at - b.at)
}
