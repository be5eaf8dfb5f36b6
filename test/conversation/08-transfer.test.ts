/** Handing the callee over: what the record and watchers are told, and when; what the agent does while they are away, and after. */
import { Effect, Exit, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import type { CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import type { NetworkView } from "../../src/simulation/Simulation.ts"
import type { Scenario } from "../../src/simulation/scenario/Scenario.ts"
import { simulate } from "../../src/simulation/world/simulate.ts"
import { NetworkError } from "../../src/wire/Network.ts"
import type { Answer } from "../call/FakeModel.ts"
import { ended, says, settle, story, talking, type World } from "../call/support.ts"
import { alwaysHolds, greets, story as whole } from "../calls/world.ts"

const transfer = (id = "transfer", destination = "reception"): Answer => ({
  text: "I connect you.",
  ms: 500,
  tools: [{ name: "transfer_call", input: { destination }, id }]
})
const back: Answer = { text: "They cannot be reached.", ms: 500 }
const reception = { config: { transferTo: { reception: "+15557654321" } } } as const

const results = (world: World) =>
  world
    .session()
    .commands("ToolResult")
    .map(({ output, toolCallId }) => ({ toolCallId, ...JSON.parse(output) }))
const told = (world: World, what: string) => world.line().told.filter(({ _tag }) => _tag === what)

/** The callee asks for somebody, and is away a second later. */
const sentAway = Effect.fnUntraced(function* (world: World, id?: string) {
  const callId = id ?? (yield* talking(world))
  yield* says(world, "Connect me.")
  yield* Effect.sleep("1 second")
  return callId
})

describe("4.8 a destination that answers", () => {
  story(
    "4.8 is in the record, told to watchers and to the model as soon as they are connected, not when they have talked",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer()]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "connected", after: "5 seconds" }
        const watching = yield* Effect.fork(world.watch(id))
        yield* sentAway(world, id)
        expect((yield* world.calls.status(id)).transferredTo).toBeUndefined()
        yield* Effect.sleep("5 seconds")
        const call = yield* world.calls.status(id)
        expect(call).toMatchObject({ status: "in-progress", transferredTo: { name: "reception", result: "connected" } })
        expect(results(world)).toEqual([{ toolCallId: "transfer", ok: true, result: "connected" }])
        yield* Effect.sleep("30 seconds")
        world.line().callerGone()
        const events = yield* Fiber.join(watching)
        const [event] = events.filter(({ _tag }) => _tag === "Transfer")
        expect(event).toMatchObject({ ...call.transferredTo })
        expect(events.at(-1)).toMatchObject({ _tag: "Ended", call: { transferredTo: call.transferredTo } })
        // who comes after the end is told as well
        expect((yield* world.watch(id)).map(({ _tag }) => _tag)).toContain("Transfer")
      }),
    reception
  )

  story(
    "4.8 has them to itself: no check-in, no word, no answer awaited, and a lost model is nobody's concern",
    (world) =>
      Effect.gen(function* () {
        const asks = { name: "ask_owner", input: { question: "May I?" }, id: "ask" }
        world.model.says.reply = [{ text: "One moment.", ms: 500, tools: [asks] }, transfer()]
        const id = yield* world.place({ questions: true })
        yield* Effect.sleep("3 seconds")
        world.line().answer()
        yield* Effect.sleep("4 seconds")
        world.line().behaviour.transfer = { result: "connected", after: "1 second" }
        yield* says(world, "May I have it?")
        yield* Effect.sleep("2 seconds")
        yield* sentAway(world, id)
        yield* Effect.sleep("1 second")
        const asked = world.session().asked()
        const played = told(world, "play").length
        world.model.behaviour.open = Effect.never
        world.session().lose()
        yield* Effect.sleep("3 minutes")
        expect(world.line().tags()).not.toContain("hangUp")
        expect(told(world, "play")).toHaveLength(played)
        expect(world.session().asked()).toEqual(asked)
        world.line().callerGone()
        expect(yield* ended(world, id)).toMatchObject({ status: "completed", questions: [{ unanswered: "withdrawn" }] })
      }),
    reception
  )

  story(
    "4.8 does not keep them beyond the longest call",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer()]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "connected", after: "5 seconds" }
        yield* sentAway(world, id)
        yield* Effect.sleep("48 seconds")
        expect(world.line().tags()).not.toContain("hangUp")
        yield* Effect.sleep("10 seconds")
        expect(told(world, "hangUp")).toHaveLength(1)
        expect((yield* ended(world, id)).status).toBe("completed")
      }),
    { config: { ...reception.config, maxCallDuration: 60 } }
  )
})

