/** What a machine gets: one whole message after its greeting, or nothing; and the way back, when it was a person after all. */
import * as Playout from "../../Playout.ts"
import { hangUp } from "../acts/Endings.ts"
import { dropHeld } from "../acts/Held.ts"
import { boundSettling, holdingItem, interrupt } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import { dropNext, withdrawEnd } from "../acts/ToolAnswers.ts"
import { type Draft, setTimer, stopTimer, tell } from "../Draft.ts"
import { release } from "../lines/Hold.ts"
import type { Talk } from "../Talk.ts"
import { withdraw } from "../tools/Questions.ts"
import { machineNote, notMachineNote, personNote } from "../Words.ts"
import { wouldProve } from "./Verdict.ts"

export const leaveMessage = (draft: Draft): void => {
  if (draft.next !== undefined || draft.hangingUp) return
  stopTimer(draft, "machineQuiet")
  draft.next = { _tag: "HangUp" }
  draft.messageAt = draft.now
  ask(draft, "voicemail")
  boundSettling(draft, 2 * draft.rules.limits.lastWords)
}

const calleeSpoke = (talk: Pick<Talk, "utterances">): boolean =>
  [...talk.utterances.values()].some(({ position, role }) => role === "user" && position !== undefined)

/** How long quiet must last to be the end of the greeting: longer where a tone, or the greeting itself, is still to come. */
const quietOf = (draft: Draft): number =>
  draft.tonePromised || !calleeSpoke(draft) ? draft.rules.limits.machineTone : draft.rules.limits.machineQuiet

/** Starts to count the quiet behind what the machine has said so far. */
export const awaitEnd = (draft: Draft): void => {
  if (draft.next === undefined && !draft.hangingUp) setTimer(draft, "machineQuiet", quietOf(draft))
}

/** A tone has been heard, and nobody has spoken since. */
export const isAfterBeep = ({ beepAt, speaking, utterances }: Draft): boolean =>
  beepAt !== undefined &&
  (speaking === undefined || (utterances.get(speaking)?.at ?? 0) <= beepAt) &&
  ![...utterances.values()].some(({ at, role, text }) => role === "user" && at > beepAt && text !== "")

/** From here on nobody listens live: fall silent, forget what was prepared, and wait for the end of the greeting. */
export const enterMessage = (draft: Draft): void => {
  if (draft.phase === "message") return
  const unheard = draft.held !== undefined
  interrupt(draft)
  release(draft)
  draft.phase = "message"
  draft.openingOwed = draft.openingOwed || unheard
  draft.wanted = undefined
  draft.oweReply = false
  withdraw(draft)
  dropNext(draft, "An answering machine has answered.")
  withdrawEnd(draft, "An answering machine has answered.")
  stopTimer(draft, "greeting")
  stopTimer(draft, "greetingCap")
  stopTimer(draft, "firstAudio")
  dropHeld(draft, undefined)
  if (draft.rules.voicemail === "hang-up" || draft.mailboxFull) return hangUp(draft)
  tell(draft, { _tag: "Note", text: machineNote })
  setTimer(draft, "machineGreeting", draft.rules.limits.machineGreeting)
  if (draft.machineGreetingOver || isAfterBeep(draft)) return leaveMessage(draft)
  if (draft.speaking === undefined) awaitEnd(draft)
}

/** The greeting of the machine is over: its own silence, or long enough. */
export const greetingOver = (draft: Draft): void => {
  if (draft.phase === "message") leaveMessage(draft)
}

/** The detector has heard the end of a greeting, and no tone: one that was promised is still to come. */
export const greetingHeard = (draft: Draft, before: boolean): void => {
  if (!draft.tonePromised) leaveMessage(draft)
  else if (before && draft.speaking === undefined) awaitEnd(draft)
}

/** The machine has said that a tone will come. */
export const tonePromised = (draft: Draft, itemId: string): void => {
  if (draft.tonePromised) return
  draft.tonePromised = true
  const over = draft.speaking === undefined || draft.speaking === itemId
  if (draft.phase === "message" && over && !isAfterBeep(draft)) awaitEnd(draft)
}

/** Something of the message has been played. */
const hasBegun = ({ messageAt, utterances }: Talk): boolean =>
  messageAt !== undefined &&
  [...utterances].some(
    ([itemId, { at, position, role }]) =>
      role === "assistant" && position !== undefined && at >= messageAt && !itemId.startsWith(holdingItem)
  )

/** The message is not said, or not said on, as long as the greeting goes on. */
const holdBack = (draft: Draft): void => {
  draft.next = undefined
  draft.wanted = undefined
  stopTimer(draft, "settle")
  interrupt(draft)
}

/** Somebody speaks: the greeting goes on, or a person speaks to us. Until `echoEnds` it may be our own voice. */
export const spokenTo = (draft: Draft, echoEnds = draft.now): void => {
  stopTimer(draft, "machineQuiet")
  if (draft.next === undefined) return
  if (!hasBegun(draft)) return holdBack(draft)
  boundSettling(draft, draft.rules.limits.lastWords)
  setTimer(draft, "interjection", Math.max(draft.rules.limits.shortSpeech, echoEnds - draft.now))
}

