/** Tried scenarios as lines for people, and as one JSON object for programs. Pure. */
import { type Array, Schema } from "effect"
import { Call } from "../domain/Call.ts"
import type { Breach } from "../simulation/invariants/index.ts"
import type { Trial } from "../simulation/scenario/trial.ts"
import { type Look, statusText, transcriptLines } from "./callText.ts"
import { durationText, plain, tame } from "./text.ts"

/** One scenario with one seed, as it came out. */
export interface Tried {
  /** The file it is from; `undefined` when there is none. */
  readonly file: string | undefined
  readonly trial: Trial
  /** All that is wrong, one line each. */
  readonly problems: ReadonlyArray<string>
  readonly timeline: ReadonlyArray<string>
  /** The command that does it again; `undefined` when nothing is the same the next time. */
  readonly again: string | undefined
}

export const passed = ({ problems }: Tried): boolean => problems.length === 0

export const nameOf = ({ trial: { scenario } }: Tried): string => plain(scenario.name ?? scenario.call.task)

/** A fault or a line of the agent that did nothing. */
export const idleText = (what: string): string => `${what} never had an occasion`

/** `completed, successful, 27 s`. */
const endText = ({ trial: { run } }: Tried): string => {
  if (run === undefined) return "no run"
  const { call, refused } = run
  if (call === undefined) return refused === undefined ? "no call" : `refused: ${refused.tag}`
  const success =
    call.status === "completed" ? (call.outcome?.success === true ? ", successful" : ", not successful") : ""
  return `${statusText(call.status)}${success}${call.answeredAt === undefined ? "" : `, ${durationText(call.duration)}`}`
}

const headLine = (tried: Tried, { paint }: Look): string => {
  const mark = passed(tried) ? paint("green", "✓") : paint("red", "✗")
  return `${mark} ${nameOf(tried)}  ${paint("dim", `seed ${tried.trial.seed}  ${endText(tried)}`)}`
}

export interface Shown {
  readonly timeline: boolean
  readonly transcript: boolean
}

/** A scenario as it came out; what is wrong with it, and then how it went, only if something is. */
export const triedLines = (tried: Tried, shown: Shown, look: Look): ReadonlyArray<string> => {
  const { again, problems, timeline, trial } = tried
  const wrong = !passed(tried)
  const { call } = trial.run ?? {}
  return [
    headLine(tried, look),
    ...problems.map((problem) => `    ${look.paint("red", plain(problem))}`),
    ...trial.idle.map((what) => `    ${look.paint("yellow", idleText(what))}`),
    ...(shown.transcript && call !== undefined ? transcriptLines(call, look).map((line) => `    ${line}`) : []),
    ...(shown.transcript && call?.outcome !== undefined ? [`    ${plain(call.outcome.summary)}`] : []),
    ...(shown.timeline || wrong ? timeline.map((line) => look.paint("dim", `    ${tame(line)}`)) : []),
    ...(wrong && again !== undefined ? [`    again: ${again}`] : [])
  ]
}

/** Seeds of one scenario that all passed, in one line; and one more for each thing that had no occasion with some of them. */
export const seedsLines = (tried: Array.NonEmptyReadonlyArray<Tried>, { paint }: Look): ReadonlyArray<string> => {
  const [first] = tried
  const idle = Map.groupBy(
    tried.flatMap(({ trial }) => trial.idle),
    (what) => what
  )
  return [
    `${paint("green", "✓")} ${nameOf(first)}  ${paint("dim", `${tried.length} seeds  ${endText(first)}`)}`,
    ...[...idle].map(
      ([what, { length }]) => `    ${paint("yellow", `${idleText(what)} with ${length} of ${tried.length} seeds`)}`
    )
  ]
}

/** `6 scenarios: all passed.` */
export const summary = (all: ReadonlyArray<Tried>): string => {
  const failed = all.filter((tried) => !passed(tried)).length
  const runs = `${all.length} ${all.length === 1 ? "run" : "runs"}`
  return failed === 0 ? `${runs}, all passed.` : `${runs}, ${failed} failed.`
}

const callToJson = Schema.encodeSync(Call)

const breachJson = ({ invariant, says, what }: Breach) => ({ invariant, says, what })

/** What is not there is `undefined`, and left out. */
const triedJson = (tried: Tried, timeline: boolean): unknown => {
  const { again, file, trial } = tried
  const { breaches, broken, idle, run, seed, unmet } = trial
  return {
    file,
    name: nameOf(tried),
    seed,
    passed: passed(tried),
    unmet,
    breaches: breaches.map(breachJson),
    broken,
    idle,
    refused: run?.refused,
    call: run?.call && callToJson(run.call),
    timeline: timeline || !passed(tried) ? tried.timeline : undefined,
    again
  }
}

export const triedAsJson = (all: ReadonlyArray<Tried>, timeline: boolean): string =>
  JSON.stringify({ passed: all.every(passed), runs: all.map((tried) => triedJson(tried, timeline)) })