describe("4.8 a destination that cannot be had", () => {
  for (const [result, reason] of [
    ["busy", "The line was busy. The callee is back with you."],
    ["no-answer", "Nobody answered. The callee is back with you."],
    ["failed", "It could not be connected. The callee is back with you."]
  ] as const) {
    story(
      `4.8 brings the callee back to an agent that knows it (${result}) and speaks at once`,
      (world) =>
        Effect.gen(function* () {
          world.model.says.reply = [transfer(), back]
          const id = yield* talking(world)
          world.line().behaviour.transfer = { result, after: "3 seconds" }
          yield* sentAway(world, id)
          yield* Effect.sleep("2600 millis")
          expect(results(world)).toEqual([{ toolCallId: "transfer", ok: false, result, reason }])
          expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
          const call = yield* world.calls.status(id)
          expect(call.transferredTo).toMatchObject({ name: "reception", result })
          yield* Effect.sleep("1 second")
          expect((yield* world.calls.status(id)).transcript.at(-1)?.text).toBe(back.text)
        }),
      reception
    )
  }

  story(
    "4.8 with a code of the network: the record has it",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer(), back]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "failed", code: "13225", after: "1 second" }
        yield* sentAway(world, id)
        yield* Effect.sleep("2 seconds")
        const { transferredTo } = yield* world.calls.status(id)
        expect(transferredTo?.reason).toBe("It could not be connected (code 13225).")
      }),
    reception
  )

  story(
    "4.8 because the policy forbids it: nothing is dialled, the model learns the rule, and not the number",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer(), back]
        const id = yield* sentAway(world)
        yield* Effect.sleep("2 seconds")
        expect(told(world, "transfer")).toEqual([])
        expect(results(world)[0]).toMatchObject({ ok: false, result: "failed" })
        expect(results(world)[0].reason).toContain("premium")
        expect(JSON.stringify(results(world))).not.toContain("900")
        expect((yield* world.calls.status(id)).transferredTo).toMatchObject({ result: "failed" })
      }),
    { config: { transferTo: { reception: "+19005551234" } } }
  )

  story(
    "4.8 because it does not want to be called: nothing is dialled",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ tools: [{ name: "do_not_call_again" }] }, { text: "Sorry, goodbye.", ms: 500 }]
        const first = yield* talking(world, { to: "+15557654321" })
        yield* says(world, "Never call me again.")
        yield* ended(world, first)
        world.model.says.reply = [transfer(), back]
        yield* sentAway(world)
        yield* Effect.sleep("2 seconds")
        expect(told(world, "transfer")).toEqual([])
        expect(results(world)[0].reason).toContain("do-not-call")
      }),
    reception
  )

  story(
    "4.8 is tried three times at most",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = ["a", "b", "c", "d"].flatMap((id) => [transfer(id), back])
        const id = yield* talking(world)
        for (let times = 0; times < 4; times++) {
          yield* sentAway(world, id)
          yield* Effect.sleep("6 seconds")
        }
        expect(told(world, "transfer")).toHaveLength(3)
        expect(results(world).at(-1)).toMatchObject({ toolCallId: "d", ok: false })
      }),
    reception
  )
})

