/** The response sequencer: never two active responses, one owner of every request to speak, failures tried again in bounds. */

import type { CallError } from "../../../domain/Call.ts"
import type { VoiceEvent } from "../../../VoiceModel.ts"
import { type Draft, plus, setTimer, stopTimer, tell } from "../Draft.ts"
import { report } from "../Incidents.ts"
import type { Purpose, Response } from "../Parts.ts"
import { isSuspended } from "../Talk.ts"
import { isOnHold } from "../Waits.ts"
import { instructionsFor } from "../Words.ts"
import { dropHeld } from "./Held.ts"

type Event<Tag extends VoiceEvent["_tag"]> = Extract<VoiceEvent, { readonly _tag: Tag }>

/** When two things are to be said, the one that ends the talk wins. */
const rank: Record<Purpose, number> = {
  outcome: 0,
  holding: 0,
  filler: 0,
  reply: 1,
  "check-in": 1,
  "wrap-up": 2,
  opening: 3,
  screening: 3,
  voicemail: 4,
  goodbye: 5
}

const newResponse = (draft: Draft, purpose: Purpose): Response => {
  draft.responses += 1
  return {
    tag: `${purpose}#${draft.responses}`,
    purpose,
    items: [],
    stale: false,
    spoke: false,
    calledTool: false,
    asked: false
  }
}

const respond = (draft: Draft, response: Response, aside?: "text" | "audio"): void => {
  const instructions = instructionsFor(response.purpose, draft.rules)
  const silentTools = response.purpose !== "reply" && response.purpose !== "wrap-up"
  tell(draft, {
    _tag: "Respond",
    tag: response.tag,
    ...(instructions === undefined ? {} : { instructions }),
    ...(silentTools ? { tools: false } : {}),
    ...(aside === undefined ? {} : { aside })
  })
}

/** Sends what is wanted as soon as nothing else is being said, and it is known who has the word. */
export const flush = (draft: Draft): void => {
  if (draft.wanted === undefined || draft.active !== undefined || draft.backingOff || !draft.modelUp) return
  if (draft.hangingUp) return
  if (isSuspended(draft)) return
  const response = newResponse(draft, draft.wanted)
  draft.wanted = undefined
  // it will have read what the tools have answered so far
  draft.oweReply = false
  draft.active = response
  setTimer(draft, "freeze", draft.answerWithin)
  respond(draft, response)
}

/** On hold nobody is talked to, whatever there is to say; a goodbye is said all the same. */
const isHeldBack = (draft: Draft, purpose: Purpose): boolean => isOnHold(draft) && rank[purpose] <= rank.reply

/** The agent should speak: now, or as soon as the running response has ended. */
export const ask = (draft: Draft, purpose: Purpose): void => {
  if (draft.phase === "afterwards" || draft.phase === "done" || draft.hangingUp) return
  if (isHeldBack(draft, purpose)) return
  if (draft.wanted === undefined || rank[purpose] >= rank[draft.wanted]) draft.wanted = purpose
  flush(draft)
}

/** Asks for something beside the conversation. */
export const askAside = (draft: Draft, purpose: Purpose, form: "text" | "audio"): void => {
  const response = newResponse(draft, purpose)
  draft.asides = [...draft.asides, response]
  respond(draft, response, form)
}

/** Gives up the running response: what still comes of it is dropped. */
export const abandon = (draft: Draft): void => {
  if (draft.active === undefined || draft.active.stale) return
  const { responseId } = draft.active
  draft.active = { ...draft.active, stale: true }
  if (responseId !== undefined) {
    draft.staleResponses = plus(draft.staleResponses, responseId)
    tell(draft, { _tag: "Cancel", responseId })
  }
}

export const responseStarted = (draft: Draft, event: Event<"ResponseStarted">): void => {
  const { responseId, tag } = event
  const aside = draft.asides.find((response) => response.tag === tag)
  if (aside !== undefined) {
    draft.asides = draft.asides.map((response) => (response === aside ? { ...response, responseId } : response))
    return
  }
  const { active } = draft
  // what has no tag of ours the server began by itself
  const ours = active !== undefined && active.tag === tag
  if (ours && !active.stale) {
    draft.active = { ...active, responseId }
    setTimer(draft, "freeze", draft.answerWithin)
    return
  }
  if (ours) draft.active = { ...active, responseId }
  draft.staleResponses = plus(draft.staleResponses, responseId)
  tell(draft, { _tag: "Cancel", responseId })
}

const errorOf = ({ code, message }: { readonly code: string; readonly message: string }): CallError => ({
  ...(code.includes("rate_limit") ? { type: "RateLimited", service: "openai" } : { type: "ModelUnavailable" }),
  message: `The voice model could not answer: ${message}`,
  code
})

