/** What the machine's network must give: free ports or our own service on them, and a right clock. */
import { createServer, type Server } from "node:http"
import { Clock, Duration, Effect, Either } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { bodyText, Network } from "../../wire/Network.ts"
import { serviceUrl } from "../connection.ts"
import { ok, problem, skipped, warning } from "./Finding.ts"

const get = (url: string) =>
  Effect.flatMap(Network, (network) =>
    Effect.either(network.http({ method: "GET", url, headers: {}, body: "", timeout: "5 seconds" }))
  )

/** Listens for as long as the scope is open; fails with the code, such as EADDRINUSE. */
const listen = (port: number, host: string | undefined) =>
  Effect.acquireRelease(
    Effect.async<Server, string>((resume) => {
      const server = createServer()
      server.once("error", (error) => resume(Effect.fail("code" in error ? String(error.code) : error.message)))
      server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

/** `ours`: the service is running there. */
export type PortState = "free" | "ours" | "taken" | "forbidden"

const portState = (port: number, host: string | undefined, health: string) =>
  Effect.gen(function* () {
    if (port === 0) return "free"
    const tried = yield* Effect.either(Effect.scoped(listen(port, host)))
    if (Either.isRight(tried)) return "free"
    if (tried.left !== "EADDRINUSE") return "forbidden"
    const answer = yield* get(health)
    return Either.isRight(answer) && answer.right.status === 200 && /\bok\b/.test(bodyText(answer.right))
      ? "ours"
      : "taken"
  }).pipe(Effect.map((state): PortState => state))

const portFinding = (check: string, key: string, port: number, state: PortState) => {
  switch (state) {
    case "free":
      return ok(check, port === 0 ? "any free port" : `${port} is free; the service is not running`)
    case "ours":
      return ok(check, `${port}, the service is running`)
    case "taken":
      return problem(check, `${port} is used by another program`, `stop it ("ss -ltnp" names it), or change ${key}`)
    case "forbidden":
      return problem(check, `${port} cannot be used by this user`, `change ${key} to a port above 1023`)
  }
}

export const ports = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const { rpcHost, rpcPort, webhookPort } = config
  const webhook = yield* portState(webhookPort, undefined, `http://127.0.0.1:${webhookPort}/health`)
  const rpc = yield* portState(rpcPort, rpcHost, `${serviceUrl(config)}/health`)
  return {
    webhook,
    rpc,
    findings: [
      portFinding("webhook port", "webhookPort", webhookPort, webhook),
      rpc === "ours" && webhook === "free" && webhookPort !== 0
        ? warning(
            "rpc port",
            `${rpcPort}, a phone service is running, but not on webhookPort: it has another configuration`,
            "change rpcPort, or use that service's configuration"
          )
        : portFinding("rpc port", "rpcPort", rpcPort, rpc)
    ]
  }
})

/** Where notifications are configured, whether anybody is there; a receiver that answers in whatever way is not sent a notification that means nothing. */
export const receiver = Effect.fnUntraced(function* ({ notify }: PhoneConfigValues) {
  const check = "notifications"
  if (notify === undefined) return []
  const { host } = new URL(notify.url)
  const network = yield* Network
  const asked = { method: "HEAD", url: notify.url, headers: {}, body: "", timeout: "5 seconds" } as const
  const answer = yield* Effect.either(network.http(asked))
  const fix = "start the receiver, or correct notify.url; ends are kept for it"
  return [
    Either.isLeft(answer) ? warning(check, `${host}: ${answer.left.message}`, fix) : ok(check, `${host} is there`)
  ]
})

/** More than this and times in transcripts are wrong, and TLS may be refused. */
const tolerated = Duration.seconds(30)

/** By the Date header of whoever we dial through; HTTP dates are whole seconds. */
export const clock = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const check = "clock"
  if (config.provider === "simulated") return skipped(check, "the simulated line has the same clock")
  const before = yield* Clock.currentTimeMillis
  const answer = yield* get(config.twilioApiUrl)
  const after = yield* Clock.currentTimeMillis
  if (Either.isLeft(answer)) {
    return problem(
      check,
      `${config.twilioApiUrl}: ${answer.left.message}`,
      "let this machine reach it: calls are dialled there"
    )
  }
  const theirs = Date.parse(answer.right.headers.date ?? "")
  if (Number.isNaN(theirs)) return skipped(check, `${config.twilioApiUrl} tells no time`)
  const apart = Math.abs(theirs + 500 - (before + after) / 2)
  return apart > Duration.toMillis(tolerated)
    ? warning(
        check,
        `${Math.round(apart / 1000)} s apart from ${config.twilioApiUrl}`,
        "switch on time synchronisation (NTP)"
      )
    : ok(check, `agrees with ${config.twilioApiUrl}`)
})
