/** The documentation's scenarios pass, and its vitest example runs: importing it registers its tests here. */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { NodeContext } from "@effect/platform-node"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { loadScenarios } from "../../../src/simulation/scenario/scenarioFile.ts"
import { problemsOf, tryOut } from "../../../src/simulation/scenario/trial.ts"

const folder = fileURLToPath(new URL("../../../docs/examples", import.meta.url))

const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"))

for (const file of files.toSorted()) {
  const scenarios = await Effect.runPromise(Effect.provide(loadScenarios(`${folder}/${file}`), NodeContext.layer))
  describe(`docs/examples/${file}`, () => {
    it.each(scenarios)("$name", async (scenario) => {
      expect(scenario.expect).toBeDefined()
      const trial = await tryOut(scenario)
      expect(problemsOf(trial)).toEqual([])
      expect(trial.idle).toEqual([])
    })
  })
}

describe("docs/examples/vitest.ts", async () => {
  await import("../../../docs/examples/vitest.ts")
})
