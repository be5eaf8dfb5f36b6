/** Tried scenarios as a JUnit report, for continuous integration: a suite for each file, a case for each run. Pure. */
import { idleText, nameOf, passed, type Tried } from "./scenarioText.ts"

/** What XML cannot hold in any form is left out. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")

const caseOf = (tried: Tried): string => {
  const { again = "", file = "phone simulate", problems, timeline, trial } = tried
  const name = `${nameOf(tried)} (seed ${trial.seed})`
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(name)}" time="${trial.run?.call?.duration ?? 0}"`
  const story = [...problems, "", ...timeline, "", again].join("\n")
  const within = [
    ...(passed(tried) ? [] : [`      <failure message="${escaped(problems[0] ?? "")}">${escaped(story)}</failure>`]),
    ...(trial.idle.length === 0
      ? []
      : [`      <system-out>${escaped(trial.idle.map(idleText).join("\n"))}</system-out>`])
  ]
  return within.length === 0 ? `${head}/>` : [`${head}>`, ...within, "    </testcase>"].join("\n")
}

/** `time` is how long each call took in the simulated world. */
export const junit = (all: ReadonlyArray<Tried>): string => {
  const suites = Map.groupBy(all, ({ file }) => file ?? "phone simulate")
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    ...[...suites].map(([file, cases]) =>
      [
        `  <testsuite name="${escaped(file)}" tests="${cases.length}" failures="${cases.filter((one) => !passed(one)).length}">`,
        ...cases.map(caseOf),
        "  </testsuite>"
      ].join("\n")
    ),
    "</testsuites>",
    ""
  ].join("\n")
}
