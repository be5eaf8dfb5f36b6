/**
 * Voice menus: the model is asked when the prompt is over, not in the middle of it; it is told when it goes round in circles; and
 * keys and time without a person are bounded. Which keys to press is the model's business.
 */

import { hangUp } from "../acts/Endings.ts"
import { ask } from "../acts/Responses.ts"
import { type Draft, setTimer, stopTimer, tell } from "../Draft.ts"
import { noMenu } from "../Waits.ts"
import { loopNote, menuGivenUpNote } from "../Words.ts"
import { release, suspend } from "./Hold.ts"

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])

/** Two prompts are the same when four in five words of the shorter one are in the other: one may have been cut off. */
const alike = 0.8
/** Fewer words tell nothing. */
const fewest = 4

export const isSamePrompt = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => {
  const [small, large] = one.size < other.size ? [one, other] : [other, one]
  if (small.size < fewest) return small.size === large.size && [...small].every((word) => large.has(word))
  return [...small].filter((word) => large.has(word)).length >= alike * small.size
}

/** Keys were asked for, and will be pressed as soon as nothing is being said, or are being pressed now. */
export const isPressing = (draft: Pick<Draft, "next" | "toolsOpen">): boolean =>
  draft.next === undefined ? draft.toolsOpen.size > 0 : draft.next._tag === "PressDigits"

const giveUp = (draft: Draft): void => {
  draft.gaveUp = "menu"
  tell(draft, { _tag: "Note", text: menuGivenUpNote })
  hangUp(draft)
}

/** No person was reached for too long. */
export const tooLong = (draft: Draft): void => {
  if (draft.phase === "talking" && draft.menu.since !== undefined) giveUp(draft)
}

/** The model presses keys. `false`: it has pressed enough, and the call is ended. */
export const mayPress = (draft: Draft): boolean => {
  const { menu } = draft
  if (menu.since !== undefined && menu.presses >= draft.rules.limits.menuPresses) {
    giveUp(draft)
    return false
  }
  draft.menu = { ...menu, presses: menu.presses + 1, warned: false }
  stopTimer(draft, "menu")
  return true
}

/** They were pressed, or could not be: then the menu that is heard again is no circle. */
export const pressed = (draft: Draft, failed: boolean): void => {
  const { menu } = draft
  const prompts = menu.prompts.map((prompt) => ({ ...prompt, presses: menu.presses }))
  draft.menu = failed ? { ...menu, prompts } : { ...menu, pressedAt: draft.now }
}

/** The clock of the menus stands still: we wait in line, or a person is there. */
export const pause = (draft: Draft): void => {
  const { menu } = draft
  stopTimer(draft, "menu")
  stopTimer(draft, "menuTime")
  const spent = menu.since === undefined ? menu.spent : menu.spent + draft.now - menu.since
  draft.menu = { ...menu, speaking: false, since: undefined, spent }
}

/** A person was reached: what menus took until here is forgotten. */
export const reached = (draft: Draft): void => {
  if (draft.menu === noMenu) return
  pause(draft)
  draft.menu = noMenu
}

/** Has the model asked once nobody has spoken for long enough. */
export const awaitEnd = (draft: Draft): void => {
  if (draft.speaking !== undefined) return
  const quiet = draft.now - (draft.quietSince ?? draft.now)
  setTimer(draft, "menu", Math.max(0, draft.rules.limits.menuPause - quiet))
}

/** The prompt is over. */
export const promptOver = (draft: Draft): void => {
  if (draft.phase === "talking" && draft.speaking === undefined && !isPressing(draft)) ask(draft, "reply")
}

/** Keeps count of a prompt; tells the model when it is the same one again. */
const recognise = (draft: Draft, text: string, presses: number): void => {
  const { menu } = draft
  const words = wordsOf(text)
  const known = menu.prompts.find((prompt) => isSamePrompt(prompt.words, words))
  const times = (known?.times ?? 0) + 1
  const inCircles = known !== undefined && (known.presses < presses || times >= draft.rules.limits.menuRepeats)
  const prompts = [...menu.prompts.filter((prompt) => prompt !== known), { words, times, presses }]
  draft.menu = { ...menu, prompts, warned: menu.warned || inCircles }
  if (inCircles && !menu.warned) tell(draft, { _tag: "Note", text: loopNote })
}

/** Nothing was said yet but the opening, which was said to a machine. */
export const isFirst = ({ utterances }: Draft): boolean =>
  [...utterances.values()].filter(({ role, stored, text }) => role === "assistant" && stored && text !== "").length <= 1

/** A menu was heard. Nobody talks to it; whoever is reached behind it has not heard our opening. */
export const prompted = (draft: Draft, itemId: string, text: string): void => {
  const { limits } = draft.rules
  release(draft)
  const { menu } = draft
  if (menu.since === undefined) {
    setTimer(draft, "menuTime", Math.max(0, limits.menuTime - menu.spent))
    if (menu.prompts.length === 0 && isFirst(draft)) draft.openingOwed = true
  }
  draft.menu = { ...menu, speaking: true, since: menu.since ?? draft.now }
  // begun before the keys were pressed: it is the prompt that they have answered
  const answered = isPressing(draft) || (draft.utterances.get(itemId)?.at ?? draft.now) < menu.pressedAt
  recognise(draft, text, answered ? menu.presses - 1 : menu.presses)
  if (answered) return
  suspend(draft)
  awaitEnd(draft)
}
