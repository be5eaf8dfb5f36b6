/** A short search on every run of the tests: scenarios made up from one seed, each judged by all that must always hold. */
import { describe, expect, it } from "vitest"
import { attemptAt, shrink } from "../../src/simulation/search/search.ts"
import { timelineOf } from "../../src/simulation/timeline.ts"
import { simulate } from "../../src/simulation/world/simulate.ts"

const seed = 1
/** How many scenarios, from the first. A fixed number: which ones are tried must not depend on the machine. */
const scenarios = 50
/** Real time spent on a smaller scenario once something is found, in milliseconds. */
const shrinking = 20_000

/** Everything that is needed to see it again. */
const report = async (index: number, found: NonNullable<Awaited<ReturnType<typeof attemptAt>>["breaches"][number]>) => {
  const smallest = await shrink(seed, index, found, shrinking)
  const exit = await simulate(smallest)
  return [
    `seed ${seed}, index ${index}: invariant ${found.invariant} (${found.says}) does not hold: ${found.what}`,
    JSON.stringify(smallest),
    ...(exit._tag === "Success" ? timelineOf(exit.value) : [String(exit.cause)])
  ].join("\n")
}

describe.each(Array.from({ length: scenarios / 10 }, (_, ten) => ten * 10))("scenarios from %i on", (from) => {
  it("hold what must hold", { timeout: 120_000 }, async () => {
    for (let index = from; index < from + 10; index++) {
      const { breaches } = await attemptAt(seed, index)
      const [first] = breaches
      if (first !== undefined) expect.fail(await report(index, first))
    }
  })
})
