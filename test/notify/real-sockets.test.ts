/** A notification on its real way: the service with its ports, and the receiver of the documentation, in plain Node. */
import type { Server } from "node:http"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Clock, Effect, Layer, Queue, Redacted, Schema } from "effect"
import { genuine, receiver } from "../../docs/examples/receiver.ts"
import { PhoneConfigSchema } from "../../src/Config.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { signatureHeaders } from "../../src/notify/signature.ts"
import { PhoneClient } from "../../src/rpc/client.ts"
import { startService } from "../../src/Service.ts"
import { secret } from "./world.ts"

/** The receiver on a free port, and what it made of what came. */
const listening = Effect.gen(function* () {
  const ended = yield* Queue.unbounded<unknown>()
  const server = yield* Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = receiver(secret, (notification) => ended.unsafeOffer(notification))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  )
  const address = server.address()
  return { port: typeof address === "object" && address !== null ? address.port : 0, ended }
})

it.scopedLive("the end of a call comes to the receiver, which finds it genuine", () =>
  Effect.gen(function* () {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    const { ended, port } = yield* listening
    const config = yield* Schema.decode(PhoneConfigSchema)({
      ...simulatedCredentials,
      provider: "simulated",
      webhookHost: "http://127.0.0.1",
      webhookPort: 0,
      rpcPort: 0,
      rpcToken: "the-token",
      database: `${folder}/phone.db`,
      transcriptsDir: `${folder}/transcripts`,
      notify: { url: `http://127.0.0.1:${port}/calls?a=b`, secret }
    })
    const { rpcUrl } = yield* startService(config)
    const client = yield* Layer.build(PhoneClient.layer({ url: rpcUrl, token: Redacted.make("the-token") }))
    const phone = yield* Effect.provide(PhoneClient, client)
    const request = { to: "+15550100002", task: "Grüße ausrichten 👋", metadata: { for: "Zoë" } }
    yield* Effect.flip(phone.phone_call(request))
    expect(yield* ended.take).toMatchObject({
      type: "call.ended",
      data: { status: "busy", task: "Grüße ausrichten 👋" },
      metadata: { for: "Zoë" }
    })
  }).pipe(Effect.provide(NodeContext.layer))
)

it.effect("the receiver of the documentation refuses what is forged, or old", () =>
  Effect.gen(function* () {
    const now = Math.floor((yield* Effect.withClock(Clock.currentTimeMillis, Clock.make())) / 1000)
    const signed = (key: string, timestamp: number) =>
      signatureHeaders(Redacted.make(key), { id: "call-ended-abcd1234", timestamp, body: "{}" })
    for (const key of [secret, "a plain text"]) {
      expect(genuine(key, signed(key, now), "{}")).toBe(true)
      expect(genuine(key, signed(key, now), "[]")).toBe(false)
      expect(genuine(key, signed("another", now), "{}")).toBe(false)
      expect(genuine(key, signed(key, now - 3_600), "{}")).toBe(false)
      expect(genuine(key, {}, "{}")).toBe(false)
    }
  })
)
