/** The examples of the documentation do what it says: embedded on real sockets, as a client, and in virtual time. */
import { createServer } from "node:net"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Redacted, Schema } from "effect"
import { book, layerClient } from "../docs/examples/client.ts"
import { remind } from "../docs/examples/embedding.ts"
import { simulated } from "../docs/examples/simulation.ts"
import { PhoneConfigSchema } from "../src/Config.ts"
import { simulatedCredentials } from "../src/config/simulated.ts"
import { Phone } from "../src/index.ts"
import { startService } from "../src/Service.ts"
import { type CalleeScript, layerSimulation, Outside, polite, run, startSimulators } from "../src/simulation/index.ts"
import { Transcripts } from "../src/Transcripts.ts"

const patient = { number: "+15550100001", name: "John Doe", appointment: "on Tuesday at 2 pm" }

/** Numbers in virtual time: busy at first, later somebody is there. */
const inVirtualTime = (scripts: ReadonlyArray<CalleeScript>) => {
  let dialled = 0
  const callees = () => scripts[Math.min(dialled++, scripts.length - 1)] ?? polite
  const reminded = Effect.gen(function* () {
    const answer = yield* remind(patient)
    const { twilio } = yield* Outside
    return { answer, statuses: twilio.calls().map(({ status }) => status) }
  })
  return run(reminded.pipe(Effect.provide(layerSimulation({ twilio: { callees } }))), { seed: 1 })
}

/** A port that is free now: Twilio must be told the address before the service listens there. */
const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen({ host: "127.0.0.1", port: 0 }, () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const account = {
  accountSid: simulatedCredentials.accountSid,
  authToken: Redacted.make(simulatedCredentials.authToken),
  openaiApiKey: Redacted.make(simulatedCredentials.openaiApiKey)
}

describe("a program that embeds Phone", () => {
  it("calls again after a busy line, in virtual time", async () => {
    const exit = await inVirtualTime([{ line: "busy" }, polite])
    expect(exit).toEqual(Exit.succeed({ answer: "confirmed", statuses: ["busy", "completed"] }))
  })

  it("gives up on somebody who never answers", async () => {
    const exit = await inVirtualTime([{ line: "no-answer" }])
    expect(Exit.map(exit, ({ answer }) => answer)).toEqual(Exit.succeed("not reached"))
    expect(Exit.map(exit, ({ statuses }) => statuses.length)).toEqual(Exit.succeed(3))
  })

  it.scopedLive(
    "makes the call over real sockets",
    () =>
      Effect.gen(function* () {
        const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
        const { realtimeUrl, twilio, twilioApiUrl } = yield* startSimulators(account)
        const webhookPort = yield* freePort
        const phone = yield* Layer.build(
          Phone.layer({
            ...simulatedCredentials,
            webhookPort,
            webhookHost: `http://127.0.0.1:${webhookPort}`,
            twilioApiUrl,
            realtimeUrl,
            database: `${folder}/phone.db`,
            transcriptsDir: `${folder}/transcripts`
          })
        )
        expect(yield* Effect.provide(remind(patient), phone)).toBe("confirmed")
        const { calls } = yield* Context.get(phone, Transcripts).history({ limit: 10 })
        const agent = calls[0]?.transcript.filter(({ role }) => role === "assistant").map(({ text }) => text)
        expect(agent).toEqual(twilio.calls()[0]?.heard.map(({ text }) => text))
        expect(agent?.[0]).toContain("John Doe")
      }).pipe(Effect.provide(NodeContext.layer)),
    60_000
  )
})

describe("a program that uses the service", () => {
  it.scopedLive("gets to know through the client what came of a call, and why one was refused", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      const config = yield* Schema.decode(PhoneConfigSchema)({
        ...simulatedCredentials,
        provider: "simulated",
        webhookHost: "http://127.0.0.1",
        webhookPort: 0,
        rpcPort: 0,
        rpcToken: "the-token",
        database: `${folder}/phone.db`,
        transcriptsDir: `${folder}/transcripts`
      })
      const { rpcUrl } = yield* startService(config)
      const client = yield* Layer.build(layerClient(rpcUrl, "the-token"))
      const fax = yield* Effect.provide(book("+15550100012"), client)
      const busy = yield* Effect.provide(book("+15550100002"), client)
      const abroad = yield* Effect.provide(book("+442071838750"), client)
      expect(fax).toBe("A fax machine answered.")
      expect(busy).toBe("+15550100002 is busy. Try again later.")
      expect(abroad).toMatch(/^Not allowed \(country\)/)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("a simulated call", () => {
  it("is the same for the same seed, and is heard as it is written down", async () => {
    const [first, second] = [await simulated(7), await simulated(7)]
    expect(first).toEqual(second)
    if (Exit.isFailure(first)) throw new Error("the simulation did not end")
    const { call, heard } = first.value
    expect(call.outcome?.success).toBe(true)
    const spoken = call.transcript.filter(({ role }) => role === "assistant")
    expect(spoken[0]?.interrupted).toBe(true)
    expect(spoken.slice(1).map(({ text }) => text)).toEqual(heard.slice(1))
  })
})
