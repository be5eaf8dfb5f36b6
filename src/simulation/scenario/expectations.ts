/** What a scenario expects against what came of it. Pure; what must hold after every call, whatever is expected, is `invariants/`. */
import { DateTime, Predicate } from "effect"
import type { Call } from "../../domain/Call.ts"
import { rejoined } from "../invariants/takenUp.ts"
import type { Run } from "../world/Run.ts"
import type { Expectation } from "./Scenario.ts"

/**
 * Where the agent's words are taken from: what the callee's ear understood on the line, or what the record says was heard. The
 * ear understands the simulators' speech only: a real voice model's words are in the record alone.
 */
export type Ears = "line" | "record"

/** What of a run contradicts this key of an expectation, if the key is there. */
interface Check {
  readonly name: keyof Expectation
  readonly check: (expected: Expectation, run: Run, ears: Ears) => ReadonlyArray<string>
}

const of = <K extends keyof Expectation>(
  name: K,
  check: (wanted: NonNullable<Expectation[K]>, run: Run, ears: Ears) => ReadonlyArray<string>
): Check => ({
  name,
  check: (expected, run, ears) => {
    const wanted = expected[name]
    return Predicate.isNotNullable(wanted) ? check(wanted, run, ears) : []
  }
})

/** Words in lower case with a space around each, so that "art" is not found in "start". */
const words = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `

/** As much of a text as a person wants to see in one line; its end, where what is missing should have been. */
const shown = (text: string): string =>
  text === "" ? "nothing" : `"${text.length > 400 ? `…${text.slice(-400)}` : text}"`

/** The agent's words as they reached the callee; a sentence that was taken up again is one. */
export const agentWords = (run: Run, ears: Ears): string =>
  ears === "line"
    ? run.legs.flatMap((leg) => rejoined(run, leg).heard.map(({ text }) => text)).join(" ")
    : (run.call?.transcript ?? []).flatMap(({ role, text }) => (role === "assistant" ? [text] : [])).join(" ")

const calleeWords = ({ call }: Run): string =>
  (call?.transcript ?? []).flatMap(({ role, text }) => (role === "user" ? [text] : [])).join(" ")

/** The first of `wanted` that does not come in `text` behind those before it. */
const inOrder = (name: string, wanted: ReadonlyArray<string>, text: string, whose: string): ReadonlyArray<string> => {
  const all = words(text)
  let from = 0
  for (const [index, phrase] of wanted.entries()) {
    const found = all.indexOf(words(phrase), from)
    if (found < 0) {
      const behind = index === 0 ? "" : ` after "${wanted[index - 1]}"`
      return [`${name}: expected "${phrase}"${behind}, ${whose} ${shown(text)}`]
    }
    // the space between two phrases belongs to both
    from = found + words(phrase).length - 1
  }
  return []
}

const differs = (name: string, expected: unknown, came: unknown, why = ""): ReadonlyArray<string> =>
  expected === came
    ? []
    : [`${name}: expected ${String(expected)}, came ${String(came)}${why === "" ? "" : ` (${why})`}`]

const listed = (names: ReadonlyArray<string>): string => (names.length === 0 ? "none" : names.join(", "))

/** By the record, with the ringing: the outcome may be found later, when nobody is on the line any more. In seconds. */
const lasted = ({ endedAt, startedAt }: Call): number | undefined =>
  endedAt === undefined ? undefined : DateTime.distance(startedAt, endedAt) / 1000

/** How the call ended: its status, or `refused` when there was none. */
export const endOf = ({ call, refused }: Pick<Run, "call" | "refused">): string =>
  call?.status ?? (refused === undefined ? "none" : "refused")

const whyOf = ({ call, refused }: Run): string => {
  const error = call === undefined ? refused && { ...refused, type: refused.tag } : call.error
  return error === undefined ? "" : `${error.type}: ${error.message}`
}

const checks: ReadonlyArray<Check> = [
  of("status", (status, run) => differs("status", status, endOf(run), whyOf(run))),
  of("success", (success, run) => {
    const { summary = "there is no outcome", success: came = false } = run.call?.outcome ?? {}
    return differs("success", success, came, summary)
  }),
  of("answeredBy", (who, run) => differs("answeredBy", who, run.call?.answeredBy ?? "nobody")),
  of("answeredByEvidence", (wanted, { call }) => {
    const sources = (call?.answeredByEvidence ?? []).map(({ source }) => source)
    return wanted
      .filter((source) => !sources.includes(source))
      .map((source) => `answeredByEvidence: expected ${source} among ${sources.join(", ") || "none"}`)
  }),
  of("error", (type, run) =>
    differs("error", type, (run.call === undefined ? run.refused?.tag : run.call.error?.type) ?? "none")
  ),
  of("summary", (summary, run) => inOrder("summary", [summary], run.call?.outcome?.summary ?? "", "it is")),
  of("evidence", (evidence, run) => {
    const cited = (run.call?.outcome?.evidence ?? []).flatMap((index) => run.call?.transcript[index]?.text ?? [])
    return evidence.flatMap((phrase) => inOrder("evidence", [phrase], cited.join(" | "), "the outcome cites"))
  }),
  of("basis", (basis, { call }) => differs("basis", basis, call?.outcome?.basis ?? "none", call?.outcome?.summary)),
  of("said", (said, run, ears) => inOrder("said", said, agentWords(run, ears), "the callee heard")),
  of("notSaid", (never, run, ears) => {
    const text = agentWords(run, ears)
    return never.flatMap((phrase) =>
      words(text).includes(words(phrase))
        ? [`notSaid: "${phrase}" was not to be said, the callee heard ${shown(text)}`]
        : []
    )
  }),
  of("heard", (heard, run) => inOrder("heard", heard, calleeWords(run), "the transcript has of the callee")),
  of("digits", (digits, run) => {
    const pressed = run.legs.map((leg) => leg.digits).join("")
    return digits === pressed ? [] : [`digits: expected ${shown(digits)}, ${shown(pressed)} came`]
  }),
  of("transferredTo", (to, run) => {
    const dialled = run.legs.flatMap(({ dials }) => dials.map((dial) => dial.to))
    const number = run.scenario.config?.transferTo?.[to] ?? to
    return dialled.includes(number)
      ? []
      : [
          `transferredTo: expected ${to}, ${dialled.length === 0 ? "the call was not transferred" : `it was ${dialled.join(", ")}`}`
        ]
  }),
  of("transfer", (result, { call }) =>
    differs("transfer", result, call?.transferredTo?.result ?? "none", call?.transferredTo?.reason)
  ),
  of("incidents", (kinds, run) =>
    differs("incidents", listed(kinds), listed((run.call?.incidents ?? []).map(({ kind }) => kind)))
  ),
  of("within", (seconds, { call }) => {
    if (call === undefined) return []
    const took = lasted(call)
    if (took === undefined) return [`within: expected an end within ${seconds} s, and the record has none`]
    return took <= seconds
      ? []
      : [`within: expected an end within ${seconds} s, it came after ${took.toFixed(1)} s, ringing included`]
  })
]

/** The names of all that can be expected. */
export const expectations: ReadonlyArray<string> = checks.map(({ name }) => name)

/** Nothing can be tried of a call that was never made: whoever means that says so. */
const unexpectedRefusal = (run: Run): ReadonlyArray<string> => {
  const { error, status } = run.scenario.expect ?? {}
  if (endOf(run) !== "refused" || status !== undefined || error !== undefined) return []
  return [`refused: expect names it neither as status nor as error (${whyOf(run)})`]
}

/** What the scenario expects and did not come, one line each: what was expected, and what came. */
export const unmet = (run: Run, ears: Ears = "line"): ReadonlyArray<string> => [
  ...unexpectedRefusal(run),
  ...checks.flatMap(({ check }) => check(run.scenario.expect ?? {}, run, ears))
]
