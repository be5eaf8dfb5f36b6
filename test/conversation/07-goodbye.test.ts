/** Goodbyes at the edges: what comes in the same moment, what cannot be read, and what breaks in the last sentence. */
import { Clock, Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { readClaim } from "../../src/call/talk/ending/Claim.ts"
import type { Answer } from "../call/FakeModel.ts"
import { ended, insists, says, settle, spoken, story, talking, type World } from "../call/support.ts"

const claim = (summary: string, success = true) => ({
  success,
  task_completed: success,
  summary,
  next_steps: [],
  evidence: ["yes, Tuesday works"]
})
const end = (id: string, input: unknown = claim("Booked.")) => ({ name: "end_call", input, id })
const farewell = (...tools: NonNullable<Answer["tools"]>): Answer => ({ text: "Thank you, goodbye.", ms: 2_000, tools })

const results = (world: World) =>
  world
    .session()
    .commands("ToolResult")
    .map(({ output, toolCallId }) => ({ toolCallId, ok: JSON.parse(output).ok }))
const hangUps = (world: World) =>
  world
    .line()
    .tags()
    .filter((tag) => tag === "hangUp").length
const agrees = (world: World) => says(world, "Yes, Tuesday works.")
const aside = (world: World) =>
  world
    .session()
    .commands("Respond")
    .filter((command) => command.aside === "text")

describe("4.7 end_call, and the callee speaks in the same moment", () => {
  story("4.7 just before it arrives: it does not happen, and the callee is answered", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { ...farewell(end("end")), open: true },
        { text: "Yes?", ms: 500 }
      ]
      yield* talking(world)
      yield* agrees(world)
      const itemId = world.session().starts()
      const call = { toolCallId: "end", name: "end_call", input: JSON.stringify(claim("Booked.")) }
      world.session().emit({ _tag: "ToolCalled", responseId: "response3", ...call })
      yield* insists
      expect(results(world)).toEqual([{ toolCallId: "end", ok: false }])
      world.session().stops(itemId)
      world.session().writes(itemId, "Wait.")
      yield* Effect.sleep("5 seconds")
      expect(hangUps(world)).toBe(0)
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  story("4.7 just after it: the hang-up is withdrawn before a word of the goodbye is heard", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { ...farewell(end("end")), open: true },
        { text: "Yes?", ms: 500 }
      ]
      yield* talking(world)
      yield* agrees(world)
      world.session().finish()
      const itemId = world.session().starts()
      yield* insists
      expect(results(world)).toEqual([{ toolCallId: "end", ok: false }])
      world.session().stops(itemId)
      world.session().writes(itemId, "Wait.")
      yield* Effect.sleep("5 seconds")
      expect(hangUps(world)).toBe(0)
    })
  )
})

