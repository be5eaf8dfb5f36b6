/** How wide text is on a terminal, and how it is cut, padded and wrapped to fit. Colour codes take no room. Pure. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ansi = /\u001b\[[0-9;]*m/g
export const withoutColour = (text: string): string => text.replace(ansi, "")

const ascii = /^[ -~]*$/

/** Made when it is needed: that takes 10 ms, and most texts are ASCII. */
let graphemes: Intl.Segmenter | undefined

/** Unicode's East Asian Wide and Fullwidth, as far as people write it, and what is drawn as an emoji. */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u
const nothing = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const widthOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : nothing.test(grapheme) ? 0 : 1)

const split = (text: string): ReadonlyArray<string> => {
  if (ascii.test(text)) return [...text]
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" })
  return [...graphemes.segment(text)].map(({ segment }) => segment)
}

/** Columns that a line takes. */
export const width = (text: string): number => {
  const shown = withoutColour(text)
  return ascii.test(shown) ? shown.length : split(shown).reduce((sum, part) => sum + widthOf(part), 0)
}

/** As many of the parts as fit into `room`. */
const take = (parts: ReadonlyArray<string>, room: number): ReadonlyArray<string> => {
  let used = 0
  const end = parts.findIndex((part) => {
    used += widthOf(part)
    return used > room
  })
  return end === -1 ? parts : parts.slice(0, end)
}

/** The beginning of an uncoloured text, in at most `room` columns. */
export const clip = (text: string, room: number): string => {
  if (width(text) <= room) return text
  return room < 1 ? "" : `${take(split(text), room - 1).join("")}…`
}

/** The end of an uncoloured text, in at most `room` columns. */
export const clipStart = (text: string, room: number): string => {
  if (width(text) <= room) return text
  return room < 1
    ? ""
    : `…${take(split(text).toReversed(), room - 1)
        .toReversed()
        .join("")}`
}

/** Filled with spaces to `room` columns. */
export const pad = (text: string, room: number): string => text + " ".repeat(Math.max(0, room - width(text)))

/** Parts of a word that may stand on different lines; colour codes stay whole. */
const pieces = (word: string): ReadonlyArray<string> => {
  const codes = word.match(ansi) ?? []
  return word.split(ansi).flatMap((text, index) => [...split(text), ...codes.slice(index, index + 1)])
}

/**
 * The lines of a text in at most `columns` each, broken at spaces where there are any; all but the first begin with
 * `indent` spaces (fewer where there is no room for that). Only a character wider than `columns` sticks out.
 */
export const wrap = (text: string, columns: number, indent = 0): ReadonlyArray<string> => {
  if (width(text) <= columns) return [text]
  const hanging = " ".repeat(columns >= indent + 20 ? indent : Math.min(indent, 2, Math.max(0, columns - 10)))
  const lines: Array<string> = []
  let line = ""
  let begun = false
  const turn = () => {
    lines.push(line.trimEnd())
    line = hanging
    begun = false
  }
  const put = (part: string) => {
    line += part
    begun = true
  }
  for (const [, gap = "", word = ""] of text.matchAll(/( *)([^ ]+)/g)) {
    const lead = lines.length === 0 || begun ? gap : ""
    if (width(line) + width(lead) + width(word) <= columns) {
      put(lead + word)
    } else if (begun && hanging.length + width(word) <= columns) {
      turn()
      put(word)
    } else {
      // too long for any line: broken where the line is full
      if (width(line) + width(lead) < columns) line += lead
      for (const piece of pieces(word)) {
        if (width(line) + width(piece) > columns && line.trim() !== "") turn()
        put(piece)
      }
    }
  }
  return [...lines, line.trimEnd()]
}

/** Each of them wrapped. */
export const wrapAll = (lines: ReadonlyArray<string>, columns: number, indent: number): ReadonlyArray<string> =>
  lines.flatMap((line) => wrap(line, columns, indent))
