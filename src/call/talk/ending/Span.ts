/**
 * From the answer to the end of a call. Two processes share no clock that only goes forward: where the one on the wall was put
 * forward or back between them, the record would tell of hours, or of none, and the network knows better.
 */
import type { DateTime } from "effect"
import type { Talk } from "../Talk.ts"

/** Milliseconds: the network counts whole seconds, and tells of answer and end a moment later. */
const likely = 5_000

export interface Span {
  /** Milliseconds; `undefined` when nobody answered. */
  readonly answeredMs: number | undefined
  /** In ms since 1970. */
  readonly endedAt: number
}

/** `answered`: when it was, as a process before this one has written down. */
export const spanOf = (
  { answeredAt, endedAt, epoch, lasted }: Pick<Talk, "answeredAt" | "endedAt" | "epoch" | "lasted">,
  answered: DateTime.Utc | undefined
): Span => {
  const own = {
    answeredMs: answeredAt === undefined || endedAt === undefined ? undefined : endedAt - answeredAt,
    endedAt: epoch + (endedAt ?? 0)
  }
  if (answered === undefined || lasted === undefined) return own
  const recorded = own.endedAt - answered.epochMillis
  return Math.abs(recorded - lasted) <= likely ? own : { answeredMs: lasted, endedAt: answered.epochMillis + lasted }
}
