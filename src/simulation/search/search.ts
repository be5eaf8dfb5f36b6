/** Looks for a scenario in which something that must hold does not: makes them up one after the other, and shrinks what it finds. */
import { Cause, Exit, FastCheck } from "effect"
import { type Breach, judge } from "../invariants/index.ts"
import { judgeTwins, sameTwice } from "../invariants/twins.ts"
import type { Scenario } from "../scenario/Scenario.ts"
import type { Run } from "../world/Run.ts"
import { type SimulateOptions, simulate } from "../world/simulate.ts"
import { scenarios } from "./generate.ts"

export interface Tried {
  readonly run: Run | undefined
  readonly breaches: ReadonlyArray<Breach>
}

/** Makes the call once, or twice to compare, and judges it. A world that cannot go on is a breach too. */
export const attempt = async (scenario: Scenario, twice = false, options: SimulateOptions = {}): Promise<Tried> => {
  const exit = await simulate(scenario, options)
  if (Exit.isFailure(exit)) {
    const what = Cause.pretty(exit.cause).slice(0, 1_000)
    return { run: undefined, breaches: [{ invariant: 0, says: "the simulated world goes on to its end", what }] }
  }
  const breaches = judge(exit.value)
  if (!twice) return { run: exit.value, breaches }
  const again = await simulate(scenario, options)
  const differences = Exit.isSuccess(again)
    ? judgeTwins(exit.value, again.value)
    : [{ invariant: 13, says: sameTwice, what: `the second did not end: ${Cause.pretty(again.cause).slice(0, 1_000)}` }]
  return { run: exit.value, breaches: [...breaches, ...differences] }
}

/** The `index`-th scenario of a search: the same one for the same seed, whatever was searched before it. */
export const scenarioAt = (seed: number, index: number): Scenario => {
  const [scenario] = FastCheck.sample(scenarios, { seed: seedOf(seed, index), numRuns: 1 })
  return scenario ?? { call: { task: "" } }
}

const seedOf = (seed: number, index: number): number =>
  (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0

/** Every so many scenarios are run twice, and must be the same both times. */
const twins = 10

export const attemptAt = (seed: number, index: number): Promise<Tried> =>
  attempt(scenarioAt(seed, index), index % twins === 0)

/** The same with one fault or operation less; the last ones first. */
const withoutOne = (scenario: Scenario): ReadonlyArray<Scenario> => {
  const { faults = [], operations = [] } = scenario
  return [
    ...faults.map((_, index) => ({ ...scenario, faults: faults.toSpliced(index, 1) })).reverse(),
    ...operations.map((_, index) => ({ ...scenario, operations: operations.toSpliced(index, 1) })).reverse()
  ]
}

/** Without what it breaks as well without. An arbitrary list has a least length, and shrinks in the time that it is given. */
const withoutIdle = async (scenario: Scenario, breaks: (scenario: Scenario) => Promise<boolean>): Promise<Scenario> => {
  for (const less of withoutOne(scenario)) if (await breaks(less)) return withoutIdle(less, breaks)
  return scenario
}

/** The smallest scenario found in `ms` of real time that breaks the same invariant; what `scenarioAt` gave, if none is smaller. */
export const shrink = async (
  seed: number,
  index: number,
  breach: Breach,
  ms: number,
  options: SimulateOptions = {}
): Promise<Scenario> => {
  const breaks = async (scenario: Scenario) => {
    const { breaches } = await attempt(scenario, breach.invariant === 13, options)
    return breaches.some(({ invariant, says }) => invariant === breach.invariant && says === breach.says)
  }
  const property = FastCheck.asyncProperty(scenarios, async (scenario) => !(await breaks(scenario)))
  const { counterexample } = await FastCheck.check(property, {
    seed: seedOf(seed, index),
    numRuns: 1,
    interruptAfterTimeLimit: ms,
    markInterruptAsFailure: false
  })
  // whatever breaks nothing even whole has nothing to be left out
  return counterexample == null ? scenarioAt(seed, index) : withoutIdle(counterexample[0], breaks)
}
