/** The sessions of the HTTP door are bounded, and forgotten when nobody uses them. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Scope, TestClock } from "effect"
import { makeSessions } from "../../src/mcp/Sessions.ts"
import { fakePhone } from "./support.ts"

const limits = { most: 3, idle: Duration.minutes(30) }

describe("a session", () => {
  it.scoped("is forgotten half an hour after its last use, not while it is in use", () =>
    Effect.gen(function* () {
      const sessions = yield* makeSessions(fakePhone(), limits)
      const idle = yield* sessions.open
      const used = yield* sessions.open
      if (idle === undefined || used === undefined) return expect.unreachable("there is room")
      const request = yield* Scope.make()
      yield* Scope.extend(sessions.use(used), request)
      yield* TestClock.adjust("29 minutes")
      expect(sessions.get(idle.id)).toBeDefined()
      yield* TestClock.adjust("5 minutes")
      expect(sessions.get(idle.id)).toBeUndefined()
      yield* TestClock.adjust("2 hours")
      expect(sessions.get(used.id)).toBeDefined()
      yield* Scope.close(request, Exit.void)
      yield* TestClock.adjust("29 minutes")
      expect(sessions.get(used.id)).toBeDefined()
      yield* TestClock.adjust("5 minutes")
      expect(yield* sessions.size).toBe(0)
    })
  )

  it.scoped("makes room for a new one when it is the longest idle; when all are in use there is no room", () =>
    Effect.gen(function* () {
      const sessions = yield* makeSessions(fakePhone(), limits)
      const ids: Array<string> = []
      for (let n = 0; n < 4; n++) {
        const session = yield* sessions.open
        ids.push(session?.id ?? "")
        yield* TestClock.adjust("1 minute")
      }
      expect(ids.map((id) => sessions.get(id) !== undefined)).toEqual([false, true, true, true])
      for (const id of ids) {
        const session = sessions.get(id)
        if (session !== undefined) yield* sessions.use(session)
      }
      expect(yield* sessions.open).toBeUndefined()
      expect(yield* sessions.size).toBe(3)
    })
  )

  it.scoped("is closed with the door", () =>
    Effect.gen(function* () {
      const door = yield* Scope.make()
      const sessions = yield* Scope.extend(makeSessions(fakePhone(), limits), door)
      const session = yield* sessions.open
      let closed = false
      const { transport } = session ?? expect.unreachable("there is room")
      const before = transport.onclose
      transport.onclose = () => {
        closed = true
        before?.()
      }
      yield* Scope.close(door, Exit.void)
      expect(closed).toBe(true)
      expect(yield* sessions.size).toBe(0)
    })
  )
})
