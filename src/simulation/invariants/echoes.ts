/** What an echo of our own first words leaves in the transcript, and takes with it: nobody could tell them apart. */
import type { Run } from "../world/Run.ts"
import { letters } from "./Invariant.ts"

type Turns = NonNullable<Run["call"]>["transcript"]

/** Letters that can come back as an echo, which is a second long at most. */
const echoed = 20

const echoes = ({ scenario: { callee } }: Run): boolean =>
  typeof callee === "object" && "answers" in callee && callee.answers.echo !== undefined

/** From our first sound until its echo has surely ended, in milliseconds. */
const echoTime = 1_900

/** Our own first words, as they can come back. */
const firstWords = ({ legs: [leg] }: Run): string => letters(leg?.heard[0]?.text ?? "").slice(0, echoed)

/** Whether a turn of the callee may be nothing but an echo. */
export const mayBeEcho = (run: Run, text: string): boolean => echoes(run) && firstWords(run).includes(letters(text))

/** Until when whoever was quiet at `to` may be heard on: an echo of our first words that follows within `gap` is one turn with theirs. */
export const withEcho = (run: Run, to: number, gap: number): number => {
  const from = run.legs[0]?.heard[0]?.at
  const isFollowed = echoes(run) && from !== undefined && to > from - gap && to < from + echoTime
  return isFollowed ? from + echoTime : to
}

/**
 * What was said while our first words came back is one utterance with them, and may have been taken for an echo as a whole; on
 * a line without an echo too, where it is the same words as ours.
 */
export const withoutMixed = (run: Run, words: string): string => {
  const [leg] = run.legs
  const from = leg?.heard[0]?.at
  if (leg === undefined || from === undefined) return words
  const ours = firstWords(run)
  return leg.said
    .filter(({ at, ms }) => at + ms > from && at < from + echoTime)
    .reduce((left, { text }) => {
      const all = letters(text)
      if (!echoes(run) && !ours.includes(all)) return left
      const end = Array.from(all, (_, index) => all.slice(index)).find((tail) => left.includes(tail))
      return end === undefined ? left : left.replace(end, "")
    }, words)
}

/** Whether these letters occur in those, in their order. */
const isPartOf = (some: string, all: string): boolean => {
  let at = 0
  for (const letter of some) {
    at = all.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** Where these letters stand in those: a recording says the same again and again. */
const placesOf = (some: string, all: string): ReadonlyArray<number> =>
  Array.from(all, (_, at) => at).filter((at) => all.startsWith(some, at))

/** A turn without what came back between two things that the callee said: it stands right before the second one. */
const withoutBetween = ({ legs: [leg] }: Run, whole: string, ours: string): ReadonlyArray<string> => {
  const from = leg?.heard[0]?.at
  if (leg === undefined || from === undefined) return []
  return leg.said
    .filter(({ at, text }) => letters(text) !== "" && at > from && at < from + echoTime)
    .flatMap(({ text }) => placesOf(letters(text), whole))
    .flatMap((end) =>
      Array.from({ length: Math.max(0, Math.min(echoed, end)) }, (_, index) => end - index - 1)
        .filter((start) => isPartOf(whole.slice(start, end), ours))
        .map((start) => whole.slice(0, start) + whole.slice(end))
    )
}

/**
 * The transcript, and what it may be without our own first words, where the line has given them back: too little of them cannot
 * be told from a person's, and where the callee spoke meanwhile, both are one utterance.
 */
export const withoutEcho = (run: Run, turns: Turns): ReadonlyArray<Turns> => {
  if (!echoes(run)) return [turns]
  const ours = firstWords(run)
  const isOurs = ({ role, text }: Turns[number]): boolean => role === "user" && isPartOf(letters(text), ours)
  return [
    turns,
    // a stream that is cut in it makes two turns of it
    turns.map((turn) => (isOurs(turn) ? { ...turn, text: "" } : turn)),
    ...turns.flatMap((turn, index) => {
      const whole = letters(turn.text)
      const around = (said: string): ReadonlyArray<string> => {
        const lengths = Array.from({ length: Math.min(echoed, said.length) + 1 }, (_, length) => length)
        const before = lengths.filter((length) => ours.includes(said.slice(0, length)))
        const after = lengths.filter((length) => ours.includes(said.slice(said.length - length)))
        return before.flatMap((from) => after.map((to) => said.slice(from, said.length - to)))
      }
      const rests = [
        // a cough into it leaves some of its letters
        ...(isPartOf(whole, ours) ? [""] : []),
        ...[whole, ...withoutBetween(run, whole, ours)].flatMap(around)
      ]
      return turn.role === "user" ? rests.map((text) => turns.with(index, { ...turn, text })) : []
    })
  ]
}
