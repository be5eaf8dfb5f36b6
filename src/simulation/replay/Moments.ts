/**
 * Names for what the service does on the wire, such that the same deed has the same name in the log and in its replay, also
 * when something else was done between: the moments at which the recorded outside takes its cue. Pure but for its counters.
 */
import { Predicate } from "effect"
import type { Entry } from "../../wirelog/Entry.ts"

type Form = ReadonlyArray<readonly [string, string]>

/** What a REST request is about, without what may differ: the status it sets, or the names of its parameters. */
const aimOf = (form: Form): string => {
  const status = form.find(([name]) => name === "Status")
  return status === undefined ? [...new Set(form.map(([name]) => name))].join(",") : `Status=${status[1]}`
}

const textAt = (value: unknown, ...path: ReadonlyArray<string>): string | undefined => {
  const found = path.reduce<unknown>((at, key) => (Predicate.isRecord(at) ? at[key] : undefined), value)
  return typeof found === "string" ? found : undefined
}

/** The type of a Realtime event, or of a message on a media stream. */
export const typeOf = (frame: unknown): string => textAt(frame, "type") ?? textAt(frame, "event") ?? ""

/** What the client gave a response to be recognised by, in its request and in the server's answer. */
export const tagOf = (frame: unknown): string | undefined => textAt(frame, "response", "metadata", "tag")

/** The response that a server event belongs to. */
export const responseOf = (frame: unknown): string | undefined =>
  textAt(frame, "response_id") ?? textAt(frame, "response", "id")

/** The names that the client gives: to its event, and to the response that it asks for. */
export const clientNames = (frame: unknown): ReadonlyArray<string> =>
  [textAt(frame, "event_id"), tagOf(frame)].filter((name) => name !== undefined)

export const markOf = (frame: unknown): string | undefined => textAt(frame, "mark", "name")

/** `reply` of `reply#3`: the numbers count all responses, so one more of another kind changes them. */
const purposeOf = (tag: string): string => tag.replace(/#\d+$/, "")

/** The flow of audio towards the callee, and its marks: they have times of their own. */
const unremarkable = new Set(["media", "mark"])

const append = "input_audio_buffer.append"

/** What the callee says, on its way to the voice model: the cue of a detector, but no deed of the service. */
export const isHearing = (frame: unknown): boolean => typeOf(frame) === append

/** Asks whether the voice model's session lives. When that is asked is a matter of milliseconds, so it is no cue and no deed. */
export const isProbe = (frame: unknown): boolean =>
  typeOf(frame) === "session.update" && textAt(frame, "event_id")?.startsWith("probe:") === true

/** One run's namer. Gives nothing for what is no cue. */
export const makeMoments = () => {
  const counts = new Map<string, number>()
  const counted = (name: string): string => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return `${name} #${count}`
  }
  return {
    request: (method: string, path: string, form: Form): string =>
      counted(`rest ${method} ${path.replace(/\?.*/, "")} ${aimOf(form)}`),
    frame: (on: string, frame: unknown): string | undefined => {
      const type = typeOf(frame)
      if (unremarkable.has(type) || isProbe(frame)) return undefined
      const tag = type === "response.create" ? tagOf(frame) : undefined
      return counted(tag === undefined ? `${on} ${type}` : `${on} ${type} ${purposeOf(tag)}`)
    },
    open: (on: string): string => `${on} open`,
    close: (on: string): string => `${on} close`,
    answered: (id: number): string => `webhook ${id}`
  }
}
export type Moments = ReturnType<typeof makeMoments>

/** The moment that an entry of a log is. A media socket that opens is one, though not of our making: its frames follow it. */
export const momentOf = (moments: Moments, entry: Entry): string | undefined => {
  if (entry.is === "open") return moments.open(entry.on)
  if (entry.dir === "in") return undefined
  switch (entry.is) {
    case "request":
      return moments.request(entry.method, entry.path, entry.form)
    case "response":
      return moments.answered(entry.id)
    case "frame":
      return moments.frame(entry.on, entry.frame)
    case "close":
      return moments.close(entry.on)
    default:
      return undefined
  }
}
