/**
 * Handing the callee over to somebody whom the configuration names: what may be asked for, and what becomes of it. While it
 * rings there, and after that, the callee is away: nothing is said to them, and only the longest call runs on.
 */
import type { VoiceEvent } from "../../../VoiceModel.ts"
import type { Fact } from "../../Fact.ts"
import { decideEnd } from "../acts/Endings.ts"
import { boundSettling } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import { answer, withdrawEnd } from "../acts/ToolAnswers.ts"
import { type Draft, order, plus, setTimer } from "../Draft.ts"
import { reconnect } from "../model/Recovery.ts"
import { withdraw } from "./Questions.ts"
import { argument } from "./ToolArguments.ts"

/** Whoever does not answer so often is not there, however often the model is asked to try again. */
const mostTransfers = 3

/** Transfers once everything said was heard, or says why not. */
export const transfer = (
  draft: Draft,
  call: Extract<VoiceEvent, { readonly _tag: "ToolCalled" }>
): string | undefined => {
  const named = Object.entries(draft.rules.transferTo)
  const name = argument(call.input, "destination") ?? ""
  const found = named.find(([known]) => known.toLowerCase() === name.toLowerCase())
  if (found === undefined) {
    const known = named.map(([known]) => known).join(", ")
    const possible = known === "" ? "There is nobody to transfer to." : `Possible are: ${known}.`
    return `"${name.slice(0, 40)}" is no destination. ${possible}`
  }
  if (draft.transfers.length >= mostTransfers) return "It has been tried often enough on this call. Go on without."
  draft.toolsOpen = plus(draft.toolsOpen, call.toolCallId)
  draft.next = { _tag: "Transfer", toolCallId: call.toolCallId, name: found[0], to: found[1] }
  boundSettling(draft, draft.rules.limits.lastWords)
  return undefined
}

const reasons = { busy: "The line was busy.", "no-answer": "Nobody answered.", failed: "It could not be connected." }

/** Writes down what became of the last attempt. */
const note = (
  draft: Draft,
  { result, problem }: Pick<Extract<Fact, { readonly _tag: "Transferred" }>, "result" | "problem">
): void => {
  const attempt = draft.transfers.at(-1)
  if (attempt === undefined) return
  draft.transfers = [...draft.transfers.slice(0, -1), { ...attempt, result }]
  const reason = problem === undefined ? {} : { reason: problem }
  order(draft, { _tag: "PutTransfer", transfer: { name: attempt.name, result, ...reason } })
}

/** Answers the tool of an attempt, once: what is late changes the record only. */
const tellModel = (draft: Draft, toolCallId: string, output: Readonly<Record<string, unknown>>): void => {
  if (draft.toolsOpen.has(toolCallId)) answer(draft, toolCallId, output)
}

/** It rings no more: the callee talks to somebody else, or is back with the agent, which speaks at once. */
export const transferred = (draft: Draft, fact: Extract<Fact, { readonly _tag: "Transferred" }>): void => {
  const attempt = draft.transfers.at(-1)
  if (attempt === undefined || attempt.toolCallId !== fact.toolCallId || attempt.result === "connected") return
  if (fact.result === "connected") {
    note(draft, fact)
    withdraw(draft)
    tellModel(draft, fact.toolCallId, { ok: true, result: "connected" })
    return decideEnd(draft, "completed")
  }
  if (draft.phase !== "away" || attempt.result !== undefined) return
  note(draft, fact)
  draft.phase = "talking"
  const reason = fact.problem ?? reasons[fact.result]
  withdrawEnd(draft, "The callee was not transferred. The call goes on.")
  tellModel(draft, fact.toolCallId, {
    ok: false,
    result: fact.result,
    reason: `${reason} The callee is back with you.`
  })
  if (!draft.mediaUp) setTimer(draft, "mediaStart", draft.rules.limits.mediaStart)
  if (!draft.modelUp) reconnect(draft)
  if (draft.toolsOpen.size === 0) ask(draft, "reply")
}

/** Nobody is known to have answered at the destination, and nobody will be. */
export const neverAnswered = {
  result: "failed",
  reason: "The call ended before we heard that anybody answered there."
} as const

/** The line is gone while it still rang at the destination. */
export const leftRinging = (draft: Draft): void => {
  const attempt = draft.transfers.at(-1)
  if (attempt === undefined || attempt.result !== undefined) return
  note(draft, { result: neverAnswered.result, problem: neverAnswered.reason })
  tellModel(draft, attempt.toolCallId, {
    ok: false,
    result: "failed",
    reason: "The call ended before anybody answered."
  })
}
