/**
 * An agent that was talked into reading out its own rules is stopped in mid-sentence: its text runs ahead of its voice. This
 * knows word for word only; what is told in other words, or in another language, passes (docs/conversation.md 13).
 */
import { repeats } from "../Shingles.ts"
import { interrupt } from "./acts/Playing.ts"
import { ask } from "./acts/Responses.ts"
import { type Draft, tell } from "./Draft.ts"
import { closeWithWords } from "./ending/Closing.ts"
import { recitalNote } from "./Words.ts"

/** After so many the call is ended: whoever goes on asking does not want to talk about the task. */
const mostRecitals = 3

/** More of an item's text is known. */
export const stopRecital = (draft: Draft, itemId: string): void => {
  const { secret } = draft.rules
  const text = draft.utterances.get(itemId)?.text
  if (secret === undefined || text === undefined || draft.fenced.has(itemId)) return
  if ((draft.phase !== "talking" && draft.phase !== "closing") || !repeats(text, secret)) return
  draft.recitals += 1
  draft.oweReply = false
  interrupt(draft)
  tell(draft, { _tag: "Note", text: recitalNote })
  if (draft.phase !== "talking") return
  if (draft.recitals < mostRecitals) ask(draft, "reply")
  else closeWithWords(draft, { firm: false })
}