describe("4.7 a goodbye that was withdrawn", () => {
  story(
    "4.7 leaves nothing behind: the next end_call's claim counts, and the model was told that the call went on",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [
          farewell(end("first", claim("Booked for Tuesday."))),
          { text: "Of course.", ms: 500 },
          farewell(end("second", claim("Called off.", false)))
        ]
        const id = yield* talking(world)
        yield* agrees(world)
        yield* Effect.sleep("1 second")
        yield* says(world, "No, wait, I cannot.")
        yield* Effect.sleep("3 seconds")
        yield* says(world, "Forget it.")
        const call = yield* ended(world, id)
        expect(results(world)).toEqual([{ toolCallId: "first", ok: false }])
        expect(call.outcome).toMatchObject({ success: false, summary: "Called off." })
      })
  )

  story("4.7 twice in one answer: the last word to the model is that the call goes on", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell(end("a"), end("b", claim("Nothing.", false))), { text: "Yes?", ms: 500 }]
      yield* talking(world)
      yield* agrees(world)
      yield* Effect.sleep("1 second")
      world.session().starts()
      yield* insists
      expect(results(world)).toEqual([
        { toolCallId: "b", ok: true },
        { toolCallId: "a", ok: false }
      ])
    })
  )

  story(
    "4.7 the time is up while the model calls a tool without a word: goodbye is asked for once",
    (world) =>
      Effect.gen(function* () {
        const idle = { name: "send_digits", input: { digits: "x" }, id: "t" }
        world.model.says.reply = [
          { text: "All that there is to say.", ms: 50_000 },
          { text: "", ms: 0, open: true, tools: [idle] }
        ]
        const id = yield* talking(world)
        yield* agrees(world)
        yield* Effect.sleep("54 seconds")
        yield* agrees(world)
        yield* Effect.sleep("2 seconds")
        world.session().finish()
        yield* ended(world, id)
        expect(
          world
            .session()
            .asked()
            .filter((purpose) => purpose === "goodbye")
        ).toHaveLength(1)
        expect(world.model.violations).toEqual([])
      }),
    { config: { maxCallDuration: 60 } }
  )

  for (const [where, text] of [
    ["into the goodbye", "Thank you, goodbye."],
    ["into a sentence", "All that there is to say."]
  ] as const)
    story(
      `4.7 the time is up while the callee speaks ${where}: the goodbye is heard, and not taken back by their words`,
      (world) =>
        Effect.gen(function* () {
          const tools = text === "Thank you, goodbye." ? [end("end")] : []
          world.model.says.reply = [{ text, ms: 6_000, tools }]
          const id = yield* talking(world)
          const { answeredAt } = yield* world.calls.status(id)
          const limit = (answeredAt?.epochMillis ?? 0) + 10_000
          const until = (moment: number) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Math.max(0, moment - now)))
          yield* until(limit - 4_000)
          yield* agrees(world)
          yield* until(limit - 1_000)
          const itemId = world.session().starts()
          yield* until(limit + 1_000)
          world.session().stops(itemId)
          world.session().writes(itemId, "No, wait, that is wrong.")
          const call = yield* ended(world, id)
          expect(yield* Clock.currentTimeMillis).toBeLessThan(limit + 10_000)
          expect(spoken(call)).toContain("assistant: Thank you, goodbye.")
          expect(hangUps(world)).toBe(1)
          expect(world.model.violations).toEqual([])
        }),
      { config: { maxCallDuration: 10 } }
    )

  story("4.7 after the line is gone nothing is withdrawn: who hangs up in the goodbye has agreed", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell(end("end"))]
      const id = yield* talking(world)
      yield* agrees(world)
      yield* Effect.sleep("1 second")
      world.line().callerGone()
      const call = yield* ended(world, id)
      expect(call).toMatchObject({ status: "completed", outcome: { success: true, summary: "Booked." } })
      expect(spoken(call).at(-1)).toBe("assistant: Thank you")
      expect(aside(world)).toHaveLength(0)
    })
  )
})

