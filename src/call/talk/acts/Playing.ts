/** What the callee gets to hear: audio of the model into the playout, interruption out of it, and what follows the last word. */
import type { VoiceEvent } from "../../../VoiceModel.ts"
import * as Playout from "../../Playout.ts"
import { type Draft, order, plus, setTimer, stopTimer, tell } from "../Draft.ts"
import { isSuspended } from "../Talk.ts"
import { heardNote, interruptedBefore } from "../Words.ts"
import { hangUp } from "./Endings.ts"
import { hold } from "./Held.ts"
import { audioSent } from "./Pace.ts"
import { abandon } from "./Responses.ts"
import { answer, note } from "./ToolAnswers.ts"
import { beginTurn, breakOff, storeCut, storeHeard } from "./Turns.ts"

/** Items under which the holding phrase is played begin so; the model does not know them. */
export const holdingItem = "holding#"

/** Sends what is due, as long as a stream is there to take it. */
export const pump = (draft: Draft): void => {
  if (!draft.mediaUp || isSuspended(draft)) return
  const heard = draft.playout.items
  const { playout, packets, again } = Playout.pump(draft.playout, draft.now)
  draft.playout = playout
  if (playout.items !== heard) storeHeard(draft)
  // a phrase that says that we are not ready is no answer
  if (packets.some(({ itemId }) => !itemId.startsWith(holdingItem))) {
    stopTimer(draft, "firstAudio")
  }
  if (packets.length > 0) draft.lineGap = false
  for (const packet of packets) {
    beginTurn(draft, packet.itemId, "assistant")
    // the phrase for gaps says that we are not ready: it is no answer
    if (!packet.itemId.startsWith(holdingItem)) audioSent(draft, packet.itemId)
    order(draft, { _tag: "Play", bytes: packet.bytes, mark: packet.mark })
  }
  if (again !== undefined) setTimer(draft, "pump", again)
}

/** Queues a piece of the assistant's voice; its turn begins with its first sound, behind what is being said. */
export const play = (draft: Draft, piece: Playout.Piece): void => {
  draft.playout = Playout.enqueue(draft.playout, piece)
  pump(draft)
}

export const audio = (draft: Draft, event: Extract<VoiceEvent, { readonly _tag: "Audio" }>): void => {
  const aside = draft.asides.find((response) => response.responseId === event.responseId)
  if (aside !== undefined) {
    const { bytes, text } = draft.holding
    if (aside.purpose === "holding") draft.holding = { bytes: [...bytes, event.bytes], text }
    return
  }
  if (draft.staleResponses.has(event.responseId) || draft.fenced.has(event.itemId)) return
  const { active } = draft
  if (active === undefined || active.stale || active.responseId !== event.responseId) return
  draft.active = { ...active, spoke: true }
  draft.toldToWait = false
  setTimer(draft, "freeze", draft.answerWithin)
  const piece = { itemId: event.itemId, contentIndex: event.contentIndex, bytes: event.bytes }
  if (active.purpose !== "opening" || draft.held === undefined) return play(draft, piece)
  hold(draft, piece)
}

/** An item of a response has begun; one of a response given up must leave no trace in the model's memory. */
export const itemStarted = (draft: Draft, event: Extract<VoiceEvent, { readonly _tag: "ItemStarted" }>): void => {
  const { active } = draft
  if (draft.staleResponses.has(event.responseId)) {
    draft.fenced = plus(draft.fenced, event.itemId)
    tell(draft, { _tag: "Forget", itemId: event.itemId })
  } else if (active !== undefined && active.responseId === event.responseId) {
    draft.active = { ...active, items: [...active.items, event.itemId] }
  }
}

const unplayed: Playout.ItemAudio = { received: 0, heard: 0, parts: [] }

/** The model has stopped in the middle of this item: its text ran ahead of its audio, in our record and in its own memory. */
export const brokeOff = (draft: Draft, itemId: string): void => {
  breakOff(draft, itemId)
  // an opening that waits for the answer is dropped as a whole, or played as far as it goes
  if (draft.heldItems.has(itemId)) return
  const { parts, received } = draft.playout.items.get(itemId) ?? unplayed
  tell(
    draft,
    received < 1 ? { _tag: "Forget", itemId } : { _tag: "Truncate", itemId, ...Playout.partAt({ parts }, received) }
  )
}

