/**
 * Who answered: takes in what speaks for it, keeps it, and does what a new verdict asks for. The weighing is `Verdict.ts`, the
 * words `hearing/Reading.ts`, what a machine gets `Machine.ts`, what a screening service gets `Screening.ts`.
 */
import { DateTime } from "effect"
import type { Evidence } from "../../../domain/Evidence.ts"
import type { MachineVerdict } from "../../../Telephone.ts"
import type { Fact } from "../../Fact.ts"
import { readGreeting } from "../../hearing/Reading.ts"
import { hangUp } from "../acts/Endings.ts"
import { interrupt } from "../acts/Playing.ts"
import { type Draft, order } from "../Draft.ts"
import type { Talk } from "../Talk.ts"
import {
  backToTalk,
  enterMessage,
  greetingHeard,
  greetingWentOn,
  isAfterBeep,
  leaveMessage,
  mailboxFull,
  retake,
  tonePromised
} from "./Machine.ts"
import { personAfterScreening, screened } from "./Screening.ts"
import { type Clue, fuse } from "./Verdict.ts"

/** A line on which it is not settled after so many clues is not settled by more. */
const mostClues = 40

/** So soon after each other the sentences of one greeting come, in milliseconds. */
const sameWords = 5_000

export const evidenceOf = (talk: Pick<Talk, "clues" | "epoch">): ReadonlyArray<Evidence> =>
  [...talk.clues]
    .sort((a, b) => a.at - b.at)
    .map(({ at, ...clue }) => ({ at: DateTime.unsafeMake(Math.round(talk.epoch + at)), ...clue }))

/** Whether a clue was given before. What tells of a machine counts anew a while later: what confirms it may come only now. */
const isKnown = ({ clues }: Draft, { at, says, source, sure }: Clue): boolean =>
  clues.some(
    (known) =>
      known.source === source &&
      known.says === says &&
      known.sure === sure &&
      (says !== "voicemail" || Math.abs(at - known.at) <= sameWords)
  )

/** Keeps a clue, unless its source has said so already and nothing comes of it. `true`: the verdict is another one now. */
const note = (draft: Draft, clue: Clue): boolean => {
  if (draft.clues.length >= mostClues) return false
  const clues = [...draft.clues, clue]
  const verdict = fuse(clues)
  const changed = verdict !== undefined && verdict !== draft.answeredBy
  if (!changed && isKnown(draft, clue)) return false
  draft.clues = clues
  if (verdict !== undefined) draft.answeredBy = verdict
  order(draft, {
    _tag: "Answerer",
    ...(draft.answeredBy === undefined ? {} : { answeredBy: draft.answeredBy }),
    evidence: evidenceOf(draft)
  })
  return changed
}

/**
 * Who has heard us out and said words of their own converses, whatever they say next and whatever a detector says: once with
 * the turn of `itemId` for who is known for a person, once more for anybody else. A recorded greeting may have several parts
 * too, but it speaks on without listening, and its words are a recording's.
 */
const isEstablished = (draft: Pick<Talk, "answeredBy" | "utterances">, itemId: string): boolean => {
  const said = [...draft.utterances].filter(([, { stored, text }]) => stored && text !== "")
  const ours = said.find(([, { interrupted, role }]) => role === "assistant" && !interrupted)?.[1]
  const theirs = said.filter(([id, { role, text }]) => role === "user" && id !== itemId && isTalk(text))
  if (ours === undefined || theirs.length === 0) return false
  const { at, text } = draft.utterances.get(itemId) ?? { at: 0, text: "" }
  const answers = at > ours.at && (draft.answeredBy === "human" || isTalk(text))
  return answers || (theirs.length >= 2 && theirs.some(([, before]) => before.at > ours.at))
}

/** Not what machines say, too. Who asks for the reason of the call is no screening service yet: a receptionist does so. */
const isTalk = (text: string): boolean => {
  const { demands, speaker } = readGreeting(text)
  return speaker === undefined || speaker === "person" || (speaker === "screening" && !demands)
}

/** Whether a turn may show that somebody converses: in a talk, or before the model took them for a machine, which came first. */
const mayEstablish = ({ answeredBy, clues, phase }: Draft, spokeAt: number): boolean =>
  phase === "talking"
    ? answeredBy !== "screening"
    : phase === "message" && clues.some(({ at, source }) => source === "tool" && at > spokeAt)

