/** What the network must give: free ports or our own service on them, a webhook URL that leads back here, a right clock. */
import { createServer, type Server } from "node:http"
import { Clock, Duration, Effect, Either } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { newToken } from "../../Entropy.ts"
import { bodyText, Network } from "../../wire/Network.ts"
import { serviceUrl } from "../connection.ts"
import { ok, problem, skipped, warning } from "./Finding.ts"

const get = (url: string) =>
  Effect.flatMap(Network, (network) =>
    Effect.either(network.http({ method: "GET", url, headers: {}, body: "", timeout: "5 seconds" }))
  )

/** Listens for as long as the scope is open and answers everything with `text`; fails with the code, such as EADDRINUSE. */
const listen = (port: number, host: string | undefined, text: string) =>
  Effect.acquireRelease(
    Effect.async<Server, string>((resume) => {
      const server = createServer((_, response) => response.end(text))
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
type PortState = "free" | "ours" | "taken" | "forbidden"

const portState = (port: number, host: string | undefined, health: string) =>
  Effect.gen(function* () {
    if (port === 0) return "free"
    const tried = yield* Effect.either(Effect.scoped(listen(port, host, "")))
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
    findings: [
      portFinding("webhook port", "webhookPort", webhookPort, webhook),
      portFinding("rpc port", "rpcPort", rpcPort, rpc)
    ]
  }
})

/**
 * Whether what Twilio will ask reaches this machine: through the running service, or else through a server of our own that
 * answers with a word nobody else knows.
 */
export const webhookUrl = Effect.fnUntraced(function* (config: PhoneConfigValues, port: PortState) {
  const check = "webhook URL"
  if (config.provider === "simulated") return skipped(check, "the simulated line is in the process itself")
  if (port === "taken" || port === "forbidden" || config.webhookPort === 0) {
    return skipped(check, "could not be tried: webhookPort is not ours")
  }
  const word = port === "free" ? yield* newToken : "ok"
  const url = `${config.webhookHost}/health`
  const asked = port === "free" ? Effect.zipRight(listen(config.webhookPort, undefined, word), get(url)) : get(url)
  const answer = yield* Effect.scoped(asked).pipe(
    Effect.catchAll((code) => Effect.succeed(Either.left({ message: `cannot listen (${code})` })))
  )
  if (Either.isLeft(answer)) {
    return problem(
      check,
      `${url}: ${answer.left.message}`,
      `expose port ${config.webhookPort} and set webhookHost to its URL`
    )
  }
  if (answer.right.status === 200 && bodyText(answer.right).trim() === word) return ok(check, `${url} leads here`)
  return problem(
    check,
    `${url} answers ${answer.right.status}, but not from here`,
    `point the tunnel or proxy at port ${config.webhookPort}, such as "ngrok http ${config.webhookPort}", and set webhookHost`
  )
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
