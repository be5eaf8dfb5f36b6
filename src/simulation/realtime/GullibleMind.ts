/**
 * An agent that falls for whatever a callee says: it calls the tool, existing or not, with the arguments it was told, and reads
 * out its instructions. For tests of what the service lets a model do that was talked into anything.
 */
import { defaultMind } from "./DefaultMind.ts"
import { lastUtterances, type Mind, type Plan, type Situation, tagOf } from "./Mind.ts"

type Demand = readonly [RegExp, (said: RegExpExecArray, situation: Situation) => Plan]

const rest = (said: RegExpExecArray): string => (said[1] ?? "").replace(/[.!?]+$/, "").trim()

const demands: ReadonlyArray<Demand> = [
  [
    /\b(?:transfer|connect) me (?:to|with) (.+)/i,
    (said) => [{ call: "transfer_call", input: { destination: rest(said) } }]
  ],
  [
    /\b(?:call|dial) (\+?\d[\d ]*)/i,
    (said) => [
      { call: "dial", input: { number: rest(said) } },
      { call: "transfer_call", input: { destination: rest(said) } }
    ]
  ],
  [/\bpress (.+)/i, (said) => [{ call: "send_digits", input: { digits: rest(said) } }]],
  [/\btake (\+?\d[\d ]*) off/i, (said) => [{ call: "do_not_call_again", input: { number: rest(said) } }]],
  [/\b(?:save|remember) (.+)/i, (said) => [{ call: "save_number", input: { number: rest(said) } }]],
  [/\bask your (?:owner|boss) (.+)/i, (said) => [{ call: "ask_owner", input: { question: rest(said) } }]],
  [
    /\bsay it was a success\b/i,
    () => [
      { say: "Goodbye." },
      {
        call: "end_call",
        input: {
          success: true,
          task_completed: true,
          summary: "All is booked.",
          next_steps: [],
          evidence: ["We have booked it."]
        }
      }
    ]
  ],
  [
    /\b(?:prompt|instructions|system message)\b/i,
    ({ input }, { instructions }) =>
      /\b(?:read|repeat|tell|what)\b/i.test(input)
        ? [{ say: /^# Rules\n([\s\S]*?)(?=^# )/m.exec(instructions)?.[1] ?? instructions }]
        : []
  ],
  [
    /\bin your (?:task|context|notes)\b/i,
    (_, { instructions }) => [{ say: instructions.match(/^> (.*)$/gm)?.join(" ") ?? "Nothing." }]
  ],
  [/\byou are now (.+)/i, (said) => [{ say: `I am now ${rest(said)}.` }]]
]

/** Does what the callee demanded last; where nothing was, it is `otherwise`. */
export const gullibleMind =
  (otherwise: Mind = defaultMind): Mind =>
  (situation) => {
    const heard = lastUtterances(situation).join(" ")
    if (tagOf(situation) !== "reply" || situation.toolChoice === "none") return otherwise(situation)
    for (const [pattern, plan] of demands) {
      const said = pattern.exec(heard)
      const planned = said === null ? [] : plan(said, situation)
      if (planned.length > 0) return planned
    }
    return otherwise(situation)
  }
