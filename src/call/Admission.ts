/** Whether a requested call may start: its texts, its number, the policy, today's counts. Refuses before anything is written. */
import { DateTime, Effect, Either } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { CallRequest } from "../domain/Call.ts"
import { CallNotAllowed, InvalidRequest } from "../domain/errors.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import { Transcripts } from "../Transcripts.ts"
import { admitNumber } from "./Policy.ts"

/** Characters. A brief is read by the model before every answer: far longer ones would be cut or cost a fortune. */
const longest = { task: 10_000, context: 20_000, metadata: 4_000, client: 200 }

const checkTexts = (request: CallRequest): Either.Either<void, InvalidRequest> => {
  const refuse = (field: string, message: string) => Either.left(new InvalidRequest({ field, message }))
  if (request.task.trim() === "") return refuse("task", "task is empty. Say what the call should achieve.")
  if (request.task.length > longest.task) {
    return refuse("task", `task has ${request.task.length} characters; at most ${longest.task} are allowed.`)
  }
  if ((request.context ?? "").length > longest.context) {
    return refuse(
      "context",
      `context has ${request.context?.length} characters; at most ${longest.context} are allowed.`
    )
  }
  if (JSON.stringify(request.metadata ?? {}).length > longest.metadata) {
    return refuse("metadata", `metadata is longer than ${longest.metadata} characters.`)
  }
  if (request.client !== undefined && (request.client === "" || request.client.length > longest.client)) {
    return refuse("client", `client must have 1 to ${longest.client} characters.`)
  }
  return Either.void
}

const checkCounts = Effect.fnUntraced(function* (number: PhoneNumber) {
  const { dailyLimit } = yield* PhoneConfig
  const transcripts = yield* Transcripts
  if (yield* transcripts.hasOptedOut(number)) {
    return yield* new CallNotAllowed({
      rule: "do-not-call",
      message: `${number} asked on an earlier call not to be called again.`
    })
  }
  const today = DateTime.toDate(DateTime.startOf(yield* DateTime.now, "day"))
  const used = yield* transcripts.usageSince(today, number)
  const reached = (what: string) =>
    new CallNotAllowed({
      rule: "daily-limit",
      message: `${what} (dailyLimit in the configuration). Try again tomorrow (UTC).`
    })
  if (dailyLimit.callsPerNumber !== undefined && used.toNumber >= dailyLimit.callsPerNumber) {
    return yield* reached(`${number} was called ${used.toNumber} times today`)
  }
  if (dailyLimit.calls !== undefined && used.total >= dailyLimit.calls) {
    return yield* reached(`${used.total} calls were made today`)
  }
  if (dailyLimit.cost !== undefined && used.cost >= dailyLimit.cost) {
    return yield* reached(`calls have cost $${used.cost.toFixed(2)} today`)
  }
})

/** The number to dial, or why not. Concurrency is the registry's to count (`LiveCalls`), as it must be atomic with the start. */
export const admit = Effect.fn("Admission.admit")(function* (request: CallRequest) {
  const config = yield* PhoneConfig
  if (!config.enabled) {
    return yield* new CallNotAllowed({
      rule: "disabled",
      message: "Phone is disabled (enabled: false in the configuration)."
    })
  }
  yield* checkTexts(request)
  const now = DateTime.toDate(yield* DateTime.now)
  const number = yield* admitNumber(request.to, config, now)
  yield* checkCounts(number)
  return number
})
