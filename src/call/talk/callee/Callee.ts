/** What the callee does: speaks, stops, has said something, presses keys. */
import * as Playout from "../../Playout.ts"
import { boundSettling } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import { beginTurn, expectCallee } from "../acts/Turns.ts"
import { isAnswered, openTalk } from "../answerer/Answer.ts"
import { awaitEnd, spokenOver, spokenTo } from "../answerer/Machine.ts"
import { waitsForWords } from "../answerer/Screening.ts"
import { type Draft, stopTimer } from "../Draft.ts"
import { sayGoodbye } from "../ending/Closing.ts"
import { isReadFirst } from "../lines/Addressed.ts"
import { runTool } from "../Tools.ts"
import * as Interjections from "./Interjections.ts"

/** Answers a turn, or has its words read first where it may not be meant for us. */
const reply = (draft: Draft, itemId: string | undefined): void => {
  if (waitsForWords(draft) || (itemId !== undefined && isReadFirst(draft, itemId))) return
  ask(draft, draft.openingOwed ? "opening" : "reply")
  draft.openingOwed = false
}

/** `at`: it was then, and is told only now. */
export const speechStarted = (draft: Draft, itemId: string, at?: number): void => {
  draft.speaking = itemId
  draft.checkedIn = false
  draft.lineGap = false
  draft.toldToWait = false
  draft.speechStoppedAt = undefined
  stopTimer(draft, "firstAudio")
  if (draft.menu.speaking) stopTimer(draft, "menu")
  if (draft.phase !== "done") beginTurn(draft, itemId, "user", at)
  const busy = draft.active !== undefined || draft.wanted !== undefined || !Playout.isIdle(draft.playout)
  switch (draft.phase) {
    case "listening":
      return stopTimer(draft, "greeting")
    case "message":
      return spokenTo(draft, Interjections.suspectEcho(draft, itemId))
    case "closing":
      if (draft.firm || draft.hangingUp) return
      return Interjections.begins(draft, itemId)
    case "talking":
      if (busy || draft.interjection !== undefined) Interjections.begins(draft, itemId)
  }
}

/** The callee wants the word, and is answered as soon as they have spoken. */
const interrupted = (draft: Draft, itemId?: string): void => {
  const { interjection } = draft
  if (interjection === undefined) return
  Interjections.takeWord(draft)
  if (draft.speaking !== undefined) return
  draft.speechStoppedAt = interjection.stoppedAt
  if (interjection.committed) reply(draft, itemId ?? [...interjection.sounds.keys()].at(-1))
}

/** The callee did not want the word: what we were saying and doing goes on. */
const resumed = (draft: Draft): void => {
  for (const call of Interjections.resume(draft)) runTool(draft, call)
  sayGoodbye(draft)
}

/** Does what a sound into our words comes to, once that is known. */
const judge = (draft: Draft, itemId: string): void => {
  const meaning = Interjections.meaningOf(draft)
  if (meaning === "nothing") resumed(draft)
  if (meaning === "interruption") interrupted(draft, itemId)
}

/** A sound into our words has lasted too long for an echo or a noise, its words are not to be had in time, or it is no turn at all. */
export const interjectionDue = (draft: Draft): void => {
  const { interjection, speaking } = draft
  if (draft.phase === "message") return spokenOver(draft)
  if (interjection === undefined) return
  if (speaking === undefined && !interjection.committed) return resumed(draft)
  if (speaking !== undefined && interjection.echo) return Interjections.outlastsEcho(draft)
  if (!interjection.echo) return interrupted(draft)
  // short, in our first second, and without words: it may have been anything, so we speak on, and answer it then
  resumed(draft)
  reply(draft, [...interjection.sounds.keys()].at(-1))
}

export const speechStopped = (draft: Draft, at = draft.now): void => {
  // said before it is committed: between the two, nothing may take the words for complete
  if (draft.speaking !== undefined) expectCallee(draft, draft.speaking)
  draft.speaking = undefined
  Interjections.stopped(draft)
  draft.quietSince = at
  // words into a sentence of ours that goes on wait for no answer
  if (draft.phase === "talking" && Playout.isIdle(draft.playout)) draft.speechStoppedAt = draft.now
  if (draft.phase === "listening") openTalk(draft)
  if (draft.phase === "message") {
    awaitEnd(draft)
    boundSettling(draft, draft.rules.limits.lastWords)
  }
}

export const calleeSpoke = (draft: Draft, itemId: string): void => {
  expectCallee(draft, itemId)
  if (Interjections.committed(draft, itemId)) return judge(draft, itemId)
  if (draft.phase === "talking" && !isAnswered(draft, itemId)) reply(draft, itemId)
}

/** The words of a sound into ours have come; `failed`: they are not to be had. */
export const heardWords = (draft: Draft, itemId: string, text: string, failed: boolean): void => {
  Interjections.told(draft, itemId, failed ? undefined : text)
  judge(draft, itemId)
}
