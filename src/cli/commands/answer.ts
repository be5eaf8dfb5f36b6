/** `phone answer`: answers what the agent asks in mid-call. */
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { callId, connection, withPhone } from "../connection.ts"
import { whole } from "../numbers.ts"

const options = {
  callId,
  words: Args.text({ name: "answer" }).pipe(
    Args.withDescription("What the agent should know; it may tell the callee."),
    Args.atLeast(1)
  ),
  question: whole("question", "Which question, as phone status --json shows it. Default: the open one.").pipe(
    Options.optional
  ),
  ...connection
}

export const answer = Command.make("answer", options, (asked) =>
  withPhone(asked, ({ client, json, screen }) =>
    Effect.map(
      client.phone_answer({
        callId: asked.callId,
        answer: asked.words.join(" "),
        ...Option.match(asked.question, { onNone: () => ({}), onSome: (questionId) => ({ questionId }) })
      }),
      () =>
        screen.print(
          json
            ? JSON.stringify({ callId: asked.callId, answered: true })
            : `The agent of call ${asked.callId} has the answer.`
        )
    )
  )
).pipe(Command.withDescription("Answer a question of the agent in mid-call; it waits 60 s for that."))
