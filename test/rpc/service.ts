/** A phone service for the tests of its doors: real ports, real sockets, and `Calls` that do what the test says. */
import { DateTime, Effect, Layer, Redacted, Stream } from "effect"
import { Calls } from "../../src/Calls.ts"
import type { Call } from "../../src/domain/Call.ts"
import { CallNotFound } from "../../src/domain/errors.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { RpcAddress, serveRpc } from "../../src/http/serveRpc.ts"
import { PhoneClient } from "../../src/rpc/client.ts"

export const token = Redacted.make("the-token")

export const callId = CallId.make("abc12345")

export const call: Call = {
  id: callId,
  to: PhoneNumber.make("+15551234567"),
  from: PhoneNumber.make("+15550009999"),
  task: "Say hello",
  status: "completed",
  startedAt: DateTime.unsafeMake("2026-01-01T00:00:00Z"),
  duration: 0,
  transcript: []
}

const notFound = (id: string) => Effect.fail(new CallNotFound({ callId: id, message: `There is no call ${id}.` }))

/** Calls that know nobody, but for what is given. */
export const fakeCalls = (some: Partial<Calls["Type"]> = {}) =>
  Layer.succeed(Calls, {
    place: () => Effect.succeed(callId),
    await: notFound,
    status: notFound,
    history: () => Effect.succeed({ calls: [] }),
    completions: () => Effect.succeed([]),
    acknowledge: () => Effect.void,
    watch: (id) => Stream.fromEffect(notFound(id)),
    hangUp: notFound,
    stop: Effect.void,
    say: notFound,
    answer: notFound,
    reassess: notFound,
    ...some
  })

/** Serves these calls on a free port while the scope is open, and gives the address. */
export const serve = (some: Partial<Calls["Type"]> = {}) =>
  Effect.flatMap(
    Layer.build(serveRpc({ host: "127.0.0.1", port: 0, token }).pipe(Layer.provide(fakeCalls(some)))),
    (context) => Effect.provide(RpcAddress, context)
  )

/** A client of the service at `url`, while the scope is open. */
export const connect = (url: string, as: Redacted.Redacted = token) =>
  Effect.flatMap(Layer.build(PhoneClient.layer({ url, token: as })), (context) => Effect.provide(PhoneClient, context))
