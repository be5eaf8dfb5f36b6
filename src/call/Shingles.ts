/** Whether one text repeats another word for word: by runs of words, so that neither punctuation nor case hides it. */

/** So many words in a row nobody says by accident. */
const run = 8

const wordsOf = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

const runsOf = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(run - 1).map((_, index) => words.slice(index, index + run).join(" "))

/** The runs of each line of a text. */
export const shinglesOf = (text: string): ReadonlySet<string> =>
  new Set(text.split("\n").flatMap((line) => runsOf(wordsOf(line))))

/** Whether the end of `text` holds one of these runs. */
export const repeats = (text: string, shingles: ReadonlySet<string>): boolean =>
  runsOf(wordsOf(text.slice(-400))).some((words) => shingles.has(words))
