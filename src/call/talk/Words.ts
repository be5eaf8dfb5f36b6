/** What the model is told at each moment on which the agent speaks, and the few sentences that are ours alone. */
import type { Asked, Purpose, Rules } from "./Talk.ts"

/** Instructions of one response. They come on top of the brief's, which the service repeats by itself. */
export const instructionsFor = (purpose: Purpose, rules: Rules): string | undefined => {
  switch (purpose) {
    case "opening":
      return "The call has just been answered. Greet the callee, say who you are and for whom you call as your rules demand, and why you call. Two short sentences, then wait."
    case "reply":
      return undefined
    case "check-in":
      return "Nobody has spoken for a while. Ask once, briefly, whether the callee is still there."
    case "filler":
      return 'You are waiting for the answer of the person you call for. Tell the callee so in one very short sentence, such as "One moment, let me check." Say nothing else.'
    case "wrap-up":
      return "The call must end within half a minute. Bring it to an end now: settle what is still open in one sentence."
    case "goodbye":
      return "Say one short, polite goodbye sentence now. Do not ask anything."
    case "voicemail":
      return "An answering machine is recording now. Leave one short message: who you are, for whom and why you call, what the callee should do. End with goodbye. Do not wait for an answer."
    case "holding":
      return `Say exactly this, translated into the language with the code ${rules.language}: "One moment, please."`
    case "outcome":
      return [
        "The call is over. Write down what came of it, as one JSON object and nothing else:",
        '{"success": boolean, "task_completed": boolean, "summary": string, "next_steps": string[], "evidence": string[]}.',
        "evidence: what the callee said that proves it, word for word. Claim no success that the callee's own words do not bear out."
      ].join(" ")
  }
}

export const wrapUpNote =
  "The call must end within half a minute. Come to a conclusion, say goodbye, and call end_call."
/** To a session that took over and believes that a sentence was said to its end. */
export const heardNote = (heard: string): string =>
  heard === ""
    ? "Of what you said last the callee heard nothing: it was never played."
    : `You were interrupted. Of what you said last the callee heard only: "${heard}"`

export const machineNote =
  "An answering machine answered. What was said so far reached nobody. You will be asked to leave a message."
export const personNote =
  "It was a person after all, who has just spoken into your message. Go on talking with them; do not start over."
export const resumedNote =
  "The connection was interrupted for a moment and is back. Go on where the conversation stopped. Do not greet again and do not mention this."
export const unansweredNote =
  "Nobody answered in time. Go on without: tell the callee that you could not find it out now, and, if they need it, that the person you call for will get back to them. Do not ask again."

/** A question of a session before, and what has come of it. */
export const questionNote = ({ answer, fate, text }: Asked): string => {
  const asked = `You have asked the person you call for: ${JSON.stringify(text)}.`
  if (answer !== undefined) return `${asked} Their answer: ${JSON.stringify(answer)}.`
  return fate === "open" ? `${asked} The answer will come; do not ask again.` : `${asked} ${unansweredNote}`
}

/** Of a tool that was called in an answer that the callee has interrupted. */
export const interruptedBefore = "The callee interrupted before this could happen."

export const apology = "I am sorry, we have a technical problem and must end this call. Goodbye."