describe("4.7 claims that cannot be read", () => {
  const unreadable: ReadonlyArray<unknown> = [
    "",
    "null",
    "[]",
    '{"success": true, "summary": "Boo',
    {},
    { success: "yes", summary: "Booked." },
    { success: "ja", summary: "Gebucht.", evidence: [] },
    { success: 1, summary: "Booked." },
    { success: true },
    { success: true, summary: 7 },
    { success: true, summary: "Booked.", evidence: "yes, Tuesday works" },
    { success: true, summary: "Booked.", next_steps: [{ do: "go" }] }
  ]
  for (const input of unreadable) {
    story(
      `4.7 end the call all the same, and the outcome is asked for: ${JSON.stringify(input).slice(0, 50)}`,
      (world) =>
        Effect.gen(function* () {
          world.model.says.reply = [farewell(end("end", input))]
          world.model.says.outcome = [{ text: JSON.stringify(claim("Booked, as written afterwards.")) }]
          const id = yield* talking(world)
          yield* agrees(world)
          const call = yield* ended(world, id)
          expect(hangUps(world)).toBe(1)
          expect(aside(world)).toHaveLength(1)
          expect(call.outcome).toMatchObject({ success: true, summary: "Booked, as written afterwards." })
        })
    )
  }

  story("4.7 a readable one beside an unreadable one counts", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [farewell(end("a", '{"success"'), end("b", claim("Booked.")))]
      const id = yield* talking(world)
      yield* agrees(world)
      expect((yield* ended(world, id)).outcome).toMatchObject({ success: true, summary: "Booked." })
      expect(aside(world)).toHaveLength(0)
    })
  )

  it("4.7 whatever is written as arguments, reading it gives a claim or nothing, and never breaks", () => {
    const fields = fc.record(
      {
        success: fc.oneof(fc.boolean(), fc.string(), fc.constant(null)),
        summary: fc.oneof(fc.string(), fc.integer()),
        next_steps: fc.oneof(fc.array(fc.string()), fc.string()),
        evidence: fc.oneof(fc.array(fc.oneof(fc.string(), fc.double())), fc.string())
      },
      { requiredKeys: [] }
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fields.map((value) => JSON.stringify(value))
        ),
        (text) => {
          const read = readClaim(text)
          if (read !== undefined) expect(typeof read.success).toBe("boolean")
        }
      )
    )
  })

  it("4.7 a huge claim is cut to what somebody will read", () => {
    const read = readClaim(
      JSON.stringify({
        success: true,
        summary: "x".repeat(1_000_000),
        next_steps: Array.from({ length: 1_000 }, () => "y".repeat(10_000)),
        evidence: Array.from({ length: 100_000 }, () => "yes")
      })
    )
    expect(JSON.stringify(read).length).toBeLessThan(50_000)
  })
})

describe("4.7 a goodbye that breaks", () => {
  const retryable = { code: "server_error", message: "Try again.", retryable: true }
  const fatal = { code: "insufficient_quota", message: "No credit.", retryable: false }

  for (const failure of [retryable, fatal]) {
    story(`4.7 after all of it was said: it is heard, once, and the call is completed (${failure.code})`, (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ ...farewell(end("end")), failure }]
        const id = yield* talking(world)
        yield* agrees(world)
        const call = yield* ended(world, id)
        expect(world.session().asked()).toEqual(["opening", "reply"])
        expect(world.line().tags()).not.toContain("say")
        expect(call).toMatchObject({ status: "completed", outcome: { success: true } })
        expect(call.transcript.at(-1)).toMatchObject({ text: "Thank you, goodbye.", heard: 2 })
      })
    )
  }

  story("4.7 without a word: it is asked for again, as a goodbye", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [end("end")], failure: retryable }]
      const id = yield* talking(world)
      yield* agrees(world)
      const call = yield* ended(world, id)
      expect(world.session().asked()).toEqual(["opening", "reply", "goodbye"])
      expect(spoken(call).at(-1)).toBe("assistant: Thank you, goodbye.")
    })
  )

  story("4.7 without a word, and for good: the network says it, and the call has not failed", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [end("end")], failure: fatal }]
      const id = yield* talking(world)
      yield* agrees(world)
      const call = yield* ended(world, id)
      expect(world.line().told.filter(({ _tag }) => _tag === "say")).toMatchObject([{ text: "Thank you. Goodbye." }])
      expect(call).toMatchObject({ status: "completed", outcome: { success: true, summary: "Booked." } })
    })
  )

  story(
    "4.7 with its session, when all of it has come: it is played to its end, and no new session is waited for",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [farewell(end("end"))]
        const id = yield* talking(world)
        yield* agrees(world)
        yield* Effect.sleep("500 millis")
        world.model.behaviour.open = Effect.never
        world.session().lose()
        const call = yield* ended(world, id)
        expect(call.transcript.at(-1)).toMatchObject({ text: "Thank you, goodbye.", heard: 2 })
        expect(world.line().tags()).not.toContain("say")
        expect(call).toMatchObject({ status: "completed", outcome: { success: true } })
      })
  )
})

