/** How a call ends, once: no stop, no late, repeated or disordered callback changes it, and what follows the end happens once. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Calls } from "../../src/Calls.ts"
import { respond, respondJson } from "../../src/wire/Network.ts"
import { both, callBack, change, delays, drops, failed, repeats, tells, updates, webhook } from "./faults.ts"
import { agrees, alwaysHolds, type Finished, person, spoken, story, type WorldOptions } from "./world.ts"

const callee = person([{ wait: 0.7 }, { say: "Hello?" }, ...agrees])

const talk = [
  "user: Hello?",
  "assistant: Hello, this is an AI assistant calling. Book an appointment for Tuesday at 2 pm.",
  "user: Yes, Tuesday at 2 pm works. See you then.",
  "assistant: Thank you, goodbye."
]

const fetched = (sent: ReadonlyArray<{ readonly path: string }>) =>
  sent.filter(({ path }) => path.includes("/Recordings/"))

/** The call that should have been, with its end and everything after it, once. */
const asEver = async (options: WorldOptions): Promise<Finished> => {
  const [finished, files] = await story({ callee, ...options }, (world) =>
    Effect.map(world.call(), (call) => [call, fetched(world.sent)] as const)
  )
  // Twilio complains of callbacks that it could not deliver: that is the fault itself
  alwaysHolds(finished, { alerts: [11200] })
  expect(finished.call.status).toBe("completed")
  expect(spoken(finished.call)).toEqual(talk)
  expect(finished.call.outcome?.success).toBe(true)
  expect(files).toHaveLength(1)
  expect(finished.call.recording).toBe(`/transcripts/${finished.id}.wav`)
  return finished
}

const all = webhook("status", "amd", "recording", "stream")

describe("an end that stays", () => {
  it("though every callback comes twice, the second time two seconds later", () =>
    asEver({ seenBy: { twilio: repeats(all, "2 seconds") } }))

  it("though every callback comes again ten minutes later", () =>
    asEver({ seenBy: { twilio: repeats(all, "10 minutes") } }))

  it("though status callbacks come in reverse", () =>
    asEver({
      seenBy: {
        twilio: both(
          delays(tells("initiated"), "40 seconds"),
          delays(tells("ringing"), "35 seconds"),
          delays(tells("in-progress"), "30 seconds"),
          delays(webhook("amd"), "25 seconds")
        )
      }
    }))

  it("though the answer is told before the ringing", () =>
    asEver({ seenBy: { twilio: delays(tells("initiated", "ringing"), "8 seconds") } }))

  it("though no callback comes but the recording's", () =>
    asEver({ seenBy: { twilio: drops(webhook("status", "amd", "stream")) } }))

  it("though every callback is repeated until it is answered, and its answer is lost", () =>
    asEver({
      seenBy: { twilio: change(all, (send) => Effect.zipRight(Effect.zipRight(send, send), failed("timeout"))) }
    }))

  for (const late of [
    { CallStatus: "failed" },
    { CallStatus: "busy" },
    { CallStatus: "in-progress" },
    { CallStatus: "queued" }
  ]) {
    it(`though ${late.CallStatus} is told after it`, async () => {
      const [finished, after] = await story({ callee }, (world) =>
        Effect.gen(function* () {
          const call = yield* world.call()
          yield* callBack("StatusCallback", late)
          yield* Effect.sleep("1 minute")
          return [call, yield* Effect.flatMap(Calls, (calls) => calls.status(call.id))] as const
        })
      )
      alwaysHolds(finished)
      expect(after).toEqual(finished.call)
    })
  }
})

describe("known failures: races at the close", () => {
  it("30: a hang-up that Twilio refuses because the call is over already (21220) is a success", () => {
    const over = respondJson(400, { code: 21220, message: "Call is not in-progress. Cannot redirect.", status: 400 })
    // the callee hangs up at the very moment in which we do
    return asEver({ seenBy: { service: change(updates, (send) => Effect.as(send, over)) } })
  })

  it("30: a hang-up whose answer is an error page or nothing ends the call all the same, once", async () => {
    await asEver({
      seenBy: { service: change(updates, (send, nth) => (nth === 1 ? Effect.as(send, respond(502)) : send)) }
    })
    await asEver({
      seenBy: { service: change(updates, (send, nth) => (nth === 1 ? Effect.zipRight(send, failed("broken")) : send)) }
    })
  })

  it("30: a callee who hangs up while the goodbye is being said ends it as completed, and nothing is sent after that", async () => {
    const leaves = person([
      { wait: 0.7 },
      { say: "Hello?" },
      { listen: {} },
      { say: "Yes, Tuesday at 2 pm works." },
      { wait: 1.7 },
      { hangUp: true }
    ])
    const finished = await story({ callee: leaves }, (world) => world.call())
    alwaysHolds(finished)
    expect(finished.call.status).toBe("completed")
    expect(finished.call.outcome?.success).toBe(true)
    expect(finished.call.transcript.at(-1)).toMatchObject({ role: "assistant", interrupted: true })
  })

  it("30: a status callback that comes with the request for TwiML never replaces it: the stream opens", async () => {
    const finished = await asEver({
      latency: 0,
      twilio: { timing: { answerDelay: Duration.zero, callbackDelay: Duration.zero } },
      seenBy: { twilio: repeats(webhook("status", "voice"), 0) }
    })
    expect(finished.legs[0]?.streams).toHaveLength(1)
  })
})
