/** The conversation as it was heard, for a model session that takes over from a lost one. */
import type { Memory } from "../../VoiceModel.ts"
import type { Talk, Utterance } from "./Talk.ts"
import { turnsOf } from "./Turns.ts"
import { isOnHold } from "./Waits.ts"
import { holdNote, machineNote, questionNote, resumedNote } from "./Words.ts"

const isBegun = ({ position }: Utterance): boolean => position !== undefined

/** What is being heard right now, or waits to be, is part of it: it will have been heard when the model speaks again. */
export const memoryOf = (talk: Talk): ReadonlyArray<Memory> => {
  const said = turnsOf(talk).map((turn): Memory => ({ _tag: "Said", role: turn.role, text: turn.text }))
  const saying = [...talk.utterances]
    .filter(
      ([itemId, said]) =>
        said.role === "assistant" &&
        !said.stored &&
        (isBegun(said) || talk.heldItems.has(itemId) || (talk.playout.items.has(itemId) && !talk.fenced.has(itemId)))
    )
    .map(([, utterance]): Memory => ({ _tag: "Said", role: "assistant", text: utterance.text }))
  const conversation = [...said, ...saying].filter(({ text }) => text !== "")
  if (conversation.length === 0) return []
  return [
    ...conversation,
    ...(talk.phase === "message" ? [{ _tag: "Note", text: machineNote } as const] : []),
    ...(isOnHold(talk) ? [{ _tag: "Note", text: holdNote } as const] : []),
    ...talk.questions.map((asked): Memory => ({ _tag: "Note", text: questionNote(asked) })),
    { _tag: "Note", text: resumedNote }
  ]
}
