/** The commands that are one question and one answer: `phone status`, `hangup`, `say`. */
import { Args, Command } from "@effect/cli"
import { Effect } from "effect"
import { callLines } from "../callText.ts"
import { callId, connection, withPhone } from "../connection.ts"
import { callJson } from "../follow.ts"

export const status = Command.make("status", { callId, ...connection }, (asked) =>
  withPhone(asked, ({ client, json, look, screen }) =>
    Effect.map(client.phone_status({ callId: asked.callId }), (call) => {
      for (const line of json ? [callJson(call)] : callLines(call, look)) screen.print(line)
    })
  )
).pipe(Command.withDescription("Show the state of a call."))

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
