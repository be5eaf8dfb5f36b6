/** `phone outcome`: what came of an ended call, judged once more from its stored transcript. */
import { Command, Options } from "@effect/cli"
import { Effect, Schema } from "effect"
import { Reassessment } from "../../domain/Reassessment.ts"
import { callId, connection, withPhone } from "../connection.ts"
import { ExitCode, Stop } from "../exitCodes.ts"
import { reassessmentLines } from "../reassessmentText.ts"

const toJson = Schema.encodeSync(Reassessment)

const options = {
  callId,
  recheck: Options.boolean("recheck").pipe(
    Options.withDescription(
      "Ask no model: look up the quotes of the agent's own report in the transcript again. Default: the model reads it."
    )
  ),
  save: Options.boolean("save").pipe(
    Options.withDescription("Put it in the record and its file, in place of the outcome before. Default: only show it.")
  ),
  ...connection
}

export const outcome = Command.make("outcome", options, (asked) =>
  withPhone(asked, ({ client, json, look, screen }) =>
    Effect.gen(function* () {
      const { callId, recheck, save } = asked
      const judged = yield* client.phone_outcome({ callId, recheck, save })
      const { calls } = json ? { calls: [] } : yield* client.phone_history({ callId })
      const transcript = calls[0]?.transcript ?? []
      for (const line of json ? [JSON.stringify(toJson(judged))] : reassessmentLines(judged, transcript, look)) {
        screen.print(line)
      }
      if (!judged.outcome.success) return yield* new Stop({ code: ExitCode.withoutSuccess })
    })
  )
).pipe(Command.withDescription("Judge once more what came of a call, from its transcript."))
