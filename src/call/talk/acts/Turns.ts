/** The transcript as it grows: who began to speak when, what was said, and how much of it was heard. */
import { DateTime } from "effect"
import type { PlacedTurn, Turn } from "../../../domain/Turn.ts"
import type { Cut } from "../../Playout.ts"
import { type Draft, minus, order, plus } from "../Draft.ts"
import type { Talk, Utterance } from "../Talk.ts"

const timestamp = (talk: Pick<Talk, "epoch">, at: number): DateTime.Utc =>
  DateTime.unsafeMake(Math.round(talk.epoch + at))

const change = (draft: Draft, itemId: string, next: Utterance): void => {
  draft.utterances = draft.utterances.with(itemId, next)
}

const unspoken = (role: Utterance["role"]): Utterance => ({
  position: undefined,
  role,
  at: 0,
  text: "",
  complete: false,
  stored: false,
  interrupted: false
})

/** So many places stay free before a turn of ours, for what the callee has said before it and nobody has told us yet. */
const room = 4

type Place = Pick<Utterance, "at"> & { readonly position: number }

const placesOf = ({ utterances }: Talk): ReadonlyArray<Place> =>
  [...utterances.values()].flatMap(({ at, position }) => (position === undefined ? [] : [{ at, position }]))

/** The place for what is told of late: in the room before what began later, or behind everything, where that is full. */
const placeOf = (draft: Draft, at: number): Place => {
  const places = placesOf(draft)
  const next = Math.min(...places.flatMap((one) => (one.at > at ? [one.position] : [])))
  if (!Number.isFinite(next)) return { position: draft.nextPosition, at }
  const taken = places.flatMap(({ position }) => (position < next ? [position + 1] : []))
  const first = Math.max(0, next - room, ...taken)
  return first < next ? { position: first, at } : { position: draft.nextPosition, at: draft.now }
}

/** The place for what begins now. */
const nextPlace = (draft: Draft, role: Utterance["role"]): Place => ({
  position: draft.nextPosition + (role === "assistant" ? room : 0),
  at: draft.now
})

/**
 * Gives an utterance its place. Places follow the order in which people began to speak: now, or at a moment that is told of
 * late.
 */
export const beginTurn = (draft: Draft, itemId: string, role: Utterance["role"], at = draft.now): Utterance => {
  const known = draft.utterances.get(itemId) ?? unspoken(role)
  if (known.position !== undefined) return known
  const begun = { ...known, ...(at < draft.now ? placeOf(draft, at) : nextPlace(draft, role)) }
  draft.nextPosition = Math.max(draft.nextPosition, begun.position + 1)
  change(draft, itemId, begun)
  return begun
}

const seconds = (ms: number): number => Math.round(ms) / 1000

const turnOf = (talk: Talk, itemId: string, utterance: Utterance, generated?: string): Turn => {
  const heard = utterance.role === "assistant" ? talk.playout.items.get(itemId)?.heard : undefined
  return {
    timestamp: timestamp(talk, utterance.at),
    role: utterance.role,
    text: utterance.text,
    ...(heard === undefined ? {} : { heard: seconds(heard) }),
    ...(utterance.latency === undefined ? {} : { latency: seconds(utterance.latency) }),
    ...(utterance.interrupted ? { interrupted: true } : {}),
    ...(generated === undefined || generated === utterance.text ? {} : { generated })
  }
}

const store = (draft: Draft, itemId: string, utterance: Utterance, generated?: string): void => {
  const { position } = utterance
  if (position === undefined) return
  change(draft, itemId, { ...utterance, complete: true, stored: true })
  const audio = draft.playout.items.get(itemId)
  if (utterance.role === "assistant" && !utterance.interrupted && audio !== undefined) {
    const { letters, ms } = draft.saidWhole
    draft.saidWhole = { letters: letters + utterance.text.length, ms: ms + audio.received }
  }
  // prepared, but not a word of it was heard: no turn
  if (utterance.text === "") return
  order(draft, { _tag: "PutTurn", turn: { position, turn: turnOf(draft, itemId, utterance, generated) } })
}

/** More text of an utterance. The model's text runs ahead of its audio: `storeHeard` shows it as it is heard. */
export const growText = (draft: Draft, itemId: string, role: Utterance["role"], text: string): void => {
  const known = draft.utterances.get(itemId) ?? unspoken(role)
  if (known.stored) return
  const grown = { ...known, text: known.text + text }
  change(draft, itemId, grown)
  const { position } = grown
  if (role === "user" && position !== undefined) order(draft, { _tag: "Partial", position, role, text: grown.text })
}

/** All that the model generated for an item is known. */
export const completeText = (draft: Draft, itemId: string, text: string): void => {
  const known = draft.utterances.get(itemId) ?? unspoken("assistant")
  if (known.stored) return
  change(draft, itemId, { ...known, text: text === "" ? known.text : text, complete: true })
  storeHeard(draft)
}

/** Shows watchers the words of an assistant turn that have been heard, when there are more of them. */
const showHeard = (draft: Draft, itemId: string, utterance: Utterance, text: string): void => {
  const { position, role, shown = 0 } = utterance
  if (position === undefined || text.length <= shown) return
  change(draft, itemId, { ...utterance, shown: text.length })
  order(draft, { _tag: "Partial", position, role, text })
}

