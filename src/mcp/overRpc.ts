/** The phone behind the RPC of a running service. One connection per request, so a service that was away is simply there again. */
import { type Context, Data, Effect, Layer, type Redacted, Stream } from "effect"
import { PhoneClient } from "../rpc/client.ts"
import type { PhoneAccess, Trouble } from "./PhoneAccess.ts"

export interface ServiceAddress {
  readonly url: string
  readonly token: Redacted.Redacted
}

/** The connection broke while a request was under way. */
export class ConnectionLost extends Data.TaggedError("ConnectionLost")<{ readonly message: string }> {}

/** The library's error of the connection, in words that name the service. */
const naming =
  (url: string) =>
  (error: Trouble): Trouble =>
    error._tag === "RpcClientError"
      ? new ConnectionLost({
          message: `The connection to the phone service at ${url} was lost. Was it stopped? "phone serve" starts it.`
        })
      : error

/** For what changes nothing when it is asked again: reads, and a call that has its `requestId`. */
const onceMore = <A>(ask: Effect.Effect<A, Trouble>) =>
  Effect.retry(ask, { times: 1, while: (error) => error._tag === "ConnectionLost" })

/** `locate` is asked for every request: the service, and its token, may come to be later than this process. */
export const overRpc = (locate: Effect.Effect<ServiceAddress, Trouble>): PhoneAccess => {
  const connect = Effect.gen(function* () {
    const { token, url } = yield* locate
    const client = yield* Effect.provide(PhoneClient, yield* Layer.build(PhoneClient.layer({ url, token })))
    return { client, url }
  })
  const ask = <A>(use: (client: Context.Tag.Service<PhoneClient>) => Effect.Effect<A, Trouble>) =>
    Effect.scoped(Effect.flatMap(connect, ({ client, url }) => Effect.mapError(use(client), naming(url))))

  return {
    place: (request) => onceMore(ask((client) => client.phone_call({ ...request, wait: false }))),
    status: (callId) => onceMore(ask((client) => client.phone_status({ callId }))),
    history: (query) => onceMore(ask((client) => client.phone_history(query))),
    watch: (callId, after) =>
      Stream.unwrapScoped(
        Effect.map(connect, ({ client, url }) => Stream.mapError(client.phone_watch({ callId, after }), naming(url)))
      ),
    hangUp: (callId) => ask((client) => client.phone_hangup({ callId })),
    say: (callId, text) => ask((client) => client.phone_say({ callId, text })),
    answer: (callId, answer, questionId) =>
      ask((client) => client.phone_answer({ callId, answer, ...(questionId === undefined ? {} : { questionId }) }))
  }
}
