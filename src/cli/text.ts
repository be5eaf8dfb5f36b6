/** How single things are written for people: words, times, money, colour. Pure. */
import { DateTime } from "effect"

/** Colours that are not there when nobody asked for them. */
export type Paint = (code: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 }

export const paint =
  (colour: boolean): Paint =>
  (code, text) =>
    colour && text !== "" ? `\u001b[${codes[code]}m${text}\u001b[0m` : text

/**
 * One line that cannot steer the terminal: what a callee says or a model writes is text, never control characters, nor marks
 * that turn the direction of what follows.
 */
export const plain = (text: string): string =>
  text
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, " ")
    .trim()

/** As `plain`, but columns stay where they are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
export const tame = (line: string): string => line.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ")

/** Whole seconds as `7 s`, `5 min 42 s`, `1 h 3 min`. */
export const durationText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Seconds that matter to a tenth. */
export const secondsText = (seconds: number): string => `${seconds.toFixed(1)} s`

/** US dollars; a call costs cents, so small sums keep four digits. */
export const moneyText = (dollars: number): string => `$${dollars.toFixed(dollars < 0.01 && dollars > 0 ? 4 : 2)}`

/** `10:30:04` in a time zone. */
export const clockText = (at: DateTime.Utc, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium" }).format(DateTime.toDate(at))

/** `2024-01-15 10:30` in a time zone. */
export const dateText = (at: DateTime.Utc, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(DateTime.toDate(at))
