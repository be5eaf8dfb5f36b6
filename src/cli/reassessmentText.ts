/** An outcome that was made anew, as lines for people, beside the one before. Pure. */
import type { Call } from "../domain/Call.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Reassessment } from "../domain/Reassessment.ts"
import { evidenceRows, type Look, row } from "./callText.ts"
import { moneyText, plain } from "./text.ts"

const bases = {
  cited: "the callee's own words",
  insufficient: "the agent's word alone: the evidence is insufficient",
  facts: "what the telephone knows"
}

const verdict = ({ success }: Outcome): string => (success ? "successful" : "not successful")

const byText = ({ by, cost }: Reassessment): string => {
  switch (by) {
    case "model":
      return `the model, which has read the transcript${cost === undefined ? "" : ` (about ${moneyText(cost)})`}`
    case "report":
      return "the agent's report, held against the transcript again"
    case "facts":
      return "the telephone's facts: nobody was talked with"
  }
}

export const reassessmentLines = (
  judged: Reassessment,
  transcript: Call["transcript"],
  look: Look
): ReadonlyArray<string> => {
  const { before, callId, outcome, saved } = judged
  const colour = outcome.success ? "green" : "red"
  return [
    `${look.paint("bold", callId)}  ${look.paint(colour, verdict(outcome))}`,
    ...row(look, "judged by", byText(judged)),
    ...row(look, "rests on", outcome.basis && bases[outcome.basis]),
    ...row(look, "outcome", plain(outcome.summary)),
    ...evidenceRows(outcome, transcript, look),
    ...outcome.nextSteps.flatMap((step) => row(look, "next step", plain(step))),
    ...row(look, "before", before && `${verdict(before)}: ${plain(before.summary)}`),
    ...row(
      look,
      saved ? "saved" : "not saved",
      saved ? "in the record, in place of the one before" : "--save puts it in the record"
    )
  ]
}
