/** `phone export`: past calls as JSON, Markdown or CSV, to stdout or into a file. Never holds more than a page of them. */
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option, Stream } from "effect"
import type { Call } from "../../domain/Call.ts"
import { connection, withPhone } from "../connection.ts"
import { WrongUsage } from "../exitCodes.ts"
import { csvHead, csvLines } from "../export/csv.ts"
import { markdownLines } from "../export/markdown.ts"
import { filterOptions, pagesOf, queryOf } from "../filters.ts"
import { callJson } from "../follow.ts"
import { whole } from "../numbers.ts"
import { writeWhole } from "../wholeFile.ts"

const { json: _, ...reach } = connection

const options = {
  callIds: Args.text({ name: "call-id" }).pipe(
    Args.withDescription("The calls, in this order. Without any: those of the filters, newest first; all by default."),
    Args.repeated
  ),
  format: Options.choice("format", ["json", "markdown", "csv"]).pipe(
    Options.withDescription(
      "json: a list of records as the tools return them. markdown: minutes of each call. csv: one line a turn, or with --by call one a call. Default: json."
    ),
    Options.withDefault("json" as const)
  ),
  by: Options.choice("by", ["turn", "call"]).pipe(
    Options.withDescription("What a line of CSV is. Default: turn."),
    Options.withDefault("turn" as const)
  ),
  output: Options.text("output").pipe(
    Options.withAlias("o"),
    Options.withPseudoName("path"),
    Options.withDescription(
      "File to write, whole or not at all, mode 0600; one that is there is replaced. Default: stdout."
    ),
    Options.optional
  ),
  ...filterOptions,
  limit: whole("limit", "How many calls at most, newest first. Default: all.", { least: 0 }).pipe(Options.optional),
  ...reach
}

/** A format writes lines before, for each call, and after; `index` counts the calls from 0. */
interface Format {
  readonly before: ReadonlyArray<string>
  readonly call: (call: Call, index: number) => ReadonlyArray<string>
  readonly after: (count: number) => ReadonlyArray<string>
}

const json: Format = {
  before: [],
  call: (call, index) => [(index === 0 ? "[" : ",") + callJson(call)],
  after: (count) => [count === 0 ? "[]" : "]"]
}

const markdown = (timeZone: string): Format => ({
  before: [],
  call: (call, index) => [...(index === 0 ? [] : ["", "---", ""]), ...markdownLines(call, timeZone)],
  after: (count) => (count === 0 ? ["No calls."] : [])
})

const csv = (by: "call" | "turn"): Format => ({
  before: [csvHead(by)],
  call: (call) => csvLines(by, call),
  after: () => []
})

export const exportCalls = Command.make("export", options, (asked) =>
  withPhone({ ...asked, json: false }, ({ client, screen }) =>
    Effect.gen(function* () {
      const query = yield* queryOf(asked, screen.timeZone)
      const filtered = Object.keys(query).length > 0 || Option.isSome(asked.limit)
      if (filtered && asked.callIds.length > 0) {
        return yield* new WrongUsage({ message: "Give either calls or filters: calls that are named need no filter." })
      }
      const most = Math.max(
        0,
        Option.getOrElse(asked.limit, () => Number.POSITIVE_INFINITY)
      )
      const calls =
        asked.callIds.length > 0
          ? Stream.mapEffect(Stream.fromIterable(asked.callIds), (callId) => client.phone_status({ callId }))
          : Stream.flattenIterables(pagesOf(client, query, most))
      const formats = { json, markdown: markdown(screen.timeZone), csv: csv(asked.by) }
      const format = formats[asked.format]
      let count = 0
      const lines = Stream.fromIterable(format.before).pipe(
        Stream.concat(Stream.mapConcat(calls, (call) => format.call(call, count++))),
        Stream.concat(Stream.suspend(() => Stream.fromIterable(format.after(count))))
      )
      const path = Option.filter(asked.output, (path) => path !== "-")
      if (Option.isNone(path)) return yield* Stream.runForEach(lines, (line) => Effect.sync(() => screen.print(line)))
      yield* writeWhole(path.value, lines, { overwrite: true })
      screen.complain(`Wrote ${count} ${count === 1 ? "call" : "calls"} to ${path.value}.`)
    })
  )
).pipe(Command.withDescription("Write past calls as JSON, Markdown or CSV."))
