/**
 * Whether what Twilio will ask reaches this machine: the certificate, HTTP and WebSockets through `webhookHost`, and how long
 * that takes. While no service runs, a server of our own answers with a word that nobody else knows; a running one is asked.
 */
import { connect } from "node:tls"
import { Clock, Deferred, Duration, Effect, Either, Option } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { newToken } from "../../Entropy.ts"
import { makeAddresses } from "../../telephone/Addresses.ts"
import { instanceHeader } from "../../telephone/Host.ts"
import { handshakeSignature } from "../../telephone/Signature.ts"
import { bodyText, type HandshakeRefused, type Host, Network, type NetworkError, respond } from "../../wire/Network.ts"
import { serveHost } from "../../wire/Node.ts"
import { type Finding, ok, problem, skipped, warning } from "./Finding.ts"
import type { PortState } from "./network.ts"

const patience = "5 seconds"

/** Every answer of the agent is later by this much. */
const slow = Duration.millis(300)
const pings = 5

const get = (url: string) =>
  Effect.flatMap(Network, (network) =>
    Effect.either(network.http({ method: "GET", url, headers: {}, body: "", timeout: patience }))
  )

const expose = ({ webhookPort }: PhoneConfigValues) =>
  `point a tunnel or proxy at port ${webhookPort}, such as "ngrok http ${webhookPort}", and set webhookHost to its URL`

interface Certificate {
  readonly issuer: string
  readonly expires: number
  /** Why nobody would trust it. */
  readonly fault: string | undefined
}

const text = (value: string | ReadonlyArray<string> | undefined): string =>
  typeof value === "string" ? value : (value?.[0] ?? "")

const certificateOf = (url: URL) =>
  Effect.async<Certificate, string>((resume) => {
    const port = url.port === "" ? 443 : Number(url.port)
    const socket = connect({ host: url.hostname, port, servername: url.hostname, rejectUnauthorized: false }, () => {
      const { issuer, valid_to } = socket.getPeerCertificate()
      const fault = socket.authorized ? undefined : String(socket.authorizationError)
      resume(Effect.succeed({ issuer: text(issuer.O) || text(issuer.CN), expires: Date.parse(valid_to), fault }))
    })
    socket.on("error", (error) => resume(Effect.fail(error.message)))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutFail({ duration: patience, onTimeout: () => "no answer" }))

const day = 86_400_000

/** Twilio refuses what a browser would warn of. None on loopback, where there is no TLS. */
const certificate = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const check = "certificate"
  const url = new URL(config.webhookHost)
  if (url.protocol !== "https:") return Option.none<Finding>()
  const seen = yield* Effect.either(certificateOf(url))
  if (Either.isLeft(seen)) return Option.some(problem(check, `${url.host}: ${seen.left}`, expose(config)))
  const { expires, fault, issuer } = seen.right
  if (fault !== undefined) {
    const fix = "use one of a public authority, such as Let's Encrypt; tunnels bring their own"
    return Option.some(problem(check, `${url.host}: Twilio will not trust it (${fault})`, fix))
  }
  const left = Math.floor((expires - (yield* Clock.currentTimeMillis)) / day)
  const found = `issued by ${issuer}, valid for ${left} days`
  return Option.some(left < 7 ? warning(check, found, "renew it in time") : ok(check, found))
})

/** Answers the word, and every frame with itself, at one path and nowhere else. */
const echoing = (path: string, word: string): Host => {
  const here = (url: string) => new URL(url).pathname.endsWith(path)
  return {
    http: ({ url }) => Effect.succeed(here(url) ? respond(200, word) : respond(404)),
    webSocket: ({ url }) =>
      Effect.succeed(
        here(url)
          ? {
              _tag: "Accept",
              run: (socket) =>
                Effect.async((resume) =>
                  socket.listen({
                    message: (frame) => void socket.send(frame ?? ""),
                    close: () => resume(Effect.void)
                  })
                )
            }
          : { _tag: "Refuse", response: respond(404) }
      )
  }
}

const open = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(Network, (network) => network.webSocket(url, { headers, timeout: patience }))

/** The quickest of some round trips on one socket: what the way itself takes. */
const roundTrip = Effect.fnUntraced(function* (url: string) {
  const socket = yield* open(url)
  let came = yield* Deferred.make<boolean>()
  socket.listen({
    message: () => Deferred.unsafeDone(came, Effect.succeed(true)),
    close: () => Deferred.unsafeDone(came, Effect.succeed(false))
  })
  let best = Number.POSITIVE_INFINITY
  for (let ping = 0; ping < pings; ping++) {
    came = yield* Deferred.make<boolean>()
    const [took, back] = yield* Effect.timed(
      Effect.zipRight(
        Effect.sync(() => socket.send(String(ping))),
        Effect.timeoutTo(Deferred.await(came), {
          duration: patience,
          onSuccess: (back) => back,
          onTimeout: () => false
        })
      )
    )
    if (!back) return undefined
    best = Math.min(best, Duration.toMillis(took))
  }
  return best
}, Effect.scoped)