/** Somebody has spoken on and on into the message. Behind a tone it is recorded, whatever else is on the line. */
export const spokenOver = (draft: Draft): void => {
  if (draft.next === undefined || draft.retaken || draft.speaking === undefined || draft.beepAt !== undefined) return
  draft.retaken = true
  holdBack(draft)
}

/** What was spoken into our message were the words of a machine: it is said again behind them. Once, and not behind a tone. */
export const greetingWentOn = (draft: Draft): void => {
  if (draft.next === undefined || draft.retaken || draft.beepAt !== undefined) return
  draft.retaken = true
  holdBack(draft)
  if (draft.speaking === undefined) awaitEnd(draft)
}

/** It takes no message. */
export const mailboxFull = (draft: Draft): void => {
  draft.mailboxFull = true
  if (draft.phase !== "message") return
  interrupt(draft)
  hangUp(draft)
}

/** How long into a message its recording may still begin, in milliseconds. */
const lateTone = 6_000

/** A tone is told of when it is over: so long after its beginning at most, in milliseconds. */
const longestTone = 2_500

/** Words that precede a tone at `at` by so much are not the tone itself, which may pass for speech, in milliseconds. */
const beforeTone = 500

/** Somebody was speaking into the message before `at`, and what they said is not known yet: the rest of the greeting, perhaps. */
const isSpokenInto = ({ speaking, textsDue, utterances }: Talk, at: number): boolean =>
  [...utterances].some(
    ([itemId, said]) =>
      said.role === "user" && at - said.at >= beforeTone && (itemId === speaking || textsDue.has(itemId))
  )

/** A tone into our message: only now is it recorded, so it is said again, from its beginning. Once. */
export const retake = (draft: Draft, toneAt: number): void => {
  const { messageAt } = draft
  const over = draft.active === undefined && draft.wanted === undefined && Playout.isIdle(draft.playout)
  if (draft.phase !== "message" || draft.retaken || draft.hangingUp || messageAt === undefined) return
  if (toneAt <= messageAt || (!isSpokenInto(draft, toneAt) && (over || toneAt - messageAt > lateTone))) return
  draft.retaken = true
  interrupt(draft)
  draft.messageAt = draft.now
  ask(draft, "voicemail")
  boundSettling(draft, 2 * draft.rules.limits.lastWords)
}

/** No machine after all. A person is talked with: greeted, if they have not heard who calls; a recording is listened to. */
export const backToTalk = (draft: Draft): void => {
  const begun = hasBegun(draft)
  draft.phase = "talking"
  draft.next = undefined
  draft.wanted = undefined
  draft.messageAt = undefined
  draft.machineGreetingOver = false
  draft.tonePromised = false
  stopTimer(draft, "settle")
  stopTimer(draft, "machineGreeting")
  stopTimer(draft, "machineQuiet")
  interrupt(draft)
  tell(draft, { _tag: "Note", text: begun ? personNote : notMachineNote })
  if (draft.answeredBy !== "human") return
  const greets = !begun && draft.openingOwed
  draft.openingOwed = false
  if (draft.speaking === undefined) ask(draft, greets ? "opening" : "reply")
  else draft.openingOwed = greets
}

/** What became of the message, in words of a summary. */
export const messageLeft = (talk: Talk): string => {
  const { mailboxFull, messageAt } = talk
  if (mailboxFull) return "Voicemail answered, but takes no messages; none was left."
  const said = [...talk.utterances]
    .filter(
      ([itemId, { at, position, role }]) =>
        role === "assistant" &&
        position !== undefined &&
        messageAt !== undefined &&
        at >= messageAt &&
        !itemId.startsWith(holdingItem)
    )
    .sort(([, a], [, b]) => (a.position ?? 0) - (b.position ?? 0))
  const isHeard = said.some(([itemId]) => (talk.playout.items.get(itemId)?.heard ?? 0) > 0)
  if (!isHeard) return "Voicemail answered; no message was left."
  // one that was cut off by the loss of a session, or by a second tone, was said again
  const last = said.at(-1)?.[1]
  return last?.stored === true && !last.interrupted
    ? "Voicemail answered; a message was left."
    : "Voicemail answered; the message was cut off."
}

/** A tone tells nothing any more after this time with a caller, in milliseconds. */
const earlyTalk = 60_000

/** Whether a tone of the callee's side would tell something: who answered is open, or the greeting of a machine is not over. */
export const awaitsBeep = (talk: Talk, now: number): boolean => {
  switch (talk.phase) {
    case "listening":
    case "talking":
      // the words before it may be those of a machine, and are known only after it
      return talk.clues.some(({ source }) => source === "conversation")
        ? talk.speaking !== undefined || talk.textsDue.size > 0 || wouldProve(talk.clues, now)
        : now - (talk.answeredAt ?? now) < earlyTalk
    case "message":
      return (
        talk.next === undefined ||
        (!talk.retaken && (now - (talk.messageAt ?? now) < lateTone + longestTone || isSpokenInto(talk, now)))
      )
    default:
      return false
  }
}
