/** What goes wrong on a call and what is done about it, told to whoever keeps the record (facts/openai-realtime.md 9). */
import type { IncidentKind } from "../../domain/Incident.ts"
import { type Draft, order } from "./Draft.ts"

/** `since`: when whatever is missing, or was, went missing; in the talk's own time. */
export const report = (draft: Draft, kind: IncidentKind, since?: number): void => {
  if (draft.phase === "afterwards" || draft.phase === "done") return
  const gap = since === undefined ? {} : { gap: Math.max(0, draft.now - since) }
  order(draft, { _tag: "Incident", kind, at: draft.epoch + draft.now, ...gap })
}
