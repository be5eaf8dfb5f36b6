/** 1: whatever fails, a call ends once, in time, and as it is told. */
import { Effect, Stream } from "effect"
import { expect, it } from "vitest"
import type { CallEvent } from "../../../src/domain/CallEvent.ts"
import { isTerminal } from "../../../src/domain/CallStatus.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { respondJson } from "../../../src/wire/Network.ts"
import { asking, breaks, hangsUp, plain } from "./wrongs.ts"

/** What is told of a call, event by event. */
const telling =
  (change: (event: CallEvent) => ReadonlyArray<CallEvent>): (() => Sabotage) =>
  () => ({
    calls: (calls) => ({ ...calls, watch: (id, options) => Stream.mapConcat(calls.watch(id, options), change) })
  })

it("a call whose end is never written down has not ended", async () => {
  const wrong = await breaks(1, plain, () => ({ store: (store) => ({ ...store, end: () => Effect.void }) }))
  expect(wrong).toContain("at the end of the run")
})

it("an end that is told twice is one too many", async () => {
  const wrong = await breaks(
    1,
    plain,
    telling((event) => (event._tag === "Status" && isTerminal(event.status) ? [event, event] : [event]))
  )
  expect(wrong).toContain("the end was told 2 times")
})

it("an end that is never told leaves whoever waits waiting", async () => {
  const wrong = await breaks(
    1,
    plain,
    telling((event) => (event._tag === "Ended" ? [] : [event]))
  )
  expect(wrong).toContain("the end was never told")
})

it("a status does not go back", async () => {
  const wrong = await breaks(
    1,
    plain,
    telling((event) =>
      event._tag === "Status" && event.status === "in-progress" ? [event, { ...event, status: "ringing" }] : [event]
    )
  )
  expect(wrong).toContain("statuses went back")
})

it("what is told is what is kept", async () => {
  const wrong = await breaks(
    1,
    plain,
    telling((event) =>
      event._tag === "Status" && event.status === "completed" ? [{ ...event, status: "canceled" }] : [event]
    )
  )
  expect(wrong).toContain("canceled was told, completed is kept")
})

it("an end does not take its time", async () => {
  const wrong = await breaks(1, plain, () => ({
    store: (store) => ({ ...store, end: (id, end) => Effect.delay(store.end(id, end), "3 minutes") })
  }))
  expect(wrong).toMatch(/the end was told .* after the answer/)
})

it("a call is not left to Twilio's limit", async () => {
  const stays: Scenario = {
    ...plain,
    callee: { answers: { after: 1, as: "human", amdAfter: 1.5 }, steps: [{ say: "Hello?" }, { wait: 300 }] },
    config: { maxCallDuration: 10 }
  }
  const wrong = await breaks(1, stays, () => ({
    network: asking(hangsUp, ({ url }) =>
      Effect.succeed(respondJson(200, { sid: /CA\w+/.exec(url)?.[0], status: "completed" }))
    )
  }))
  expect(wrong).toMatch(/the call was over only \d+\.\d+ s after the answer/)
})

it.each([0, -3600, 3600])(
  "the record says how long they talked, with a clock put by %s s before a restart",
  async (by) => {
    const faults = by === 0 ? [] : [{ setClock: { at: 6, by } }, { kill: { at: 9, downFor: 0.5 } }]
    const wrong = await breaks(1, { ...plain, faults }, () => ({
      store: (store) => ({
        ...store,
        end: (id, end) => store.end(id, { ...end, endedAt: new Date(end.endedAt.getTime() + 60_000) })
      })
    }))
    expect(wrong).toMatch(/the record says \d+\.\d+ s from answer to end, it was 1\d\.\d+ s/)
  }
)
