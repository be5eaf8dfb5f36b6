/**
 * Words of the callee that a lost session has heard and nobody has written down, or not heard at all: the audio is kept for some
 * seconds, and the next session hears it first. Here is decided from when on, and what its first words are.
 */

import { holdingItem } from "../acts/Playing.ts"
import { ask } from "../acts/Responses.ts"
import { storeCallee } from "../acts/Turns.ts"
import { isAnswered } from "../answerer/Answer.ts"
import { type Draft, minus, plus, setTimer, stopTimer } from "../Draft.ts"
import type { Talk, Utterance } from "../Talk.ts"

/** Speech is noticed some time after it has begun, and an utterance before it has ended by then. */
const before = 500
/** The same for what was not noticed at all. */
const unnoticed = 300

/** Of an answer that breaks off so early nobody can tell that it was one. The phrase for gaps is none. */
const isNoAnswer = ({ playout, rules }: Talk, itemId: string, { complete }: Utterance): boolean =>
  itemId.startsWith(holdingItem) ||
  (!complete && (playout.items.get(itemId)?.received ?? 0) < rules.limits.openingHeard)

/** What was prepared before anybody spoke answers no words: the opening ends with the callee's first turn that it did not meet. */
const openingEnds = ({ greeted, utterances }: Talk): number =>
  Math.min(
    ...[...utterances].flatMap(([itemId, { position, role }]) =>
      role === "user" && position !== undefined && !greeted.has(itemId) ? [position] : []
    )
  )

/** Too late to be understood: we have answered, or words of the callee behind it are known, and would be heard twice. */
const isPast = (talk: Talk, { position }: Utterance): boolean => {
  if (position === undefined) return true
  const unanswered = Math.max(position, openingEnds(talk))
  return [...talk.utterances].some(([itemId, other]) => {
    const { position: place = -1, role, stored, text } = other
    return role === "user"
      ? place > position && stored && text !== ""
      : place > unanswered && !isNoAnswer(talk, itemId, other)
  })
}

/** From when on the callee's audio is kept. */
const reachOf = ({ now, rules }: Draft): number => now - rules.limits.heardAgain

/** Utterances still to be understood: being said, or taken and not written down. */
const notUnderstood = (talk: Draft): ReadonlyArray<readonly [string, Utterance]> => {
  const oldest = reachOf(talk)
  return [...talk.utterances].filter(
    ([itemId, said]) =>
      (itemId === talk.speaking || (talk.textsDue.has(itemId) && said.at >= oldest)) && !isPast(talk, said)
  )
}

/** A session is lost: what the next one is to hear again. `true`: words are among it that will be answered then. */
export const keepUnheard = (draft: Draft): boolean => {
  const again = notUnderstood(draft)
  draft.rehearing = again.map(([itemId]) => itemId)
  const from = Math.min(draft.modelHeardAt - unnoticed, ...again.map(([, said]) => said.at - before))
  draft.unheardFrom = Math.max(reachOf(draft), from)
  return again.some(([itemId]) => !isAnswered(draft, itemId))
}

/** The same utterance under another id. */
const renamed = (items: ReadonlySet<string>, from: string, to: string): ReadonlySet<string> =>
  items.has(from) ? plus(minus(items, from), to) : items

/** The new session has heard what was kept: its words must show now. */
export const expectRehearing = (draft: Draft): void => {
  if (draft.rehearing.length > 0) setTimer(draft, "rehearing", draft.rules.limits.rehearing)
}

/**
 * The callee speaks, by the ears of the new session. `true`: these are the words that began before, in their old place, and
 * interrupt nobody now.
 */
export const rehear = (draft: Draft, itemId: string): boolean => {
  const [first, ...rest] = draft.rehearing
  const known = first === undefined ? undefined : draft.utterances.get(first)
  if (first === undefined || known === undefined) return false
  draft.rehearing = rest
  if (rest.length === 0) stopTimer(draft, "rehearing")
  draft.utterances = draft.utterances.without(first).with(itemId, { ...known, text: "" })
  draft.textsDue = minus(draft.textsDue, first)
  draft.lostItems = minus(draft.lostItems, first)
  draft.greeted = renamed(draft.greeted, first, itemId)
  draft.suspects = renamed(draft.suspects, first, itemId)
  draft.speaking = itemId
  return true
}

/** Nothing of them was heard: nobody has understood this, and the model will have to ask. */
export const notReheard = (draft: Draft): void => {
  const missed = draft.rehearing
  draft.rehearing = []
  for (const itemId of missed) storeCallee(draft, itemId, "", true)
  const owesAnswer = missed.some((itemId) => !isAnswered(draft, itemId))
  if (owesAnswer && draft.phase === "talking" && draft.speaking === undefined) ask(draft, "reply")
}
