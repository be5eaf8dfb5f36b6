/** A small world for these tests: the simulated Twilio, a service of ours written by hand, and the real npm client between. */
import { createRequire } from "node:module"
import { Cause, Deferred, Effect, Exit, Redacted, Runtime } from "effect"
import type twilioModule from "twilio"
import type RequestClient from "twilio/lib/base/RequestClient.js"
import { Ear, speak } from "../../../src/simulation/audio/SpokenText.ts"
import { makeSimulatedTwilio, type SimulatedTwilioOptions } from "../../../src/simulation/twilio/SimulatedTwilio.ts"
import { run } from "../../../src/simulation/VirtualTime.ts"
import { makeMemoryNetwork } from "../../../src/wire/Memory.ts"
import { type Host, Network, respond, type WireSocket } from "../../../src/wire/Network.ts"

const twilio: typeof twilioModule = createRequire(import.meta.url)("twilio")

export const accountSid = "AC00000000000000000000000000000001"
export const authToken = "12345678901234567890123456789012"
export const from = "+15550100000"
export const ours = "https://phone.test"

/** Anything that came over the media socket, with the time of the Effect Clock. */
export interface Received {
  readonly at: number
  readonly message: Readonly<Record<string, unknown>>
}

/** Our end of one media stream. */
export interface Agent {
  readonly socket: WireSocket
  readonly sid: string
  readonly received: ReadonlyArray<Received>
  /** Text of the callee so far. */
  readonly heard: () => string
  readonly play: (audio: Uint8Array) => void
  readonly say: (text: string) => void
  readonly mark: (name: string) => void
  readonly clear: () => void
  /** Waits for a message of this kind; `n` counts from 0. */
  readonly until: (event: string, n?: number) => Effect.Effect<Received>
  readonly closed: Effect.Effect<{ readonly code: number }>
}

const at = Effect.clockWith((clock) => Effect.sync(() => clock.unsafeCurrentTimeMillis()))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)
export const textAt = (message: unknown, ...path: ReadonlyArray<string>): string =>
  String(path.reduce<unknown>((value, name) => field(value, name), message))

const makeAgent = Effect.fnUntraced(function* (socket: WireSocket) {
  const clock = yield* Effect.clock
  const received: Array<Received> = []
  const waiting = new Set<() => void>()
  const ear = new Ear()
  const started = yield* Deferred.make<string>()
  const closed = yield* Deferred.make<{ readonly code: number }>()
  socket.listen({
    message: (text) => {
      const message: unknown = JSON.parse(text ?? "null")
      if (!isRecord(message)) throw new Error("binary")
      received.push({ at: clock.unsafeCurrentTimeMillis(), message })
      if (message.event === "media") ear.hear(Buffer.from(textAt(message, "media", "payload"), "base64"))
      if (message.event === "start") Deferred.unsafeDone(started, Effect.succeed(textAt(message, "streamSid")))
      for (const wake of [...waiting]) wake()
    },
    close: (close) => Deferred.unsafeDone(closed, Effect.succeed(close))
  })
  const sid = yield* Deferred.await(started)
  const send = (message: object) => socket.send(JSON.stringify({ streamSid: sid, ...message }))
  const play = (audio: Uint8Array) =>
    send({ event: "media", media: { payload: Buffer.from(audio).toString("base64") } })
  const agent: Agent = {
    socket,
    sid,
    received,
    heard: () => ear.text,
    play,
    say: (text) => play(speak(text)),
    mark: (name) => send({ event: "mark", mark: { name } }),
    clear: () => send({ event: "clear" }),
    until: (event, n = 0) =>
      Effect.async<Received>((resume) => {
        const look = () => {
          const found = received.filter(({ message }) => message.event === event)[n]
          if (found === undefined) return
          waiting.delete(look)
          resume(Effect.succeed(found))
        }
        waiting.add(look)
        look()
        return Effect.sync(() => waiting.delete(look))
      }),
    closed: Deferred.await(closed)
  }
  return agent
})

export interface Hook {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** What the SDK of Twilio says about the signature. */
  readonly genuine: boolean
}

export interface Service {
  readonly host: Host
  readonly hooks: Array<Hook>
  readonly handshakes: Array<{ readonly url: string; readonly genuine: boolean }>
  readonly agents: Array<Agent>
}

export interface ServiceOptions {
  /** TwiML by path. */
  readonly twiml?: Readonly<Record<string, string>>
  /** What our side does on a media stream; when it ends, we close the socket. Default: it listens to the end. */
  readonly agent?: (agent: Agent, n: number) => Effect.Effect<unknown>
  /** Other answers than 204, by path. */
  readonly answer?: Readonly<Record<string, Effect.Effect<ReturnType<typeof respond>>>>
}

