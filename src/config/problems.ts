/** Turns what a schema found wrong into one line each: the key and what is allowed, never the value. Pure. */
import { ParseResult } from "effect"
import { pathText } from "./environment.ts"

export interface Problem {
  readonly path: string
  readonly line: string
}

/** How many letters must change, so that a misspelt key finds the one that was meant. */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The one of the known names that a misspelt one must have meant. */
export const closest = (key: string, known: ReadonlyArray<string>): string | undefined => {
  const wanted = key
    .slice(0, 60)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
  const ranked = known
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  return best !== undefined && best.far <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** The library names the allowed keys in its own message: `is unexpected, expected: "from" | "to"`. */
const unknownKey = (key: string, message: string): string => {
  const known = [...message.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "")
  const meant = closest(key, known)
  if (meant !== undefined) return `is not a known key. Did you mean ${meant}?`
  return known.length > 0 && known.length <= 6
    ? `is not a known key. Known are ${known.join(", ")}.`
    : "is not a known key"
}

/** Every message of `PhoneConfigSchema` is our own; should the library's come through, its `actual …` must not. */
const withoutValue = (message: string): string =>
  message.startsWith("Expected ") ? `must be ${message.slice(9).replace(/, actual .*/s, "")}` : message

export const problemsOf = (error: ParseResult.ParseError): ReadonlyArray<Problem> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => {
    const path = pathText(issue.path)
    const says =
      issue._tag === "Unexpected"
        ? unknownKey(String(issue.path.at(-1) ?? ""), issue.message)
        : withoutValue(issue.message)
    return { path, line: `${path === "" ? "plugins.phone" : path} ${says}` }
  })
