/** What the model was told to forget, since the callee did not hear it. */
import { Option, Schema } from "effect"
import type { SessionLog } from "../realtime/Journal.ts"

/** An item of which the model was told at some moment that only its first `ms` were heard. */
export interface Forgotten {
  readonly at: number
  readonly itemId: string
  readonly ms: number
}

const Forgetting = Schema.Struct({ item_id: Schema.String, audio_end_ms: Schema.optional(Schema.Number) })
const decode = Schema.decodeUnknownOption(Forgetting)

export const forgotten = ({ received }: SessionLog): ReadonlyArray<Forgotten> =>
  received.flatMap((entry) => {
    if (entry._tag !== "Event" || !/^conversation\.item\.(truncate|delete)$/.test(entry.type)) return []
    return Option.match(decode(entry.event), {
      onNone: () => [],
      onSome: ({ audio_end_ms: ms = 0, item_id: itemId }) => [{ at: entry.at, itemId, ms }]
    })
  })
