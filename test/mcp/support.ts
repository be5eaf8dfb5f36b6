/** The official SDK's client, connected in three ways, and a whole service on the simulated line for it to use. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import {
  type CallToolResult,
  CallToolResultSchema,
  type ElicitRequest,
  ElicitRequestSchema,
  type ElicitResult,
  ListToolsResultSchema,
  type Progress
} from "@modelcontextprotocol/sdk/types.js"
import { Data, Effect, Redacted, Schedule, Schema, Stream } from "effect"
import { PhoneConfigSchema } from "../../src/Config.ts"
import { Call } from "../../src/domain/Call.ts"
import { CallNotFound } from "../../src/domain/errors.ts"
import type { PhoneAccess } from "../../src/mcp/PhoneAccess.ts"
import { makeServer } from "../../src/mcp/server.ts"
import { startService } from "../../src/Service.ts"

/** What the SDK's client threw. */
export class ClientError extends Data.TaggedError("ClientError")<{
  readonly code: unknown
  readonly message: string
}> {}

export const ask = <A>(run: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new ClientError({
        code: error instanceof Error && "code" in error ? error.code : undefined,
        message: String(error)
      })
  })

/** The person at the client: what they do when they are asked. The signal tells that they need not any more. */
export type Person = (asked: ElicitRequest["params"], signal: AbortSignal) => Promise<ElicitResult>

/**
 * Connected while the scope is open. It has listed the tools, so that it holds every result against its output schema.
 * Without a person it cannot ask one.
 */
const connected = (make: () => Transport, person?: Person) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const capabilities = person === undefined ? {} : { elicitation: {} }
        const client = new Client({ name: "test", version: "0" }, { capabilities })
        if (person !== undefined) {
          client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => person(params, signal))
        }
        return client
      }),
      (client) => Effect.promise(() => client.close())
    )
    yield* ask(() => client.connect(make()))
    yield* ask(() => client.listTools())
    return client
  })

export const overHttp = (url: string, token: string, person?: Person) =>
  connected(
    () =>
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } }
      }),
    person
  )

const root = fileURLToPath(new URL("../..", import.meta.url))

export const command = ["--disable-warning=ExperimentalWarning", `${root}src/main.ts`, "mcp"]

/** Nothing of our environment but what node needs. */
export const environment = {
  PATH: process.env.PATH ?? "",
  HOME: "/nowhere",
  NODE_COMPILE_CACHE: `${root}node_modules/.cache/node`
}

/** The real command in a process of its own; `said` are the lines of its stderr. */
export const overStdio = (args: ReadonlyArray<string>, person?: Person) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...command, ...args],
      env: environment,
      stderr: "pipe"
    })
    transport.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()))
    const client = yield* connected(() => transport, person)
    return { client, said }
  })

/** A phone that knows nobody, but for what is given. */
export const fakePhone = (some: Partial<PhoneAccess> = {}): PhoneAccess => {
  const notFound = (callId: string) => new CallNotFound({ callId, message: `There is no call "${callId}".` })
  return {
    place: () => Effect.die("nobody places a call here"),
    status: notFound,
    history: () => Effect.succeed({ calls: [] }),
    watch: (callId) => Stream.fail(notFound(callId)),
    hangUp: notFound,
    say: notFound,
    answer: notFound,
    ...some
  }
}

/** Our server and the SDK's client in this process. */
export const inMemory = (phone: PhoneAccess, person?: Person) =>
  Effect.gen(function* () {
    const [near, far] = InMemoryTransport.createLinkedPair()
    const server = yield* makeServer(phone)
    yield* server.connect(far)
    return yield* connected(() => near, person)
  })

interface Asking {
  readonly onprogress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** Interrupting it cancels the request, as the protocol has it. */
export const use = (client: Client, name: string, args: Record<string, unknown> = {}, options: Asking = {}) =>
  Effect.map(
    ask((signal) =>
      client.callTool({ name, arguments: args }, CallToolResultSchema, { signal, timeout: 60_000, ...options })
    ),
    (result): CallToolResult => CallToolResultSchema.parse(result)
  )

export const toolsOf = (client: Client) =>
  Effect.map(
    ask(() => client.listTools()),
    (listed) => ListToolsResultSchema.parse(listed).tools
  )

export const textOf = ({ content }: CallToolResult): string =>
  content.map((part) => (part.type === "text" ? part.text : "")).join("\n")

export const callOf = ({ structuredContent }: CallToolResult) => Schema.decodeUnknown(Call)(structuredContent)

/** A service on the simulated line in a folder of its own, on free ports if none is given. */
export const simulatedService = Effect.fnUntraced(function* (rpcPort = 0) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "phone-mcp-" })
  const config = yield* Schema.decode(PhoneConfigSchema)({
    provider: "simulated",
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "simulated",
    openaiApiKey: "simulated",
    phoneNumber: "+15550100000",
    webhookHost: "http://127.0.0.1:1",
    webhookPort: 0,
    rpcPort,
    rpcToken: "the-token",
    callsPerSecond: 50,
    database: `${folder}/phone.db`,
    transcriptsDir: `${folder}/transcripts`
  })
  const { rpcToken, rpcUrl } = yield* startService(config)
  return { url: rpcUrl, token: Redacted.value(rpcToken) }
})

/** Looks again and again until it is so. */
export const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, is: (seen: A) => boolean) =>
  look.pipe(
    Effect.filterOrFail(is, () => "not yet" as const),
    Effect.retry({ schedule: Schedule.spaced("20 millis"), while: (error) => error === "not yet" }),
    Effect.timeout("20 seconds")
  )
