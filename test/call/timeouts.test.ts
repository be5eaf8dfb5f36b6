/** Every wait on a call has an end. Driven by Effect's TestClock, so none of them takes real time. */
import { it } from "@effect/vitest"
import { type Duration, Effect, Fiber, type Scope, TestClock } from "effect"
import { describe, expect } from "vitest"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import { makeWorld, type World, type WorldOptions } from "./support.ts"

const pass = (time: Duration.DurationInput) => TestClock.adjust(time)

const timed = (
  name: string,
  body: (world: World) => Effect.Effect<void, unknown, Scope.Scope>,
  options: WorldOptions = {}
) =>
  it.scoped(name, () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(options)
      // short sentences: every packet and every mark is a wake of the clock, and those cost 4 ms each
      for (const purpose of ["opening", "reply", "check-in", "goodbye"]) world.model.says[purpose] = [short(purpose)]
      // what is left of the call needs time to end, and time does not pass by itself
      const stop = Effect.fork(world.stop).pipe(
        Effect.tap(() => pass("10 seconds")),
        Effect.flatMap(Fiber.join)
      )
      yield* Effect.ensuring(body(world), stop)
    })
  )

const short = (text: string) => ({ text, ms: 200 })

/** Places a call, and lets it ring. */
const ringing = Effect.fnUntraced(function* (world: World) {
  const id = yield* world.place()
  yield* pass("100 millis")
  world.line().status("ringing")
  yield* pass("1 millis")
  return id
})

/** The same, answered, and the opening heard. */
const talking = Effect.fnUntraced(function* (world: World) {
  const id = yield* ringing(world)
  world.line().answer()
  yield* pass("1100 millis")
  expect(world.line().playedOf(1)).toBe(200)
  return id
})

const status = (world: World, id: string) => world.calls.status(id)
const count = (world: World, what: string) => world.line().told.filter(({ _tag }) => _tag === what).length

describe("before the talk", () => {
  timed("nobody picks up: after 30 s the line is hung up, and the call is no-answer", (world) =>
    Effect.gen(function* () {
      const id = yield* ringing(world)
      yield* pass("29 seconds")
      expect(count(world, "hangUp")).toBe(0)
      yield* pass("1 seconds")
      expect(count(world, "hangUp")).toBe(1)
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "CallNoAnswer", callId: id })
      expect(yield* status(world, id)).toMatchObject({ status: "no-answer", duration: 0 })
      expect(world.line().released()).toBe(true)
    })
  )

  timed("an answer in the last second counts", (world) =>
    Effect.gen(function* () {
      const id = yield* ringing(world)
      yield* pass("29 seconds")
      world.line().answer()
      yield* pass("3 seconds")
      expect((yield* status(world, id)).status).toBe("in-progress")
    })
  )

  timed("the time a busy network lets us wait for the dial is no ringing", (world) =>
    Effect.gen(function* () {
      world.telephone.behaviour.dial = Effect.sleep("40 seconds")
      const id = yield* world.place()
      yield* pass("41 seconds")
      expect((yield* status(world, id)).status).toBe("dialing")
      world.line().answer()
      yield* pass("1 seconds")
      expect((yield* status(world, id)).status).toBe("in-progress")
    })
  )

  timed("answered, but the media stream never comes: ended after 15 s, with a reason that helps", (world) =>
    Effect.gen(function* () {
      const id = yield* ringing(world)
      world.line().status("in-progress")
      yield* pass("14 seconds")
      expect(count(world, "hangUp")).toBe(0)
      yield* pass("1 seconds")
      expect(count(world, "hangUp")).toBe(1)
      const call = yield* status(world, id)
      expect(call.status).toBe("failed")
      expect(call.error?.message).toContain("webhookHost")
    })
  )

  timed("neither side says a word for 15 s: an apology by the network's voice, and the end", (world) =>
    Effect.gen(function* () {
      world.model.behaviour.silent = true
      const id = yield* ringing(world)
      world.line().answer()
      // a frozen session is replaced on the way, but the next one is as silent
      yield* pass("14 seconds")
      expect(count(world, "say")).toBe(0)
      yield* pass("1 seconds")
      expect(count(world, "say")).toBe(1)
      yield* pass("5 seconds")
      expect(yield* status(world, id)).toMatchObject({ status: "failed", error: { type: "ModelUnavailable" } })
    })
  )
})

