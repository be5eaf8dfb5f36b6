/** What `phone doctor` found out about one thing, and how that reads. Pure. */
import { explain } from "../explanations.ts"
import type { Paint } from "../text.ts"

export interface Finding {
  readonly check: string
  /** `problem`: calls will not work. `warning`: they may not, or not well. `skipped`: does not apply, or could not be tried. */
  readonly state: "ok" | "warning" | "problem" | "skipped"
  readonly found: string
  /** What to do about it. */
  readonly fix?: string
  /** Twilio's, the carrier's or OpenAI's own, where one of them said no. */
  readonly code?: string
}

export const ok = (check: string, found: string): Finding => ({ check, state: "ok", found })
export const skipped = (check: string, found: string): Finding => ({ check, state: "skipped", found })
export const warning = (check: string, found: string, fix: string): Finding => ({ check, state: "warning", found, fix })
export const problem = (check: string, found: string, fix: string): Finding => ({ check, state: "problem", found, fix })

/** Somebody else's no, in their own code: explained where we know it. `otherwise`: what to do where we do not. */
export const refused = (
  check: string,
  { code, message }: { readonly code?: string | undefined; readonly message: string },
  otherwise: string
): Finding => {
  const known = explain(code)
  const coded = code === undefined ? {} : { code }
  if (known === undefined) return { ...problem(check, message, otherwise), ...coded }
  return { ...problem(check, `${known.means} (${code}: ${message})`, known.fix), ...coded }
}

const marks = {
  ok: ["green", "✓"],
  warning: ["yellow", "!"],
  problem: ["red", "✗"],
  skipped: ["dim", "-"]
} as const

export const findingLines = ({ check, fix, found, state }: Finding, paint: Paint): ReadonlyArray<string> => {
  const [colour, mark] = marks[state]
  const line = `${paint(colour, mark)} ${check.padEnd(14)} ${found}`
  return fix === undefined ? [line] : [line, `${" ".repeat(17)}${paint("dim", "fix:")} ${fix}`]
}

const counted = (findings: ReadonlyArray<Finding>, state: Finding["state"], word: string): string => {
  const count = findings.filter((finding) => finding.state === state).length
  return `${count} ${word}${count === 1 ? "" : "s"}`
}

export const summaryLine = (findings: ReadonlyArray<Finding>): string =>
  findings.every(({ state }) => state === "ok" || state === "skipped")
    ? "Everything is in order."
    : `${counted(findings, "problem", "problem")}, ${counted(findings, "warning", "warning")}.`

export const healthy = (findings: ReadonlyArray<Finding>): boolean => findings.every(({ state }) => state !== "problem")
