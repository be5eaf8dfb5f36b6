/** Languages by the names that a model knows them by. */

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })

/** `German` of `de`, `Swiss High German` of `de-CH`; a code that nobody knows is its own name. */
export const languageName = (code: string): string => {
  try {
    return names.of(code) ?? code
  } catch {
    return code
  }
}
