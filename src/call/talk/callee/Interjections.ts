/**
 * The callee makes a sound into our words. We fall silent at once, but drop nothing until it is known what it was: a person
 * who wants the word, or a cough, a "mhm", a noise, after which we take our sentence up again. How a person is answered then
 * is `Callee.ts`'s business.
 */
import * as Playout from "../../Playout.ts"
import { boundSettling, interrupt, pump } from "../acts/Playing.ts"
import { flush } from "../acts/Responses.ts"
import { answer, dropNext, withdrawEnd } from "../acts/ToolAnswers.ts"
import { storeHeard, textHeard } from "../acts/Turns.ts"
import { type Draft, minus, order, plus, setTimer, stopTimer, tell } from "../Draft.ts"
import type { ToolCall } from "../Parts.ts"
import { isSuspended, type Talk } from "../Talk.ts"
import { interruptedBefore } from "../Words.ts"
import { isBackChannel, type Kind, wordsOf } from "./BackChannels.ts"
import { isPieceOf, repeats } from "./Echo.ts"

/** Clears what the network holds, and notes by which mark we shall know that it is silent. */
const silence = (draft: Draft, since: number): void => {
  const { held, lastMark, playout } = Playout.suspend(draft.playout, draft.now)
  draft.playout = playout
  stopTimer(draft, "pump")
  stopTimer(draft, "settle")
  storeHeard(draft)
  if (!held) return
  order(draft, { _tag: "Clear" })
  if (lastMark !== undefined) draft.clearing = { since, mark: lastMark }
}

/** What is held of our audio was returned by the network: it is silent now. */
export const cleared = (draft: Draft, mark: string): void => {
  if (draft.clearing?.mark !== mark) return
  draft.bargeIns = [...draft.bargeIns, draft.now - draft.clearing.since]
  draft.clearing = undefined
}

/** Until when a sound may be an echo of our words; `undefined`: it is none. */
const echoEnds = (draft: Draft): number | undefined => {
  const { echo, echoLasts, echoTail, knownEchoLasts, returned } = draft.rules.limits
  const { firstWordAt } = draft
  if (firstWordAt === undefined || Playout.isIdle(draft.playout)) return undefined
  if (draft.now - firstWordAt < echo) return firstWordAt + echo + echoTail
  if (draft.echoes) return draft.now + knownEchoLasts
  return draft.returned >= returned ? draft.now + echoLasts : undefined
}

/** Into a message that is our first words, the network may give back our own too. Returns until when it may, if so. */
export const suspectEcho = (draft: Draft, itemId: string): number | undefined => {
  const ends = echoEnds(draft)
  if (ends !== undefined) draft.suspects = plus(draft.suspects, itemId)
  return ends
}

/** The callee's side makes a sound while we speak, or are about to. */
export const begins = (draft: Draft, itemId: string): void => {
  const before = draft.interjection
  const sounds = new Map(before?.sounds).set(itemId, undefined)
  const echo = before === undefined || before.echo ? echoEnds(draft) : undefined
  const { committed = false, since = draft.now, spokenOver = 0, tools = [] } = before ?? {}
  const shared = { sounds, committed, since, spokenOver, stoppedAt: undefined, tools }
  if (echo !== undefined) {
    draft.suspects = plus(draft.suspects, itemId)
    draft.interjection = { ...shared, echo: true, hadWord: true }
    return setTimer(draft, "interjection", Math.max(echo - draft.now, draft.rules.limits.echoLeast))
  }
  const hadWord = before?.hadWord ?? !Playout.isIdle(draft.playout)
  if (!isSuspended(draft)) silence(draft, draft.now)
  draft.interjection = { ...shared, echo: false, hadWord }
  const { longSpeech, shortSpeech } = draft.rules.limits
  // before we have said a word nothing is lost to a noise, and who speaks on makes our answer outdated
  setTimer(draft, "interjection", hadWord ? longSpeech : shortSpeech)
}

/** It lasts longer than an echo of ours can: now we are silent, and its words will tell what it is. */
export const outlastsEcho = (draft: Draft): void => {
  const { interjection } = draft
  if (interjection === undefined) return
  const spokenOver = draft.now - interjection.since
  silence(draft, interjection.since)
  draft.interjection = { ...interjection, echo: false, spokenOver }
  setTimer(draft, "interjection", draft.rules.limits.longSpeech - spokenOver)
}

