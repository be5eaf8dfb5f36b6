/** Calls on which something went wrong, or somebody interfered: what production logs are kept for. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Calls } from "../../src/Calls.ts"
import { creates, cuts, drops, failed, losesAnswer, repeats, tells, updates, webhook } from "../calls/faults.ts"
import { agrees, greets, spoken } from "../calls/world.ts"
import { nothingNew, type RecordOptions, record, replayed } from "./record.ts"

const polite = greets(...agrees)
const later =
  (after: string & `${number} seconds`, act: (calls: Calls["Type"], id: string) => Effect.Effect<void, unknown>) =>
  (id: string) =>
    Effect.delay(
      Effect.flatMap(Calls, (calls) => act(calls, id)),
      after
    )

const stories: Readonly<Record<string, RecordOptions>> = {
  "its owner hangs up in mid-call": { callee: polite, meanwhile: later("7 seconds", (calls, id) => calls.hangUp(id)) },
  "its owner hangs up while it rings": {
    callee: polite,
    meanwhile: later("1 seconds", (calls, id) => calls.hangUp(id))
  },
  "its owner guides it": {
    callee: polite,
    meanwhile: later("6 seconds", (calls, id) => calls.say(id, "Ask for 3 pm."))
  },
  "the service stops": { callee: polite, meanwhile: later("6 seconds", (calls) => calls.stop) },
  "the model's socket breaks": { callee: polite, seenBy: { service: cuts(1, "8 seconds") } },
  "the media socket breaks": { callee: polite, seenBy: { twilio: cuts(1, "5 seconds") } },
  "the answer to the creation is lost": {
    callee: polite,
    seenBy: { service: losesAnswer(creates, failed("broken")) }
  },
  "the creation is never answered": { callee: polite, seenBy: { service: losesAnswer(creates, "silence") } },
  "the hang-up never arrives": { callee: polite, seenBy: { service: drops(updates) } },
  "the end is not told": { callee: polite, seenBy: { twilio: drops(tells("completed")) } },
  "the voice webhook comes twice": { callee: polite, seenBy: { twilio: repeats(webhook("voice"), "300 millis") } },
  "the model refuses its key": { callee: polite, faults: { reject: "wrong-key" } }
}

describe("a call on which", () => {
  for (const [what, options] of Object.entries(stories)) {
    it(`${what} is the same again`, async () => {
      const { call, log } = await record(options)
      const again = await replayed(log)
      expect(again).toMatchObject(nothingNew)
      expect(spoken(again.replayed)).toEqual(spoken(call))
    })
  }
})