describe("in the talk", () => {
  timed(
    "30 s before the limit the model is told, at the limit it says goodbye, whatever the callee says",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        const notes = () =>
          world
            .session()
            .commands("Note")
            .filter(({ text }) => text.includes("half a minute"))
        const converse = Effect.forEach(["Nice weather.", "And politics!", "And sports."], (small) =>
          Effect.zipRight(
            Effect.sync(() => world.session().hears(small)),
            pass("9600 millis")
          )
        )
        yield* converse
        expect(notes()).toHaveLength(0)
        yield* pass("200 millis")
        expect(notes()).toHaveLength(1)
        yield* converse
        expect(world.session().asked()).not.toContain("goodbye")
        world.session().hears("And what else?")
        yield* pass("1300 millis")
        expect(world.session().asked().at(-1)).toBe("goodbye")
        world.session().starts()
        yield* pass("500 millis")
        expect(count(world, "hangUp")).toBe(1)
        expect((yield* status(world, id)).status).toBe("completed")
      }),
    { config: { maxCallDuration: 60 } }
  )

  timed("10 s of silence: asked once whether they are there; 15 s more: goodbye and hang-up", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* pass("9800 millis")
      expect(world.session().asked()).toEqual(["opening"])
      yield* pass("200 millis")
      expect(world.session().asked()).toEqual(["opening", "check-in"])
      yield* pass("14900 millis")
      expect(world.session().asked()).toEqual(["opening", "check-in"])
      yield* pass("300 millis")
      expect(world.session().asked()).toEqual(["opening", "check-in", "goodbye"])
      expect(count(world, "hangUp")).toBe(0)
      yield* pass("200 millis")
      expect(count(world, "hangUp")).toBe(1)
      expect((yield* status(world, id)).status).toBe("completed")
    })
  )

  timed("an answer to the check-in starts the waiting anew", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* pass("12 seconds")
      world.session().hears("Yes, I am here.")
      yield* pass("9 seconds")
      expect(world.session().asked()).toEqual(["opening", "check-in", "reply"])
      yield* pass("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "check-in", "reply", "check-in"])
    })
  )

  timed("who has asked us to wait is asked nothing; after five minutes in all the agent says goodbye", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.session().hears("One moment please, let me check the calendar.")
      yield* pass("290 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply"])
      yield* pass("11 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "goodbye"])
    })
  )

  timed("a line that sends nothing at all for 30 s is dead", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.line().behaviour.sendsAudio = false
      yield* pass("18 seconds")
      world.session().hears("Hello?")
      yield* pass("18 seconds")
      const call = yield* status(world, id)
      expect(call.status).toBe("failed")
      expect(call.error?.message).toContain("no audio")
      expect(count(world, "hangUp")).toBe(1)
    })
  )

  timed("a silent callee on a living line is not a dead line", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* pass("20 seconds")
      expect((yield* status(world, id)).status).toBe("in-progress")
    })
  )

  timed("a goodbye whose last mark never comes is not waited for longer than 2 s", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ text: "Bye.", ms: 200, tools: [{ name: "end_call", input: "{}" }] }]
      yield* talking(world)
      world.line().behaviour.echoMarks = false
      world.session().hears("That is all.")
      yield* pass("1500 millis")
      expect(count(world, "hangUp")).toBe(0)
      yield* pass("700 millis")
      expect(count(world, "hangUp")).toBe(1)
    })
  )
})

