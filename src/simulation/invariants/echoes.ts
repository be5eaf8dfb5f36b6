/** What an echo of our own first words leaves in the transcript, and takes with it: nobody could tell them apart. */
import { Array as Arr } from "effect"
import type { Run } from "../world/Run.ts"
import { letters } from "./Invariant.ts"

type Turns = NonNullable<Run["call"]>["transcript"]

/** Letters that can come back as an echo, which is a second long at most. */
const echoed = 20

const echoes = ({ scenario: { callee } }: Run): boolean =>
  typeof callee === "object" && "answers" in callee && callee.answers.echo !== undefined

/** The line gives back more than our first second: then what a person says into our words is mixed with any of them. */
export const givesBackAll = ({ scenario: { callee } }: Run): boolean =>
  typeof callee === "object" && "answers" in callee && (callee.answers.echo?.for ?? 0) > 1

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
 * a line without an echo too, where it is the same words as ours. All that these words may be without it: of a saying that began
 * before the line carried it, only the end is there.
 */
export const withoutMixed = (run: Run, words: string): ReadonlyArray<string> => {
  const [leg] = run.legs
  const from = leg?.heard[0]?.at
  if (leg === undefined || from === undefined) return [words]
  const ours = firstWords(run)
  return leg.said
    .filter(({ at, ms }) => at + ms > from && at < from + echoTime)
    .map(({ text }) => letters(text))
    .filter((all) => echoes(run) || ours.includes(all))
    .reduce<ReadonlyArray<string>>(
      (found, all) => {
        const ends = Array.from(all, (_, index) => all.slice(index))
        const without = found.flatMap((one) =>
          ends.filter((end) => one.includes(end)).map((end) => one.replace(end, ""))
        )
        return Arr.dedupe(Arr.appendAll(found, without))
      },
      [words]
    )
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

/**
 * A turn without what came back before something that the callee said into it, in all ways in which that can be: for each of those
 * sayings, in their order, from any of its places back over letters that are ours.
 */
const withoutBetween = ({ legs: [leg] }: Run, whole: string, ours: string): ReadonlyArray<string> => {
  const from = leg?.heard[0]?.at
  if (leg === undefined || from === undefined) return [whole]
  return (
    leg.said
      // a noise may hold them together for long
      .filter(({ at, text }) => letters(text) !== "" && at > from)
      .reduce<ReadonlyArray<string>>(
        (found, { text }) => [
          ...new Set(
            found.flatMap((one) => [
              one,
              ...placesOf(letters(text), one).flatMap((end) =>
                Array.from({ length: Math.min(echoed, end) }, (_, index) => end - index - 1)
                  .filter((start) => isPartOf(one.slice(start, end), ours))
                  .map((start) => one.slice(0, start) + one.slice(end))
              )
            ])
          )
        ],
        [whole]
      )
  )
}

/** A text without letters at its beginning and at its end that are ours: a cough into them leaves some. */
const withoutAround = (text: string, ours: string): ReadonlyArray<string> => {
  const lengths = Array.from({ length: Math.min(echoed, text.length) + 1 }, (_, length) => length)
  const before = lengths.filter((length) => isPartOf(text.slice(0, length), ours))
  const after = lengths.filter((length) => isPartOf(text.slice(text.length - length), ours))
  return before.flatMap((from) => after.map((to) => text.slice(from, text.length - to)))
}

/**
 * The transcript, and what it may be without our own first words, where the line has given them back: too little of them cannot
 * be told from a person's, and where the callee spoke meanwhile, both are one utterance.
 */
export const withoutEcho = (run: Run, turns: Turns): ReadonlyArray<Turns> => {
  if (!echoes(run)) return [turns]
  const ours = firstWords(run)
  const isOurs = ({ role, text }: Turns[number]): boolean => role === "user" && isPartOf(letters(text), ours)
  // a stream that is cut in it, or a gap, makes two turns of it
  const others = [turns, turns.map((turn) => (isOurs(turn) ? { ...turn, text: "" } : turn))]
  return others.flatMap((all) => [
    all,
    ...all.flatMap((turn, index) => {
      if (turn.role !== "user" || turn.text === "") return []
      const rests = withoutBetween(run, letters(turn.text), ours).flatMap((text) => withoutAround(text, ours))
      return [...new Set(rests)].map((text) => all.with(index, { ...turn, text }))
    })
  ])
}
