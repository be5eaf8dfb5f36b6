/** A log that the real service wrote, over real sockets in real time, replayed by the command. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { PhoneConfigSchema } from "../../src/Config.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { PhoneClient } from "../../src/rpc/client.ts"
import { startService } from "../../src/Service.ts"
import { phone } from "../cli/support.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "phone-replay-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

// the last one waits for its menu: the model's session is probed meanwhile, at moments that no two runs share
const callees = ["+15550100002", "+15550100008", "+15550100010", "+15550100006"]

describe("a log of the real service", () => {
  it.scopedLive("is private, and its call is the same when it is replayed", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const dir = join(home, "logs")
      const config = yield* Schema.decode(PhoneConfigSchema)({
        ...simulatedCredentials,
        provider: "simulated",
        webhookHost: "http://127.0.0.1:1",
        transcriptsDir: join(home, "transcripts"),
        database: join(home, "phone.db"),
        webhookPort: 0,
        rpcPort: 0,
        callsPerSecond: 100,
        wireLogs: { dir }
      })
      yield* Effect.gen(function* () {
        const { rpcToken, rpcUrl } = yield* startService(config)
        const context = yield* Layer.build(PhoneClient.layer({ url: rpcUrl, token: rpcToken }))
        const client = Context.get(context, PhoneClient)
        const call = (to: string) => Effect.either(client.phone_call({ to, task: "Book an appointment for Tuesday." }))
        yield* Effect.forEach(callees, call, { concurrency: "unbounded" })
      }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

      const files = readdirSync(dir)
      expect(files).toHaveLength(callees.length)
      for (const file of files) {
        const path = join(dir, file)
        expect(statSync(path).mode & 0o777).toBe(0o600)
        const { code, out } = yield* phone(["simulate", "--replay", path])
        // a busy machine may have taken in what came on two sockets in one moment in the other order
        expect(out[0]).toMatch(/^[a-z0-9]{8} {2}the same result(: (busy|completed)|, by another way)$/)
        expect(code).toBe(0)
      }
    })
  )
})
