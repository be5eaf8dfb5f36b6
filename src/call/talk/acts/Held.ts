/** The prepared opening while it waits for the answer. Played by `Answer.ts`; here it is kept, and given up. */
import type { Piece } from "../../Playout.ts"
import { type Draft, plus, tell } from "../Draft.ts"
import { heardNote } from "../Words.ts"

export const hold = (draft: Draft, piece: Piece): void => {
  draft.held = [...(draft.held ?? []), piece]
  draft.heldItems = plus(draft.heldItems, piece.itemId)
}

/** Nobody will hear it: the model forgets it. `held` says whether another one may take its place. */
export const dropHeld = (draft: Draft, held: Draft["held"]): void => {
  for (const itemId of draft.heldItems) {
    if (draft.fenced.has(itemId)) continue
    draft.fenced = plus(draft.fenced, itemId)
    tell(draft, draft.lostItems.has(itemId) ? { _tag: "Note", text: heardNote("") } : { _tag: "Forget", itemId })
  }
  draft.held = held
  draft.heldItems = new Set()
}
