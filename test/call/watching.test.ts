/** What can be seen of a call while it lives and after: all that lasts, in order, once, to the end. */
import { Chunk, Effect, Fiber, Stream } from "effect"
import { describe, expect } from "vitest"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { ended, says, settle, story, talking } from "./support.ts"

const lasting = (events: ReadonlyArray<CallEvent>) => events.filter(({ _tag }) => _tag !== "Partial")
const seqs = (events: ReadonlyArray<CallEvent>) => lasting(events).map(({ seq }) => seq)

describe("watching", () => {
  story("from the beginning, from the middle and with a cursor: the same events, none missing, none twice", (world) =>
    Effect.gen(function* () {
      const id = yield* world.place()
      const first = yield* Effect.fork(world.watch(id))
      yield* settle
      world.line().answer()
      yield* Effect.sleep("3 seconds")
      const middle = yield* Effect.fork(world.watch(id))
      world.session().emit({ _tag: "CalleePartial", itemId: world.session().starts(), text: "Hel" })
      yield* says(world, "Hello?")
      yield* Effect.sleep("2 seconds")
      const cut = yield* Effect.fork(world.watch(id, 3))
      yield* settle
      world.line().callerGone()
      const all = yield* Fiber.join(first)
      expect(seqs(all)).toEqual(seqs(all).map((_, index) => index + 1))
      expect(lasting(yield* Fiber.join(middle))).toEqual(lasting(all))
      expect(lasting(yield* Fiber.join(cut))).toEqual(lasting(all).slice(3))
      expect(all.at(-1)?._tag).toBe("Ended")
      expect(all.some(({ _tag }) => _tag === "Partial")).toBe(true)
    })
  )

  story("the agent's words are seen as they are heard, not as they are generated, and an unheard one never", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "One two three four five six seven eight nine ten.", ms: 5_000 }]
      const id = yield* talking(world)
      const watching = yield* Effect.fork(world.watch(id))
      yield* says(world, "Tell me all.")
      yield* Effect.sleep("2500 millis")
      yield* says(world, "Stop.")
      world.line().callerGone()
      const events = yield* Fiber.join(watching)
      const seen = events.flatMap((event) =>
        event._tag === "Partial" && event.role === "assistant" ? [event.text] : []
      )
      const said = events.flatMap((event) => (event._tag === "Turn" && event.turn.interrupted ? [event.turn.text] : []))
      expect(seen.length).toBeGreaterThanOrEqual(3)
      expect(seen.slice(0, 2)).toEqual(["One", "One two"])
      for (const [index, text] of seen.entries()) expect(text.startsWith(seen[index - 1] ?? "")).toBe(true)
      expect(said).toEqual([seen.at(-1)])
    })
  )

  story("a reader so slow that the hub overflows misses partial texts and nothing else", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const slow = yield* world.calls.watch(id, { after: 0 }).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sleep("700 millis")),
        Stream.runCollect,
        Effect.map(Chunk.toReadonlyArray),
        Effect.fork
      )
      const itemId = world.session().starts()
      for (let n = 0; n < 1_000; n++) {
        world.session().emit({ _tag: "CalleePartial", itemId, text: "bla " })
      }
      yield* settle
      for (let n = 0; n < 10; n++) yield* says(world, `Number ${n}`)
      world.line().callerGone()
      const events = yield* Fiber.join(slow)
      expect(seqs(events)).toEqual(seqs(events).map((_, index) => index + 1))
      expect(events.at(-1)?._tag).toBe("Ended")
    })
  )

  story("a watcher who was cut off and comes back after the end still learns of it", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const seen = yield* world.calls.watch(id, { after: 0 }).pipe(Stream.take(5), Stream.runCollect)
      yield* says(world, "Hello?")
      world.line().callerGone()
      yield* ended(world, id)
      const last = Chunk.toReadonlyArray(seen).at(-1)?.seq ?? 0
      expect(last).toBe(5)
      const rest = yield* world.watch(id, last + 10)
      expect(rest.map(({ _tag }) => _tag)).toEqual(["Ended"])
      const again = yield* world.watch(id)
      expect(again.map(({ _tag }) => _tag)).toEqual(["Turn", "Turn", "Status", "Ended"])
    })
  )

  story("leaving early leaves the call alone", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* world.calls.watch(id, { after: 0 }).pipe(Stream.take(2), Stream.runDrain)
      const waiting = yield* Effect.fork(world.calls.await(id))
      yield* settle
      yield* Fiber.interrupt(waiting)
      expect((yield* world.calls.status(id)).status).toBe("in-progress")
    })
  )

  story("a call that never was", (world) =>
    Effect.gen(function* () {
      for (const id of ["nobody00", "../../etc", ""]) {
        const error = yield* Effect.flip(Stream.runDrain(world.calls.watch(id, { after: 0 })))
        expect(error._tag).toBe("CallNotFound")
      }
    })
  )
})
