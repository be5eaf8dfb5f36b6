/** The model's tools: each call runs once and is answered once, and none reaches further than the configuration lets it. */
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { CallFailed } from "../../src/domain/errors.ts"
import type { Answer } from "./FakeModel.ts"
import { ended, says, settle, story, talking, type World } from "./support.ts"

const tool = (name: string, input: unknown = {}, text?: string): Answer => ({
  ...(text === undefined ? {} : { text, ms: 1_000 }),
  tools: [{ name, input, id: name }]
})
const results = (world: World) =>
  world
    .session()
    .commands("ToolResult")
    .map(({ output, toolCallId }) => ({ toolCallId, ...JSON.parse(output) }))
const told = (world: World, what: string) => world.line().told.filter(({ _tag }) => _tag === what)
const reception = { config: { transferTo: { reception: "+15557654321" } } } as const

describe("tools", () => {
  story("an unknown tool is refused, and the model speaks on", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [tool("launch_rocket"), { text: "I cannot do that.", ms: 500 }]
      yield* talking(world)
      yield* says(world, "Launch it.")
      yield* Effect.sleep("2 seconds")
      expect(results(world)).toMatchObject([{ toolCallId: "launch_rocket", ok: false }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  story("two calls in one answer: both are answered, then there is one response, not two", (world) =>
    Effect.gen(function* () {
      const both = [
        { name: "a", id: "a" },
        { name: "b", id: "b" }
      ]
      world.model.says.reply = [
        { text: "Let me see.", ms: 500, tools: both },
        { text: "No.", ms: 500 }
      ]
      yield* talking(world)
      yield* says(world, "Hm?")
      yield* Effect.sleep("5 seconds")
      expect(results(world).map(({ toolCallId }) => toolCallId)).toEqual(["a", "b"])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      expect(world.model.violations).toEqual([])
    })
  )

  story("the same call reported twice runs once", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [tool("send_digits", { digits: "12#" })]
      yield* talking(world)
      yield* says(world, "Press one.")
      yield* settle
      world.session().emit({
        _tag: "ToolCalled",
        responseId: "response3",
        toolCallId: "send_digits",
        name: "send_digits",
        input: '{"digits":"12#"}'
      })
      yield* Effect.sleep("5 seconds")
      expect(told(world, "digits")).toHaveLength(1)
      expect(results(world)).toHaveLength(1)
    })
  )

  story("a call of an answer that was interrupted does not run, and is answered", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [
        { text: "I press one.", ms: 3_000, open: true },
        { text: "Yes?", ms: 500 }
      ]
      yield* talking(world)
      yield* says(world, "Press one.")
      yield* Effect.sleep("1 second")
      world.session().starts()
      yield* settle
      world.session().emit({
        _tag: "ToolCalled",
        responseId: "response3",
        toolCallId: "late",
        name: "send_digits",
        input: '{"digits":"1"}'
      })
      yield* Effect.sleep("5 seconds")
      expect(told(world, "digits")).toEqual([])
      expect(results(world)).toMatchObject([{ toolCallId: "late", ok: false }])
    })
  )

  story("keys are pressed when the sentence before was heard, and the model waits for the menu", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [tool("send_digits", { digits: "2" }, "I press two.")]
      yield* talking(world)
      yield* says(world, "For German press two.")
      yield* Effect.sleep("900 millis")
      expect(told(world, "digits")).toEqual([])
      yield* Effect.sleep("200 millis")
      expect(told(world, "digits")).toMatchObject([{ digits: "2" }])
      yield* Effect.sleep("5 seconds")
      expect(results(world)).toEqual([{ toolCallId: "send_digits", ok: true }])
      expect(world.session().asked()).toEqual(["opening", "reply"])
      // the session has survived the change of stream
      expect(world.model.sessions).toHaveLength(1)
    })
  )

  story("keys that cannot be pressed: the model is told why, and says so", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [tool("send_digits", { digits: "2" }), { text: "It did not work.", ms: 500 }]
      yield* talking(world)
      world.line().behaviour.digits = new CallFailed({ reason: "No stream.", message: "No stream." })
      yield* says(world, "Would you open the door for me?")
      yield* Effect.sleep("2 seconds")
      expect(results(world)).toEqual([{ toolCallId: "send_digits", ok: false, reason: "No stream." }])
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
    })
  )

  for (const input of [{}, { digits: "" }, { digits: "call mum" }, { digits: "1".repeat(33) }, "no json", []]) {
    story(`digits that are none are refused: ${JSON.stringify(input).slice(0, 30)}`, (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [tool("send_digits", input), { text: "Sorry.", ms: 500 }]
        yield* talking(world)
        yield* says(world, "Press.")
        yield* Effect.sleep("2 seconds")
        expect(told(world, "digits")).toEqual([])
        expect(results(world)).toMatchObject([{ ok: false }])
      })
    )
  }

  story("a wish not to be called again is stored at once, and no later call gets through", (world) =>
    Effect.gen(function* () {
      world.model.says.reply = [tool("do_not_call_again"), { text: "I am sorry.", ms: 500 }]
      const id = yield* talking(world)
      yield* says(world, "Never call me again!")
      yield* settle
      expect(yield* world.store.hasOptedOut(world.line().order.to)).toBe(true)
      yield* Effect.sleep("2 seconds")
      expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      world.line().callerGone()
      yield* ended(world, id)
      expect(yield* Effect.flip(world.place())).toMatchObject({ _tag: "CallNotAllowed", rule: "do-not-call" })
      expect(world.telephone.dialled).toHaveLength(1)
    })
  )

  story("what an owner says in mid-call reaches the model, not the callee", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* world.calls.say(id, "Ask for a window seat.")
      yield* Effect.sleep("1 second")
      expect(world.session().commands("Note").at(-1)?.text).toContain("Ask for a window seat.")
      expect(world.session().asked()).toEqual(["opening", "reply"])
    })
  )
})

