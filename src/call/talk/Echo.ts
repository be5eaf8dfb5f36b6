/** Whether words that are taken for the callee's are our own, come back over the line before its echo cancellers have learnt. */
import { wordsOf } from "./BackChannels.ts"

/** This share of the words, in their order, must be ours. Less than two words prove nothing. */
const alike = 0.7
const fewest = 2

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

/** Whether `text` repeats what we say. The first and the last word of an echo may be cut off. */
export const repeats = (text: string, ours: string): boolean => {
  const words = wordsOf(text)
  if (words.length < fewest) return false
  return shared(words, wordsOf(ours)) >= Math.max(fewest, Math.ceil(words.length * alike))
}

/** One word, and it is one of ours: it may be an echo, and interrupts nothing. */
export const mayRepeat = (text: string, ours: string): boolean => {
  const [word, ...more] = wordsOf(text)
  return word !== undefined && more.length === 0 && wordsOf(ours).includes(word)
}
