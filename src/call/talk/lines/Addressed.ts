/**
 * Whether what was said is meant for us. A turn is answered at once, as a rule; on hold, among menus and while keys are pressed
 * its words are read first, which costs the moment that writing them down takes.
 */

import { readGreeting } from "../../hearing/Reading.ts"
import { ask } from "../acts/Responses.ts"
import { type Draft, setTimer, stopTimer } from "../Draft.ts"
import { isOnHold } from "../Waits.ts"
import { back, putOnHold, suspend } from "./Hold.ts"
import { awaitEnd, isFirst, isPressing, pause, prompted, reached } from "./Menus.ts"
import { type Sense, senseOf } from "./phrases.ts"

/** Whether the words of this turn, which has just ended, decide if it is answered. */
export const isReadFirst = (draft: Draft, itemId: string): boolean => {
  if (!isOnHold(draft) && !draft.menu.speaking && !isPressing(draft)) return false
  draft.unread = new Map(draft.unread).set(itemId, undefined)
  setTimer(draft, "words", draft.rules.limits.words)
  return true
}

const forget = (draft: Draft, itemId: string): void => {
  if (!draft.unread.has(itemId)) return
  const unread = new Map(draft.unread)
  unread.delete(itemId)
  draft.unread = unread
  if (unread.size === 0) stopTimer(draft, "words")
}

/** Somebody speaks to us. Who is still speaking is answered when they have ended. */
const answer = (draft: Draft): void => {
  draft.unread = new Map()
  stopTimer(draft, "words")
  back(draft)
  reached(draft)
  if (draft.speaking !== undefined) return
  ask(draft, draft.openingOwed ? "opening" : "reply")
  draft.openingOwed = false
}

/**
 * Whether these words, which nobody has put us on hold for, are taken for a waiting line. Who was talking with us before (`Answerer.ts`
 * notes it) is no machine for one sentence: they must be heard twice.
 */
const isLine = (draft: Draft, itemId: string): boolean => {
  const since = draft.utterances.get(itemId)?.at ?? draft.now
  const conversed = draft.clues.some(
    ({ at, says, source }) => source === "conversation" && says === "human" && at < since
  )
  if (!conversed || isOnHold(draft) || draft.menu.since !== undefined) return true
  return said(draft).filter((text) => senseOf(text, undefined) === "queue").length > 1
}

const said = ({ utterances }: Draft): ReadonlyArray<string> =>
  [...utterances.values()].flatMap(({ role, text }) => (role === "user" && text !== "" ? [text] : []))

/** Words of a recording, and not of a person who speaks at its end. */
const isRecorded = (text: string): boolean => {
  const senses = text.split(/(?<=[.!?])\s+/).map((part) => senseOf(part, "machine"))
  return !senses.includes("person") && (senses.includes("queue") || readGreeting(text).speaker === "recording")
}

/** Nobody but a recording has spoken, so nobody has heard our opening. */
const isUnheard = (draft: Draft): boolean => isFirst(draft) && said(draft).every(isRecorded)

/** What kind of words these are. A recorded notice at the very beginning ("this call may be recorded") is a waiting line's, too. */
const senseHere = (draft: Draft, text: string): Sense => {
  const sense = senseOf(text, draft.hold.by)
  const isNotice = sense === "words" && readGreeting(text).speaker === "recording" && isUnheard(draft)
  return isNotice ? "queue" : sense
}

/** The words of a turn have come, or will not. */
export const heardWords = (draft: Draft, itemId: string, text: string, failed: boolean): void => {
  const wasUnread = draft.unread.has(itemId)
  forget(draft, itemId)
  if (draft.phase !== "talking" || draft.hangingUp) return
  const sense = failed ? "person" : senseHere(draft, text)
  switch (sense) {
    case "nothing":
      return
    case "music":
    case "queue":
      if (sense === "queue" && !isLine(draft, itemId)) return
      if (isUnheard(draft)) draft.openingOwed = true
      pause(draft)
      putOnHold(draft, "machine")
      // answered already, as a person's words, and so is what was said behind them
      return wasUnread ? undefined : takeBack(draft)
    case "wait":
      if (isUnheard(draft)) draft.openingOwed = true
      putOnHold(draft, draft.menu.speaking ? "machine" : "person")
      return pause(draft)
    case "menu":
      return prompted(draft, itemId, text)
    case "words":
    case "person":
      if (!wasUnread) return
      // sung, or said over the music by a recording: a person makes it stop
      if (draft.music) return keep(draft, itemId)
      // the end of a prompt, perhaps, or between two of its options
      return sense === "words" && draft.menu.speaking ? awaitEnd(draft) : answer(draft)
  }
}

/** What we are about to say nobody is there to hear; words that are not known yet may be those of somebody who is. */
const takeBack = (draft: Draft): void => {
  suspend(draft)
  for (const itemId of draft.textsDue) isReadFirst(draft, itemId)
}

/** Said to us if the music stops soon. */
const keep = (draft: Draft, itemId: string): void => {
  draft.unread = new Map(draft.unread).set(itemId, "words")
  setTimer(draft, "words", draft.rules.limits.words)
}

export const musicStopped = (draft: Draft): void => {
  draft.music = false
  if (draft.phase === "talking" && [...draft.unread.values()].includes("words")) answer(draft)
}

/** The words do not come, so that the model must know what to do with what it has heard; with music behind it that is nothing. */
export const wordsOverdue = (draft: Draft): void => {
  if (draft.unread.size === 0) return
  draft.unread = new Map()
  if (draft.phase === "talking" && !draft.music) answer(draft)
}
