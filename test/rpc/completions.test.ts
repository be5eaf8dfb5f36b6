import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Ref } from "effect"
import type { CallRequest } from "../../src/domain/Call.ts"
import { call, callId, connect, serve } from "./service.ts"

describe("phone_completions", () => {
  it.scopedLive("gives what has ended, and waits as long as is asked, a minute at most", () =>
    Effect.gen(function* () {
      const waits: Array<number> = []
      const completion = { call, metadata: { session: "ä" } }
      const { url } = yield* serve({
        completions: (client, { wait }) =>
          Effect.sync(() => {
            waits.push(Duration.toSeconds(wait))
            return client === "gateway" ? [completion] : []
          })
      })
      const client = yield* connect(url)
      expect(yield* client.phone_completions({ client: "gateway" })).toEqual([completion])
      for (const wait of [2.5, 1e9, -1]) {
        expect(yield* client.phone_completions({ client: "another", wait })).toEqual([])
      }
      expect(waits).toEqual([0, 2.5, 60, 0])
    })
  )

  it.scopedLive("are for the client that the call was placed for, and gone when it acknowledges", () =>
    Effect.gen(function* () {
      const placed = yield* Ref.make<ReadonlyArray<CallRequest>>([])
      const known = yield* Ref.make<ReadonlyArray<unknown>>([])
      const { url } = yield* serve({
        place: (request) => Effect.as(Ref.set(placed, [request]), callId),
        status: () => Effect.succeed(call),
        acknowledge: (...given) => Ref.set(known, given)
      })
      const client = yield* connect(url)
      yield* client.phone_call({ to: "+15551234567", task: "Say hello", wait: false, client: "gateway" })
      expect(yield* placed).toMatchObject([{ client: "gateway" }])
      yield* client.phone_ack({ client: "gateway", callIds: [callId] })
      expect(yield* known).toEqual(["gateway", [callId], undefined])
    })
  )
})
