/** How a search is read: which words, compared in which form. The matching itself is SQL in `SqlTranscripts`. */

/** More words than these narrow nothing for a person, and bound the statement for everybody. */
const maxWords = 32

/**
 * The form in which texts are compared: composed and upper-cased, so that case does not matter in any alphabet
 * (SQLite's own comparison knows only ASCII) and "straße" is found by "STRASSE".
 */
export const fold = (text: string): string => text.normalize("NFKC").toUpperCase()

/** The different words of a search, folded; of more than 32 the first 32 count. */
export const searchWords = (search: string | undefined): ReadonlyArray<string> =>
  [...new Set(fold(search ?? "").split(/\s+/u))].filter((word) => word !== "").slice(0, maxWords)