describe("when the model fails", () => {
  const limited = { failure: { code: "rate_limit_exceeded", message: "slow down", retryable: true } }

  timed("a rate limit is tried again after 0.5, 1.5 and 3 s, then the network apologises", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [limited]
      const id = yield* talking(world)
      const replies = () =>
        world
          .session()
          .asked()
          .filter((purpose) => purpose === "reply").length
      world.session().hears("Are you there?")
      yield* pass("1 millis")
      expect(replies()).toBe(1)
      yield* pass("500 millis")
      expect(replies()).toBe(2)
      yield* pass("1500 millis")
      expect(replies()).toBe(3)
      yield* pass("2900 millis")
      expect(replies()).toBe(3)
      expect(count(world, "say")).toBe(0)
      yield* pass("200 millis")
      expect(replies()).toBe(4)
      expect(count(world, "say")).toBe(1)
      yield* pass("5 seconds")
      const call = yield* status(world, id)
      expect(call).toMatchObject({ status: "failed", error: { type: "RateLimited", code: "rate_limit_exceeded" } })
      expect(yield* Effect.flip(world.calls.await(id))).toMatchObject({ _tag: "RateLimited", service: "openai" })
    })
  )

  timed("a rate limit that passes leaves no trace but the pause", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [limited, limited, { text: "Here I am.", ms: 500 }]
      const id = yield* talking(world)
      world.session().hears("Are you there?")
      yield* pass("4 seconds")
      expect((yield* status(world, id)).transcript.at(-1)?.text).toBe("Here I am.")
      expect(count(world, "say")).toBe(0)
    })
  )

  timed("a gap of more than 1.5 s is covered by a phrase in the same voice, and nobody is greeted again", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: "One two three", ms: 400, open: true },
        { text: "four five.", ms: 500 }
      ]
      const id = yield* talking(world)
      world.session().hears("Count to five.")
      yield* pass("500 millis")
      world.model.behaviour.open = Effect.sleep("3 seconds")
      world.session().lose()
      yield* pass("1400 millis")
      expect(world.line().playedOf(2)).toBe(0)
      yield* pass("1000 millis")
      expect(world.line().playedOf(2)).toBe(800)
      yield* pass("2 seconds")
      expect(world.model.sessions).toHaveLength(2)
      expect(world.session().brief.memory.slice(0, -1)).toEqual([
        { _tag: "Said", role: "assistant", text: "opening" },
        { _tag: "Said", role: "user", text: "Count to five." },
        { _tag: "Said", role: "assistant", text: "One two three" }
      ])
      expect(world.session().brief.memory.at(-1)?._tag).toBe("Note")
      expect(world.session().asked()).toEqual(["reply"])
      world.line().callerGone()
      yield* pass("5 seconds")
      expect((yield* status(world, id)).transcript.map(({ text }) => text)).toEqual([
        "opening",
        "Count to five.",
        "One two three",
        "One moment, please.",
        "four five."
      ])
    })
  )

  timed("a short gap is not noticed by anybody", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.model.behaviour.open = Effect.sleep("1 seconds")
      world.session().lose()
      yield* pass("3 seconds")
      expect(world.line().playedOf(2)).toBe(0)
      expect(world.session().asked()).toEqual([])
      world.session().hears("Hello?")
      yield* pass("1 seconds")
      expect(world.session().asked()).toEqual(["reply"])
    })
  )

  timed("the callee spoke when the session was lost: they are answered, and what was lost is not invented", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.session().starts()
      yield* pass("500 millis")
      world.session().lose()
      yield* pass("1 seconds")
      expect(world.session().asked()).toEqual([])
      // the next session has heard it again, and found no words
      yield* pass("1500 millis")
      expect(world.session().asked()).toEqual(["reply"])
      expect((yield* status(world, id)).transcript.map(({ text }) => text)).toContain("[inaudible]")
    })
  )

  timed("not to be had again within 8 s: an apology by the network's voice, and the end", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.model.behaviour.open = Effect.never
      world.session().lose()
      yield* pass("7900 millis")
      expect(count(world, "say")).toBe(0)
      yield* pass("200 millis")
      expect(count(world, "say")).toBe(1)
      expect(count(world, "hangUp")).toBe(0)
      yield* pass("5 seconds")
      expect(yield* status(world, id)).toMatchObject({ status: "failed", error: { type: "ModelUnavailable" } })
    })
  )

  timed("refused for good: the apology does not wait", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.model.behaviour.open = new ModelUnavailable({ message: "No quota.", code: "insufficient_quota" })
      world.session().lose()
      yield* pass("10 millis")
      expect(count(world, "say")).toBe(1)
    })
  )

  timed("a response of which nothing comes for 10 s costs the session, though that lives", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.model.behaviour.silent = true
      world.session().hears("Hello?")
      yield* pass("9900 millis")
      expect(world.model.sessions).toHaveLength(1)
      world.model.behaviour.silent = false
      yield* pass("200 millis")
      expect(world.model.sessions).toHaveLength(2)
      expect(world.session().asked()).toEqual(["reply"])
    })
  )

  timed("a machine's greeting: 1.5 s of quiet end it, 30 s at most", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.line().emit({ _tag: "Machine", verdict: "machine-start" })
      yield* pass("1400 millis")
      expect(world.session().asked()).toEqual(["opening"])
      const greeting = world.session().starts()
      yield* pass("5 seconds")
      world.session().stops(greeting)
      yield* pass("1400 millis")
      expect(world.session().asked()).toEqual(["opening"])
      yield* pass("200 millis")
      expect(world.session().asked()).toEqual(["opening", "voicemail"])
    })
  )
})
