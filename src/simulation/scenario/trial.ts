/** One scenario made and judged: what was expected of it and did not come, and what must hold after every call and did not. */
import { Cause, Data, Exit, Option } from "effect"
import { type Fault, nameOf } from "../faults/Fault.ts"
import { type Breach, judge } from "../invariants/index.ts"
import { timelineOf } from "../timeline.ts"
import { MindFailed } from "../world/ownMind.ts"
import type { Run } from "../world/Run.ts"
import { ScenarioInvalid, type SimulateOptions, simulate } from "../world/simulate.ts"
import { type Ears, unmet } from "./expectations.ts"
import type { Scenario } from "./Scenario.ts"

export interface Trial {
  readonly scenario: Scenario
  readonly seed: number
  /** `undefined` when the simulated world could not go on to its end. */
  readonly run: Run | undefined
  readonly unmet: ReadonlyArray<string>
  readonly breaches: ReadonlyArray<Breach>
  /** Why there is no run. */
  readonly broken: string | undefined
  /** Faults and lines of the agent that had no occasion: the scenario tests less than it says. */
  readonly idle: ReadonlyArray<string>
}

/** These are everywhere from the start, and happen at no moment of their own. */
const isEverywhere = (fault: Fault): boolean => "jitter" in fault || "lateTranscription" in fault

const idleOf = ({ met, scenario: { faults = [] }, unplayed }: Run): ReadonlyArray<string> => [
  ...faults.flatMap((fault, index) =>
    isEverywhere(fault) || met.some((one) => one.fault === fault) ? [] : [`fault ${index + 1}: ${nameOf(fault)}`]
  ),
  ...unplayed.map((index) => `agent line ${index + 1}`)
]

/** What is to be thought of a run. */
export const judged = (run: Run, ears: Ears = "line"): Trial => ({
  scenario: run.scenario,
  seed: run.scenario.seed ?? 1,
  run,
  unmet: unmet(run, ears),
  // with real voices nobody can compare what was said word for word
  breaches: judge(run).filter(({ invariant }) => ears === "line" || (invariant !== 5 && invariant !== 6)),
  broken: undefined,
  idle: idleOf(run)
})

const brokenBy = (cause: Cause.Cause<{ readonly message: string }>): string => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error instanceof ScenarioInvalid) return `the scenario cannot be: ${error.message}`
  if (error instanceof MindFailed) return error.message
  const messages = Cause.prettyErrors(cause).map(({ message }) => message)
  return `the simulated world could not go on: ${messages.join("; ") || "interrupted"}`
}

const trialOf = (scenario: Scenario, exit: Awaited<ReturnType<typeof simulate>>): Trial => {
  if (Exit.isSuccess(exit)) return judged(exit.value)
  const none = { run: undefined, unmet: [], breaches: [], idle: [] }
  // what code gives that nobody checks may be nothing at all
  return { scenario, seed: scenario?.seed ?? 1, ...none, broken: brokenBy(exit.cause) }
}

/** Makes the call of a scenario in virtual time, and judges it. */
export const tryOut = async (scenario: Scenario, options: SimulateOptions = {}): Promise<Trial> =>
  trialOf(scenario, await simulate(scenario, options))

/** All that is wrong, one line each; nothing when the scenario passes. */
export const problemsOf = ({ breaches, broken, unmet }: Trial): ReadonlyArray<string> => [
  ...(broken === undefined ? [] : [broken]),
  ...unmet,
  ...breaches.map(({ invariant, says, what }) => `broken (${invariant}, ${says}): ${what}`)
]

export class ScenarioFailed extends Data.TaggedError("ScenarioFailed")<{ readonly message: string }> {}

export interface VerifyOptions extends SimulateOptions {
  /** Passes also when a fault or a line of the agent has no occasion: with some seeds only, for example. Default: false. */
  readonly allowIdle?: boolean
}

/**
 * For tests: the run of a scenario that passes. Otherwise throws all that is wrong with it, and the timeline. A fault or a line
 * of the agent without an occasion is wrong as well, but for `allowIdle`. A scenario that cannot be is thrown as `ScenarioInvalid`.
 */
export const verify = async (scenario: Scenario, options: VerifyOptions = {}): Promise<Run> => {
  const { allowIdle = false, ...simulating } = options
  const exit = await simulate(scenario, simulating)
  const failure = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
  if (failure instanceof ScenarioInvalid) throw failure
  const trial = trialOf(scenario, exit)
  const problems = [
    ...problemsOf(trial),
    ...(allowIdle ? [] : trial.idle.map((what) => `${what} never had an occasion (allowIdle lets it pass)`))
  ]
  if (trial.run !== undefined && problems.length === 0) return trial.run
  const name = scenario.name ?? scenario.call.task
  const story = trial.run === undefined ? [] : ["", ...timelineOf(trial.run)]
  throw new ScenarioFailed({ message: [`"${name}" with seed ${trial.seed}:`, ...problems, ...story].join("\n") })
}
