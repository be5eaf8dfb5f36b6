/** Known failures 5, 9, 12 and 13: zombie calls and lost slots, media that never comes, hang-ups and callbacks that get lost. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { Calls } from "../../src/Calls.ts"
import type { CalleeScript } from "../../src/simulation/callee/CalleeScript.ts"
import type { NetworkView } from "../../src/simulation/Simulation.ts"
import { respond } from "../../src/wire/Network.ts"
import {
  badGateway,
  both,
  change,
  creates,
  cuts,
  delays,
  drops,
  failed,
  losesAnswer,
  opensNoSocket,
  repeats,
  tells,
  updates,
  webhook
} from "./faults.ts"
import { agrees, alwaysHolds, type Excuse, type Finished, greets, person, story, type WorldOptions } from "./world.ts"

const tell = async (options: WorldOptions, excuse: Excuse = {}): Promise<Finished> => {
  const finished = await story(options, (world) => world.call())
  alwaysHolds(finished, excuse)
  return finished
}

/** The conversation took place, from hello to goodbye, whatever happened beside it. */
const talked = ({ call, legs }: Finished): void => {
  expect(call).toMatchObject({ status: "completed", outcome: { success: true } })
  expect(legs).toHaveLength(1)
  expect(legs[0]?.heard.at(-1)?.text).toBe("Thank you, goodbye.")
}

const polite = greets(...agrees)

