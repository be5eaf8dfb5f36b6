/** The tools of the model. Each call runs once and is answered once; nothing said on a call widens what they may do. */
import type { Fact } from "../Fact.ts"
import { readClaim } from "./Claim.ts"
import { close } from "./Closing.ts"
import { decideEnd } from "./Endings.ts"
import { reported } from "./Machine.ts"
import { boundSettling } from "./Playing.ts"
import { askOwner, openQuestion } from "./Questions.ts"
import { awaitMedia, reconnect } from "./Recovery.ts"
import { ask } from "./Responses.ts"
import { type Draft, isSuspended, minus, order, plus, setTimer, type ToolCall } from "./Talk.ts"
import { answer } from "./ToolAnswers.ts"
import { interruptedBefore } from "./Words.ts"

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

const field = (input: string, name: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(input)
    if (typeof value !== "object" || value === null) return undefined
    const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
    return typeof found === "string" || typeof found === "number" ? String(found).trim() : undefined
  } catch {
    return undefined
  }
}

const endCall = (draft: Draft, call: ToolCall): void => {
  if (draft.phase === "closing") return answer(draft, call.toolCallId, { ok: true })
  draft.claim = readClaim(call.input)
  draft.endTool = call.toolCallId
  close(draft)
}

const transfer = (draft: Draft, call: ToolCall): void => {
  const names = Object.keys(draft.rules.transferTo)
  const name = field(call.input, "destination")
  const found = Object.entries(draft.rules.transferTo).find(([known]) => known.toLowerCase() === name?.toLowerCase())
  if (found === undefined) {
    const known = names.length === 0 ? "There is nobody to transfer to." : `Possible are: ${names.join(", ")}.`
    return refuse(draft, call, `"${name ?? ""}" is no destination. ${known}`)
  }
  draft.toolsOpen = plus(draft.toolsOpen, call.toolCallId)
  draft.next = { _tag: "Transfer", toolCallId: call.toolCallId, to: found[1] }
  boundSettling(draft, draft.rules.limits.lastWords)
}

const sendDigits = (draft: Draft, call: ToolCall): void => {
  const digits = field(call.input, "digits")
  if (digits === undefined || !/^[0-9*#wW]{1,32}$/.test(digits)) {
    return refuse(draft, call, "digits must be 1 to 32 of 0-9 * # w (half a second) W (a second).")
  }
  draft.toolsOpen = plus(draft.toolsOpen, call.toolCallId)
  draft.next = { _tag: "PressDigits", toolCallId: call.toolCallId, digits }
  boundSettling(draft, draft.rules.limits.lastWords)
}

/** An open question holds up no words; where it is refused because another one is open, the model waits for that. */
const question = (draft: Draft, call: ToolCall): void => {
  const waiting = openQuestion(draft) !== undefined
  const refused = askOwner(draft, call.toolCallId, field(call.input, "question"))
  if (refused === undefined) return
  if (waiting) answer(draft, call.toolCallId, { ok: false, reason: refused })
  else refuse(draft, call, refused)
}

/** These happen once everything said was heard, so only one of them can wait. */
const waitsForSilence = new Set(["transfer_call", "send_digits"])

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
  if (draft.next !== undefined && waitsForSilence.has(call.name)) {
    return refuse(draft, call, "Something else is being done already. One thing at a time.")
  }
  switch (call.name) {
    case "end_call":
      return endCall(draft, call)
    case "transfer_call":
      return transfer(draft, call)
    case "send_digits":
      return sendDigits(draft, call)
    case "ask_owner":
      return question(draft, call)
    case "report_answering_machine":
      answer(draft, call.toolCallId, { ok: true })
      return draft.firm ? undefined : reported(draft)
    case "do_not_call_again":
      order(draft, { _tag: "OptOut" })
      answer(draft, call.toolCallId, { ok: true, note: "This number will not be called again." })
      return oweReply(draft)
    default:
      return refuse(draft, call, `There is no tool named "${call.name}".`)
  }
}

/** Keys were pressed, or could not be. On success the menu speaks next, so we stay silent. */
export const digitsPressed = (draft: Draft, fact: Extract<Fact, { readonly _tag: "DigitsPressed" }>): void => {
  answer(draft, fact.toolCallId, fact.problem === undefined ? { ok: true } : { ok: false, reason: fact.problem })
  awaitMedia(draft)
  if (fact.problem !== undefined) oweReply(draft)
  else if (draft.toolsOpen.size === 0) draft.oweReply = false
}

export const transferred = (draft: Draft, fact: Extract<Fact, { readonly _tag: "Transferred" }>): void => {
  if (fact.result === "connected") {
    draft.toolsOpen = minus(draft.toolsOpen, fact.toolCallId)
    return decideEnd(draft, "completed")
  }
  if (draft.phase !== "away") return
  draft.phase = "talking"
  const reason = fact.problem ?? `The transfer did not work: ${fact.result}. The callee is back with you.`
  answer(draft, fact.toolCallId, { ok: false, result: fact.result, reason })
  if (!draft.mediaUp) setTimer(draft, "mediaStart", draft.rules.limits.mediaStart)
  if (!draft.modelUp) reconnect(draft)
  oweReply(draft)
}