/** Writes every assistant turn that is complete and has been heard to its end, and shows of the others what has been heard. */
export const storeHeard = (draft: Draft): void => {
  for (const [itemId, utterance] of draft.utterances.saying) {
    const audio = draft.playout.items.get(itemId)
    if (audio === undefined) continue
    if (utterance.complete && audio.heard >= audio.received) store(draft, itemId, utterance)
    else showHeard(draft, itemId, utterance, cutText(utterance.text, shareHeard(draft, utterance, audio)))
  }
}

/** `text` cut to the share that was heard, at the end of a word. */
export const cutText = (text: string, share: number): string => {
  if (share >= 1) return text
  const at = Math.floor(text.length * Math.max(share, 0))
  const heard = text.slice(0, at)
  return (/[\s\p{P}]/u.test(text[at] ?? "") ? heard : heard.replace(/\S+$/, "")).trimEnd()
}

/** Letters per millisecond: of what this voice has said so far, or a lively pace as long as it has said nothing. */
const paceOf = ({ letters, ms }: Talk["saidWhole"]): number => (ms === 0 ? 0.015 : letters / ms)

/** The share of the text that was heard. Text still coming runs ahead of its audio: then no more than the voice could say. */
const shareHeard = (
  { saidWhole }: Pick<Talk, "saidWhole">,
  { complete, text }: Utterance,
  { heard, received }: Pick<Cut, "heard" | "received">
): number => {
  if (received === 0 || text === "") return 0
  const share = heard / received
  return complete ? share : Math.min(share, (heard * paceOf(saidWhole)) / text.length)
}

/** The words of an item that have been heard. */
export const textHeard = (talk: Talk, itemId: string): string => {
  const utterance = talk.utterances.get(itemId)
  const audio = talk.playout.items.get(itemId)
  return utterance === undefined || audio === undefined
    ? ""
    : cutText(utterance.text, shareHeard(talk, utterance, audio))
}

/** A turn of ours that is still being said, as it would be if it ended here. `undefined`: no word of it was heard. */
export const turnSoFar = (talk: Talk, itemId: string): PlacedTurn | undefined => {
  const utterance = talk.utterances.get(itemId)
  const text = textHeard(talk, itemId)
  if (utterance?.position === undefined || text === "") return undefined
  return {
    position: utterance.position,
    turn: turnOf(talk, itemId, { ...utterance, text, interrupted: true }, utterance.text)
  }
}

/** An assistant turn ended early: it keeps what was heard, and says what had been prepared. */
export const storeCut = (draft: Draft, cut: Cut): void => {
  const known = draft.utterances.get(cut.itemId)
  if (known === undefined || known.stored) return
  const whole = known.complete && cut.heard >= cut.received
  if (whole) return store(draft, cut.itemId, known)
  const text = cutText(known.text, shareHeard(draft, known, cut))
  store(draft, cut.itemId, { ...known, text, interrupted: true }, known.text)
}

/** No more comes of this item: it is as long as the audio that has come, and may still be playing. */
export const breakOff = (draft: Draft, itemId: string): void => {
  const known = draft.utterances.get(itemId)
  if (known === undefined || known.complete) return
  const received = draft.playout.items.get(itemId)?.received ?? 0
  const text = cutText(known.text, shareHeard(draft, known, { heard: received, received }))
  change(draft, itemId, { ...known, text, complete: true, interrupted: true })
  storeHeard(draft)
}

/**
 * The callee's words have come, early or late. Noise has none and leaves no turn. What could not be written down to its end
 * keeps the words that were.
 */
export const storeCallee = (draft: Draft, itemId: string, text: string, failed: boolean): void => {
  draft.textsDue = minus(draft.textsDue, itemId)
  const partly = draft.utterances.get(itemId)?.text.trim() ?? ""
  const said = failed ? `${partly} [inaudible]`.trim() : text.trim()
  if (said === "") return takeBack(draft, itemId)
  const known = beginTurn(draft, itemId, "user")
  if (!known.stored) store(draft, itemId, { ...known, text: said })
}

/** Said by the network in our stead: what of it was heard, nobody can know. */
export const storeAnnounced = (draft: Draft, text: string): void => {
  const itemId = `announced#${draft.nextPosition}`
  store(draft, itemId, { ...beginTurn(draft, itemId, "assistant"), text })
}

/** There are no words after all: watchers who were shown some are told so. */
const takeBack = (draft: Draft, itemId: string): void => {
  const known = draft.utterances.get(itemId)
  if (known === undefined || known.stored || known.text === "") return
  change(draft, itemId, { ...known, text: "", complete: true, stored: true })
  if (known.position !== undefined) order(draft, { _tag: "Partial", position: known.position, role: "user", text: "" })
}

/** The callee's utterance has been taken; its words are still to come. */
export const expectCallee = (draft: Draft, itemId: string): void => {
  const known = beginTurn(draft, itemId, "user")
  if (!known.stored) draft.textsDue = plus(draft.textsDue, itemId)
}

/** The turns so far in conversation order, without empty ones. What is still being said is not among them. */
export const turnsOf = (talk: Talk): ReadonlyArray<Turn> =>
  [...talk.utterances]
    .filter(([, utterance]) => utterance.stored && utterance.text !== "")
    .sort(([, a], [, b]) => (a.position ?? 0) - (b.position ?? 0))
    .map(([itemId, utterance]) => turnOf(talk, itemId, utterance))
