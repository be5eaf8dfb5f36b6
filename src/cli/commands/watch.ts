/** `phone watch`: follows a call that is going on, or shows one that has ended. */
import { Command } from "@effect/cli"
import { Effect } from "effect"
import { endLines } from "../callText.ts"
import { callId, connection, withPhone } from "../connection.ts"
import { exitCodeOfCall, Stop } from "../exitCodes.ts"
import { followUntilTired } from "../follow.ts"

export const watch = Command.make("watch", { callId, ...connection }, (asked) =>
  withPhone(asked, (phone) =>
    Effect.gen(function* () {
      const ended = yield* followUntilTired(phone, asked.callId, { events: true })
      const { json, look, screen } = phone
      const lines = json ? [] : ["", ...endLines(ended, look)]
      for (const line of lines) screen.print(line)
      const code = exitCodeOfCall(ended)
      if (code !== 0) return yield* new Stop({ code })
    })
  )
).pipe(Command.withDescription("Watch a call: status and transcript as they happen. With --json one event a line."))