describe("4.8 a transfer at a bad moment", () => {
  story(
    "4.8 asked for twice in one answer rings once, and asked for while it rings is refused",
    (world) =>
      Effect.gen(function* () {
        const twice = { ...transfer("a"), tools: [...(transfer("a").tools ?? []), ...(transfer("b").tools ?? [])] }
        world.model.says.reply = [twice, back]
        yield* sentAway(world)
        expect(results(world)).toMatchObject([{ toolCallId: "b", ok: false }])
        const input = '{"destination":"reception"}'
        world.session().emit({ _tag: "ToolCalled", responseId: "late", toolCallId: "c", name: "transfer_call", input })
        yield* Effect.sleep("5 seconds")
        expect(told(world, "transfer")).toHaveLength(1)
        expect(results(world).map(({ toolCallId }) => toolCallId)).toEqual(["b", "c", "a"])
      }),
    reception
  )

  story(
    "4.8 the callee hangs up while it rings: not connected, in the record too, and the model is told for its outcome",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer()]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "no-answer", after: "30 seconds" }
        yield* sentAway(world, id)
        world.line().callerGone()
        const call = yield* ended(world, id)
        expect(call.transferredTo).toMatchObject({
          result: "failed",
          reason: "The call ended before we heard that anybody answered there."
        })
        expect(results(world)).toMatchObject([{ toolCallId: "transfer", ok: false }])
        expect(world.session().commands("Respond").at(-1)).toMatchObject({ aside: "text" })
      }),
    reception
  )

  story(
    "4.8 the callee speaks as they are sent away: what they said is in the model's mind when they are back",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ tools: transfer().tools ?? [] }, back]
        yield* talking(world)
        yield* says(world, "Connect me.")
        const itemId = world.session().starts()
        yield* Effect.sleep("500 millis")
        world.session().stops(itemId)
        world.session().writes(itemId, "And quickly.")
        expect(world.session().asked()).toEqual(["opening", "reply"])
        yield* Effect.sleep("5 seconds")
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
      }),
    reception
  )

  story(
    "4.8 the model's session drops while it rings: another one is there when the callee is back, and knows the result",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer(), back]
        const id = yield* sentAway(world)
        world.session().lose()
        yield* Effect.sleep("4 seconds")
        expect(world.model.sessions).toHaveLength(2)
        expect(
          world
            .session()
            .commands("Note")
            .map(({ text }) => text)
            .join()
        ).toContain('"result":"busy"')
        expect(world.session().asked()).toEqual(["reply"])
        expect((yield* world.calls.status(id)).transcript.at(-1)?.text).toBe(back.text)
      }),
    reception
  )

  story(
    "4.8 an answer that does not end does not keep the callee: its rest is not said into the ringing, nor after it",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [{ text: "I connect you.", ms: 500, open: true }, back]
        yield* talking(world)
        yield* says(world, "Connect me.")
        const responseId = "response3"
        const input = '{"destination":"reception"}'
        world.session().emit({ _tag: "ToolCalled", responseId, toolCallId: "t", name: "transfer_call", input })
        const trickle = () =>
          world
            .session()
            .emit({ _tag: "Audio", responseId, itemId: "item3", contentIndex: 0, bytes: new Uint8Array(1_600) })
        for (const wait of ["5 seconds", "5 seconds", "4 seconds"] as const) {
          yield* Effect.sleep(wait)
          trickle()
        }
        expect(told(world, "transfer")).toEqual([])
        yield* Effect.sleep("2 seconds")
        expect(told(world, "transfer")).toHaveLength(1)
        const played = told(world, "play").length
        trickle()
        yield* Effect.sleep("1 second")
        expect(told(world, "play")).toHaveLength(played)
        yield* Effect.sleep("5 seconds")
        expect(results(world)).toMatchObject([{ toolCallId: "t", result: "busy" }])
        expect(world.session().asked()).toEqual(["opening", "reply", "reply"])
        expect(world.model.violations).toEqual([])
      }),
    reception
  )

  story(
    "4.8 a late word of the detector does not take the line from those who are talking",
    (world) =>
      Effect.gen(function* () {
        world.model.says.reply = [transfer()]
        const id = yield* talking(world)
        world.line().behaviour.transfer = { result: "connected", after: "1 second" }
        yield* sentAway(world, id)
        for (const verdict of ["fax", "machine-start", "machine-end", "long-greeting"] as const)
          world.line().emit({ _tag: "Machine", verdict })
        yield* Effect.sleep("30 seconds")
        expect(world.line().tags()).not.toContain("hangUp")
        expect((yield* world.calls.status(id)).status).toBe("in-progress")
        yield* settle
      }),
    reception
  )
})