/** Our side: webhooks and media socket. `base` is the address that Twilio knows it by. */
export const makeService = (options: ServiceOptions, base = () => ours): Service => {
  const hooks: Array<Hook> = []
  const handshakes: Array<{ readonly url: string; readonly genuine: boolean }> = []
  const agents: Array<Agent> = []
  return {
    hooks,
    handshakes,
    agents,
    host: {
      http: Effect.fnUntraced(function* ({ body, headers, method, url }) {
        const { pathname, search, searchParams } = new URL(url)
        const form = Object.fromEntries(new URLSearchParams(body))
        const signature = headers["x-twilio-signature"] ?? ""
        const genuine = twilio.validateRequest(authToken, signature, `${base()}${pathname}${search}`, form)
        const query = Object.fromEntries(searchParams)
        hooks.push({ at: yield* at, method, path: pathname, query, form, headers, genuine })
        const answer = options.answer?.[pathname]
        if (answer !== undefined) return yield* answer
        const twiml = options.twiml?.[pathname]
        return twiml === undefined ? respond(204) : respond(200, twiml, { "content-type": "text/xml; charset=utf-8" })
      }),
      webSocket: ({ headers, url }) =>
        Effect.sync(() => {
          const seen = `${base().replace("http", "ws")}${new URL(url).pathname}${new URL(url).search}`
          handshakes.push({
            url: seen,
            genuine: twilio.validateRequest(authToken, headers["x-twilio-signature"] ?? "", seen, {})
          })
          return {
            _tag: "Accept" as const,
            run: (socket) =>
              Effect.gen(function* () {
                const agent = yield* makeAgent(socket)
                const n = agents.push(agent) - 1
                yield* options.agent === undefined
                  ? agent.closed
                  : Effect.raceFirst(options.agent(agent, n), agent.closed)
              })
          }
        })
    }
  }
}

/** Takes the SDK's requests to our network in memory. */
class MemoryClient extends twilio.RequestClient {
  readonly #network: Network["Type"]
  readonly #runtime: Runtime.Runtime<never>

  constructor(network: Network["Type"], runtime: Runtime.Runtime<never>) {
    super()
    this.#network = network
    this.#runtime = runtime
  }

  override async request<TData>(ask: RequestClient.RequestOptions<TData>) {
    const url = new URL(ask.uri)
    for (const [name, value] of Object.entries(ask.params ?? {})) url.searchParams.append(name, String(value))
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(ask.data ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one))
    }
    const authorization = `Basic ${Buffer.from(`${ask.username}:${ask.password}`).toString("base64")}`
    const request = {
      method: ask.method.toUpperCase(),
      url: url.href,
      headers: { authorization },
      body: form.toString()
    }
    const { body, headers, status } = await Runtime.runPromise(this.#runtime)(this.#network.http(request))
    return { statusCode: status, body: JSON.parse(new TextDecoder().decode(body)), headers }
  }
}

/** `<Connect><Stream>` to our media socket, and what is around it. */
export const streaming = (before = "", after = "<Hangup/>", base = ours): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${before}<Connect><Stream url="${base.replace("http", "ws")}/media" statusCallback="${base}/stream"><Parameter name="token" value="a &amp; b"/></Stream></Connect>${after}</Response>`

/** Runs a story in virtual time, with everybody in place. */
export const inWorld = async <A, E>(
  options: ServiceOptions & { readonly twilio?: Partial<SimulatedTwilioOptions> },
  story: (world: {
    readonly client: ReturnType<typeof twilioModule>
    readonly simulated: Effect.Effect.Success<ReturnType<typeof makeSimulatedTwilio>>
    readonly service: Service
    /** Creates a call by the SDK, subscribed to everything, with TwiML at `/twiml`. */
    readonly call: (to: string, more?: Readonly<Record<string, unknown>>) => Effect.Effect<string>
    /** Waits until the call is over and all that follows it. */
    readonly over: Effect.Effect<ReturnType<Effect.Effect.Success<ReturnType<typeof makeSimulatedTwilio>>["calls"]>[0]>
  }) => Effect.Effect<A, E>
): Promise<A> => {
  const program = Effect.gen(function* () {
    const { mount, network } = yield* makeMemoryNetwork({ latency: "2 millis" })
    const service = makeService(options)
    const simulated = yield* makeSimulatedTwilio({
      accountSid,
      authToken: Redacted.make(authToken),
      ...options.twilio
    }).pipe(Effect.provideService(Network, network))
    yield* mount("https://api.twilio.com", simulated.host)
    yield* mount(ours, service.host)
    const runtime = yield* Effect.runtime()
    const client = twilio(accountSid, authToken, { httpClient: new MemoryClient(network, runtime) })
    const call = (to: string, more: Readonly<Record<string, unknown>> = {}) =>
      Effect.map(
        Effect.promise(() =>
          client.calls.create({
            to,
            from,
            url: `${ours}/twiml`,
            statusCallback: `${ours}/status`,
            statusCallbackEvent: ["initiated", "ringing", "answered", "completed"],
            ...more
          })
        ),
        ({ sid }) => sid
      )
    const over = Effect.gen(function* () {
      for (;;) {
        const [first] = simulated.calls()
        if (first?.endedAt !== undefined) {
          yield* Effect.sleep("10 seconds")
          return simulated.calls()[0] ?? first
        }
        yield* Effect.sleep("100 millis")
      }
    })
    return yield* story({ client, simulated, service, call, over })
  })
  const exit = await run(Effect.scoped(program), { seed: 7, maxVirtual: "2 hours" })
  return Exit.getOrElse(exit, (cause) => {
    throw new Error(Cause.pretty(cause))
  })
}

export const statuses = (log: { readonly statuses: ReadonlyArray<{ readonly status: string }> }) =>
  log.statuses.map(({ status }) => status)

export const heardText = (log: { readonly heard: ReadonlyArray<{ readonly text: string }> }) =>
  log.heard.map(({ text }) => text)
export const saidText = (log: { readonly said: ReadonlyArray<{ readonly text: string }> }) =>
  log.said.map(({ text }) => text)