/** The sound has ended; what it was must be told soon, or it was nothing. */
export const stopped = (draft: Draft): void => {
  if (draft.interjection === undefined) return
  draft.interjection = { ...draft.interjection, stoppedAt: draft.now }
  setTimer(draft, "interjection", draft.rules.limits.uncommitted)
}

/** The sound is a turn of the callee, of which the words are awaited. `false`: it is no interjection. */
export const committed = (draft: Draft, itemId: string): boolean => {
  const { interjection } = draft
  if (interjection === undefined || !interjection.sounds.has(itemId)) return false
  // before we have said a word there is nothing to be taken up again: who goes on speaking is answered at once
  const sounds = interjection.hadWord ? interjection.sounds : new Map(interjection.sounds).set(itemId, "words" as const)
  draft.interjection = { ...interjection, sounds, committed: true }
  if (draft.speaking !== undefined) return true
  const { lateText, soonText } = draft.rules.limits
  setTimer(draft, "interjection", interjection.echo ? lateText : soonText)
  return true
}

/** All that we have said since the callee last had the word, as far as it was heard, and all of what we are saying. */
const ourWords = (draft: Draft): { readonly heard: string; readonly rest: string } => {
  const said = [...draft.utterances]
    .filter(
      ([itemId, { position }]) =>
        position !== undefined && draft.interjection?.sounds.has(itemId) !== true && !draft.nods.has(itemId)
    )
    .sort(([, a], [, b]) => (a.position ?? 0) - (b.position ?? 0))
  const since = said.slice(said.findLastIndex(([, { role, text }]) => role === "user" && text !== "") + 1)
  const ours = since.flatMap(([itemId, { role, text }]) =>
    role === "assistant" ? [{ text, heard: textHeard(draft, itemId) }] : []
  )
  const last = ours.at(-1)
  return {
    heard: ours.map(({ heard }) => heard).join(" "),
    rest: last === undefined ? "" : last.text.slice(last.heard.length)
  }
}

/** Whether we are taking our leave: of the call, or of the callee whom somebody else is to speak to. */
const takesLeave = ({ interjection, next, phase }: Draft): boolean =>
  phase === "closing" ||
  next?._tag === "Transfer" ||
  interjection?.tools.some(({ name }) => name === "end_call" || name === "transfer_call") === true

/** The kinds of words that want no answer now: fewer while we ask something, none once we have asked. */
const idleKinds = (draft: Draft): ReadonlyArray<Kind> => {
  if (takesLeave(draft)) return ["listening", "agreeing", "parting"]
  if (draft.interjection?.hadWord !== true) return []
  const { heard, rest } = ourWords(draft)
  if (heard.includes("?")) return []
  const end = /[.!?。！？]/.exec(rest)?.[0]
  const isStatement = end === undefined ? rest.trim() === "" : !/[?？]/.test(end)
  return isStatement ? ["listening", "agreeing"] : ["listening"]
}

/** What a text of the callee is, in these circumstances. */
const isIdle = (draft: Draft, text: string): boolean => {
  if (text.trim() === "" || isBackChannel(text, draft.rules.language, idleKinds(draft))) return true
  const ours = openingOf(draft)
  return draft.interjection?.echo === true && repeats(text, ours) !== "no" && (!wentOn(draft) || isPieceOf(text, ours))
}

const openingOf = (draft: Draft): string =>
  [...draft.utterances.values()].flatMap(({ role, text }) => (role === "assistant" ? [text] : [])).join(" ")

/** Whether what the callee's side was heard to say last went on when no echo of our first words can have been heard any more. */
const wentOn = ({ firstWordAt = 0, now, quietSince = now, rules: { limits } }: Draft): boolean =>
  quietSince > firstWordAt + limits.echo + limits.echoTail

/**
 * Whether these words are our own, come back. Then they are no turn, and the model must not take them for one. Of what went on
 * behind an echo, because a noise held both together, all must be ours: somebody may have spoken.
 */