/** Does what a changed verdict asks for, as far as the phase of the call still lets it. */
const act = (draft: Draft, clue: Clue): void => {
  const { phase } = draft
  if (draft.hangingUp) return
  switch (draft.answeredBy) {
    case "fax":
      interrupt(draft)
      return hangUp(draft)
    case "voicemail":
      if (phase === "listening" || phase === "talking" || (phase === "closing" && !draft.firm)) enterMessage(draft)
      return
    case "screening":
      return phase === "talking" ? screened(draft, clue) : undefined
    case "human":
    case "unknown":
      if (phase === "message") backToTalk(draft)
  }
}

const weigh = (draft: Draft, clue: Clue): void => {
  if (note(draft, clue)) act(draft, clue)
}

/** A conversation has been noticed, and nothing speaks against it: another look at all that was said would change nothing. */
const converses = (talk: Pick<Talk, "answeredBy" | "clues">): boolean =>
  talk.answeredBy === "human" && talk.clues.some(({ source }) => source === "conversation")

const conversed = (draft: Draft, detail: string): void => {
  if (converses(draft)) return
  weigh(draft, { at: draft.now, source: "conversation", says: "human", sure: true, detail })
}

const details: Record<MachineVerdict, Pick<Clue, "says" | "sure">> = {
  human: { says: "human", sure: true },
  "machine-start": { says: "voicemail", sure: true },
  "machine-end": { says: "voicemail", sure: true },
  // businesses greet at length, too
  "long-greeting": { says: "voicemail", sure: false },
  fax: { says: "fax", sure: true },
  unknown: { says: "unknown", sure: false }
}

/** A verdict of the network's detector. It may come at any time, late and wrong, and is never a reason to fail a call. */
export const detected = (draft: Draft, verdict: MachineVerdict): void => {
  const { phase } = draft
  // a goodbye is not taken back for it, and a message that has begun not either
  if (phase === "closing" || phase === "away" || draft.messageAt !== undefined) return
  if (verdict === "machine-end") draft.machineGreetingOver = true
  const was = phase === "message"
  weigh(draft, { at: draft.now, source: "amd", ...details[verdict], detail: verdict })
  if (draft.phase !== "message") return
  if (verdict === "machine-end") leaveMessage(draft)
  else if (verdict === "long-greeting") greetingHeard(draft, was)
}

/** Speech that began so long before a tone may be the greeting that it ends, in milliseconds; shorter is a name, or a hello. */
const leastGreeting = 2_500

/**
 * Whether a tone from `start` on ends a greeting: behind words of some length, before we were heard out, and where nothing has
 * told of a person. A tone alone may be a fax, or a line that clicks into place; one in a talk may be anything: a till.
 */
const endsGreeting = (draft: Pick<Talk, "answeredBy" | "utterances" | "textsDue">, start: number): boolean => {
  const said = [...draft.utterances]
  const heardOut = said.some(([, { interrupted, role, stored }]) => role === "assistant" && stored && !interrupted)
  return (
    !heardOut &&
    draft.answeredBy !== "human" &&
    said.some(
      ([itemId, { at, role, text }]) =>
        role === "user" && start - at >= leastGreeting && (text !== "" || draft.textsDue.has(itemId))
    )
  )
}

/** A tone such as machines have was heard; its end is a moment ago. */
export const beeped = (draft: Draft, { ms, pitch, since }: Extract<Fact, { readonly _tag: "BeepHeard" }>): void => {
  const end = draft.now - since
  const start = end - ms
  const { phase } = draft
  if (phase !== "listening" && phase !== "talking" && phase !== "message") return
  draft.beepAt = end
  const detail = `${Math.round(pitch)} Hz, ${Math.round(ms)} ms`
  weigh(draft, { at: start, source: "beep", says: "voicemail", sure: endsGreeting(draft, start), detail })
  if (draft.phase !== "message") return
  if (draft.next === undefined) leaveMessage(draft)
  else retake(draft, start)
}

/** Who speaks on for so long behind a tone speaks to us, in milliseconds: tone and voice may make one turn. */
const behindTone = 2_000