describe("4.7 end_call beside another tool", () => {
  const keys = { name: "send_digits", input: { digits: "7" }, id: "keys" }
  for (const [order, tools] of [
    ["after keys", [keys, end("end")]],
    ["before keys", [end("end"), keys]]
  ] as const) {
    story(`4.7 ${order}: the keys are pressed, then the call ends, without a further word`, (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ text: "Goodbye.", ms: 500, tools }]
        const id = yield* talking(world)
        yield* says(world, "Press seven to confirm.")
        const call = yield* ended(world, id)
        expect(
          world
            .line()
            .tags()
            .filter((tag) => tag === "digits" || tag === "hangUp")
        ).toEqual(["digits", "hangUp"])
        expect(world.session().asked()).toEqual(["opening", "reply"])
        expect(call.outcome).toMatchObject({ summary: expect.stringContaining("Booked.") })
      })
    )
  }

  const transfer = { name: "transfer_call", input: { destination: "reception" }, id: "transfer" }
  for (const [order, tools] of [
    ["after a transfer", [transfer, end("end")]],
    ["before a transfer", [end("end"), transfer]]
  ] as const) {
    story(
      `4.7 ${order}: the callee is handed over, and the claim stands`,
      (world) =>
        Effect.gen(function* () {
          world.model.says.reply = [{ text: "I connect you.", ms: 500, tools }]
          const id = yield* talking(world)
          world.line().behaviour.transfer = { result: "connected", after: "5 seconds" }
          yield* agrees(world)
          yield* Effect.sleep("20 seconds")
          expect(hangUps(world)).toBe(0)
          world.line().callerGone()
          const call = yield* ended(world, id)
          expect(call).toMatchObject({ transferredTo: { result: "connected" }, outcome: { summary: "Booked." } })
        }),
      { config: { transferTo: { reception: "+15557654321" } } }
    )
  }

  story("4.7 before one that is refused: the call ends as it was to", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { ...farewell(end("end"), { name: "transfer_call", input: { destination: "x" }, id: "t" }) }
      ]
      const id = yield* talking(world)
      yield* agrees(world)
      expect((yield* ended(world, id)).outcome?.success).toBe(true)
      expect(hangUps(world)).toBe(1)
      expect(results(world)).toEqual([{ toolCallId: "t", ok: false }])
    })
  )

  story("4.7 keys on their way, and the callee speaks: the keys are pressed, the end is withdrawn", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: "Goodbye.", ms: 2_000, tools: [keys, end("end")] },
        { text: "Yes?", ms: 500 }
      ]
      yield* talking(world)
      yield* says(world, "Press seven to confirm.")
      yield* Effect.sleep("500 millis")
      yield* says(world, "And then hold the line.")
      yield* Effect.sleep("6 seconds")
      expect(hangUps(world)).toBe(0)
      expect(results(world)).toContainEqual({ toolCallId: "end", ok: false })
    })
  )
})

describe("4.7 who wishes not to be called again", () => {
  const optOut = { name: "do_not_call_again", id: "out" }

  story(
    "4.7 is on the list before anything else is said, and is not kept when the model forgets to end the call",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ tools: [optOut] }, { text: "I am sorry, goodbye.", ms: 1_000 }]
        const id = yield* talking(world)
        yield* says(world, "Never call me again!")
        yield* settle
        expect(yield* world.store.hasOptedOut(world.line().order.to)).toBe(true)
        const call = yield* ended(world, id)
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
        expect(spoken(call).at(-1)).toBe("assistant: I am sorry, goodbye.")
        expect(yield* Effect.flip(world.place())).toMatchObject({ _tag: "CallNotAllowed", rule: "do-not-call" })
      })
  )

  story("4.7 is listened to when they speak on", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [{ tools: [optOut] }, { text: "I am sorry, goodbye.", ms: 2_000 }]
      yield* talking(world)
      yield* says(world, "Never call me again!")
      yield* Effect.sleep("1 second")
      yield* says(world, "And tell your boss.")
      yield* Effect.sleep("500 millis")
      expect(hangUps(world)).toBe(0)
      yield* Effect.sleep("4 seconds")
      expect(hangUps(world)).toBe(1)
    })
  )
})
