/**
 * The MCP sessions of the HTTP door: each an SDK transport and server in a scope of its own. Bounded, forgotten when nobody
 * has used them for a while, closed with the scope. What is said in them is not known here.
 */
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
import { Clock, Duration, Effect, Exit, Schedule, Scope } from "effect"
import { newToken } from "../Entropy.ts"
import type { PhoneAccess } from "./PhoneAccess.ts"
import { makeServer } from "./server.ts"

export interface SessionLimits {
  /** At most so many at once; the longest idle one makes room for a new one. */
  readonly most: number
  /** Without an open request or stream for so long, a session is forgotten: its client starts anew, as the protocol says. */
  readonly idle: Duration.Duration
}

export const defaultLimits: SessionLimits = { most: 100, idle: Duration.minutes(30) }

export interface Session {
  readonly id: string
  readonly transport: WebStandardStreamableHTTPServerTransport
}

interface Kept extends Session {
  readonly scope: Scope.CloseableScope
  /** Requests and streams under way. */
  open: number
  /** Milliseconds of the epoch. */
  lastUsed: number
}

export const makeSessions = Effect.fnUntraced(function* (phone: PhoneAccess, limits: SessionLimits) {
  const kept = new Map<string, Kept>()

  const close = (session: Session) =>
    Effect.suspend(() => {
      const found = kept.get(session.id)
      kept.delete(session.id)
      return found === undefined ? Effect.void : Scope.close(found.scope, Exit.void)
    })

  const idleOnes = () => [...kept.values()].filter(({ open }) => open === 0).sort((a, b) => a.lastUsed - b.lastUsed)

  const sweep = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.forEach(
      idleOnes().filter(({ lastUsed }) => now - lastUsed >= Duration.toMillis(limits.idle)),
      close,
      { discard: true }
    )
  )
  yield* Effect.forkScoped(Effect.repeat(sweep, Schedule.spaced(Duration.times(limits.idle, 0.1))))
  yield* Effect.addFinalizer(() =>
    Effect.forEach([...kept.values()], close, { concurrency: "unbounded", discard: true })
  )

  return {
    /** A new session, not yet initialized. `undefined`: there are too many, and all are in use. */
    open: Effect.gen(function* () {
      if (kept.size >= limits.most) {
        const [oldest] = idleOnes()
        if (oldest === undefined) return undefined
        yield* close(oldest)
      }
      const id = yield* newToken
      const scope = yield* Scope.make()
      const lastUsed = yield* Clock.currentTimeMillis
      const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id })
      const session: Kept = { id, transport, scope, open: 0, lastUsed }
      kept.set(id, session)
      yield* Scope.extend(makeServer(phone), scope).pipe(
        Effect.flatMap((server) => server.connect(transport)),
        Effect.onError(() => close(session))
      )
      return session
    }),
    get: (id: string): Session | undefined => kept.get(id),
    close,
    /** Keeps the session from being forgotten as long as the scope, and a while after. */
    use: ({ id }: Session) => {
      const count = (by: 1 | -1) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const session = kept.get(id)
          if (session === undefined) return
          session.open += by
          session.lastUsed = now
        })
      return Effect.acquireRelease(count(1), () => count(-1))
    },
    size: Effect.sync(() => kept.size)
  }
})