describe("4.8 on the simulated network", () => {
  const wants = (then: ReadonlyArray<CalleeStep>, to: string): Scenario => ({
    call: { task: "Make an appointment." },
    config: { transferTo: { reception: to } },
    callee: {
      answers: { after: 1, as: "human", amdAfter: 1.5 },
      steps: [
        { wait: 0.3 },
        { say: "Hello?" },
        { listen: {} },
        { say: "Can I talk to a person?" },
        { listen: {} },
        ...then
      ]
    }
  })
  const dialled = async (scenario: Scenario) => {
    const run = Exit.getOrElse(await simulate(scenario), (cause) => {
      throw new Error(String(cause))
    })
    const [leg] = run.legs
    return { run, dial: leg?.dials[0], webhooks: leg?.webhooks.filter(({ url }) => /\/dial(ed)?$/.test(url)) ?? [] }
  }
  const statusOf = (parameters: ReadonlyArray<readonly [string, string]>, name: string) =>
    parameters.find(([key]) => key === name)?.[1]

  it("4.8 the other leg rings from our number, is answered, talks, and hangs up first: the call ends with it", async () => {
    const { dial, run, webhooks } = await dialled(wants([{ wait: 60 }], "+15550100013"))
    expect(dial).toMatchObject({ from: "+15550100000", status: "completed", duration: 5, endedBy: "destination" })
    expect(webhooks.map(({ parameters, url }) => [url.split("/").at(-1), statusOf(parameters, "CallStatus")])).toEqual([
      ["dialed", "in-progress"],
      ["dial", "in-progress"]
    ])
    expect(statusOf(webhooks[1]?.parameters ?? [], "DialCallDuration")).toBe("5")
    expect(run.call).toMatchObject({ status: "completed", transferredTo: { result: "connected" } })
    const at = (what: string) => run.events.find(({ event }) => event._tag === what)?.at ?? 0
    expect(at("Ended") - at("Transfer")).toBeGreaterThan(4_500)
  })

  it("4.8 the callee hangs up first", async () => {
    const { dial, run } = await dialled(wants([{ wait: 5 }, { hangUp: true }], "+15550100013"))
    expect(dial).toMatchObject({ status: "completed", endedBy: "callee" })
    expect(run.call?.transferredTo?.result).toBe("connected")
  })

  it("4.8 the news that the other end has picked up is lost: it is known at the end of their talk", () => {
    const twilio: NetworkView = (network) => ({
      ...network,
      http: (request) =>
        request.url.endsWith("/dialed")
          ? Effect.fail(new NetworkError({ kind: "refused", message: "lost" }))
          : network.http(request)
    })
    const asks = greets({ listen: {} }, { say: "Can I talk to a person?" }, { wait: 60 })
    return whole({ callee: asks, config: { transferTo: { reception: "+15550100013" } }, seenBy: { twilio } }, (world) =>
      Effect.gen(function* () {
        const finished = yield* world.call()
        alwaysHolds(finished, { alerts: [11200], calleeUnheard: true })
        expect(finished.call.transferredTo).toMatchObject({ name: "reception", result: "connected" })
        const at = (what: string) => finished.events.find(({ event }) => event._tag === what)?.at ?? 0
        expect(at("Ended") - at("Transfer")).toBeLessThan(1_000)
      })
    )
  })
})
