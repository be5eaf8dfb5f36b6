/**
 * A service of one's own that embeds Phone: its own HTTP server, on which Twilio comes in under /phone, and its own
 * repository. Here on simulators; on real lines the configuration has your account and the URL that leads to this server.
 * `node docs/examples/service.ts` runs it; in a program of your own, import from "phone" and "phone/simulation".
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { fileURLToPath } from "node:url"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, FiberSet, Layer, Redacted } from "effect"
import { Calls, layerCalls, layerNetwork, nodeHandlers, Phone, TwilioHost } from "../../src/index.ts"
import { startSimulators } from "../../src/simulation/index.ts"
import { layerMemoryTranscripts } from "./memoryTranscripts.ts"

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
}

/** What this service is there for: `POST /reminders/+15550100001` calls, `GET /reminders` tells what came of all. */
const reminders = (request: IncomingMessage, response: ServerResponse) =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const path = request.url ?? "/"
    if (request.method === "GET" && path === "/reminders") {
      const { calls: made } = yield* calls.history({ limit: 100 })
      return json(
        response,
        200,
        made.map(({ outcome, status, to }) => ({ to, status, summary: outcome?.summary }))
      )
    }
    if (request.method !== "POST" || !path.startsWith("/reminders/")) return json(response, 404, {})
    const to = decodeURIComponent(path.slice("/reminders/".length))
    const id = yield* calls.place({ to, task: "Remind the patient of the appointment on Tuesday at 2 pm." })
    return json(response, 202, { id })
  }).pipe(Effect.catchAll(({ _tag, message }) => Effect.sync(() => json(response, 409, { error: _tag, message }))))

/** The server is there first: Twilio must be told where it listens. */
const listening = (port: number) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer().listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

const base = (server: Server): string => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
}

/** Twilio's door on the server: every request below /phone, and the media sockets. */
const layerDoor = (server: Server) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const phone = yield* nodeHandlers(yield* TwilioHost)
      server.on("upgrade", phone.upgrade)
      server.on("request", (request, response) => {
        if (request.url?.startsWith("/phone/")) phone.request(request, response)
      })
    })
  )

/** The rest of the server. Needs `Calls`, so it stops before they do. */
const layerReminders = (server: Server) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const run = yield* FiberSet.makeRuntime<Calls>()
      server.on("request", (request, response) => {
        if (!request.url?.startsWith("/phone/")) run(reminders(request, response))
      })
    })
  )

const account = {
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "simulated",
  openaiApiKey: "simulated",
  phoneNumber: "+15550100000"
}

/** The running service and its address, for as long as the scope. Port 0 takes a free one. */
export const service = Effect.fn("service")(function* (port: number) {
  const server = yield* listening(port)
  const { realtimeUrl, twilioApiUrl } = yield* startSimulators({
    accountSid: account.accountSid,
    authToken: Redacted.make(account.authToken),
    openaiApiKey: Redacted.make(account.openaiApiKey)
  })
  const layerPhone = layerCalls.pipe(
    Layer.provide(layerDoor(server)),
    Layer.provide(Phone.layerLines),
    Layer.provide(layerMemoryTranscripts),
    Layer.provide(
      Phone.layerConfig({
        ...account,
        webhookHost: `${base(server)}/phone`,
        twilioApiUrl,
        realtimeUrl,
        recordCalls: false
      })
    ),
    Layer.provide(layerNetwork)
  )
  yield* Layer.build(Layer.provide(layerReminders(server), layerPhone))
  return base(server)
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const running = Effect.flatMap(service(Number(process.env.PORT ?? 8080)), (url) =>
    Effect.zipRight(Effect.log(`listening at ${url}`), Effect.never)
  )
  NodeRuntime.runMain(Effect.scoped(running))
}
