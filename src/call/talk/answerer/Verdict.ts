/**
 * Who answered, fused from everything that speaks for it (pure). Words count more than detectors, and that somebody listens
 * and answers counts most; what comes later revises what came before, if it counts as much. The order of arrival is of no
 * matter: clues are weighed in the order in which they happened.
 */
import type { EvidenceSource } from "../../../domain/Evidence.ts"
import type { AnsweredBy } from "../../../domain/Outcome.ts"

/** A piece of evidence. `at` is in milliseconds of the talk's clock: when it was said or heard, not when we learnt of it. */
export interface Clue {
  readonly at: number
  readonly source: EvidenceSource
  readonly says: AnsweredBy
  readonly sure: boolean
  readonly detail: string
}

/** What a clue can overthrow, and by what it is overthrown. The model hears the line, but it errs: its word weighs as much as words. */
const weight: Record<EvidenceSource, { readonly attacks: number; readonly holds: number }> = {
  amd: { attacks: 1, holds: 1 },
  beep: { attacks: 2, holds: 2 },
  transcript: { attacks: 3, holds: 3 },
  tool: { attacks: 3, holds: 3 },
  conversation: { attacks: 4, holds: 4 }
}

const order: ReadonlyArray<EvidenceSource> = ["amd", "beep", "transcript", "tool", "conversation"]

const compare = (a: Clue, b: Clue): number =>
  a.at - b.at ||
  order.indexOf(a.source) - order.indexOf(b.source) ||
  Number(a.sure) - Number(b.sure) ||
  (a.says < b.says ? -1 : a.says > b.says ? 1 : 0)

interface Held {
  readonly says: AnsweredBy
  readonly holds: number
}

/** What tells of a machine so soon after something else that does, in milliseconds, is about the same machine. */
const together = 15_000

const tells = (source: EvidenceSource, clues: ReadonlyArray<Clue>, at: number, sure = false): boolean =>
  clues.some(
    (clue) =>
      clue.source === source && clue.says === "voicemail" && (clue.sure || !sure) && Math.abs(at - clue.at) <= together
  )

/** Whether a tone at `at` would prove a machine: behind the words of one, or where the model has noticed one. */
export const wouldProve = (clues: ReadonlyArray<Clue>, at: number): boolean =>
  tells("transcript", clues, at) || tells("tool", clues, at)

/**
 * A conversation may lead to a voicemail. It takes two witnesses to say so: a tone behind the words of a machine, or the model
 * and one of both.
 */
const isProof = ({ at, says, source, sure }: Clue, before: ReadonlyArray<Clue>): boolean => {
  switch (source) {
    case "beep":
      return wouldProve(before, at)
    case "tool":
      return says === "voicemail" && (tells("transcript", before, at, true) || tells("beep", before, at))
    case "transcript":
      return says === "voicemail" && sure && tells("tool", before, at)
    default:
      return false
  }
}

/** The hint of another source that a hint makes up a proof with; it weighs as much as the weightier of the two. */
const confirmed = (clue: Clue, before: ReadonlyArray<Clue>): number => {
  const others = before.filter(({ says, source }) => says === clue.says && source !== clue.source)
  const heaviest = Math.max(...others.map(({ source }) => weight[source].attacks), 0)
  return heaviest === 0 ? 0 : Math.max(heaviest, weight[clue.source].attacks)
}

const attackOf = (clue: Clue, before: ReadonlyArray<Clue>): number => {
  if (isProof(clue, before)) return weight.conversation.attacks
  if (clue.sure) return weight[clue.source].attacks
  return clue.says === "unknown" ? 0 : confirmed(clue, before)
}

/** The verdict on all clues; `undefined` as long as none is worth one. */
export const fuse = (clues: ReadonlyArray<Clue>): AnsweredBy | undefined => {
  const sorted = [...clues].sort(compare)
  let held: Held | undefined
  sorted.forEach((clue, index) => {
    const attack = attackOf(clue, sorted.slice(0, index))
    if (attack === 0 || attack < (held?.holds ?? 0)) return
    held = { says: clue.says, holds: Math.min(attack, weight[clue.source].holds) }
  })
  return held?.says
}
