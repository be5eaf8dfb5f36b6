/** The phrase for gaps, heard in the middle of a sentence that the model has kept waiting: no part of that sentence. */
import { silenceByte } from "../audio/MuLaw.ts"
import type { Run } from "../world/Run.ts"
import { has, letters } from "./Invariant.ts"

type Turns = NonNullable<Run["call"]>["transcript"]

const phrasesOf = (run: Run) =>
  has(run, "holdModel", "response")
    ? run.sessions.flatMap(({ said }) => said).filter(({ aside, audio }) => aside && audio().length > 0)
    : []

/** A line on which there is silence in its place. */
export const silencedPhrases = (run: Run, line: Uint8Array): Uint8Array => {
  const silenced = Buffer.from(line)
  for (const { audio } of phrasesOf(run)) {
    const phrase = Buffer.from(audio())
    for (let at = silenced.indexOf(phrase); at >= 0; at = silenced.indexOf(phrase, at))
      silenced.fill(silenceByte, at, at + phrase.length)
  }
  return silenced
}

/** What was heard, and the turns that tell it, both without the phrase: once for each turn that is one. */
export const withoutPhrases = (run: Run, heard: string, turns: Turns): { heard: string; turns: Turns } => {
  const phrases = new Set(phrasesOf(run).map(({ text }) => text))
  const isPhrase = ({ role, text }: Turns[number]) => role === "assistant" && phrases.has(text)
  return {
    heard: turns.filter(isPhrase).reduce((rest, { text }) => rest.replace(letters(text), ""), heard),
    turns: turns.filter((turn) => !isPhrase(turn))
  }
}
