/** Which past calls a command is about: its options, how times are written in them, and the pages of calls they lead to. */
import { Options } from "@effect/cli"
import { Chunk, Clock, type Context, DateTime, Effect, Either, Option, Stream } from "effect"
import { CallStatus } from "../domain/CallStatus.ts"
import type { PhoneClient } from "../rpc/client.ts"
import type { HistoryQuery } from "../Transcripts.ts"
import { WrongUsage } from "./exitCodes.ts"

const text = (name: string, value: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(description), Options.optional)

export const filterOptions = {
  status: Options.choice("status", CallStatus.literals).pipe(
    Options.withDescription("Only calls with this status; may be given more than once. Default: any."),
    Options.repeated
  ),
  to: text("to", "digits", "Only calls to numbers with these digits; with a + the number begins so. Default: any."),
  since: text(
    "since",
    "time",
    "Only calls started then or later: 2d, 3h, 45m (that long ago), today, yesterday, 2026-01-31, 2026-01-31T09:00, or with a zone 2026-01-31T09:00:00Z. Default: the first call."
  ),
  until: text("until", "time", "Only calls started before then, written likewise; a day counts whole. Default: now."),
  success: Options.boolean("success").pipe(Options.withDescription("Only calls that reached their goal.")),
  noSuccess: Options.boolean("no-success").pipe(Options.withDescription("Only calls that ended without reaching it.")),
  search: text(
    "search",
    "words",
    "Only calls with all these words in number, task, context, summary or transcript. Default: any."
  )
}

export interface Filtering {
  readonly status: ReadonlyArray<string>
  readonly to: Option.Option<string>
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
  readonly success: boolean
  readonly noSuccess: boolean
  readonly search: Option.Option<string>
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }
const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/
const zonedTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

const zoned = (input: DateTime.DateTime.Input, timeZone: string) =>
  DateTime.makeZoned(input, { timeZone, adjustForTimeZone: true })

/** Midnight at which a day begins, or the day after it. */
const midnight = (day: string, timeZone: string, plusDays: number) => {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number)
  const asked = zoned({ year, month, day: date }, timeZone)
  // 30 February is no day, though it could be counted on from the 28th
  return Option.filter(asked, (at) => DateTime.formatIsoDate(at) === day).pipe(
    Option.flatMap(() => zoned(new Date(Date.UTC(year, month - 1, date + plusDays)), timeZone))
  )
}

/**
 * A moment as people write it, in ISO 8601: how long ago, a day (`until` counts it whole), a local time, or one with its zone.
 * `now` in milliseconds of the epoch.
 */
export const readMoment = (
  side: "since" | "until",
  written: string,
  now: number,
  timeZone: string
): Either.Either<string, string> => {
  const read = (): Option.Option<DateTime.DateTime> => {
    const [, count, unit = ""] = /^(\d{1,6})\s*([smhdw])$/.exec(written) ?? []
    if (count !== undefined) return DateTime.make(now - Number(count) * (units[unit] ?? 0) * 1_000)
    const after = side === "until" ? 1 : 0
    if (/^\d{4}-\d\d-\d\d$/.test(written)) return midnight(written, timeZone, after)
    if (written === "today" || written === "yesterday") {
      const today = Option.map(DateTime.makeZoned(now, { timeZone }), DateTime.formatIsoDate)
      return Option.flatMap(today, (day) => midnight(day, timeZone, after - (written === "today" ? 0 : 1)))
    }
    if (localTime.test(written)) return zoned(`${written}Z`, timeZone)
    return zonedTime.test(written) ? DateTime.make(written) : Option.none()
  }
  return Option.match(read(), {
    onNone: () =>
      Either.left(`--${side}: "${written}" is no time. Write 2d, 3h, today, 2026-01-31 or 2026-01-31T09:00.`),
    onSome: (at) => Either.right(DateTime.formatIso(DateTime.toUtc(at)))
  })
}

/** What the service is asked for. */
export const queryOf = (asked: Filtering, timeZone: string) =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const moment = (side: "since" | "until") =>
      Option.match(asked[side], {
        onNone: () => Effect.succeed({}),
        onSome: (written) =>
          Either.match(readMoment(side, written, now, timeZone), {
            onLeft: (message) => new WrongUsage({ message }),
            onRight: (at) => Effect.succeed({ [side]: at })
          })
      })
    if (asked.success && asked.noSuccess) {
      return yield* new WrongUsage({ message: "--success and --no-success leave no call: give one of them." })
    }
    const query: Omit<HistoryQuery, "limit"> = {
      ...(asked.status.length === 0 ? {} : { status: asked.status }),
      ...Option.match(asked.to, { onNone: () => ({}), onSome: (to) => ({ to }) }),
      ...(yield* moment("since")),
      ...(yield* moment("until")),
      ...(asked.success || asked.noSuccess ? { success: asked.success } : {}),
      ...Option.match(asked.search, { onNone: () => ({}), onSome: (search) => ({ search }) })
    }
    return query
  })

/** Calls read at once: enough to be quick, little enough to hold. */
const pageSize = 100

/** All calls that are meant, newest first, page by page; `most` at the most. */
export const pagesOf = (client: Context.Tag.Service<PhoneClient>, query: Omit<HistoryQuery, "limit">, most: number) =>
  Stream.paginateChunkEffect({ cursor: query.cursor, left: most }, ({ cursor, left }) =>
    Effect.map(
      client.phone_history({
        ...query,
        limit: Math.min(left, pageSize),
        ...(cursor === undefined ? {} : { cursor })
      }),
      (page) => {
        const rest = left - page.calls.length
        const more = page.cursor !== undefined && rest > 0
        return [Chunk.of(page.calls), more ? Option.some({ cursor: page.cursor, left: rest }) : Option.none()] as const
      }
    )
  )
