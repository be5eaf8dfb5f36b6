/** Streamable HTTP on the RPC port: who is let in, what is answered to nonsense, who may leave, and how it stops. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Logger, Redacted, Scope, Stream } from "effect"
import type { Calls } from "../../src/Calls.ts"
import { call, callId, serve, token } from "../rpc/service.ts"
import { ask, callOf, overHttp, use } from "./support.ts"

const secret = Redacted.value(token)

const both = "application/json, text/event-stream"
const clientInfo = { name: "test", version: "0" }
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo }
}

/** A request by hand, as the SDK's client would not make it. */
const send = (url: string, body: string | undefined, headers: Record<string, string> = {}, method = "POST") =>
  ask(async (signal) => {
    const response = await fetch(`${url}/mcp`, {
      method,
      signal,
      headers: { accept: both, "content-type": "application/json", authorization: `Bearer ${secret}`, ...headers },
      ...(body === undefined ? {} : { body })
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

const initializing = JSON.stringify(initialize)

/** A call that has just begun, and never ends by itself; tells when somebody watches it and when they leave. */
const endlessCall = Effect.gen(function* () {
  const watched = yield* Deferred.make<void>()
  const left = yield* Deferred.make<void>()
  const calls: Partial<Calls["Type"]> = {
    place: () => Effect.succeed(callId),
    status: () => Effect.succeed({ ...call, status: "queued" }),
    watch: () =>
      Stream.fromEffect(Deferred.succeed(watched, undefined)).pipe(
        Stream.drain,
        Stream.concat(Stream.never),
        Stream.ensuring(Deferred.succeed(left, undefined))
      )
  }
  return { calls, watched: Deferred.await(watched), left: Deferred.await(left) }
})

const placing = { to: "+15551234567", task: "Say hello" }

describe("the MCP door", () => {
  it.scopedLive("lets in who has the token, and no pages of other hosts", () =>
    Effect.gen(function* () {
      const { url } = yield* serve()
      for (const authorization of ["", "Bearer wrong", secret, `Basic ${secret}`]) {
        const answer = yield* send(url, initializing, { authorization })
        expect(answer.status).toBe(401)
        expect(answer.headers.get("www-authenticate")).toContain("Bearer")
        expect(answer.text).toContain("rpcToken")
        expect(answer.text).not.toContain(secret)
      }
      for (const origin of [
        "http://evil.example",
        "http://127.0.0.1.evil.example:18791",
        "null",
        "https://localhost.evil"
      ]) {
        expect((yield* send(url, initializing, { origin })).status).toBe(403)
      }
      for (const origin of ["http://localhost:6274", "http://127.0.0.1:18791", "http://[::1]:3000"]) {
        expect((yield* send(url, initializing, { origin })).status).toBe(200)
      }
    })
  )

  it.scopedLive("answers nonsense with what is wrong about it, and a waiting neighbour never notices", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<void>()
      const endless = yield* endlessCall
      const { url } = yield* serve({
        ...endless.calls,
        watch: () => Stream.fromEffect(Effect.as(Deferred.await(end), { _tag: "Ended" as const, seq: 1, call }))
      })
      const client = yield* overHttp(url, secret)
      const neighbour = yield* Effect.fork(use(client, "phone_call", placing))
      const statusOf = (...of: Parameters<typeof send>) => Effect.map(send(...of), ({ status }) => status)
      expect(yield* statusOf(url, "{")).toBe(400)
      expect(yield* statusOf(url, "")).toBe(400)
      expect(yield* statusOf(url, "[]")).toBe(400)
      expect(yield* statusOf(url, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}')).toBe(400)
      expect(yield* statusOf(url, initializing, { "mcp-session-id": "nobody's" })).toBe(404)
      expect(yield* statusOf(url, initializing, { accept: "text/html" })).toBe(406)
      expect(yield* statusOf(url, initializing, { "content-type": "text/plain" })).toBe(415)
      expect(yield* statusOf(url, JSON.stringify({ ...initialize, padding: "x".repeat(1_100_000) }))).toBe(413)
      expect(yield* statusOf(url, undefined, {}, "GET")).toBe(400)
      expect(yield* statusOf(url, initializing, {}, "PUT")).toBe(405)
      yield* Deferred.succeed(end, undefined)
      expect((yield* callOf(yield* Fiber.join(neighbour))).id).toBe(callId)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )

  it.scopedLive("stops waiting when the client cancels", () =>
    Effect.gen(function* () {
      const { calls, left, watched } = yield* endlessCall
      const { url } = yield* serve(calls)
      const client = yield* overHttp(url, secret)
      const waiting = yield* Effect.fork(use(client, "phone_call", placing))
      yield* watched
      yield* Fiber.interrupt(waiting)
      yield* left
      // and the session is as good as before
      expect((yield* use(client, "phone_history")).structuredContent).toEqual({ calls: [] })
    })
  )

  it.scopedLive("stops waiting when the client is gone without a word", () =>
    Effect.gen(function* () {
      const { calls, left, watched } = yield* endlessCall
      const { url } = yield* serve(calls)
      const opened = yield* send(url, initializing)
      const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" }
      const params = { name: "phone_call", arguments: placing }
      const asked = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params })
      const waiting = yield* Effect.fork(send(url, asked, session))
      yield* watched
      yield* Fiber.interrupt(waiting)
      yield* left
    })
  )

  it.scopedLive("forgets a session that its client ends", () =>
    Effect.gen(function* () {
      const { url } = yield* serve()
      const opened = yield* send(url, initializing)
      const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" }
      expect((yield* send(url, undefined, session, "DELETE")).status).toBe(200)
      expect((yield* send(url, undefined, session, "GET")).status).toBe(404)
    })
  )

  it.scopedLive("opens the stream of a silent session at once", () =>
    Effect.gen(function* () {
      const { url } = yield* serve()
      const opened = yield* send(url, initializing)
      const authorization = `Bearer ${secret}`
      const headers = { accept: both, authorization, "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" }
      const leaving = new AbortController()
      yield* Effect.addFinalizer(() => Effect.sync(() => leaving.abort()))
      const [took, response] = yield* Effect.timed(ask(() => fetch(`${url}/mcp`, { headers, signal: leaving.signal })))
      expect(response.status).toBe(200)
      expect(Duration.toSeconds(took)).toBeLessThan(5)
    })
  )

  it.scopedLive("stops within a second, whoever listens or waits", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { calls, left, watched } = yield* endlessCall
      const { url } = yield* Scope.extend(serve(calls), scope)
      // the SDK's client has its listening stream open, too
      const client = yield* overHttp(url, secret)
      const waiting = yield* Effect.fork(use(client, "phone_call", placing, { signal: AbortSignal.timeout(10_000) }))
      yield* watched
      const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
      expect(Duration.toMillis(took)).toBeLessThan(1_000)
      yield* left
      yield* Fiber.interrupt(waiting)
      expect(Exit.isFailure(yield* Effect.exit(use(client, "phone_history")))).toBe(true)
    })
  )
})
