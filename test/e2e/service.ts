/** A service in its own process, with everything it needs in a folder of its own, and the world outside it. */
import { randomInt } from "node:crypto"
import { createServer } from "node:net"
import { FileSystem } from "@effect/platform"
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { stringify } from "yaml"
import { Call } from "../../src/domain/Call.ts"
import { PhoneClient } from "../../src/rpc/client.ts"
import type { CalleeScript, CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import { startSimulators } from "../../src/simulation/simulators.ts"
import { eventually, lineOf, phone, start } from "./processes.ts"

/** As they look on real accounts. */
export const credentials = {
  accountSid: `AC${"0a1b2c3d".repeat(4)}`,
  authToken: "0123456789abcdef0123456789abcdef",
  openaiApiKey: `sk-proj-${"Ab1_".repeat(10)}`,
  phoneNumber: "+15550100000"
}

export const rpcToken = "a token of the test's own"

const isFree = (port: number) =>
  Effect.async<boolean>((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen(port, () => server.close(() => resume(Effect.succeed(true))))
  })

/** Below the ports that the system hands out by itself, so that no outgoing connection sits on it meanwhile. */
export const freePort: Effect.Effect<number> = Effect.suspend(() => {
  const port = randomInt(12_000, 32_000)
  return Effect.flatMap(isFree(port), (free) => (free ? Effect.succeed(port) : freePort))
})

export interface World {
  readonly twilioApiUrl: string
  readonly realtimeUrl: string
}

/** The simulators in this process, so that what they saw can be looked at. */
export const outside = (callees: Readonly<Record<string, CalleeScript>> = {}) =>
  startSimulators(
    {
      ...credentials,
      authToken: Redacted.make(credentials.authToken),
      openaiApiKey: Redacted.make(credentials.openaiApiKey)
    },
    { callsPerSecond: 50, callees: (to) => callees[to] ?? { line: "failed" } }
  )

/** Somebody who answers, lets the caller begin, and then does this: nothing depends on how fast the machine is. */
export const human = (steps: ReadonlyArray<CalleeStep>, after = 0.3): CalleeScript => ({
  answers: { after, as: "human", amdAfter: 1 },
  steps: [{ listen: {} }, ...steps]
})

/** A folder with a configuration for the real provider, pointing at `world`. */
export const makeHome = (world: World, keys: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "phone-e2e-" })
    const webhookPort = yield* freePort
    const rpcPort = yield* freePort.pipe(Effect.repeat({ while: (port) => port === webhookPort }))
    const section = {
      provider: "twilio",
      ...credentials,
      twilioApiUrl: world.twilioApiUrl,
      realtimeUrl: world.realtimeUrl,
      webhookHost: `http://127.0.0.1:${webhookPort}`,
      webhookPort,
      rpcPort,
      rpcToken,
      database: `${folder}/phone.db`,
      transcriptsDir: `${folder}/transcripts`,
      callsPerSecond: 50,
      maxConcurrentCalls: 50,
      onBehalfOf: "John Doe",
      ...keys
    }
    const config = `${folder}/config.yaml`
    yield* fs.writeFileString(config, stringify({ plugins: { phone: section } }))
    return { folder, config, webhookPort, rpcPort, rpcUrl: `http://127.0.0.1:${rpcPort}` }
  })

export type Home = Effect.Effect.Success<ReturnType<typeof makeHome>>

/** `phone serve`, once it serves. */
export const serve = ({ config, folder }: Home) =>
  Effect.tap(start(folder, ["serve", "--config", config]), (process) =>
    lineOf(process, "the service", (line) => line.includes("phone is serving"))
  )

/** The real client, connected. */
export const connect = ({ rpcUrl }: Home) =>
  Effect.map(Layer.build(PhoneClient.layer({ url: rpcUrl, token: Redacted.make(rpcToken) })), (context) =>
    Context.get(context, PhoneClient)
  )

export type Client = Context.Tag.Service<PhoneClient>

/** `phone <command> … --config <the service's>`. */
export const command = ({ config, folder }: Home, ...args: ReadonlyArray<string>) =>
  phone(folder, [...args, "--config", config])

/** The call's record as soon as it looks like this. */
export const whenCall = (client: Client, callId: string, what: string, is: (call: Call) => boolean) =>
  eventually(
    `call ${callId}: ${what}`,
    Effect.map(client.phone_status({ callId }), (call) => (is(call) ? call : undefined))
  )

export const decodeCall = Schema.decodeUnknown(Schema.parseJson(Call))

/** Waits until the call's file for people says exactly this: it is written right after the row. */
export const recordedAs = ({ folder }: Home, call: Call) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const wanted = JSON.stringify(yield* Schema.encode(Call)(call))
    const path = `${folder}/transcripts/${call.id}.json`
    const text = Effect.orElseSucceed(fs.readFileString(path), () => "{}")
    const same = Effect.map(text, (found) => (JSON.stringify(JSON.parse(found)) === wanted ? true : undefined))
    yield* eventually(`${path} with ${wanted}`, same)
  })

/** The call's recording; none if it is not there. */
export const readRecording = ({ folder }: Home, callId: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFile(`${folder}/transcripts/${callId}.wav`)).pipe(
    Effect.option,
    Effect.map(Option.getOrUndefined)
  )

/** The texts of one side, in order. */
export const texts = ({ transcript }: Pick<Call, "transcript">, role: "assistant" | "user"): ReadonlyArray<string> =>
  transcript.filter((turn) => turn.role === role).map(({ text }) => text)
