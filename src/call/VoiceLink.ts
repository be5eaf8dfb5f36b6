/** The call's connection to its voice model: one session at a time, replaced when it is lost, and the facts it reports. */
import { Deferred, Effect, FiberHandle } from "effect"
import type { ModelUnavailable, RateLimited } from "../domain/errors.ts"
import { type Brief, type Memory, type VoiceCommand, VoiceModel, type VoiceSession } from "../VoiceModel.ts"
import type { Fact } from "./Fact.ts"

export interface VoiceLink {
  /** Replaces the session by a new one that remembers `memory`; reports `ModelBack`, or `ModelGone` when none is to be had. */
  readonly reopen: (memory: ReadonlyArray<Memory>) => Effect.Effect<void>
  readonly send: (command: VoiceCommand) => void
  /** One base64 piece of what the callee says; dropped while there is no session. */
  readonly hear: (payload: string) => void
  /** Never ends but by a defect. */
  readonly broken: Effect.Effect<never>
}

/**
 * Opens the first session; fails when the model cannot be had. `later`: there is none before the first `reopen`. Everything
 * ends with the scope.
 */
export const openVoiceLink = Effect.fnUntraced(function* (
  brief: Omit<Brief, "memory">,
  tell: (fact: Fact) => void,
  { later }: { readonly later: boolean }
) {
  const model = yield* VoiceModel
  const handle = yield* FiberHandle.make()
  let current: VoiceSession | undefined

  /** One session's life: reports its events until it is lost or replaced. */
  const converse = (memory: ReadonlyArray<Memory>, opened: Effect.Effect<unknown>) =>
    Effect.gen(function* () {
      const session = yield* model.open({ ...brief, memory })
      current = session
      yield* opened
      yield* session.follow(tell).pipe(
        Effect.catchAll((error) => Effect.logWarning(`The voice model's session was lost: ${error.message}`)),
        Effect.zipRight(
          Effect.sync(() => {
            current = undefined
            tell({ _tag: "ModelLost" })
          })
        )
      )
    }).pipe(Effect.scoped)

  if (!later) {
    const first = yield* Deferred.make<void, ModelUnavailable | RateLimited>()
    yield* FiberHandle.run(
      handle,
      converse([], Deferred.succeed(first, undefined)).pipe(
        Effect.tapErrorCause((cause) => Deferred.failCause(first, cause))
      )
    )
    yield* Deferred.await(first)
  }

  const link: VoiceLink = {
    reopen: (memory) => {
      current = undefined
      return FiberHandle.run(
        handle,
        converse(
          memory,
          Effect.sync(() => tell({ _tag: "ModelBack" }))
        ).pipe(Effect.catchAll((error) => Effect.sync(() => tell({ _tag: "ModelGone", error }))))
      ).pipe(Effect.asVoid)
    },
    send: (command) => void current?.send(command),
    hear: (payload) => void current?.hear(payload),
    broken: FiberHandle.join(handle).pipe(Effect.orDie, Effect.zipRight(Effect.never))
  }
  return link
})
