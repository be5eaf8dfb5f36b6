import { describe, expect, it } from "@effect/vitest"
import { Chunk, DateTime, Deferred, Effect, Exit, Fiber, Queue, Scope, Stream } from "effect"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { call, callId, connect, serve } from "./service.ts"

const ringing: CallEvent = { _tag: "Status", seq: 1, at: DateTime.unsafeMake(0), status: "ringing" }
const ended: CallEvent = { _tag: "Ended", seq: 2, call }

describe("phone_watch", () => {
  it.scopedLive("streams what happens, from where the watcher was cut off, and ends with the call", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({
        watch: (_, { after }) => Stream.fromIterable([ringing, ended].filter((event) => event.seq > after))
      })
      const client = yield* connect(url)
      const seen = (after?: number) =>
        Stream.runCollect(client.phone_watch({ callId, ...(after !== undefined && { after }) })).pipe(
          Effect.map(Chunk.toReadonlyArray)
        )
      expect(yield* seen()).toEqual([ringing, ended])
      expect(yield* seen(1)).toEqual([ended])
    })
  )

  it.scopedLive("ends at the service when the watcher stops, and when its connection is gone", () =>
    Effect.gen(function* () {
      const left = yield* Queue.unbounded<string>()
      const { url } = yield* serve({
        watch: (id) => Stream.concat(Stream.succeed(ringing), Stream.never).pipe(Stream.ensuring(Queue.offer(left, id)))
      })
      const client = yield* connect(url)
      // Interrupted in the middle of watching.
      const saw = yield* Deferred.make<void>()
      const watcher = yield* client.phone_watch({ callId }).pipe(
        Stream.runForEach(() => Deferred.succeed(saw, undefined)),
        Effect.fork
      )
      yield* Deferred.await(saw)
      yield* Fiber.interrupt(watcher)
      expect(yield* Queue.take(left)).toBe(callId)
      // Enough seen.
      yield* Stream.runDrain(Stream.take(client.phone_watch({ callId: "enough00" }), 1))
      expect(yield* Queue.take(left)).toBe("enough00")
      // The connection closed under it.
      const scope = yield* Scope.make()
      const other = yield* Scope.extend(connect(url), scope)
      const sawToo = yield* Deferred.make<void>()
      yield* other.phone_watch({ callId: "gone0000" }).pipe(
        Stream.runForEach(() => Deferred.succeed(sawToo, undefined)),
        Effect.exit,
        Effect.fork
      )
      yield* Deferred.await(sawToo)
      yield* Scope.close(scope, Exit.void)
      expect(yield* Queue.take(left)).toBe("gone0000")
    })
  )

  it.scopedLive("waits for a slow watcher instead of filling the memory", () =>
    Effect.gen(function* () {
      let made = 0
      const { url } = yield* serve({
        watch: () => Stream.repeatEffect(Effect.sync(() => ({ ...ringing, seq: ++made })))
      })
      const client = yield* connect(url)
      const seen = yield* client.phone_watch({ callId }).pipe(Stream.take(3), Stream.runCollect)
      expect(Chunk.size(seen)).toBe(3)
      expect(made).toBeLessThan(10_000)
    })
  )
})