export const isEcho = (draft: Draft, itemId: string, text: string): boolean => {
  if (!draft.suspects.has(itemId)) return false
  draft.suspects = minus(draft.suspects, itemId)
  const ours = openingOf(draft)
  const alike = repeats(text, ours)
  // what may be a "hello" of a person is nobody's when a machine has just been spoken to; later somebody may have picked up
  if (alike === "no" || (alike === "perhaps" && (draft.phase !== "message" || wentOn(draft)))) return false
  if (wentOn(draft) && !isPieceOf(text, ours)) return false
  draft.echoes ||= wentOn(draft)
  draft.textsDue = minus(draft.textsDue, itemId)
  tell(draft, { _tag: "Forget", itemId })
  return true
}

/** Less than three letters are in the words of anybody. */
const fewestLetters = 3

/** Whether the line gives back what we say: then most words into ours are nothing else, and while we speak on none come without them. */
const watchReturns = (draft: Draft, text: string): void => {
  const ours = openingOf(draft)
  const isOurs = wordsOf(text).join("").length >= fewestLetters && isPieceOf(text, ours)
  draft.returned = isOurs ? draft.returned + 1 : 0
  if (draft.interjection?.echo === true && repeats(text, ours) === "no") draft.echoes = false
}

/** The words of a sound have come. `text`: empty if it had none; `undefined` if they cannot be had. */
export const told = (draft: Draft, itemId: string, text: string | undefined): void => {
  const { interjection } = draft
  if (interjection === undefined || !interjection.sounds.has(itemId)) return
  const meaning = text === undefined ? "unknown" : isIdle(draft, text) ? "idle" : "words"
  if (text !== undefined && text !== "") watchReturns(draft, text)
  draft.interjection = { ...interjection, sounds: new Map(interjection.sounds).set(itemId, meaning) }
}

/** What the interjection has turned out to be; `undefined`: that is still open. */
export const meaningOf = (talk: Pick<Talk, "interjection" | "speaking">): "interruption" | "nothing" | undefined => {
  const { interjection, speaking } = talk
  if (interjection === undefined) return undefined
  const meanings = [...interjection.sounds.values()]
  if (meanings.some((meaning) => meaning === "words" || meaning === "unknown")) return "interruption"
  return speaking === undefined && meanings.every((meaning) => meaning === "idle") ? "nothing" : undefined
}

const spokeBefore = "The callee spoke before the call ended. The call goes on."

/** The callee speaks into our goodbye: the hang-up is withdrawn, and the model learns that its `end_call` did not happen. */
const withdrawGoodbye = (draft: Draft): void => {
  draft.phase = "talking"
  draft.next = undefined
  draft.gaveUp = undefined
  stopTimer(draft, "settle")
  withdrawEnd(draft, spokeBefore)
}

/** It was an interruption: what we were saying is dropped, the model forgets what was not heard, and thinks anew. */
export const takeWord = (draft: Draft): void => {
  const since = draft.interjection?.since ?? draft.now
  if (!isSuspended(draft)) silence(draft, since)
  interrupt(draft)
  if (draft.phase === "closing") withdrawGoodbye(draft)
  else {
    if (draft.next?._tag === "Transfer")
      dropNext(draft, "The callee spoke before that. Ask whether they still want it.")
    withdrawEnd(draft, spokeBefore)
  }
  // what was about to be said is reconsidered once the callee has spoken
  draft.wanted = undefined
  draft.oweReply = false
  boundSettling(draft, draft.rules.limits.lastWords)
}

/** It was nothing: we go on from a little before where we stopped. Returns the tools that have waited for that. */
export const resume = (draft: Draft): ReadonlyArray<ToolCall> => {
  const tools = draft.interjection?.tools ?? []
  draft.nods = new Set([...draft.nods, ...(draft.interjection?.sounds.keys() ?? [])])
  draft.interjection = undefined
  stopTimer(draft, "interjection")
  pump(draft)
  flush(draft)
  boundSettling(draft, draft.rules.limits.lastWords)
  return tools
}

/** Whoever would have told us what the sound was is gone, and whoever has called the tools: who speaks, or has spoken for some time, has the word. */
export const wordsLost = (draft: Draft): void => {
  const { interjection, now, rules, speaking } = draft
  if (interjection === undefined) return
  const lasted = (interjection.stoppedAt ?? now) - interjection.since
  if (speaking !== undefined || lasted > rules.limits.shortSpeech) return takeWord(draft)
  for (const { toolCallId } of resume(draft)) answer(draft, toolCallId, { ok: false, reason: interruptedBefore })
}
