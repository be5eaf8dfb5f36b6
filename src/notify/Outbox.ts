/**
 * The ends of calls that the receiver has not taken yet (port). Written by the store in the transaction of the end, so that
 * none is lost and none is made up; read and emptied by the notifier.
 */
import { Context, type Effect, type Option, type Queue } from "effect"
import type { StoreUnavailable } from "../domain/errors.ts"
import type { CallId } from "../domain/Ids.ts"

export interface Notice {
  readonly callId: CallId
  /** How often it was tried in vain. */
  readonly attempts: number
  /** When it is to be tried next; at first the end of the call. */
  readonly dueAt: Date
}

export class Outbox extends Context.Tag("phone/Outbox")<
  Outbox,
  {
    /** The notice that is due first, be it in the future, leaving out those of `except`. */
    readonly next: (except: Iterable<CallId>) => Effect.Effect<Option.Option<Notice>, StoreUnavailable>
    readonly postpone: (notice: Notice) => Effect.Effect<void, StoreUnavailable>
    readonly remove: (callId: CallId) => Effect.Effect<void, StoreUnavailable>
    /** Rings when there is reason to look again: a new notice, or whatever the notifier itself puts there. Keeps one ring. */
    readonly bell: Queue.Queue<void>
  }
>() {}
