import { describe, expect, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Option, Redacted, Stream } from "effect"
import type { CallRequest } from "../../src/domain/Call.ts"
import { CallBusy, CallNotFound, InvalidRequest, Unauthorized } from "../../src/domain/errors.ts"
import type { HistoryQuery } from "../../src/Transcripts.ts"
import { call, callId, connect, serve } from "./service.ts"

const ask = { to: "+1 555 123 4567", task: "Say hello" }

describe("phone_call", () => {
  it.scopedLive("waits for the end of the call, unless told not to", () =>
    Effect.gen(function* () {
      const asked: Array<CallRequest> = []
      const { url } = yield* serve({
        place: (request) => Effect.sync(() => asked.push(request)).pipe(Effect.as(callId)),
        await: () => Effect.succeed(call),
        status: () => Effect.succeed({ ...call, status: "queued" })
      })
      const client = yield* connect(url)
      expect(yield* client.phone_call({ ...ask, requestId: "r1", metadata: { session: "s" } })).toEqual(call)
      expect((yield* client.phone_call({ ...ask, wait: false })).status).toBe("queued")
      expect(asked).toEqual([{ ...ask, requestId: "r1", metadata: { session: "s" } }, ask])
    })
  )

  it.scopedLive("gives each failure as its typed error", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({
        place: ({ task }) =>
          task.length > 50_000
            ? new InvalidRequest({ field: "task", message: `The task has ${task.length} characters.` })
            : Effect.succeed(callId),
        await: () => new CallBusy({ callId, message: "The line was busy." })
      })
      const client = yield* connect(url)
      expect(yield* Effect.flip(client.phone_call(ask))).toEqual(
        new CallBusy({ callId, message: "The line was busy." })
      )
      const long = yield* Effect.flip(client.phone_call({ ...ask, task: "ü".repeat(100_000) }))
      expect(long).toEqual(new InvalidRequest({ field: "task", message: "The task has 100000 characters." }))
      for (const requestId of ["", "x".repeat(201)]) {
        expect(yield* Effect.flip(client.phone_call({ ...ask, requestId }))).toMatchObject({ field: "requestId" })
      }
      expect(yield* Effect.flip(client.phone_status({ callId: "nobody" }))).toBeInstanceOf(CallNotFound)
    })
  )

  it.scopedLive("that nobody waits for any more lets the call go on", () =>
    Effect.gen(function* () {
      const waiting = yield* Deferred.make<void>()
      const left = yield* Deferred.make<void>()
      const hungUp: Array<string> = []
      const { url } = yield* serve({
        await: () =>
          Deferred.succeed(waiting, undefined).pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(left, undefined))
          ),
        hangUp: (id) => Effect.sync(() => void hungUp.push(id))
      })
      const client = yield* connect(url)
      const caller = yield* Effect.fork(client.phone_call(ask))
      yield* Deferred.await(waiting)
      yield* Fiber.interrupt(caller)
      yield* Deferred.await(left)
      expect(hungUp).toEqual([])
      yield* client.phone_hangup({ callId })
      expect(hungUp).toEqual([callId])
    })
  )
})

describe("phone_history", () => {
  it.scopedLive("gives ten, or what is asked for, or exactly one call", () =>
    Effect.gen(function* () {
      const queries: Array<HistoryQuery> = []
      const { url } = yield* serve({
        status: (id) => (id === callId ? Effect.succeed(call) : new CallNotFound({ callId: id, message: "No." })),
        history: (query) => Effect.sync(() => queries.push(query)).pipe(Effect.as({ calls: [call], cursor: "c" }))
      })
      const client = yield* connect(url)
      expect(yield* client.phone_history({})).toEqual({ calls: [call], cursor: "c" })
      yield* client.phone_history({ limit: 0, cursor: "c", search: "ü" })
      const filters = { status: ["busy"], to: "4567", since: "2026-01-01", until: "2026-02-01", success: false }
      yield* client.phone_history(filters)
      expect(queries).toEqual([{ limit: 10 }, { limit: 0, cursor: "c", search: "ü" }, { limit: 10, ...filters }])
      expect(yield* client.phone_history({ callId })).toEqual({ calls: [call] })
      expect(yield* Effect.flip(client.phone_history({ callId: "nobody" }))).toBeInstanceOf(CallNotFound)
      expect(queries).toHaveLength(3)
    })
  )
})

describe("neighbours on one connection", () => {
  it.scopedLive("never notice a bug in another's handler, nor a request that cannot be read", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<void>()
      const { url } = yield* serve({
        await: () => Effect.as(Deferred.await(answer), call),
        watch: () => Stream.dieMessage("a bug in watch"),
        say: () => Effect.dieMessage("a bug in say"),
        hangUp: () => {
          throw new Error("a bug outside of Effect")
        }
      })
      const client = yield* connect(url)
      const neighbour = yield* Effect.fork(client.phone_call(ask))
      for (const bug of [
        client.phone_say({ callId, text: "x" }),
        Stream.runDrain(client.phone_watch({ callId })),
        client.phone_hangup({ callId })
      ]) {
        const exit = yield* Effect.exit(bug)
        expect(Option.isSome(Exit.causeOption(exit).pipe(Option.flatMap(Cause.dieOption)))).toBe(true)
      }
      yield* Deferred.succeed(answer, undefined)
      expect(yield* Fiber.join(neighbour)).toEqual(call)
    })
  )
})

describe("the token", () => {
  it.scopedLive("is asked for by every tool, streams too, and a wrong one is a typed error", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({ status: () => Effect.succeed(call) })
      const stranger = yield* connect(url, Redacted.make("the-tokem"))
      expect(yield* Effect.flip(stranger.phone_status({ callId }))).toBeInstanceOf(Unauthorized)
      const watching = yield* Effect.flip(Stream.runDrain(stranger.phone_watch({ callId })))
      expect(watching).toBeInstanceOf(Unauthorized)
      const client = yield* connect(url)
      expect(yield* client.phone_status({ callId })).toEqual(call)
    })
  )
})
