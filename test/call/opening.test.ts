/** From the dial to our first word: the prepared opening, the listening moment, one greeting and never two. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import { answered, ended, says, settle, spoken, story, talking } from "./support.ts"

const opening = 1

describe("before the answer", () => {
  story("the model is ready and the opening prepared before the callee can pick up", (world) =>
    Effect.gen(function* () {
      yield* world.place()
      yield* settle
      expect(world.telephone.dialled).toHaveLength(1)
      expect(world.session().asked()).toEqual(["opening"])
      yield* Effect.sleep("20 seconds")
      expect(world.line().tags()).toEqual([])
    })
  )

  story(
    "nothing is generated for a phone that may not be answered, if that is not wanted",
    (world) =>
      Effect.gen(function* () {
        yield* world.place()
        yield* settle
        expect(world.session().commands("Respond")).toEqual([])
        world.line().answer()
        yield* Effect.sleep("1 second")
        expect(world.session().asked()).toEqual(["opening"])
        yield* Effect.sleep("2 seconds")
        expect(world.line().playedOf(opening)).toBe(2_000)
      }),
    { config: { prepareOpening: false } }
  )

  story("nothing is played before the media stream is there, even when the line was answered long ago", (world) =>
    Effect.gen(function* () {
      yield* world.place()
      yield* settle
      world.line().status("in-progress")
      yield* Effect.sleep("10 seconds")
      expect(world.line().tags()).toEqual([])
      world.line().emit({ _tag: "MediaStarted" })
      yield* Effect.sleep("1 second")
      expect(world.line().tags()).toContain("play")
    })
  )

  story("an opening that broke off is prepared anew, and the callee hears one whole greeting", (world) =>
    Effect.gen(function* () {
      world.model.says.opening = [
        { text: "Hel", ms: 400, failure: { code: "server_error", message: "sorry", retryable: true } },
        { text: "Hello, this is an AI assistant.", ms: 2_000 }
      ]
      const id = yield* world.place()
      yield* Effect.sleep("5 seconds")
      world.line().answer()
      yield* Effect.sleep("4 seconds")
      expect(world.session().asked()).toEqual(["opening", "opening"])
      expect(world.session().commands("Forget")).toEqual([{ _tag: "Forget", itemId: "item1" }])
      expect(world.line().playedOf(1)).toBe(0)
      expect(world.line().playedOf(3)).toBe(2_000)
      world.line().callerGone()
      expect(spoken(yield* ended(world, id))).toEqual(["assistant: Hello, this is an AI assistant."])
    })
  )

  story("a session lost while it rings is replaced, and the opening is still given, once", (world) =>
    Effect.gen(function* () {
      yield* world.place()
      yield* Effect.sleep("5 seconds")
      world.session().lose()
      yield* Effect.sleep("1 second")
      expect(world.model.sessions).toHaveLength(2)
      world.line().answer()
      yield* Effect.sleep("5 seconds")
      expect(world.line().playedOf(opening)).toBe(2_000)
      // the new session knows what was said in its name, and does not say it again
      expect(world.session().brief.memory[0]).toEqual({
        _tag: "Said",
        role: "assistant",
        text: "Hello, this is an AI assistant."
      })
      expect(world.session().asked()).toEqual([])
    })
  )

  story("a model that cannot be had is found out before anybody's phone rings", (world) =>
    Effect.gen(function* () {
      world.model.behaviour.open = new ModelUnavailable({ message: "No such model.", code: "model_not_found" })
      const id = yield* world.place()
      const error = yield* Effect.flip(world.calls.await(id))
      expect(error).toMatchObject({ _tag: "ModelUnavailable", callId: id, code: "model_not_found" })
      expect(world.telephone.dialled).toEqual([])
      const call = yield* world.calls.status(id)
      expect(call.status).toBe("failed")
      expect(call.endedAt).toBeDefined()
    })
  )
})

describe("the first moment after the answer", () => {
  story("we listen for 0.8 s, then speak", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      yield* Effect.sleep("790 millis")
      expect(world.line().tags()).toEqual([])
      yield* Effect.sleep("20 millis")
      expect(world.line().tags()).toContain("play")
      expect(world.line().told[0]).toMatchObject({ _tag: "play" })
      yield* Effect.sleep("2 seconds")
      expect(world.line().playedOf(opening)).toBe(2_000)
    })
  )

  story("a hello is heard to its end, and the opening is its answer: no second response", (world) =>
    Effect.gen(function* () {
      const id = yield* answered(world)
      yield* Effect.sleep("300 millis")
      const hello = world.session().starts()
      yield* Effect.sleep("1500 millis")
      expect(world.line().tags()).toEqual([])
      world.session().stops(hello)
      yield* settle
      expect(world.line().tags()).toContain("play")
      world.session().writes(hello, "Hello?")
      yield* Effect.sleep("5 seconds")
      expect(world.session().asked()).toEqual(["opening"])
      expect(world.line().tags()).not.toContain("clear")
      world.line().callerGone()
      expect(spoken(yield* ended(world, id))).toEqual(["user: Hello?", "assistant: Hello, this is an AI assistant."])
    })
  )

  story("a hello without end does not keep us silent for more than 3 s", (world) =>
    Effect.gen(function* () {
      yield* answered(world)
      world.session().starts()
      yield* Effect.sleep("2990 millis")
      expect(world.line().tags()).toEqual([])
      yield* Effect.sleep("20 millis")
      expect(world.line().tags()).toContain("play")
    })
  )

  story("there is one greeting, also when both sides were late", (world) =>
    Effect.gen(function* () {
      world.model.says.opening = [{ text: "Hello, this is an AI assistant.", ms: 2_000, open: true }]
      const id = yield* answered(world)
      yield* says(world, "Hello?", 500)
      yield* Effect.sleep("1 second")
      world.session().finish()
      yield* Effect.sleep("3 seconds")
      yield* says(world, "Yes, go on.")
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply"])
      world.line().callerGone()
      expect(spoken(yield* ended(world, id))).toEqual([
        "user: Hello?",
        "assistant: Hello, this is an AI assistant.",
        "user: Yes, go on.",
        "assistant: Okay."
      ])
    })
  )

  story("the network holds 400 ms of our voice at most, and the record tells how soon we spoke", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      const played = world.line().told.filter(({ _tag }) => _tag === "play")
      const [first] = played
      let sent = 0
      for (const packet of played) {
        if (packet._tag !== "play" || first === undefined) continue
        sent += packet.bytes.length / 8
        expect(sent - (packet.at - first.at)).toBeLessThanOrEqual(401)
      }
      expect(sent).toBe(2_000)
      world.line().callerGone()
      const call = yield* ended(world, id)
      expect(call.latency?.answerToFirstWord).toBeCloseTo(0.8, 2)
    })
  )
})
