/** The agent's side of a scenario: its lines as cues of a scripted mind, in front of the offline agent. */
import { defaultMind } from "../realtime/DefaultMind.ts"
import { type Cue, type Mind, type Plan, scriptedMind } from "../realtime/Mind.ts"
import type { Line } from "./Scenario.ts"

const planOf = ({ call, end, press, say, transfer }: Line): Plan => [
  ...(say === undefined ? [] : [{ say }]),
  ...(press === undefined ? [] : [{ call: "send_digits", input: { digits: press } }]),
  ...(transfer === undefined ? [] : [{ call: "transfer_call", input: { destination: transfer } }]),
  ...(call === undefined ? [] : [{ call: call.tool, input: call.with ?? {} }]),
  ...(end === undefined
    ? []
    : [
        {
          call: "end_call",
          input: {
            success: end.success,
            task_completed: end.success,
            summary: end.summary,
            next_steps: [],
            evidence: end.evidence ?? []
          }
        }
      ])
]

const cueOf = (line: Line): Cue => ({
  ...(line.heard === undefined ? {} : { heard: line.heard }),
  ...(line.turn === undefined ? {} : { turn: line.turn }),
  ...(line.tag === undefined ? {} : { tag: line.tag }),
  plan: planOf(line)
})

/**
 * Lines are looked through from the top for each response; where none fits, the offline agent speaks. What is asked for beside
 * the conversation (the outcome, a phrase for later) is answered only by a line that names it: it would take any other for the
 * outcome of the call. `played` hears of each.
 */
export const mindOf = (lines: ReadonlyArray<Line> = [], played: (index: number) => void = () => {}): Mind => {
  const cues = lines.map(cueOf)
  const mind = scriptedMind(cues, defaultMind)
  const beside = scriptedMind(
    cues.filter(({ tag }) => tag !== undefined),
    defaultMind
  )
  return (situation) => {
    const plan = situation.aside === false ? mind(situation) : beside(situation)
    const index = cues.findIndex((cue) => cue.plan === plan)
    if (index >= 0) played(index)
    return plan
  }
}