const through = "calls are heard through WebSockets: use a tunnel or proxy that passes them on (nginx: Upgrade headers)"

const refusedSocket = (error: NetworkError | HandshakeRefused, check: string): Finding =>
  problem(
    check,
    error._tag === "HandshakeRefused"
      ? `they do not come through: the handshake was answered ${error.status}`
      : `they do not come through: ${error.message}`,
    through
  )

/** Through a server of our own. */
const withoutService = (config: PhoneConfigValues) =>
  Effect.gen(function* () {
    const word = yield* newToken
    const path = `/doctor/${yield* newToken}`
    yield* serveHost(echoing(path, word), { hostname: "0.0.0.0", port: config.webhookPort })
    const answer = yield* get(`${config.webhookHost}${path}`)
    const leads = yield* leadsHere(config, answer, ({ body }) => body === word)
    if (leads.state !== "ok") return [leads]
    const check = "websockets"
    const socket = yield* Effect.either(roundTrip(`${config.webhookHost.replace(/^http/, "ws")}${path}`))
    if (Either.isLeft(socket)) return [leads, refusedSocket(socket.left, check)]
    if (socket.right === undefined) return [leads, problem(check, "one was opened, but nothing came back", through)]
    const found = `come through, there and back in ${Math.max(1, Math.round(socket.right))} ms`
    return [
      leads,
      socket.right > Duration.toMillis(slow)
        ? warning(check, found, "every answer is later by that: use a tunnel or server that is nearer")
        : ok(check, found)
    ]
  }).pipe(
    Effect.scoped,
    Effect.catchTag("CannotListen", ({ message }) => Effect.succeed([skipped("webhook URL", `not tried: ${message}`)]))
  )

interface Answered {
  readonly status: number
  readonly body: string
  readonly instance: string | undefined
}

const leadsHere = (
  config: PhoneConfigValues,
  answer: Effect.Effect.Success<ReturnType<typeof get>>,
  isOurs: (answered: Answered) => boolean
): Effect.Effect<Finding> =>
  Effect.sync(() => {
    const check = "webhook URL"
    const { webhookHost } = config
    if (Either.isLeft(answer)) return problem(check, `${webhookHost}: ${answer.left.message}`, expose(config))
    const { headers, status } = answer.right
    const body = bodyText(answer.right).trim()
    if (status === 200 && isOurs({ status, body, instance: headers[instanceHeader] })) {
      return ok(check, `${webhookHost} leads here`)
    }
    return problem(check, `${webhookHost} answers ${status}, but not from here`, expose(config))
  })

/** Through the service that runs: both ways to it must meet the same process, and it must take our signature. */
const withService = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const local = yield* get(`http://127.0.0.1:${config.webhookPort}/health`)
  const instance = Either.isRight(local) ? local.right.headers[instanceHeader] : undefined
  const answer = yield* get(`${config.webhookHost}/health`)
  const leads = yield* leadsHere(config, answer, (seen) => seen.body === "ok" && seen.instance === instance)
  if (leads.state !== "ok") return [leads]
  const check = "websockets"
  const { media } = makeAddresses(config.webhookHost)
  const headers = { "x-twilio-signature": handshakeSignature(config.authToken, media) }
  const socket = yield* Effect.either(Effect.scoped(open(media, headers)))
  if (Either.isRight(socket)) return [leads, ok(check, "come through, and the service knows our signature")]
  const { left } = socket
  if (left._tag === "HandshakeRefused" && left.status === 403) {
    const fix = "start it again: its authToken or webhookHost is another one than in this configuration"
    return [leads, problem(check, "the running service refuses a signed handshake", fix)]
  }
  return [leads, refusedSocket(left, check)]
})

export const wayIn = Effect.fnUntraced(function* (config: PhoneConfigValues, port: PortState) {
  if (config.provider === "simulated") return [skipped("webhook URL", "the simulated line is in the process itself")]
  if (port === "taken" || port === "forbidden" || config.webhookPort === 0) {
    return [skipped("webhook URL", "could not be tried: webhookPort is not ours")]
  }
  const tls = yield* certificate(config)
  const first = Option.toArray(tls)
  if (first.some(({ state }) => state === "problem")) return first
  return [...first, ...(yield* port === "ours" ? withService(config) : withoutService(config))]
})
