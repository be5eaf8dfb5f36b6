/** `phone call`: places a call and follows it to its end. */
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { endLines } from "../callText.ts"
import { connection, withPhone } from "../connection.ts"
import { exitCodeOfCall, Stop } from "../exitCodes.ts"
import { callJson, followUntilTired } from "../follow.ts"
import { Keyboard } from "../Keyboard.ts"

const options = {
  to: Args.text({ name: "to" }).pipe(
    Args.withDescription(
      "The number: E.164 such as +15551234567, or as it is dialled in the country of your own number."
    )
  ),
  task: Options.text("task").pipe(
    Options.withDescription("What the agent should achieve on the call, up to 10,000 characters.")
  ),
  context: Options.text("context").pipe(
    Options.withDescription(
      "What it should know for that: who is called, for whom, names, dates; up to 20,000 characters. Default: none."
    ),
    Options.optional
  ),
  requestId: Options.text("request-id").pipe(
    Options.withDescription(
      "A name for this request: the same again is the same call, never a second one. Default: none."
    ),
    Options.optional
  ),
  noWait: Options.boolean("no-wait").pipe(
    Options.withDescription("Print the call's id and return as soon as it is accepted.")
  ),
  ...connection
}

const given = <Key extends string>(key: Key, value: Option.Option<string>) =>
  Option.match(value, { onNone: () => ({}), onSome: (text) => ({ [key]: text }) })

export const call = Command.make("call", options, (asked) =>
  withPhone(asked, (phone) =>
    Effect.gen(function* () {
      const { client, json, look, screen } = phone
      const { present } = yield* Keyboard
      const placed = yield* client.phone_call({
        to: asked.to,
        task: asked.task,
        wait: false,
        // who only starts the call, or is no person, answers nothing
        ...(present && screen.terminal && !json && !asked.noWait ? { questions: true } : {}),
        ...given("context", asked.context),
        ...given("requestId", asked.requestId)
      })
      if (asked.noWait) return screen.print(json ? callJson(placed) : placed.id)
      if (!json) screen.print(`Calling ${placed.to}, call ${placed.id}. Ctrl-C stops watching, not the call.`)
      const ended = yield* followUntilTired(phone, placed.id, { events: false })
      if (json) screen.print(callJson(ended))
      else for (const line of ["", ...endLines(ended, look)]) screen.print(line)
      const code = exitCodeOfCall(ended)
      if (code !== 0) return yield* new Stop({ code })
    })
  )
).pipe(Command.withDescription("Call a number with a task; shows the live transcript and what came of it."))
