/** One attempt to tell the receiver of the end of a call. What follows from its result is the notifier's. */
import { Clock, Data, Duration, Effect, Option, Schema } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import type { CallId } from "../domain/Ids.ts"
import { Transcripts } from "../Transcripts.ts"
import { version } from "../version.ts"
import { Network, type NetworkError } from "../wire/Network.ts"
import { Notification } from "./Notification.ts"
import { attemptTimeout } from "./patience.ts"
import { signatureHeaders } from "./signature.ts"

export type Receiver = NonNullable<PhoneConfigValues["notify"]>

/** `Refused`: it will never be taken, so it is not tried again. `why` ends in what can be done about it. */
export type Attempt = Data.TaggedEnum<{
  Taken: object
  Refused: { readonly why: string }
  Failed: { readonly why: string }
}>
export const Attempt = Data.taggedEnum<Attempt>()

/** The same at every attempt, so that a receiver recognizes what it has already got. */
export const webhookId = (callId: CallId): string => `call-ended-${callId}`

/** The receiver as it may be named in logs: paths and queries of webhook URLs are often secrets. */
export const receiverName = ({ url }: Receiver): string => new URL(url).host

const encode = Schema.encodeSync(Schema.parseJson(Notification))

const advice = (status: number): string => {
  if (status === 401 || status === 403) return "; does it check with the secret of notify.secret?"
  if (status >= 300 && status < 400) return "; redirects are not followed: set notify.url to where it leads"
  return status === 404 ? "; is notify.url right?" : ""
}

const judge = (status: number): Attempt => {
  if (status >= 200 && status < 300) return Attempt.Taken()
  if (status === 410) return Attempt.Refused({ why: "it answered 410, which means: do not send this again" })
  return Attempt.Failed({ why: `it answered ${status}${advice(status)}` })
}

const missing = ({ kind, message }: NetworkError): string =>
  kind === "timeout" ? `no answer within ${Duration.format(attemptTimeout)}` : message

export const makeDelivery = (receiver: Receiver) =>
  Effect.gen(function* () {
    const network = yield* Network
    const transcripts = yield* Transcripts

    const bodyOf = Effect.fnUntraced(function* (callId: CallId) {
      const found = yield* transcripts.find(callId)
      if (Option.isNone(found) || found.value.endedAt === undefined) return undefined
      const metadata = yield* transcripts.metadata(callId)
      return encode({
        type: "call.ended",
        timestamp: found.value.endedAt,
        data: found.value,
        ...(Object.keys(metadata).length === 0 ? {} : { metadata })
      })
    })

    return Effect.fn("Notifier.attempt")(
      function* (callId: CallId) {
        const body = yield* bodyOf(callId)
        if (body === undefined) return Attempt.Refused({ why: "the store has no such ended call any more" })
        const timestamp = Math.floor((yield* Clock.currentTimeMillis) / 1000)
        const answer = yield* network.http({
          method: "POST",
          url: receiver.url,
          headers: {
            "content-type": "application/json",
            "user-agent": `phone/${version}`,
            ...signatureHeaders(receiver.secret, { id: webhookId(callId), timestamp, body })
          },
          body,
          timeout: attemptTimeout
        })
        return judge(answer.status)
      },
      Effect.catchTags({
        NetworkError: (error) => Effect.succeed(Attempt.Failed({ why: missing(error) })),
        StoreUnavailable: ({ message }) => Effect.succeed(Attempt.Failed({ why: message }))
      })
    )
  })
