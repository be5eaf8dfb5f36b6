/** 13: chance is the seed's, and nobody else's. */
import { expect, it } from "vitest"
import { judgeTwins } from "../../../src/simulation/invariants/twins.ts"
import { defaultMind } from "../../../src/simulation/realtime/DefaultMind.ts"
import type { Mind } from "../../../src/simulation/realtime/Mind.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { asking, creates, interrupted, isOf, plain, seen, toModel, withField } from "./wrongs.ts"

it("the same call twice is the same, event for event", async () => {
  expect(judgeTwins(await seen(interrupted), await seen(interrupted))).toEqual([])
})

it("another seed is another call", async () => {
  expect(judgeTwins(await seen(plain), await seen({ ...plain, seed: 2 }))).not.toEqual([])
})

it("a model that throws dice of its own is found out", async () => {
  const mind: Mind = (situation) =>
    defaultMind(situation).map((part) => ("say" in part ? { say: `${part.say} ${Math.random()}` } : part))
  const [breach] = judgeTwins(await seen(plain, { mind }), await seen(plain, { mind }))
  expect(breach?.invariant).toBe(13)
})

/** A service of whose doings each is a little different every time. */
const differs = (sabotage: () => Sabotage) => async () => {
  const [breach] = judgeTwins(await seen(plain, { sabotage: sabotage() }), await seen(plain, { sabotage: sabotage() }))
  expect(breach?.invariant).toBe(13)
}

it(
  "a service that looks at the clock of the room is found out",
  differs(() => ({
    store: (store) => ({
      ...store,
      // to the part of a millisecond: two calls do not end at the same moment of it
      end: (id, end) => store.end(id, { ...end, endedAt: new Date(performance.timeOrigin + performance.now() * 1000) })
    })
  }))
)

it(
  "events for the model that are different each time are found out",
  differs(() => ({
    network: toModel({
      out: (text, pass) => pass(text.replace(/"event_id":"/, `$&${Math.random()}`))
    })
  }))
)

it(
  "limits of the call that are different each time are found out",
  differs(() => ({
    network: asking(creates, (request, http) =>
      http(withField(request, "TimeLimit", () => `${600 + Math.floor(Math.random() * 10_000)}`))
    )
  }))
)

it(
  "audio for the model that is different by a bit is found out",
  differs(() => ({
    network: toModel({
      out: (text, pass) =>
        pass(
          isOf(text, "input_audio_buffer.append")
            ? text.replace(/"audio":"./, `"audio":"${"/+9876543210zyx"[Math.floor(Math.random() * 15)] ?? "/"}`)
            : text
        )
    })
  }))
)