const forgetUnheard = (draft: Draft, cut: Playout.Cut): void => {
  draft.fenced = plus(draft.fenced, cut.itemId)
  const whole = draft.utterances.get(cut.itemId)?.complete === true && cut.heard >= cut.received
  storeCut(draft, cut)
  if (whole) return
  // a session that has taken over from a lost one does not know the item: it was told the words
  if (draft.lostItems.has(cut.itemId)) return note(draft, heardNote(draft.utterances.get(cut.itemId)?.text ?? ""))
  if (cut.itemId.startsWith(holdingItem)) return
  tell(
    draft,
    cut.heard < 1
      ? { _tag: "Forget", itemId: cut.itemId }
      : { _tag: "Truncate", itemId: cut.itemId, ...Playout.partAt(cut, cut.heard) }
  )
}

/** What the callee's sound was does not matter any more; what the model has called meanwhile does not happen. */
const dropInterjection = (draft: Draft): void => {
  const tools = draft.interjection?.tools ?? []
  draft.interjection = undefined
  stopTimer(draft, "interjection")
  for (const { toolCallId } of tools) answer(draft, toolCallId, { ok: false, reason: interruptedBefore })
}

/** Nothing queued is heard any more, the model remembers what was heard and no more. `true`: the network still holds some. */
export const fallSilent = (draft: Draft): boolean => {
  const generating = draft.active?.stale === false ? draft.active.items : []
  const opening = new Set(draft.active?.purpose === "opening" ? [...draft.heldItems, ...generating] : draft.heldItems)
  // asked for, and not a sound of it there yet
  if (draft.active?.purpose === "opening" && !draft.active.stale && opening.size === 0) draft.openingOwed = true
  // what we have said over the callee's words, taking them for an echo, has told them nothing
  const { echo = false, since = draft.now, spokenOver = 0 } = draft.interjection ?? {}
  const over = echo ? draft.now - since : spokenOver
  const { playout, cuts, held } = Playout.clear(draft.playout, draft.now)
  draft.playout = playout
  dropInterjection(draft)
  stopTimer(draft, "pump")
  abandon(draft)
  const unsaid = generating
    .filter((itemId) => !cuts.some((cut) => cut.itemId === itemId))
    .map((itemId) => ({ itemId, ...(playout.items.get(itemId) ?? unplayed) }))
  for (const cut of [...cuts, ...unsaid]) {
    if (opening.has(cut.itemId) && cut.heard - over < draft.rules.limits.openingHeard) draft.openingOwed = true
    forgetUnheard(draft, cut)
  }
  return held
}

/** Falls silent at once, and the network with us. */
export const interrupt = (draft: Draft): void => {
  if (fallSilent(draft)) order(draft, { _tag: "Clear" })
}

/** A mark has come back: some of what we said is proven to have been heard. */
export const played = (draft: Draft, mark: string): void => {
  draft.playout = Playout.played(draft.playout, mark, draft.now)
  storeHeard(draft)
  pump(draft)
}

const perform = (draft: Draft): void => {
  const { next } = draft
  draft.next = undefined
  stopTimer(draft, "settle")
  if (next === undefined) return
  switch (next._tag) {
    case "HangUp":
      return hangUp(draft)
    case "PressDigits":
      return order(draft, next)
    case "Transfer":
      // the wait for its last words was cut short: they are not played into the ringing, nor after it
      interrupt(draft)
      draft.phase = "away"
      draft.transfers = [...draft.transfers, { toolCallId: next.toolCallId, name: next.name, result: undefined }]
      return order(draft, { _tag: "Transfer", toolCallId: next.toolCallId, to: next.to })
  }
}

/** Does what waits for the last word, once that was heard. Called after every fact. */
export const settle = (draft: Draft): void => {
  if (draft.next === undefined) return
  const busy =
    draft.active !== undefined || draft.wanted !== undefined || isSuspended(draft) || !Playout.isIdle(draft.playout)
  // somebody who speaks into a message may be a person: their words decide, within the bound of the settling
  const interposed = draft.phase === "message" && (draft.speaking !== undefined || draft.textsDue.size > 0)
  if (busy || interposed) return
  perform(draft)
}

/** Bounds the wait of `settle`: the grace after the expected end of playing, or `most` while words are still being made. */
export const boundSettling = (draft: Draft, most: number): void => {
  if (draft.next === undefined) return
  const longest = draft.stopping ? Math.min(most, draft.rules.limits.farewell) : most
  const playing = Playout.expectedEnd(draft.playout, draft.now) - draft.now + draft.rules.limits.settleGrace
  const made = draft.active === undefined && draft.wanted === undefined
  // the rest of a greeting is heard to its end
  const spokenInto = draft.phase === "message" && draft.speaking !== undefined && !draft.stopping
  const greeting = spokenInto ? draft.rules.limits.machineGreeting : 0
  setTimer(draft, "settle", Math.max(made ? playing : longest, greeting))
}

/** The wait for the last word has been long enough; while it is open who has the word, it has not begun. */
export const settleNow = (draft: Draft): void => (isSuspended(draft) ? undefined : perform(draft))
