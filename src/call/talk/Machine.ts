/** Who answered, and what a machine gets: one whole message after its greeting, or nothing. The network never ends a call here. */

import type { AnsweredBy } from "../../domain/Outcome.ts"
import type { MachineVerdict } from "../../Telephone.ts"
import { hangUp } from "./Endings.ts"
import { dropHeld } from "./Held.ts"
import { release } from "./Hold.ts"
import { boundSettling, interrupt } from "./Playing.ts"
import { withdraw } from "./Questions.ts"
import { ask } from "./Responses.ts"
import { type Draft, order, setTimer, stopTimer, type Talk, tell } from "./Talk.ts"
import { dropNext, withdrawEnd } from "./ToolAnswers.ts"
import { machineNote, personNote } from "./Words.ts"

const answeredBy = (draft: Draft, who: AnsweredBy): void => {
  if (draft.answeredBy === who) return
  draft.answeredBy = who
  order(draft, { _tag: "Answerer", answeredBy: who })
}

/**
 * Who has spoken twice, and at least once after hearing us out, converses: a detector that still says "machine" is wrong.
 * A recorded greeting may have several parts too, but it speaks on without listening.
 */
const isConversation = (draft: Pick<Talk, "utterances">): boolean => {
  const said = [...draft.utterances.values()].filter(({ stored, text }) => stored && text !== "")
  const theirs = said.filter(({ role }) => role === "user")
  const ours = said.find(({ role, interrupted }) => role === "assistant" && !interrupted)
  return theirs.length >= 2 && ours !== undefined && (theirs.at(-1)?.at ?? 0) > ours.at
}

const leaveMessage = (draft: Draft): void => {
  if (draft.next !== undefined || draft.hangingUp) return
  stopTimer(draft, "machineGreeting")
  stopTimer(draft, "machineQuiet")
  draft.next = { _tag: "HangUp" }
  draft.messageAt = draft.now
  ask(draft, "voicemail")
  boundSettling(draft, 2 * draft.rules.limits.lastWords)
}

/** From here on nobody listens live: fall silent, forget what was prepared, and wait for the end of the greeting. */
const enterMessage = (draft: Draft): void => {
  answeredBy(draft, "voicemail")
  if (draft.phase === "message") return
  interrupt(draft)
  release(draft)
  draft.phase = "message"
  draft.wanted = undefined
  draft.oweReply = false
  withdraw(draft)
  dropNext(draft, "An answering machine has answered.")
  withdrawEnd(draft, "An answering machine has answered.")
  stopTimer(draft, "greeting")
  stopTimer(draft, "greetingCap")
  stopTimer(draft, "firstAudio")
  dropHeld(draft, undefined)
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

/** What only a machine says. A person who offers to take a message has no tone. */
const tone = /\b(after|at) the (tone|beep)\b/i
/** What a machine says, and sometimes a person: enough only together with the network's own suspicion. */
const absent =
  /\bleave (us |me )?(a|your) message\b|\bvoice ?mail\b|\bnot (available|at home)\b|\bunavailable\b|\bunable to (take|answer)\b/i
/** How call screening of phones and carriers asks, and how it keeps us waiting. */
const screening = /\bstate your name\b|\breason for (your|the) call\b|\bcall is being screened\b/i
const waiting =
  /\b(hold on|hold the line|on hold|please hold|stay on the line|bear with me|let me (check|look|see)|connect you)\b|\b(one|a) (moment|second|minute)\b/i

/** Whether the words heard so far are a machine's. */
const soundsLikeMachine = (draft: Draft): boolean => {
  if (isConversation(draft)) return false
  const words = [...draft.utterances.values()].filter(({ role, stored }) => role === "user" && stored)
  return words.some(({ text }) => tone.test(text) || (draft.longGreeting && absent.test(text)))
}

/** A verdict of the network's detector. It may come at any time, late and wrong, and is never a reason to fail a call. */
export const detected = (draft: Draft, verdict: MachineVerdict): void => {
  switch (verdict) {
    case "human":
      if (draft.phase !== "message") answeredBy(draft, "human")
      return
    case "unknown":
      return
    case "fax":
      if (isConversation(draft) || draft.phase === "away") return
      answeredBy(draft, "fax")
      interrupt(draft)
      return hangUp(draft)
    case "long-greeting":
      draft.longGreeting = true
      if (draft.phase === "message") return leaveMessage(draft)
      // the greeting is over, so a message may begin at once
      if (draft.phase !== "talking" || !soundsLikeMachine(draft)) return
      draft.machineGreetingOver = true
      return enterMessage(draft)
    case "machine-start":
    case "machine-end":
      if (isConversation(draft) || draft.phase === "closing" || draft.phase === "away") return
      if (verdict === "machine-end") draft.machineGreetingOver = true
      if (draft.phase === "message") return verdict === "machine-end" ? leaveMessage(draft) : undefined
      if (draft.phase === "waiting") return answeredBy(draft, "voicemail")
      return enterMessage(draft)
  }
}

/** Somebody answers into our message: a person after all, who is talked with. */
const backToTalk = (draft: Draft): void => {
  answeredBy(draft, "human")
  draft.phase = "talking"
  draft.next = undefined
  draft.wanted = undefined
  draft.messageAt = undefined
  stopTimer(draft, "settle")
  interrupt(draft)
  tell(draft, { _tag: "Note", text: personNote })
  ask(draft, "reply")
}

/** What the transcript says about who answered. Only the opening of a call can be a machine's, and a machine does not answer. */
export const heardWords = (draft: Draft, itemId: string, text: string): void => {
  if (text === "" || draft.hangingUp) return
  const spokeAt = draft.utterances.get(itemId)?.at
  if (draft.phase === "message") {
    if (draft.messageAt !== undefined && spokeAt !== undefined && spokeAt > draft.messageAt) backToTalk(draft)
    return
  }
  if (draft.phase !== "talking") return
  if (screening.test(text)) return answeredBy(draft, "screening")
  if (soundsLikeMachine(draft)) return enterMessage(draft)
  if (draft.answeredBy === "screening" && !waiting.test(text)) answeredBy(draft, "human")
}

/** A verdict that came before the media did takes effect with the first stream. */
export const detectedBefore = (draft: Draft): void => {
  if (draft.answeredBy === "voicemail" && draft.phase === "listening") enterMessage(draft)
}
