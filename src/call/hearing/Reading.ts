/** Reads one utterance at the beginning of a call: whose words they are. Pure; the words themselves stand in `greetings.ts`. */
import { type GreetingWords, greetingWords } from "./greetings.ts"

/**
 * `voicemail`: a machine's, and no person's. `full`: of a mailbox that takes no message. `absent`: a machine's perhaps. `screening`:
 * asks who calls and why. `recording`: of a business, which puts us through. `person`: said to somebody who listens.
 */
export type Speaker = "voicemail" | "full" | "absent" | "screening" | "recording" | "person"

export interface Reading {
  /** `undefined`: the words tell nothing. */
  readonly speaker: Speaker | undefined
  /** A tone was promised. */
  readonly tone: boolean
  /** Name and reason are asked for, and not in a question: a person would ask one. */
  readonly demands: boolean
  /** We are asked to wait. */
  readonly waiting: boolean
  /** The telling words. */
  readonly words: string
}

const compile = (kind: keyof GreetingWords): RegExp =>
  new RegExp(
    `(?<![a-z])(?:${Object.values(greetingWords)
      .flatMap((words) => words[kind] ?? [])
      .join("|")})`
  )

const pattern = {
  screening: compile("screening"),
  screener: compile("screener"),
  full: compile("full"),
  tone: compile("tone"),
  machine: compile("machine"),
  leave: compile("leave"),
  absent: compile("absent"),
  callBack: compile("callBack"),
  recording: compile("recording"),
  waiting: compile("waiting"),
  person: compile("person")
}

const hellos = Object.values(greetingWords)
  .flatMap(({ hello }) => hello)
  .join("|")
/** A greeting that is nothing else, perhaps said twice, perhaps with a name or a title behind it. */
const hello = new RegExp(`^(?:(?:${hellos})[\\s,.!?]*)+$`)

const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[’‘`]/g, "'")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 2_000)

export const readGreeting = (text: string): Reading => {
  const words = plain(text)
  // no machine asks about itself: "Did you leave a message after the beep?" is a person's
  const stated = words.replace(/[^.!?]*\?/g, "")
  const found = (kind: keyof typeof pattern, text = words): string | undefined => pattern[kind].exec(text)?.[0]
  const tone = found("tone", stated)
  const leave = found("leave", stated)
  const absent = found("absent", stated)
  const person = found("person")
  /** An invitation to leave a message, and why: a person would ask whether one wants to. */
  const invites =
    leave !== undefined && person === undefined && (absent !== undefined || found("callBack", stated) !== undefined)
  const speakers: ReadonlyArray<readonly [Speaker, string | undefined]> = [
    ["full", found("full", stated)],
    ["screening", found("screening") ?? found("screener")],
    ["voicemail", tone ?? found("machine", stated)],
    ["voicemail", invites ? `${absent ?? ""} ${leave}`.trim() : undefined],
    ["recording", found("recording", stated)],
    ["person", person ?? hello.exec(words)?.[0]],
    ["absent", absent ?? leave]
  ]
  const first = speakers.find(([, telling]) => telling !== undefined)
  return {
    speaker: first?.[0],
    tone: tone !== undefined,
    demands: found("screening", stated) !== undefined,
    waiting: found("waiting") !== undefined,
    words: (first?.[1] ?? "").slice(0, 80)
  }
}
