import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Redacted } from "effect"
import { call, callId, serve, token } from "../rpc/service.ts"
import { makeHost, session, toolOf } from "./support.ts"

const logger = { info: () => undefined, warn: () => undefined }

describe("the plugin", () => {
  it("registers the tools that its manifest declares, in the model's own list", () => {
    const manifest: unknown = JSON.parse(
      readFileSync(new URL("../../openclaw/openclaw.plugin.json", import.meta.url), "utf8")
    )
    const { tools } = makeHost({})
    expect(manifest).toMatchObject({ id: "phone", contracts: { tools }, uiHints: { token: { sensitive: true } } })
    expect(tools).toHaveLength(3)
    for (const name of tools) expect(toolOf(name, {}).catalogMode).toBe("direct-only")
  })

  it.scopedLive("tells the session of a call its end: by an event, and a wake that nothing puts off", () =>
    Effect.gen(function* () {
      const acknowledged = yield* Deferred.make<ReadonlyArray<string>>()
      const { url } = yield* serve({
        completions: () =>
          Effect.flatMap(Deferred.isDone(acknowledged), (done) =>
            done
              ? Effect.never
              : Effect.succeed([{ call: { ...call, status: "busy" }, metadata: { ...session, requestId: "r" } }])
          ),
        acknowledge: (client, ids) => Deferred.succeed(acknowledged, [client, ...ids])
      })
      const host = makeHost({ url, token: Redacted.value(token), client: "kitchen" })
      yield* Effect.acquireRelease(
        Effect.sync(() => host.start({ logger })),
        () => Effect.promise(() => host.stop())
      )
      expect(yield* Deferred.await(acknowledged)).toEqual(["kitchen", callId])
      expect(host.events).toEqual([
        { text: expect.stringContaining("busy"), sessionKey: session.sessionKey, contextKey: `phone:${callId}` }
      ])
      expect(host.wakes).toMatchObject([{ ...session, source: "background-task", intent: "immediate" }])
    })
  )
})
