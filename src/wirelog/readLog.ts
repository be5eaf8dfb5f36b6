/** A wire log read back: the lines checked, sorted into head, events and end. Pure; files are read elsewhere. */
import { Either, ParseResult, Predicate, Schema } from "effect"
import type { Call } from "../domain/Call.ts"
import { Cut, End, Entry, Header } from "./Entry.ts"

/** Not a log that can be replayed. `line` counts from 1. */
export class WireLogInvalid extends Schema.TaggedError<WireLogInvalid>("phone/WireLogInvalid")("WireLogInvalid", {
  line: Schema.Number,
  reason: Schema.String
}) {
  override get message() {
    return `line ${this.line} of the wire log: ${this.reason}`
  }
}

export interface RecordedCall {
  readonly header: Header
  readonly entries: ReadonlyArray<Entry>
  /** The call as it was stored; `undefined` when the log was cut. */
  readonly end: Call | undefined
  /** Why the log stops before its call did. */
  readonly cut: string | undefined
  /** Time of the last line, in milliseconds since the start of the call. */
  readonly lastAt: number
}

const options = { errors: "first" } as const
const decodeHeader = Schema.decodeUnknownEither(Header, options)
const decodeEntry = Schema.decodeUnknownEither(Entry, options)
const decodeEnd = Schema.decodeUnknownEither(End, options)
const decodeCut = Schema.decodeUnknownEither(Cut, options)

const parse = (text: string): Either.Either<unknown, string> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => "it is no JSON" })

const reasonOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  if (issue === undefined) return error.message
  const path = issue.path.map(String).join(".")
  return path === "" ? issue.message : `${path}: ${issue.message}`
}

const invalid = (line: number, reason: string) => Either.left(new WireLogInvalid({ line, reason }))

const readHeader = (text: string): Either.Either<Header, WireLogInvalid> => {
  if (text.trim() === "") return invalid(1, "it is empty: a wire log begins with what was asked of the call")
  const value = parse(text)
  if (Either.isLeft(value)) return invalid(1, value.left)
  if (!Predicate.hasProperty(value.right, "log")) return invalid(1, "it does not begin as a wire log does")
  return Either.mapLeft(decodeHeader(value.right), (error) => new WireLogInvalid({ line: 1, reason: reasonOf(error) }))
}

/** Requests that the service refused (no signature, no such call), with their answers: nothing came of them. */
const withoutRefused = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const refused = new Set(
    entries.flatMap((entry) =>
      entry.on === "webhook" && entry.is === "response" && (entry.status === 403 || entry.status === 404)
        ? [entry.id]
        : []
    )
  )
  return entries.filter((entry) => !(entry.on === "webhook" && "id" in entry && refused.has(entry.id ?? -1)))
}

/** A last line that breaks off is where the process was killed; any other line that cannot be read is an error. */
export const readLog = (text: string): Either.Either<RecordedCall, WireLogInvalid> => {
  const lines = text.split("\n")
  if (lines.at(-1) === "") lines.pop()
  const header = readHeader(lines[0] ?? "")
  if (Either.isLeft(header)) return Either.left(header.left)
  const entries: Array<Entry> = []
  let end: Call | undefined
  let cut: string | undefined
  let lastAt = 0
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue
    if (end !== undefined || cut !== undefined) return invalid(index + 1, "something follows the end of the call")
    const value = parse(line)
    if (Either.isLeft(value)) {
      if (index < lines.length - 1 || text.endsWith("\n")) return invalid(index + 1, value.left)
      cut = "the last line breaks off"
      break
    }
    if (Predicate.hasProperty(value.right, "end")) {
      const decoded = decodeEnd(value.right)
      if (Either.isLeft(decoded)) return invalid(index + 1, reasonOf(decoded.left))
      end = decoded.right.end
      lastAt = decoded.right.t
    } else if (Predicate.hasProperty(value.right, "cut")) {
      const decoded = decodeCut(value.right)
      if (Either.isLeft(decoded)) return invalid(index + 1, reasonOf(decoded.left))
      cut = decoded.right.cut
      lastAt = decoded.right.t
    } else {
      const decoded = decodeEntry(value.right)
      if (Either.isLeft(decoded)) return invalid(index + 1, reasonOf(decoded.left))
      entries.push(decoded.right)
      lastAt = decoded.right.t
    }
  }
  return Either.right({
    header: header.right,
    entries: withoutRefused(entries),
    end,
    cut: end === undefined ? (cut ?? "the process ended before the call did") : undefined,
    lastAt
  })
}
