/**
 * Whether a quote is really in what the callee said (pure). The voice model hears sound and the transcript is another model's
 * writing, so words may differ a little; numbers, dates and negations may not: "Tuesday works" is not in "Tuesday does not work".
 */
import type { Turn } from "./Turn.ts"

/** Languages whose names of days and months are known. Others are compared as words. */
const languages = ["en", "de", "fr", "es", "it", "nl", "pt"]

/** What changes a meaning by itself, beside numbers: days, months, times of day. */
const dates: ReadonlySet<string> = new Set([
  ...languages.flatMap((language) => {
    const named = (part: "weekday" | "month", count: number, step: number) =>
      Array.from({ length: count }, (_, index) =>
        new Intl.DateTimeFormat(language, { [part]: "long", timeZone: "UTC" })
          .format(new Date(Date.UTC(2024, 0, 1) + index * step * 86_400_000))
          .toLowerCase()
          .replace(/[^\p{L}].*$/u, "")
      )
    return [...named("weekday", 7, 1), ...named("month", 12, 31)]
  }),
  ..."today tomorrow tonight yesterday morning noon afternoon evening midnight am pm half quarter".split(" "),
  ..."heute gestern vormittag mittag nachmittag abend mitternacht halb viertel demain mañana domani".split(" ")
])

/** Whole words. French "ne" is left out: "pas" carries the meaning, and spoken French drops the other. */
const negations: ReadonlySet<string> = new Set([
  ..."not no nope never none nobody nothing neither nor nowhere without".split(" "),
  ..."nein nicht nichts nie niemals niemand kein keine keinen keinem keiner keines ohne".split(" "),
  ..."non pas jamais rien aucun aucune sans nunca nada ninguno ninguna sin nessuno niente senza".split(" "),
  ..."niet niets nee nooit geen zonder não nem".split(" ")
])

/** Said without denying anything. */
const harmless = /\b(no|not a) (problem|worries|trouble)\b|\bwhy not\b/g

const small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(" ")
const numbers: ReadonlyMap<string, number> = new Map([
  ...[...small, "sixteen", "seventeen", "eighteen", "nineteen"].map((word, value) => [word, value] as const),
  ..."twenty thirty forty fifty sixty seventy eighty ninety"
    .split(" ")
    .map((word, index) => [word, 20 + 10 * index] as const),
  ..."first third fourth fifth sixth seventh eighth ninth tenth"
    .split(" ")
    .map((word, index) => [word, index === 0 ? 1 : index + 2] as const)
])

const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[’`]/g, "'")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/\b([ap])\.\s?m\b\.?/g, "$1m")
    .replace(/\bcan'?t\b|\bcannot\b/g, "can not")
    .replace(/\bwon't\b/g, "will not")
    .replace(/n't\b/g, " not")
    .replace(/(\d)(st|nd|rd|th)\b/g, "$1")
    .replace(/(\d)[:.]00\b/g, "$1")

/** Parts of a sentence that stand for themselves: what is denied in one is not denied in the next. */
const clausesOf = (text: string): ReadonlyArray<string> =>
  plain(text)
    .replace(harmless, " ")
    .split(/[.,;:!?…]+(?=\s|$)|[–—]|\s(?=(?:but|aber|mais|pero|ma|maar|mas)\s)/u)
    .filter((clause) => /[\p{L}\p{N}]/u.test(clause))

/** Words; numbers in figures, those in a row as one: "555-0123" and "five five five oh one" differ, "twenty five" is 25. */
const tokensOf = (clause: string): ReadonlyArray<string> => {
  const tokens: Array<string> = []
  let row: Array<string> = []
  const close = () => {
    if (row.length > 0) tokens.push(row.join(""))
    row = []
  }
  for (const word of clause.match(/\p{N}+|\p{L}+/gu) ?? []) {
    const value = numbers.get(word)
    const last = row.at(-1)
    if (value === undefined && !/\p{N}/u.test(word)) {
      close()
      tokens.push(word)
    } else if (value !== undefined && value > 0 && value < 10 && /^[2-9]0$/.test(last ?? "")) {
      row[row.length - 1] = String(Number(last) + value)
    } else row.push(value === undefined ? word : String(value))
  }
  close()
  return tokens
}

const isFact = (token: string): boolean => dates.has(token) || /\p{N}/u.test(token)
const denials = (tokens: ReadonlyArray<string>): number => tokens.filter((token) => negations.has(token)).length

/** The length of the longest row of words that both have in the same order, others between them or not. */
const common = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  let row: ReadonlyArray<number> = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    b.forEach((other, index) => {
      next.push(word === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0))
    })
    row = next
  }
  return row.at(-1) ?? 0
}

/** Whether `all` has `some` in a row, with nothing between. */
const holds = (all: ReadonlyArray<string>, some: ReadonlyArray<string>): boolean =>
  some.length === 0 || all.some((_, from) => some.every((token, index) => all[from + index] === token))

/** More of a quote, or of what somebody said at a stretch, is not looked at. */
const longest = 4_000
/** How many parts of a sentence more than the quote has may lie between its words. */
const spread = 2
/** Of the quote's words so many must be there. */
const enough = 0.6

/**
 * How much of the quote's words is in `said`, 0 to 1; 0 also when that is less than three in five, or when numbers, dates or
 * the count of negations differ. Words count in their order, numbers and dates also in a row.
 */
export const shareOf = (quote: string, said: string): number => {
  const parts = clausesOf(quote.slice(0, longest))
  const wanted = parts.flatMap(tokensOf)
  if (wanted.length === 0) return 0
  const facts = wanted.filter(isFact)
  const clauses = clausesOf(said.slice(0, longest)).map(tokensOf)
  let best = 0
  for (let from = 0; from < clauses.length; from++) {
    for (let to = from + 1; to <= Math.min(clauses.length, from + parts.length + spread); to++) {
      const there = clauses.slice(from, to).flat()
      if (denials(there) !== denials(wanted) || !holds(there.filter(isFact), facts)) continue
      best = Math.max(best, common(wanted, there) / wanted.length)
    }
  }
  return best >= enough ? best : 0
}

/** The index of the callee's turn that holds most of a quote; `undefined` when none bears it. */
export const turnOf = (quote: string, turns: ReadonlyArray<Turn>): number | undefined => {
  let best: { readonly index: number; readonly share: number } | undefined
  for (const [index, turn] of turns.entries()) {
    if (turn.role !== "user") continue
    const share = shareOf(quote, turn.text)
    if (share > (best?.share ?? 0)) best = { index, share }
  }
  return best?.index
}
