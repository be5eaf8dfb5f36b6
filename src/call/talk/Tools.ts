/** The tools of the model. Each call runs once and is answered once; nothing said on a call widens what they may do. */
import type { Fact } from "../Fact.ts"
import { boundSettling } from "./acts/Playing.ts"
import { ask } from "./acts/Responses.ts"
import { answer } from "./acts/ToolAnswers.ts"
import { isBelieved, reported } from "./answerer/Answerer.ts"
import { type Draft, order, plus } from "./Draft.ts"
import { endAfterKeys, endCall, isBeforeTheEnd } from "./ending/EndCall.ts"
import { mayPress, pressed } from "./lines/Menus.ts"
import { awaitMedia } from "./MediaStream.ts"
import type { ToolCall } from "./Parts.ts"
import { isSuspended } from "./Talk.ts"
import { askOwner, openQuestion } from "./tools/Questions.ts"
import { argument } from "./tools/ToolArguments.ts"
import { transfer } from "./tools/Transfers.ts"
import { interruptedBefore, stillPerson } from "./Words.ts"

/** After its tools have answered, the model speaks again; after the running response, if one runs. */
const oweReply = (draft: Draft): void => {
  if (draft.phase !== "talking") return
  if (draft.active !== undefined && !draft.active.stale) draft.oweReply = true
  else if (draft.toolsOpen.size === 0) ask(draft, "reply")
}

const refuse = (draft: Draft, call: ToolCall, reason: string): void => {
  answer(draft, call.toolCallId, { ok: false, reason })
  oweReply(draft)
}

const mostDigits = 32

const digitsOf = (call: ToolCall): string | undefined => {
  const digits = argument(call.input, "digits")
  return digits !== undefined && /^[0-9*#wW]+$/.test(digits) && digits.length <= mostDigits ? digits : undefined
}

/** Presses keys once everything said was heard, or says why not. */
const sendDigits = (draft: Draft, call: ToolCall): string | undefined => {
  const digits = digitsOf(call)
  if (digits === undefined) return `digits must be 1 to ${mostDigits} of 0-9 * # w (half a second) W (a second).`
  draft.toolsOpen = plus(draft.toolsOpen, call.toolCallId)
  draft.next = { _tag: "PressDigits", toolCallId: call.toolCallId, digits }
  boundSettling(draft, draft.rules.limits.lastWords)
  return undefined
}

/** Keys asked for while others wait to be pressed are pressed right behind them. `false`: there are none, or too many. */
const pressBehind = (draft: Draft, call: ToolCall): boolean => {
  const { next } = draft
  const digits = call.name === "send_digits" ? digitsOf(call) : undefined
  if (next?._tag !== "PressDigits" || digits === undefined) return false
  const together = `${next.digits}w${digits}`
  if (together.length > mostDigits) return false
  draft.next = { ...next, digits: together }
  answer(draft, call.toolCallId, { ok: true, note: "Pressed right after the keys before." })
  return true
}

/** An open question holds up no words; where it is refused because another one is open, the model waits for that. */
const question = (draft: Draft, call: ToolCall): void => {
  const waiting = openQuestion(draft) !== undefined
  const refused = askOwner(draft, call.toolCallId, argument(call.input, "question"))
  if (refused === undefined) return
  if (waiting) answer(draft, call.toolCallId, { ok: false, reason: refused })
  else refuse(draft, call, refused)
}

/** These happen once everything said was heard, so only one of them can wait. */
const afterSilence = (draft: Draft, call: ToolCall): void => {
  if (pressBehind(draft, call)) return
  if (draft.next !== undefined && !isBeforeTheEnd(draft, call)) {
    return refuse(draft, call, "Something else is being done already. One thing at a time.")
  }
  if (call.name === "send_digits" && digitsOf(call) !== undefined && !mayPress(draft)) {
    return answer(draft, call.toolCallId, { ok: false, reason: "Enough keys were pressed. The call is ended." })
  }
  const reason = call.name === "transfer_call" ? transfer(draft, call) : sendDigits(draft, call)
  if (reason !== undefined) return refuse(draft, call, reason)
  draft.phase = "talking"
}

const optOut = (draft: Draft, call: ToolCall): void => {
  draft.optedOut = true
  order(draft, { _tag: "OptOut" })
  answer(draft, call.toolCallId, {
    ok: true,
    note: "This number will not be called again. Apologise, say goodbye, and call end_call."
  })
  oweReply(draft)
}

const reportMachine = (draft: Draft, call: ToolCall): void => {
  if (draft.firm || isBelieved(draft)) answer(draft, call.toolCallId, { ok: true })
  else refuse(draft, call, stillPerson)
  if (!draft.firm) reported(draft)
}

export const toolCalled = (draft: Draft, call: ToolCall): void => {
  if (draft.toolsSeen.has(call.toolCallId)) return
  draft.toolsSeen = plus(draft.toolsSeen, call.toolCallId)
  if (draft.active?.responseId === call.responseId) {
    draft.active = { ...draft.active, calledTool: true, asked: draft.active.asked || call.name === "ask_owner" }
  }
  if (draft.staleResponses.has(call.responseId)) {
    return answer(draft, call.toolCallId, { ok: false, reason: interruptedBefore })
  }
  if (draft.interjection !== undefined && isSuspended(draft)) {
    draft.interjection = { ...draft.interjection, tools: [...draft.interjection.tools, call] }
    return
  }
  runTool(draft, call)
}

export const runTool = (draft: Draft, call: ToolCall): void => {
  if (draft.phase !== "talking" && draft.phase !== "closing") {
    return answer(draft, call.toolCallId, { ok: false, reason: "Not possible at this moment of the call." })
  }
  switch (call.name) {
    case "end_call":
      return endCall(draft, call)
    case "transfer_call":
    case "send_digits":
      return afterSilence(draft, call)
    case "ask_owner":
      return question(draft, call)
    case "report_answering_machine":
      return reportMachine(draft, call)
    case "do_not_call_again":
      return optOut(draft, call)
    default:
      return refuse(draft, call, `There is no tool named "${call.name}".`)
  }
}

/** Keys were pressed, or could not be. On success the menu speaks next, so we stay silent. */
export const digitsPressed = (draft: Draft, fact: Extract<Fact, { readonly _tag: "DigitsPressed" }>): void => {
  // the call ended meanwhile, and that was the answer
  if (!draft.toolsOpen.has(fact.toolCallId)) return
  answer(draft, fact.toolCallId, fact.problem === undefined ? { ok: true } : { ok: false, reason: fact.problem })
  awaitMedia(draft)
  pressed(draft, fact.problem !== undefined)
  if (endAfterKeys(draft)) return
  if (fact.problem !== undefined) oweReply(draft)
  else if (draft.toolsOpen.size === 0) draft.oweReply = false
}