/** Nobody has spoken for long. Where a tone was heard last, and nobody has told of a person, it is a machine that listens. */
export const silentBehindTone = (draft: Draft): boolean => {
  const { beepAt, menu, patience, phase, quietSince = 0 } = draft
  const isQuiet = phase === "talking" && patience > 0
  // menus have tones, too
  if (!isQuiet || menu.since !== undefined || beepAt === undefined) return false
  if (!isAfterBeep(draft) || quietSince - beepAt >= behindTone) return false
  weigh(draft, { at: beepAt, source: "beep", says: "voicemail", sure: true, detail: "nobody spoke behind it" })
  return draft.answeredBy === "voicemail"
}

const report = ({ now }: Draft): Clue => ({
  at: now,
  source: "tool",
  says: "voicemail",
  sure: true,
  detail: "report_answering_machine"
})

/** Whether the model is believed when it reports a machine: not on its word alone against somebody who converses. */
export const isBelieved = (draft: Draft): boolean => fuse([...draft.clues, report(draft)]) === "voicemail"

/** The model noticed that it talks to a machine. */
export const reported = (draft: Draft): void => weigh(draft, report(draft))

const says = {
  voicemail: "voicemail",
  full: "voicemail",
  absent: "voicemail",
  screening: "screening",
  recording: "unknown",
  person: "human"
} as const

/** Whether a turn was spoken into our message: from its beginning, or with its end, where a tone and a voice made one turn. */
const spokenInto = (draft: Draft, itemId: string, messageAt: number): boolean => {
  const theirs = [...draft.utterances].filter(([, { position, role }]) => role === "user" && position !== undefined)
  const isLast = theirs.at(-1)?.[0] === itemId && draft.speaking === undefined
  const spokeAt = draft.utterances.get(itemId)?.at ?? draft.now
  return spokeAt >= messageAt || (isLast && (draft.quietSince ?? messageAt) - messageAt >= behindTone)
}

/** What the transcript says about who answered. Its words may come late, so they count for when they were spoken. */
export const heardWords = (draft: Draft, itemId: string, text: string): void => {
  const { messageAt, phase } = draft
  if (text === "" || draft.hangingUp || (phase !== "listening" && phase !== "talking" && phase !== "message")) return
  const spokeAt = draft.utterances.get(itemId)?.at ?? draft.now
  const { demands, speaker, tone, waiting, words } = readGreeting(text)
  // before these words are weighed: no sentence of somebody who converses makes a machine of them
  if (!converses(draft) && mayEstablish(draft, spokeAt) && isEstablished(draft, itemId))
    conversed(draft, "listened and answered")
  if (messageAt !== undefined && spokenInto(draft, itemId, messageAt)) {
    if (isTalk(text)) return conversed(draft, "spoke into the message")
    if (tone) tonePromised(draft, itemId)
    return greetingWentOn(draft)
  }
  if (speaker === "full" && !converses(draft)) mailboxFull(draft)
  if (tone && speaker !== "screening") tonePromised(draft, itemId)
  const detail = words === "" ? text.slice(0, 80) : words
  const clue = { at: spokeAt, source: "transcript" as const, detail }
  const before = draft.answeredBy
  if (speaker !== undefined) weigh(draft, { ...clue, says: says[speaker], sure: speaker !== "absent" })
  if (before !== "screening" || draft.answeredBy !== "screening") {
    if (before === "screening" && draft.answeredBy === "human") personAfterScreening(draft)
    return
  }
  const answered = [...draft.utterances.values()].some(
    (ours) =>
      ours.role === "assistant" && ours.position !== undefined && ours.at < spokeAt && ours.at > (draft.screenedAt ?? 0)
  )
  if (speaker === "screening" && (demands || !answered))
    return screened(draft, { ...clue, says: "screening", sure: true })
  // who speaks after our answer, and neither asks us to wait nor demands it again, is the one we called
  if (waiting || !answered) return
  weigh(draft, { ...clue, says: "human", sure: true })
  personAfterScreening(draft)
}

/** A verdict that came before the media did takes effect with the first stream. */
export const detectedBefore = (draft: Draft): void => {
  if (draft.answeredBy === "voicemail" && draft.phase === "listening") enterMessage(draft)
}