describe("known failures", () => {
  describe("5: no zombie calls", () => {
    it("5: twenty calls that fail in every way free their slot for the one that succeeds", async () => {
      const ways: ReadonlyArray<CalleeScript> = [
        { line: "busy" },
        { line: "no-answer" },
        { line: "failed" },
        { line: "refused", code: 21215 },
        { line: "rate-limited" }
      ]
      let asked = 0
      const callees = () => ways[asked++ % ways.length] ?? polite
      const config = { maxConcurrentCalls: 1 }
      await story({ config, twilio: { callees: (to) => (to === "+15550100099" ? polite : callees()) } }, (world) =>
        Effect.gen(function* () {
          for (let n = 0; n < 20; n++) {
            const finished = yield* world.call({ to: `+155501001${String(n).padStart(2, "0")}` })
            expect(finished.call.status).not.toBe("completed")
            alwaysHolds(finished)
          }
          const last = yield* world.call({ to: "+15550100099" })
          alwaysHolds({ ...last, sessions: last.sessions.slice(-1) })
          talked(last)
        })
      )
    })

    it("5: while the only slot is taken, another call is refused by name, and taken when it is free", async () => {
      await story({ callee: polite, config: { maxConcurrentCalls: 1 } }, (world) =>
        Effect.gen(function* () {
          const first = yield* world.place()
          const refused = yield* Effect.either(world.place({ to: "+15550100098" }))
          expect(Either.getLeft(refused)).toMatchObject({ value: { _tag: "TooManyCalls", limit: 1 } })
          yield* world.finish(first)
          talked(yield* world.call({ to: "+15550100098" }))
        })
      )
    })

    /** Why the media never connects, and what Twilio complains of meanwhile. */
    const silentLines: ReadonlyArray<readonly [string, NetworkView, ReadonlyArray<number>]> = [
      ["Twilio cannot fetch the TwiML", change(webhook("voice"), () => failed("refused")), [11200, 11205]],
      ["a proxy answers in place of the TwiML", change(webhook("voice"), () => Effect.succeed(badGateway)), [11200]],
      ["the media socket cannot be opened", opensNoSocket, [31901]],
      [
        "a proxy refuses the handshake of the media socket",
        (network) => ({ ...network, webSocket: () => failed("broken") }),
        [31910]
      ]
    ]
    for (const [why, twilio, alerts] of silentLines) {
      it(`5: ${why}: the call ends by itself, and says why`, async () => {
        const finished = await tell({ callee: person([]), seenBy: { twilio } }, { alerts, announced: true })
        expect(finished.call.status).toBe("failed")
        expect(finished.call.error?.type).toBe("CallFailed")
        expect(finished.call.duration).toBeLessThan(40)
      })
    }

    it("5: TwiML that is never asked for: the callee is not kept in a silent call", async () => {
      const finished = await tell(
        { callee: person([]), seenBy: { twilio: drops(webhook("voice")) } },
        { alerts: [11200, 11205] }
      )
      expect(finished.call.status).toBe("failed")
      expect(finished.call.duration).toBeLessThan(40)
    })

    it("5: a media socket that breaks in mid-call is replaced, and the conversation goes on", async () => {
      const finished = await tell(
        {
          callee: greets({ repeat: { times: 5, steps: agrees.slice(0, 2) } }),
          seenBy: { twilio: cuts(1, "4 seconds") }
        },
        { alerts: [31903], calleeUnheard: true }
      )
      expect(finished.legs[0]?.streams.length).toBeGreaterThan(1)
      expect(finished.call).toMatchObject({ status: "completed", outcome: { success: true } })
    })
  })

  describe("5: endedAt is there when dialling fails", () => {
    for (const script of [
      { line: "refused", code: 21215 },
      { line: "rate-limited" },
      { line: "failed" },
      { line: "busy" }
    ] as const) {
      it(`5: ${"code" in script ? `${script.line} with ${script.code}` : script.line}`, async () => {
        const { call, file } = await tell({ callee: script })
        expect(call.endedAt).toBeDefined()
        expect(call.answeredAt).toBeUndefined()
        expect(file).toHaveProperty("endedAt")
        expect(call.outcome?.success).toBe(false)
      })
    }
    it("5: nothing answers where Twilio should be", async () => {
      const { call, legs } = await tell({ seenBy: { service: change(creates, () => failed("refused")) } })
      expect(call).toMatchObject({ status: "failed", error: { type: "LineUnavailable" } })
      expect(call.endedAt).toBeDefined()
      expect(legs).toEqual([])
    })
    it("5: wrong credentials", async () => {
      const { call } = await tell({ config: { authToken: "not the one" } })
      expect(call).toMatchObject({ status: "failed", error: { type: "LineUnavailable", code: "20003" } })
    })
  })

  describe("5: an unclear answer to the one POST", () => {
    const unclear = [
      ["502 with HTML", Effect.succeed(badGateway)],
      ["500 and nothing", Effect.succeed(respond(500))],
      ["a broken connection", failed("broken")],
      ["silence", "silence"],
      ["201 and no JSON", Effect.succeed(respond(201, "<html>", { "content-type": "text/html" }))]
    ] as const
    for (const [what, instead] of unclear) {
      it(`5: ${what} after the call was placed: the call goes on, and is not placed again`, async () => {
        const finished = await tell({ callee: polite, seenBy: { service: losesAnswer(creates, instead) } })
        expect(finished.posts).toHaveLength(1)
        talked(finished)
      })

      it(`5: ${what}, and no callback before the answer: it is found by looking`, async () => {
        const late = delays(tells("initiated", "ringing", "in-progress"), "14 seconds")
        const finished = await tell({
          callee: person([{ wait: 0.3 }, { say: "Hello?" }, ...agrees], { after: 12 }),
          seenBy: { service: losesAnswer(creates, instead), twilio: late }
        })
        expect(finished.posts).toHaveLength(1)
        talked(finished)
      })

      it(`5: ${what}, and no call was placed: it ends as failed, and is not placed again`, async () => {
        const never = instead === "silence" ? Effect.never : instead
        const finished = await tell({ seenBy: { service: change(creates, () => never) } })
        expect(finished.posts).toHaveLength(1)
        expect(finished.legs).toEqual([])
        expect(finished.call).toMatchObject({ status: "failed", error: { type: "LineUnavailable" } })
      })
    }

    it("5: two refused connections surely placed nothing: the third try is the call", async () => {
      const service = change(creates, (send, nth) => (nth <= 2 ? failed("refused") : send))
      const finished = await tell({ callee: polite, seenBy: { service } })
      expect(finished.posts.map(({ answer }) => answer)).toEqual(["refused", "refused", 201])
      talked(finished)
    })
  })

  describe("9: the goodbye is heard, and the line is hung up", () => {
    it("9: the hang-up comes after the last word, and soon", async () => {
      const finished = await tell({ callee: polite })
      talked(finished)
      const [leg] = finished.legs
      const last = leg?.heard.at(-1)
      const after = (leg?.endedAt ?? 0) - ((last?.at ?? 0) + (last?.ms ?? 0))
      expect(after).toBeGreaterThanOrEqual(0)
      expect(after).toBeLessThan(3_000)
    })

    const lostHangUps: ReadonlyArray<readonly [string, NetworkView]> = [
      ["is answered 502 twice", change(updates, (send, nth) => (nth <= 2 ? Effect.succeed(badGateway) : send))],
      ["is done, but answered 502", losesAnswer(updates, Effect.succeed(badGateway))],
      ["is refused three times", change(updates, (send, nth) => (nth <= 3 ? failed("refused") : send))],
      ["gets no answer the first time", change(updates, (send, nth) => (nth === 1 ? Effect.never : send))]
    ]
    for (const [what, service] of lostHangUps) {
      it(`9: a hang-up that ${what} still ends the call`, async () => {
        talked(await tell({ callee: polite, seenBy: { service } }))
      })
    }
  })

  describe("12: nothing kills a live call", () => {
    it("12: minutes of conversation, and not one status callback arrives", async () => {
      const chat = { repeat: { times: 20, steps: [{ listen: {} }, { say: "Hm, tell me more about it." }] } }
      const finished = await tell(
        {
          callee: greets(chat, ...agrees),
          seenBy: { twilio: drops(webhook("status")) }
        },
        { alerts: [11200] }
      )
      expect(finished.call.duration).toBeGreaterThan(150)
      expect(finished.call).toMatchObject({ status: "completed", outcome: { success: true } })
    })
  })

  describe("13: callbacks in any order", () => {
    const orders: ReadonlyArray<readonly [string, NetworkView]> = [
      ["ringing comes 8 s late, after the answer", delays(tells("ringing"), "8 seconds")],
      ["the answer is told 6 s late, after the media", delays(tells("in-progress"), "6 seconds")],
      ["initiated comes 14 s late", delays(tells("initiated"), "14 seconds")],
      ["each comes twice, at once", repeats(webhook("status"), "10 millis")],
      ["each comes again a minute later", repeats(webhook("status"), "1 minute")],
      ["all come 3 s late", delays(webhook("status"), "3 seconds")]
    ]
    for (const [what, twilio] of orders) {
      it(`13: ${what}`, async () => talked(await tell({ callee: polite, seenBy: { twilio } })))
    }

    it("13: the last one is lost when the callee hangs up: the call is found to be over", async () => {
      const finished = await tell(
        {
          callee: greets({ listen: {} }, { say: "Goodbye." }, { hangUp: true }),
          seenBy: { twilio: drops(tells("completed")) }
        },
        { alerts: [11200] }
      )
      expect(finished.call.status).toBe("completed")
      expect(finished.call.duration).toBeLessThan(60)
    })

    it("13: the last one is lost when the callee hangs up in mid-talk: that is no failed call", async () => {
      const finished = await tell(
        {
          callee: greets({ listen: {} }, { say: "I must go." }, { wait: 0.2 }, { hangUp: true }),
          seenBy: { twilio: drops(tells("completed")) }
        },
        { alerts: [11200] }
      )
      expect(finished.call.status).toBe("completed")
      expect(finished.call.error).toBeUndefined()
    })

    it("13: busy is told by no callback: it is found by asking", async () => {
      const finished = await tell(
        { callee: { line: "busy" }, seenBy: { twilio: drops(webhook("status")) } },
        { alerts: [11200] }
      )
      expect(finished.call.status).toBe("busy")
    })
  })

  describe("30: a hang-up that comes when the call is over", () => {
    it("30: owner and callee hang up at the same moment", async () => {
      const finished = await story(
        {
          callee: greets({ listen: {} }, { hangUp: true }),
          seenBy: { twilio: delays(tells("completed"), "2 seconds") }
        },
        (world) =>
          Effect.gen(function* () {
            const calls = yield* Calls
            const id = yield* world.place()
            const finishing = yield* Effect.fork(world.finish(id))
            yield* Effect.sleep("11 seconds")
            yield* Effect.either(calls.hangUp(id))
            return yield* finishing
          })
      )
      alwaysHolds(finished)
      expect(finished.call.status).toBe("completed")
    })
  })

  it("both ends of the network fail a little, and the call is still whole", async () => {
    const twilio = both(repeats(webhook("status", "amd"), "700 millis"), delays(tells("ringing"), "3 seconds"))
    talked(await tell({ callee: polite, seenBy: { twilio, service: losesAnswer(creates, failed("broken")) } }))
  })
})
