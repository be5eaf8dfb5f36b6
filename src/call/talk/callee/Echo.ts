/** Whether words that are taken for the callee's are our own, come back over the line before its echo cancellers have learnt. */
import { wordsOf } from "./BackChannels.ts"

/** This share of the words, in their order, must be ours. Less than so many words prove nothing, less than so many letters neither. */
const alike = 0.7
const fewestWords = 3
const fewestLetters = 8

/** How many of these words occur in ours, in their order. */
const shared = (words: ReadonlyArray<string>, ours: ReadonlyArray<string>): number => {
  let before: ReadonlyArray<number> = new Array<number>(ours.length + 1).fill(0)
  for (const word of words) {
    const next = [0]
    ours.forEach((our, at) => {
      next.push(our === word ? (before[at] ?? 0) + 1 : Math.max(before[at + 1] ?? 0, next[at] ?? 0))
    })
    before = next
  }
  return before.at(-1) ?? 0
}

/** Whether these words are a piece of ours, to the letter. The first and the last one may be cut off. */
export const isPieceOf = (text: string, ours: string): boolean =>
  wordsOf(ours).join("").includes(wordsOf(text).join(""))

/**
 * Whether `text` repeats what we say. `perhaps`: too little to tell, as a "hello" is that we say too. The first and the last word
 * of an echo may be cut off; nobody says a part of a word by himself.
 */
export const repeats = (text: string, ours: string): "yes" | "perhaps" | "no" => {
  const words = wordsOf(text)
  const our = wordsOf(ours)
  const letters = words.join("")
  if (letters !== "" && isPieceOf(text, ours)) {
    const isShort = letters.length < fewestLetters && words.every((word) => our.includes(word))
    return isShort ? "perhaps" : "yes"
  }
  return words.length >= fewestWords && shared(words, our) >= Math.ceil(words.length * alike) ? "yes" : "no"
}
