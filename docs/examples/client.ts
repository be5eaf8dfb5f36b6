/** A Node program that has a running phone service make a call. Of your own program, import from "phone/client" instead. */
import { Effect, Redacted } from "effect"
import { PhoneClient } from "../../src/rpc/client.ts"

/** What came of it, in one line, whether somebody was reached or not. */
export const book = (number: string) =>
  Effect.gen(function* () {
    const phone = yield* PhoneClient
    const call = yield* phone.phone_call({
      to: number,
      task: "Schedule an appointment for next Tuesday at 2 pm",
      context: "The patient is John Doe."
    })
    return call.outcome?.summary ?? call.status
  }).pipe(
    Effect.catchTag("CallBusy", "CallNoAnswer", ({ message }) => Effect.succeed(message)),
    Effect.catchTag("CallNotAllowed", ({ message, rule }) => Effect.succeed(`Not allowed (${rule}): ${message}`))
  )

/** The service at `url`, such as "http://127.0.0.1:18791", with its `rpcToken` or the text of its file `rpc-token`. */
export const layerClient = (url: string, token: string) => PhoneClient.layer({ url, token: Redacted.make(token) })