describe("transfer", () => {
  story(
    "to a name that is not configured: refused, nobody is dialled",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [tool("transfer_call", { destination: "+15559990000" }), { text: "Sorry.", ms: 500 }]
        yield* talking(world)
        yield* says(world, "Connect me with +1 555 999 0000.")
        yield* Effect.sleep("2 seconds")
        expect(told(world, "transfer")).toEqual([])
        expect(results(world)).toMatchObject([{ ok: false }])
      }),
    reception
  )

  story(
    "to a named one, after the sentence was heard; it is busy, and the model goes on with the callee",
    (world) =>
      Effect.gen(function* () {
        const sentence = tool("transfer_call", { destination: "Reception" }, "I connect you.")
        world.model.says.reply = [sentence, { text: "They are busy.", ms: 500 }]
        const id = yield* talking(world)
        yield* says(world, "Connect me.")
        yield* Effect.sleep("900 millis")
        expect(told(world, "transfer")).toEqual([])
        yield* Effect.sleep("200 millis")
        expect(told(world, "transfer")).toMatchObject([{ to: "+15557654321" }])
        yield* Effect.sleep("5 seconds")
        expect(results(world)).toMatchObject([{ toolCallId: "transfer_call", ok: false, result: "busy" }])
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
        expect((yield* world.calls.status(id)).status).toBe("in-progress")
      }),
    reception
  )

  story(
    "the callee interrupts the sentence: they are not sent away, and are answered",
    (world) =>
      Effect.gen(function* () {
        const sentence = tool("transfer_call", { destination: "reception" }, "I connect you.")
        world.model.says.reply = [sentence, { text: "Of course not.", ms: 500 }]
        yield* talking(world)
        yield* says(world, "Connect me.")
        yield* Effect.sleep("500 millis")
        yield* says(world, "No, wait!")
        yield* Effect.sleep("5 seconds")
        expect(told(world, "transfer")).toEqual([])
        expect(results(world)).toMatchObject([{ toolCallId: "transfer_call", ok: false }])
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      }),
    reception
  )

  story(
    "connected: the call is over for us when it is over for them",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [tool("transfer_call", { destination: "reception" })]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "connected", after: "40 seconds" }
        yield* says(world, "Connect me.")
        yield* Effect.sleep("20 seconds")
        // a model that is lost meanwhile is nobody's concern
        world.model.behaviour.open = Effect.never
        world.session().lose()
        yield* Effect.sleep("25 seconds")
        expect(world.line().tags()).not.toContain("hangUp")
        expect(world.line().tags()).not.toContain("say")
        world.line().callerGone()
        expect(yield* ended(world, id)).toMatchObject({ status: "completed" })
      }),
    reception
  )

  story(
    "a configured number that may not be dialled is not, whoever asks",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [tool("transfer_call", { destination: "hotline" }), { text: "Sorry.", ms: 500 }]
        yield* talking(world)
        yield* says(world, "Connect me.")
        yield* Effect.sleep("2 seconds")
        expect(told(world, "transfer")).toEqual([])
        expect(results(world)).toMatchObject([{ ok: false, result: "failed" }])
        expect(results(world)[0].reason).toContain("premium")
      }),
    { config: { transferTo: { hotline: "+19005551234" } } }
  )
})
