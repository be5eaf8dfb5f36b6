/** The commands that are one question and one answer: `phone status`, `history`, `hangup`, `say`. */
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option, Schema } from "effect"
import { HistoryResult } from "../../rpc/PhoneRpcs.ts"
import { callLines, transcriptLines } from "../callText.ts"
import { callId, connection, withPhone } from "../connection.ts"
import { callJson } from "../follow.ts"
import { historyLines } from "../historyText.ts"

const historyJson = Schema.encodeSync(HistoryResult)

export const status = Command.make("status", { callId, ...connection }, (asked) =>
  withPhone(asked, ({ client, json, look, screen }) =>
    Effect.map(client.phone_status({ callId: asked.callId }), (call) => {
      for (const line of json ? [callJson(call)] : callLines(call, look)) screen.print(line)
    })
  )
).pipe(Command.withDescription("Show the state of a call."))

const historyOptions = {
  limit: Options.integer("limit").pipe(Options.withDescription("How many, newest first."), Options.withDefault(10)),
  call: Options.text("call").pipe(
    Options.withPseudoName("call-id"),
    Options.withDescription("Exactly this call, with its transcript."),
    Options.optional
  ),
  search: Options.text("search").pipe(
    Options.withDescription("Only calls with all these words in number, task, context, summary or transcript."),
    Options.optional
  ),
  cursor: Options.text("cursor").pipe(
    Options.withDescription("Where the page before ended: cursor of its --json."),
    Options.optional
  ),
  ...connection
}

export const history = Command.make("history", historyOptions, (asked) =>
  withPhone(asked, ({ client, json, look, screen }) =>
    Effect.gen(function* () {
      const one = Option.getOrUndefined(asked.call)
      const page = yield* client.phone_history({
        limit: asked.limit,
        ...(one === undefined ? {} : { callId: one }),
        ...Option.match(asked.search, { onNone: () => ({}), onSome: (search) => ({ search }) }),
        ...Option.match(asked.cursor, { onNone: () => ({}), onSome: (cursor) => ({ cursor }) })
      })
      if (json) return screen.print(JSON.stringify(historyJson(page)))
      const lines =
        one === undefined
          ? historyLines(page.calls, look, screen.columns())
          : page.calls.flatMap((call) => [...callLines(call, look), "", ...transcriptLines(call, look)])
      for (const line of lines) screen.print(line)
      if (page.cursor !== undefined) screen.complain(look.paint("dim", `More: --cursor ${page.cursor}`))
    })
  )
).pipe(Command.withDescription("List past calls, or show one with its transcript."))

export const hangup = Command.make("hangup", { callId, ...connection }, (asked) =>
  withPhone(asked, ({ client, json, screen }) =>
    Effect.map(client.phone_hangup({ callId: asked.callId }), () =>
      screen.print(
        json ? JSON.stringify({ callId: asked.callId, hangingUp: true }) : `Hanging up call ${asked.callId}.`
      )
    )
  )
).pipe(Command.withDescription("End a call at once."))

const words = Args.text({ name: "text" }).pipe(Args.withDescription("What it should know or do now."), Args.atLeast(1))

export const say = Command.make("say", { callId, words, ...connection }, (asked) =>
  withPhone(asked, ({ client, json, screen }) =>
    Effect.map(client.phone_say({ callId: asked.callId, text: asked.words.join(" ") }), () =>
      screen.print(
        json ? JSON.stringify({ callId: asked.callId, told: true }) : `Told the agent of call ${asked.callId}.`
      )
    )
  )
).pipe(Command.withDescription("Tell the agent something in mid-call; it is guidance, not read out."))
