/**
 * Which model serves: the configured one, and where that cannot be had, the fallback. Knows how long each may be tried for;
 * what becomes of a call for which neither is to be had, is the call's business.
 */
import { Duration, Effect, type Scope } from "effect"
import type { Brief, Opening } from "../VoiceModel.ts"
import type { Network } from "../wire/Network.ts"
import { type Connection, connect, type Effort } from "./Connect.ts"
import type { RealtimeSettings } from "./SessionConfig.ts"
import { isAboutAccount, noAnswer, type Trouble } from "./Trouble.ts"

export interface Models {
  readonly model: string
  readonly fallback: string | undefined
}

export interface Served {
  readonly connection: Connection
  readonly model: string
  readonly fallback: boolean
}

/** Half of somebody's patience is one attempt: what hangs is tried once more, or the fallback is, in the other half. */
const hurried = (patience: Duration.Duration, alone: boolean): Effort => ({
  attempt: Duration.times(patience, 0.5),
  budget: Duration.times(patience, alone ? 0.9 : 0.4)
})

/** Opens the one or the other. Fails with what was wrong with the configured model, unless only the fallback was tried. */
export const openBest = (
  settings: RealtimeSettings,
  { fallback, model }: Models,
  brief: Brief,
  opening: Opening
): Effect.Effect<Served, Trouble, Network | Scope.Scope> => {
  const effort = opening.patience && hurried(opening.patience, fallback === undefined)
  const open = (name: string, isFallback: boolean) =>
    Effect.map(
      connect({ ...settings, realtimeModel: name }, brief, effort),
      (connection): Served => ({ connection, model: name, fallback: isFallback })
    )
  if (fallback === undefined) return open(model, false)
  if (opening.fallback === true) return open(fallback, true)
  const first =
    effort === undefined
      ? open(model, false)
      : Effect.timeoutFail(open(model, false), { duration: effort.attempt, onTimeout: () => noAnswer })
  return Effect.catchAll(first, (trouble) =>
    isAboutAccount(trouble)
      ? Effect.fail(trouble)
      : Effect.logWarning(`"${model}" cannot be had, "${fallback}" is used instead: ${trouble.message}`).pipe(
          Effect.zipRight(open(fallback, true)),
          Effect.mapError(() => trouble)
        )
  )
}
