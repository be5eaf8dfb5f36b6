/** `phone watch`: follows a call that is going on, or shows one that has ended. */
import { Command } from "@effect/cli"
import { Effect } from "effect"
import { callLines } from "../callText.ts"
import { callId, connection, withPhone } from "../connection.ts"
import { exitCodeOfCall, Stop } from "../exitCodes.ts"
import { followUntilTired } from "../follow.ts"

export const watch = Command.make("watch", { callId, ...connection }, (asked) =>
  withPhone(asked, (phone) =>
    Effect.gen(function* () {
      const ended = yield* followUntilTired(phone, asked.callId, { events: true })
      if (!phone.json) for (const line of ["", ...callLines(ended, phone.look)]) phone.screen.print(line)
      const code = exitCodeOfCall(ended)
      if (code !== 0) return yield* new Stop({ code })
    })
  )
).pipe(Command.withDescription("Watch a call: status and transcript as they happen. With --json one event a line."))
