/** 13: chance is the seed's, and nobody else's. */
import { expect, it } from "vitest"
import { judgeTwins } from "../../../src/simulation/invariants/index.ts"
import { defaultMind } from "../../../src/simulation/realtime/DefaultMind.ts"
import type { Mind } from "../../../src/simulation/realtime/Mind.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { interrupted, plain, seen } from "./wrongs.ts"

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

it("a service that looks at the clock of the room is found out", async () => {
  const hurried = (room: number): Sabotage => ({
    store: (store) => ({
      ...store,
      end: (id, end) => store.end(id, { ...end, endedAt: new Date(end.endedAt.getTime() + room) })
    })
  })
  const [breach] = judgeTwins(await seen(plain, { sabotage: hurried(0) }), await seen(plain, { sabotage: hurried(1) }))
  expect(breach?.invariant).toBe(13)
})
