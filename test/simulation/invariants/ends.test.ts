/** 1: whatever fails, a call ends once, in time, and as it is told. */
import { Effect, Stream } from "effect"
import { expect, it } from "vitest"
import type { CallEvent } from "../../../src/domain/CallEvent.ts"
import { isTerminal } from "../../../src/domain/CallStatus.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { breaks, plain } from "./wrongs.ts"

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
