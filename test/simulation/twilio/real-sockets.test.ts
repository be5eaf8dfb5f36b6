import { it } from "@effect/vitest"
import { Deferred, Duration, Effect, Redacted } from "effect"
import { expect } from "vitest"
import { makeSimulatedTwilio } from "../../../src/simulation/twilio/SimulatedTwilio.ts"
import { layerNode, serveHost } from "../../../src/wire/Node.ts"
import { accountSid, authToken, from, heardText, makeService, saidText, statuses, streaming } from "./world.ts"

it.scopedLive("the same over real sockets: REST, signed webhooks, media both ways", () =>
  Effect.gen(function* () {
    let base = ""
    const twiml: Record<string, string> = {}
    const heard = yield* Deferred.make<string>()
    const service = makeService(
      {
        twiml,
        agent: (agent) =>
          Effect.gen(function* () {
            agent.say("Hey")
            agent.mark("end")
            yield* agent.until("mark")
            yield* Deferred.succeed(heard, agent.heard())
          })
      },
      () => base
    )
    const { port } = yield* serveHost(service.host, { hostname: "127.0.0.1", port: 0 })
    base = `http://127.0.0.1:${port}`
    twiml["/twiml"] = streaming("", "<Hangup/>", base)
    const twilio = yield* makeSimulatedTwilio({
      accountSid,
      authToken: Redacted.make(authToken),
      callees: () => ({ answers: { after: 0, as: "human", amdAfter: 1 }, steps: [{ wait: 0.1 }, { say: "Hi" }] }),
      timing: { queue: Duration.zero, dialDelay: Duration.zero, answerDelay: Duration.zero }
    })
    const api = yield* serveHost(twilio.host, { hostname: "127.0.0.1", port: 0 })
    const created = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${api.port}/2010-04-01/Accounts/${accountSid}/Calls.json`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
        body: new URLSearchParams({ To: "+15550100001", From: from, Url: `${base}/twiml` })
      })
    )
    expect(created.status).toBe(201)
    expect(yield* Deferred.await(heard)).toBe("Hi")
    yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => twilio.calls()[0]?.live === false })
    const [log] = twilio.calls()
    expect(log && [statuses(log).at(-1), heardText(log), saidText(log), log.alerts]).toEqual([
      "completed",
      ["Hey"],
      ["Hi"],
      []
    ])
    expect(service.handshakes).toEqual([{ url: `${base.replace("http", "ws")}/media`, genuine: true }])
    expect(service.hooks.map(({ genuine }) => genuine)).not.toContain(false)
  }).pipe(Effect.provide(layerNode))
)
