/** The conversation as it was heard, for a model session that takes over from a lost one. */
import type { Memory } from "../../../VoiceModel.ts"
import { turnsOf } from "../acts/Turns.ts"
import type { Talk, Utterance } from "../Talk.ts"
import { isOnHold } from "../Waits.ts"
import {
  greetingLostNote,
  guidanceNote,
  holdNote,
  machineNote,
  questionNote,
  resumedNote,
  screeningNote,
  takenOverNote,
  wrapUpNote
} from "../Words.ts"

/** What was interrupted, and how to go on. Who is with somebody else, or has asked us to wait, has not noticed; nor does a machine. */
const interruption = (talk: Talk): string => {
  if (!talk.takenOver || talk.phase === "away" || talk.phase === "message" || isOnHold(talk)) return resumedNote
  if (talk.wanted === "opening") return greetingLostNote
  const last = turnsOf(talk).at(-1)
  return takenOverNote(last?.role === "assistant" && last.interrupted === true ? last.text : undefined)
}

const isBegun = ({ position }: Utterance): boolean => position !== undefined

/** What nobody has said aloud, and the model must know all the same: the modes of the talk, and what its owner has told. */
const notesOf = (talk: Talk): ReadonlyArray<string> => [
  ...(talk.phase === "message" ? [machineNote] : []),
  ...(talk.answeredBy === "screening" ? [screeningNote] : []),
  ...(isOnHold(talk) ? [holdNote] : []),
  ...talk.questions.map(questionNote),
  ...talk.guidance.map(guidanceNote),
  ...(talk.wrappingUp ? [wrapUpNote] : []),
  interruption(talk)
]

/** What is being heard right now, or waits to be, is part of it: it will have been heard when the model speaks again. */
export const memoryOf = (talk: Talk): ReadonlyArray<Memory> => {
  const said = turnsOf(talk).map((turn): Memory => ({ _tag: "Said", role: turn.role, text: turn.text }))
  const saying = [...talk.utterances]
    .filter(
      ([itemId, said]) =>
        said.role === "assistant" &&
        !said.stored &&
        !talk.fenced.has(itemId) &&
        (isBegun(said) || talk.heldItems.has(itemId) || talk.playout.items.has(itemId))
    )
    .map(([, utterance]): Memory => ({ _tag: "Said", role: "assistant", text: utterance.text }))
  const conversation = [...said, ...saying].filter(({ text }) => text !== "")
  if (conversation.length === 0) return []
  return [...conversation, ...notesOf(talk).map((text): Memory => ({ _tag: "Note", text }))]
}
