/** Who answered, and what a machine gets: one whole message after its greeting, or nothing. The network never ends a call here. */

import type { AnsweredBy } from "../../domain/Outcome.ts"
import type { MachineVerdict } from "../../Telephone.ts"
import { hangUp } from "./Endings.ts"
import { boundSettling, interrupt } from "./Playing.ts"
import { ask } from "./Responses.ts"
import { type Draft, order, setTimer, stopTimer, type Talk, tell } from "./Talk.ts"
import { machineNote } from "./Words.ts"

const answeredBy = (draft: Draft, who: AnsweredBy): void => {
  if (draft.answeredBy === who) return
  draft.answeredBy = who
  order(draft, { _tag: "Answerer", answeredBy: who })
}

/** Utterances of the callee that have words. */
const calleeTurns = (talk: Pick<Talk, "utterances">): number =>
  [...talk.utterances.values()].filter((said) => said.role === "user" && said.stored && said.text !== "").length

/** Two answers and more are a conversation: a detector that still says "machine" is wrong. */
const isConversation = (draft: Draft): boolean => calleeTurns(draft) >= 2

const leaveMessage = (draft: Draft): void => {
  if (draft.next !== undefined || draft.hangingUp) return
  stopTimer(draft, "machineGreeting")
  stopTimer(draft, "machineQuiet")
  draft.next = { _tag: "HangUp" }
  ask(draft, "voicemail")
  boundSettling(draft, 2 * draft.rules.limits.lastWords)
}

/** From here on nobody listens live: fall silent, forget what was prepared, and wait for the end of the greeting. */
const enterMessage = (draft: Draft): void => {
  answeredBy(draft, "voicemail")
  if (draft.phase === "message") return
  interrupt(draft)
  draft.phase = "message"
  draft.wanted = undefined
  draft.oweReply = false
  draft.next = undefined
  stopTimer(draft, "greeting")
  stopTimer(draft, "greetingCap")
  stopTimer(draft, "firstAudio")
  for (const itemId of draft.heldItems) if (!draft.fenced.has(itemId)) tell(draft, { _tag: "Forget", itemId })
  draft.held = undefined
  if (draft.rules.voicemail === "hang-up") return hangUp(draft)
  tell(draft, { _tag: "Note", text: machineNote })
  if (draft.machineGreetingOver) return leaveMessage(draft)
  setTimer(draft, "machineGreeting", draft.rules.limits.machineGreeting)
  if (draft.speaking === undefined) setTimer(draft, "machineQuiet", draft.rules.limits.machineQuiet)
}

/** The greeting of the machine is over: a beep, its own silence, or long enough. */
export const greetingOver = (draft: Draft): void => {
  if (draft.phase === "message") leaveMessage(draft)
}

/** The model noticed that it talks to a machine. */
export const reported = (draft: Draft): void => enterMessage(draft)

/** A verdict of the network's detector. It may come at any time, late and wrong, and is never a reason to fail a call. */
export const detected = (draft: Draft, verdict: MachineVerdict): void => {
  switch (verdict) {
    case "human":
      if (draft.phase !== "message") answeredBy(draft, "human")
      return
    case "unknown":
      return
    case "fax":
      if (isConversation(draft)) return
      answeredBy(draft, "fax")
      interrupt(draft)
      return hangUp(draft)
    case "machine-start":
    case "machine-end":
      if (isConversation(draft) || draft.phase === "closing" || draft.phase === "away") return
      if (verdict === "machine-end") draft.machineGreetingOver = true
      if (draft.phase === "message") return verdict === "machine-end" ? leaveMessage(draft) : undefined
      if (draft.phase === "waiting") return
      return enterMessage(draft)
  }
}

/** A verdict that came before the media did takes effect with the first stream. */
export const detectedBefore = (draft: Draft): void => {
  if (draft.machineGreetingOver && draft.phase === "listening") enterMessage(draft)
}