/** Milliseconds of it that came from the model. */
const receivedOf = ({ playout }: Draft, { items }: Response): number =>
  items.reduce((sum, itemId) => sum + (playout.items.get(itemId)?.received ?? 0), 0)

/** All that it was to say has come. */
const isWhole = ({ utterances }: Draft, { items, spoke }: Response): boolean =>
  spoke &&
  items.every((itemId) => {
    const said = utterances.get(itemId)
    return said?.complete === true && !said.interrupted
  })

/** What a broken answer leaves to be said: it again, or, where words of it may have been heard already, its continuation. */
export const owed = (draft: Draft, broken: Response): Purpose | undefined => {
  // of a call that ends only the goodbye is owed, however it was asked for
  if (draft.phase === "closing") return isWhole(draft, broken) ? undefined : "goodbye"
  if (broken.purpose === "opening" && draft.held !== undefined) dropHeld(draft, [])
  else if (broken.purpose === "opening" && receivedOf(draft, broken) < draft.rules.limits.openingHeard) return "opening"
  // of a message the machine has a part: it is left again as a whole
  else if (draft.phase === "message") return "voicemail"
  else if (broken.spoke) return broken.purpose === "filler" ? undefined : "reply"
  return broken.purpose
}

const tryAgain = (draft: Draft, broken: Response, failure: Event<"ResponseDone">["failure"]): void => {
  const problem = failure ?? { code: "failed", message: "it gave no reason", retryable: true }
  const wait = draft.rules.limits.retry[draft.attempts]
  report(draft, "answer-failed")
  draft.wanted = draft.wanted ?? owed(draft, broken)
  if (!problem.retryable || wait === undefined) {
    draft.unable = errorOf(problem)
    return
  }
  draft.attempts += 1
  draft.backingOff = true
  setTimer(draft, "retry", wait)
}

export const retryNow = (draft: Draft): void => {
  draft.backingOff = false
  flush(draft)
}

/** The response beside the conversation that an event belongs to, if it does. */
export const asideOf = (
  draft: Draft,
  event: { readonly responseId?: string; readonly tag?: string }
): Response | undefined =>
  draft.asides.find(
    ({ responseId, tag }) => tag === event.tag || (responseId !== undefined && responseId === event.responseId)
  )

const isOf = (response: Response, { responseId, tag }: Event<"ResponseDone">): boolean =>
  tag === response.tag || responseId === response.responseId

/** Returns the response that has ended, if it was one of ours in the conversation and still wanted. */
export const responseDone = (draft: Draft, event: Event<"ResponseDone">): Response | undefined => {
  if (draft.overResponses.has(event.responseId)) return undefined
  draft.overResponses = plus(draft.overResponses, event.responseId)
  draft.usage += event.usage
  const aside = asideOf(draft, event)
  if (aside !== undefined) {
    draft.asides = draft.asides.filter((response) => response !== aside)
    return undefined
  }
  const { active } = draft
  if (active === undefined || !isOf(active, event)) return undefined
  draft.active = undefined
  stopTimer(draft, "freeze")
  if (active.stale) {
    flush(draft)
    return undefined
  }
  const saidGoodbye = draft.phase === "closing" && isWhole(draft, active)
  if (event.status === "failed" && !saidGoodbye) {
    tryAgain(draft, active, event.failure)
    return undefined
  }
  const unsaid = !active.spoke && !active.calledTool
  const brokenOff = event.status === "incomplete" && !active.calledTool
  if ((unsaid || brokenOff) && draft.emptyReplies < 2) {
    // an empty answer, or half a sentence, leaves the callee in silence
    draft.emptyReplies += 1
    const purpose = unsaid ? active.purpose : owed(draft, active)
    if (purpose !== undefined) {
      ask(draft, purpose)
      return undefined
    }
  }
  draft.attempts = 0
  draft.setbacks = 0
  if (active.spoke) draft.emptyReplies = 0
  if (draft.oweReply && draft.toolsOpen.size === 0) {
    draft.oweReply = false
    ask(draft, "reply")
  }
  flush(draft)
  return active
}

/** A request of ours was refused. A refused response is asked for again; anything else is noted by the session and passes. */
export const refused = (draft: Draft, event: Event<"Refused">): void => {
  const { active } = draft
  if (event.tag === undefined) return
  draft.asides = draft.asides.filter((response) => response.tag !== event.tag)
  if (active === undefined || active.tag !== event.tag) return
  draft.active = undefined
  stopTimer(draft, "freeze")
  if (active.stale) return flush(draft)
  tryAgain(draft, active, { code: event.code, message: event.message, retryable: true })
}
