/**
 * The scenarios of the conversation once more, over real sockets and in real time, all at once: what virtual time proves is
 * not owed to it. Those that need a machine of their own, or minutes, stay in virtual time.
 */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { NodeContext } from "@effect/platform-node"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { judge } from "../../src/simulation/invariants/index.ts"
import { unmet } from "../../src/simulation/scenario/expectations.ts"
import type { Scenario } from "../../src/simulation/scenario/Scenario.ts"
import { loadScenarios } from "../../src/simulation/scenario/scenarioFile.ts"
import { verify } from "../../src/simulation/scenario/trial.ts"
import { isForSockets, runOverSockets } from "./overSockets.ts"

const folder = fileURLToPath(new URL("../../docs/examples/conversation", import.meta.url))

/** A call that takes longer tests patience, not sockets. Milliseconds of virtual time. */
const longest = 45_000

const lasts = async (scenario: Scenario): Promise<number> => {
  const { events } = await verify(scenario)
  return (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)
}

/** Those that do not depend on how exactly a busy machine keeps time. */
const timeless = new Set([0, 1, 2, 3, 7, 8, 12])

const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"))
for (const file of files.toSorted()) {
  const scenarios = await Effect.runPromise(Effect.provide(loadScenarios(`${folder}/${file}`), NodeContext.layer))
  const fit: Array<Scenario> = []
  for (const scenario of scenarios) {
    if (isForSockets(scenario) && (await lasts(scenario)) <= longest) fit.push(scenario)
  }
  describe.concurrent(`${file} over sockets`, () => {
    it.each(fit)("$name", { timeout: 240_000 }, async (scenario) => {
      const run = await runOverSockets(scenario)
      expect(unmet(run)).toEqual([])
      expect(judge(run).filter(({ invariant }) => timeless.has(invariant))).toEqual([])
    })
  })
}
