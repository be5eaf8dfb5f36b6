/** How the offline agent understands simple English: what it was told to do, and what kind of thing a callee said. */

/** The task and the principal, out of the service's instructions. */
export interface Errand {
  readonly task: string
  readonly onBehalfOf: string | undefined
}

const spokenLimit = 200

/** The first sentences of a text, as many as can be said in one breath, ended by a full stop. */
export const asSentence = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  const cut = line.length <= spokenLimit ? line : line.slice(0, spokenLimit).replace(/\s+\S*$/, "")
  return cut === "" || /[.!?]$/.test(cut) ? cut : `${cut}.`
}

/** Of a section the text that was given with the request: quoted line by line, or all of it. */
const givenIn = (section: string): string => {
  const lines = section.match(/^>.*$/gm)
  return lines === null ? section.replace(/^#.*$/gm, "") : lines.map((line) => line.replace(/^> ?/, "")).join("\n")
}

export const errandOf = (instructions: string): Errand => ({
  task: asSentence(givenIn(/^# Task[ \t]*\n([\s\S]*?)(?=^# |$(?![\s\S]))/m.exec(instructions)?.[1] ?? "")),
  onBehalfOf: /You call on behalf of (.+?)\.?[ \t]*$/m.exec(instructions)?.[1]
})

/** The text in double quotes, straight or curly. */
export const quoted = (text: string): string | undefined => /["“]([^"”]+)["”]/.exec(text)?.[1]

/** Sentences of the task and the context that tell a thing. */
export const toldOf = (instructions: string, thing: string): string | undefined => {
  const told = /^# Task[ \t]*\n([\s\S]*?)(?=^# Rules)/m.exec(instructions)?.[1] ?? ""
  return sentencesOf(givenIn(told)).find((sentence) => sentence.toLowerCase().includes(thing))
}

/** What callees ask for before they agree. */
const things =
  /\b(date of birth|birthday|customer number|reference number|insurance number|phone number|e-?mail address|last name)\b[^.!]*\?/i

/** The thing that a callee asks for, if they ask for one. */
export const thingAsked = (words: string): string | undefined => things.exec(words)?.[1]?.toLowerCase()

/** What a callee may mean, most telling first. */
const kinds = [
  ["opt-out", /\b(do not|don't|never|stop) call|\btake me off|\bremove (me|my number)|\bopt out/i],
  ["menu", /\bpress (\d|zero|one|two|three|four|five|six|seven|eight|nine|star|pound)\b/i],
  [
    "machine",
    /\bleave (a|your|us a) (short )?message|\bafter the (tone|beep|signal)|\b(voicemail|mailbox|answering machine)\b/i
  ],
  [
    "screening",
    /\b(state|say|record) your name|\breason (for|of) your call|\bwhy (are you|you're) calling|\bwho(?:'s| is) (?:this|calling|speaking)/i
  ],
  [
    "hold",
    /\b(please hold|hold on|on hold|hold the line|hold, please|one moment|just a (moment|second|minute)|bear with me)\b/i
  ],
  [
    "transfer",
    /\btransfer\b|\b(speak|talk) (to|with) (a|an|some|your|the) ?(real |other )?(human|person|body|one|manager|colleague|boss)|\bsomebody else\b/i
  ],
  ["agreed", /\b(yes|yeah|yep|works|confirmed|confirm|see you|booked|sure|agreed|perfect|deal|done)\b/i],
  ["bye", /\b(good ?bye|bye|have a (nice|good) (day|evening))\b/i]
] as const satisfies ReadonlyArray<readonly [string, RegExp]>

export type Kind = (typeof kinds)[number][0] | "other"

/** These take an agreement back, or were none to begin with. */
const noAgreement = /\b(no|not|cannot|unfortunately|sorry|speaking|hello)\b|n't\b|\?\s*$/i

/** The one who went away is here again. */
const isBack = /\?\s*$|\bfor (holding|waiting)\b|\bback\b/i

/** Sentences, also where the space between two is missing. */
const sentencesOf = (text: string): ReadonlyArray<string> => text.match(/[^.!?]+[.!?]*/g) ?? []

/** Agreement counts sentence by sentence; a hold is over once its sentence is followed by somebody who is back. */
const means = (kind: string, pattern: RegExp, sentences: ReadonlyArray<string>): boolean => {
  if (kind === "agreed") return sentences.some((sentence) => pattern.test(sentence) && !noAgreement.test(sentence))
  const at = sentences.findLastIndex((sentence) => pattern.test(sentence))
  return at >= 0 && !(kind === "hold" && sentences.slice(at + 1).some((sentence) => isBack.test(sentence)))
}

export const kindOf = (words: string): Kind => {
  const sentences = sentencesOf(words.replace(/’/g, "'"))
  return kinds.find(([kind, pattern]) => means(kind, pattern, sentences))?.[0] ?? "other"
}

/** What several utterances in a row come to: the last one, unless an earlier one settles it. */
export const kindOfAll = (utterances: ReadonlyArray<string>): Kind => {
  const all = utterances.map(kindOf)
  return all.find((kind) => kind === "opt-out" || kind === "machine") ?? all.at(-1) ?? "other"
}

const digitOf: Readonly<Record<string, string>> = {
  zero: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  star: "*",
  pound: "#"
}

/** Words that matter, without the s of plurals. */
const wordsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/s$/, "")))

const key = `(\\d|${Object.keys(digitOf).join("|")})\\b`
const everyKey = new RegExp(`press\\s+${key}`, "gi")
const keyFirst = new RegExp(`press\\s+${key}\\s+(?:for|to)\\s+([^,.;]+)`, "gi")
const optionFirst = new RegExp(`(?:for|to)\\s+([^,.;]+?),?\\s+(?:please\\s+)?press\\s+${key}`, "gi")

const optionsOf = (menu: string): ReadonlyArray<{ readonly digit: string; readonly option: string }> => {
  const leading = [...menu.matchAll(keyFirst)].map(([, digit = "", option = ""]) => ({ digit, option }))
  // "press 1 for sales, press 2 for ..." also reads as "for sales, press 2": only when all keys fit is it the former
  return leading.length === [...menu.matchAll(everyKey)].length
    ? leading
    : [...menu.matchAll(optionFirst)].map(([, option = "", digit = ""]) => ({ digit, option }))
}

/** The key of a menu that serves the task: the option sharing most words with it, else the operator, else 1. */
export const menuKey = (menu: string, task: string): string => {
  const wanted = wordsOf(task)
  const options = optionsOf(menu).map(({ option, digit }) => ({
    digit: digitOf[digit.toLowerCase()] ?? digit,
    shared: [...wordsOf(option)].filter((word) => wanted.has(word)).length
  }))
  const best = options.toSorted((a, b) => b.shared - a.shared)[0]
  if (best !== undefined && best.shared > 0) return best.digit
  return options.some(({ digit }) => digit === "0") ? "0" : "1"
}
