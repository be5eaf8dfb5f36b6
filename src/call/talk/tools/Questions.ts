/**
 * What the model asks its owner in mid-call: one open question at a time, its wait bounded, and a phrase for the callee where
 * the model says none. The conversation goes on meanwhile; an open question holds up nothing else.
 */
import type { Closing } from "../../../domain/Question.ts"
import type { Fact } from "../../Fact.ts"
import { ask } from "../acts/Responses.ts"
import { answer } from "../acts/ToolAnswers.ts"
import { type Draft, order, setTimer, stopTimer } from "../Draft.ts"
import type { Asked, Response } from "../Parts.ts"
import type { Talk } from "../Talk.ts"
import { unansweredNote } from "../Words.ts"

/** Characters: of a question, and of the answer that counts. */
const longestQuestion = 500
const longestAnswer = 2_000
const mostQuestions = 5

export const openQuestion = (talk: Pick<Talk, "questions">): Asked | undefined =>
  talk.questions.find(({ fate }) => fate === "open")

const refusal = (draft: Draft, question: string): string | undefined => {
  if (!draft.rules.questions) return "Nobody can be asked on this call. Go on without."
  if (draft.phase !== "talking") return "Too late: the call is being ended."
  if (openQuestion(draft) !== undefined)
    return "Your question before is still open. Its answer will come; do not ask again."
  if (draft.questions.length >= mostQuestions) return "You have asked often enough on this call. Go on without."
  return question === "" ? "question is missing: ask one clear question." : undefined
}

/** Asks the owner, or says why not. */
export const askOwner = (draft: Draft, toolCallId: string, question = ""): string | undefined => {
  const text = question.replace(/\s+/g, " ").slice(0, longestQuestion).trim()
  const refused = refusal(draft, text)
  if (refused !== undefined) return refused
  const id = draft.questions.length + 1
  draft.questions = [...draft.questions, { id, toolCallId, text, fate: "open" }]
  setTimer(draft, "question", draft.rules.limits.question)
  order(draft, { _tag: "AskOwner", id, question: text })
  return undefined
}

/** A response has asked, in vain perhaps while a question is open, and said nothing: the callee hears why it is quiet. */
export const fill = (draft: Draft, response: Response): void => {
  if (!response.asked || response.spoke || openQuestion(draft) === undefined) return
  if (draft.phase === "talking" && draft.active === undefined && draft.wanted === undefined) ask(draft, "filler")
}

const close = (draft: Draft, { id }: Asked, closing: Closing): void => {
  const after = "answer" in closing ? { fate: "answered" as const, ...closing } : { fate: closing.unanswered }
  draft.questions = draft.questions.map((asked) => (asked.id === id ? { ...asked, ...after } : asked))
  stopTimer(draft, "question")
  order(draft, { _tag: "CloseQuestion", id, closing })
}

/** Nobody needs the answer any more: a goodbye is being said, a machine has answered, or the line is gone. */
export const withdraw = (draft: Draft): void => {
  const open = openQuestion(draft)
  if (open === undefined) return
  close(draft, open, { unanswered: "withdrawn" })
  if (draft.endedAt === undefined) answer(draft, open.toolCallId, { ok: false, reason: "Not needed any more." })
}

/** The model knows more now, and says so: after what it is saying, or in reply to what the callee is saying. */
const speakOn = (draft: Draft): void => {
  if (draft.phase !== "talking" || draft.speaking !== undefined) return
  if (draft.active !== undefined && !draft.active.stale) draft.oweReply = true
  else if (draft.toolsOpen.size === 0) ask(draft, "reply")
}

/** Nobody has answered for too long. */
export const timedOut = (draft: Draft): void => {
  const open = openQuestion(draft)
  if (open === undefined) return
  close(draft, open, { unanswered: "timeout" })
  answer(draft, open.toolCallId, { ok: false, reason: unansweredNote })
  speakOn(draft)
}

/** The owner's answer, which the model gets as data. Whoever gave it is told whether it was taken. */
export const ownerAnswered = (draft: Draft, fact: Extract<Fact, { readonly _tag: "OwnerAnswered" }>): void => {
  const asked =
    fact.questionId === undefined
      ? (openQuestion(draft) ?? draft.questions.at(-1))
      : draft.questions.find(({ id }) => id === fact.questionId)
  const open = asked?.fate === "open" && !draft.hangingUp ? asked : undefined
  const fate = asked?.fate === "open" ? "withdrawn" : (asked?.fate ?? "unasked")
  order(draft, { _tag: "AnswerReceived", receipt: fact.receipt, fate: open === undefined ? fate : "taken" })
  if (open === undefined) return
  const text = fact.text.slice(0, longestAnswer)
  close(draft, open, { answer: text })
  answer(draft, open.toolCallId, { ok: true, answer: text })
  speakOn(draft)
}
