/** `phone history`: past calls as a table or as JSON, or one of them with its transcript. */
import { Command, Options } from "@effect/cli"
import { Effect, Option, Schema, Stream } from "effect"
import { HistoryResult } from "../../rpc/PhoneRpcs.ts"
import { callLines, transcriptLines } from "../callText.ts"
import { connection, type Phone, withPhone } from "../connection.ts"
import { filterOptions, pagesOf, queryOf } from "../filters.ts"
import { callJson } from "../follow.ts"
import { historyLines, historyTable } from "../historyText.ts"
import { whole } from "../numbers.ts"

const historyJson = Schema.encodeSync(HistoryResult)

const options = {
  call: Options.text("call").pipe(
    Options.withPseudoName("call-id"),
    Options.withDescription("Exactly this call, with its transcript. Default: a list."),
    Options.optional
  ),
  ...filterOptions,
  limit: whole("limit", "How many calls, newest first, at most 1000. Default: 10.", { least: 1, most: 1_000 }).pipe(
    Options.withDefault(10)
  ),
  all: Options.boolean("all").pipe(
    Options.withDescription("All of them, however many; with --json one call a line. Default: one page of --limit.")
  ),
  cursor: Options.text("cursor").pipe(
    Options.withDescription("Go on where the page before ended: cursor of its --json. Default: the newest call."),
    Options.optional
  ),
  ...connection
}

const one = ({ client, json, look, screen }: Phone, callId: string) =>
  Effect.map(client.phone_history({ callId }), (page) => {
    if (json) return screen.print(JSON.stringify(historyJson(page)))
    for (const call of page.calls) {
      for (const line of [...callLines(call, look), "", ...transcriptLines(call, look)]) screen.print(line)
    }
  })

type Query = Parameters<typeof pagesOf>[1]

/** As they come, page by page: the first page decides how wide the columns are. */
const everything = ({ client, json, look, screen }: Phone, query: Query) => {
  let table: ReturnType<typeof historyTable> | undefined
  return pagesOf(client, query, Number.POSITIVE_INFINITY).pipe(
    Stream.runForEach((calls) =>
      Effect.sync(() => {
        if (json) {
          for (const call of calls) screen.print(callJson(call))
          return
        }
        if (table === undefined) {
          table = historyTable(calls, look, screen.columns())
          screen.print(calls.length === 0 ? "No calls." : table.head)
        }
        for (const call of calls) screen.print(table.row(call))
      })
    )
  )
}

const page = ({ client, json, look, screen }: Phone, query: Query, limit: number) =>
  Effect.map(client.phone_history({ ...query, limit }), (found) => {
    if (json) return screen.print(JSON.stringify(historyJson(found)))
    for (const line of historyLines(found.calls, look, screen.columns())) screen.print(line)
    if (found.cursor !== undefined) {
      screen.complain(look.paint("dim", `There are more: --all, or --cursor ${found.cursor}`))
    }
  })

export const history = Command.make("history", options, (asked) =>
  withPhone(asked, (phone) =>
    Effect.gen(function* () {
      if (Option.isSome(asked.call)) return yield* one(phone, asked.call.value)
      const query = {
        ...(yield* queryOf(asked, phone.screen.timeZone)),
        ...Option.match(asked.cursor, { onNone: () => ({}), onSome: (cursor) => ({ cursor }) })
      }
      return yield* asked.all ? everything(phone, query) : page(phone, query, asked.limit)
    })
  )
).pipe(Command.withDescription("List past calls, or show one with its transcript."))
