/** A scripted Twilio for the adapter's tests: its REST side as a `Network`, its calling side as signed requests and sockets. */
import { Duration, Effect, Fiber, Layer, Schema, TestClock } from "effect"
import webhooks from "twilio/lib/webhooks/webhooks.js"
import { PhoneConfig, PhoneConfigSchema } from "../../src/Config.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { type DialOrder, type Leg, type LegEvent, Telephone } from "../../src/Telephone.ts"
import { pulseMark } from "../../src/telephone/Pulse.ts"
import { layerTwilio, TwilioHost } from "../../src/telephone/Twilio.ts"
import {
  bodyText,
  type Host,
  Network,
  NetworkError,
  respond,
  respondJson,
  type WireClose,
  type WireRequest,
  type WireResponse
} from "../../src/wire/Network.ts"
import { socketPair } from "../../src/wire/SocketPair.ts"

export const authToken = "12345678901234567890123456789012"
export const accountSid = `AC${"0".repeat(32)}`
export const callSid = `CA${"1".repeat(32)}`
export const streamSid = (n: number) => `MZ${String(n).padStart(32, "0")}`
export const origin = "https://dial.example.test"

export const config = Schema.decodeUnknownSync(PhoneConfigSchema)({
  accountSid,
  authToken,
  phoneNumber: "+15005550006",
  openaiApiKey: "sk-test",
  webhookHost: origin,
  twilioApiUrl: "https://twilio.test"
})

export const order = (change: Partial<DialOrder> = {}): DialOrder => ({
  callId: CallId.make("abcd1234"),
  to: PhoneNumber.make("+15551230001"),
  from: PhoneNumber.make("+15005550006"),
  ringTimeout: Duration.seconds(30),
  timeLimit: Duration.seconds(600),
  record: true,
  detectMachine: true,
  absence: {
    wait: { text: "Einen Moment, bitte.", language: "de-DE" },
    apology: { text: "Es tut mir leid.", language: "de-DE" }
  },
  ...change
})

export const callJson = (status: string, more: Record<string, unknown> = {}) => ({
  sid: callSid,
  account_sid: accountSid,
  date_created: null,
  date_updated: null,
  start_time: null,
  end_time: null,
  status,
  price: null,
  subresource_uris: {},
  ...more
})

export const refusal = (status: number, code: number, message = "No.", headers = {}) =>
  respondJson(status, { code, message, more_info: "", status }, headers)

export const broken = (kind: NetworkError["kind"]) => new NetworkError({ kind, message: kind })

type Answer = (request: WireRequest) => Effect.Effect<WireResponse, NetworkError>

/** What Twilio answers, by kind of request; a test replaces what it is about. `asked` keeps all requests. */
export const makeRest = () => {
  const asked: Array<{ readonly kind: string; readonly form: URLSearchParams; readonly request: WireRequest }> = []
  const answers: Record<"create" | "update" | "fetch" | "list" | "recordings" | "file", Answer> = {
    create: () => Effect.succeed(respondJson(201, callJson("queued"))),
    update: () => Effect.succeed(respondJson(200, callJson("in-progress"))),
    fetch: () => Effect.succeed(respondJson(200, callJson("in-progress"))),
    list: () => Effect.succeed(respondJson(200, { calls: [], page: 0, page_size: 20, next_page_uri: null })),
    recordings: () => Effect.succeed(respondJson(200, { recordings: [], page: 0, page_size: 5, next_page_uri: null })),
    file: () => Effect.succeed(respond(200, "RIFF"))
  }
  const kindOf = ({ method, url }: WireRequest): keyof typeof answers => {
    const path = new URL(url).pathname
    if (path.endsWith("/Calls.json")) return method === "POST" ? "create" : "list"
    if (path.endsWith("/Recordings.json")) return "recordings"
    if (/\/Calls\/CA\w+\.json$/.test(path)) return method === "POST" ? "update" : "fetch"
    return "file"
  }
  return {
    asked,
    answers,
    of: (kind: keyof typeof answers) => asked.filter((one) => one.kind === kind),
    network: {
      http: (request: WireRequest) =>
        Effect.suspend(() => {
          const kind = kindOf(request)
          asked.push({ kind, form: new URLSearchParams(request.body || new URL(request.url).search), request })
          return answers[kind](request)
        }),
      webSocket: () => Effect.die("Twilio is never called by socket")
    }
  }
}

export type FakeRest = ReturnType<typeof makeRest>

/** Answers one after the other; the last one stays. */
export const oneByOne = (...answers: ReadonlyArray<Effect.Effect<WireResponse, NetworkError>>): Answer => {
  let at = 0
  return () => answers[Math.min(at++, answers.length - 1)] ?? Effect.die("no answer")
}

export const sign = (url: string, params: Record<string, string> = {}) =>
  webhooks.getExpectedTwilioSignature(authToken, url, params)

export interface Parameter {
  readonly call: string
  readonly token: string
}

/** What the TwiML says, as far as the tests care. */
export const parametersOf = (twiml: string): Parameter => ({
  call: /name="call" value="([^"]+)"/.exec(twiml)?.[1] ?? "",
  token: /name="token" value="([^"]+)"/.exec(twiml)?.[1] ?? ""
})

/** Twilio's end of a media socket. */
export const openMedia = Effect.fnUntraced(function* (host: Host) {
  const url = "wss://dial.example.test/twilio/media"
  const handshake = yield* host.webSocket({ url, headers: { "x-twilio-signature": sign(url) } })
  if (handshake._tag === "Refuse") return yield* Effect.dieMessage(`refused with ${handshake.response.status}`)
  const [theirs, ours] = socketPair()
  const received: Array<unknown> = []
  const closes: Array<WireClose> = []
  let isMute = false
  theirs.listen({
    message: (text) => {
      const message = JSON.parse(text ?? "null")
      const isPulse = message?.mark?.name === pulseMark
      if (!isPulse) received.push(message)
      // as Twilio does where nothing is being played
      else if (!isMute) theirs.send(text ?? "")
    },
    close: (close) => closes.push(close)
  })
  const fiber = yield* Effect.forkScoped(Effect.scoped(handshake.run(ours)))
  yield* Effect.yieldNow()
  const say = (message: unknown) => theirs.send(JSON.stringify(message))
  return {
    say,
    sendText: theirs.send,
    cut: theirs.terminate,
    /** From now on nothing comes by itself, nor when it is asked for. */
    mute: () => {
      isMute = true
    },
    received,
    closes,
    /** When the adapter is done with the socket. */
    done: Fiber.join(fiber),
    start: (sid: string, { call, token }: Parameter, inCall = callSid) => {
      say({ event: "connected", protocol: "Call", version: "1.0.0" })
      say({
        event: "start",
        sequenceNumber: "1",
        streamSid: sid,
        start: {
          accountSid,
          streamSid: sid,
          callSid: inCall,
          tracks: ["inbound"],
          mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
          customParameters: { call, token }
        }
      })
    },
    media: (sid: string, timestamp: number, payload: string) =>
      say({
        event: "media",
        streamSid: sid,
        media: { track: "inbound", chunk: "1", timestamp: String(timestamp), payload }
      })
  }
})

/** The adapter over a scripted Twilio. */
export const makeStage = Effect.gen(function* () {
  const rest = makeRest()
  const services = yield* Layer.build(
    layerTwilio.pipe(
      Layer.provide(Layer.mergeAll(Layer.succeed(PhoneConfig, config), Layer.succeed(Network, rest.network)))
    )
  )
  const telephone = yield* Telephone.pipe(Effect.provide(services))
  const host = yield* TwilioHost.pipe(Effect.provide(services))

  /** Where Twilio was told to reach us for this call. */
  const urlOf = (endpoint: string) => (rest.of("create")[0]?.form.get("Url") ?? "").replace(/\/voice$/, `/${endpoint}`)

  /** A genuine webhook. */
  const tell = (endpoint: string, params: Record<string, string>) => {
    const url = urlOf(endpoint)
    const all = { CallSid: callSid, AccountSid: accountSid, ToCity: "", ...params }
    return host.http({
      method: "POST",
      url: url.replace(origin, "http://127.0.0.1:18790"),
      headers: { "x-twilio-signature": sign(url, all), "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(all).toString()
    })
  }

  return {
    rest,
    telephone,
    host,
    urlOf,
    tell,
    /** The answer to the voice webhook. */
    voice: Effect.suspend(() => tell("voice", { CallStatus: "in-progress" })).pipe(Effect.map(bodyText))
  }
})

export type Stage = Effect.Effect.Success<typeof makeStage>

/** Lets everything happen that needs no time. */
export const settle = TestClock.adjust(0)

/** Everything a leg says, as it comes. */
export const follow = Effect.fnUntraced(function* (leg: Leg) {
  const seen: Array<LegEvent> = []
  const fiber = yield* Effect.forkScoped(leg.follow((event) => seen.push(event)))
  yield* settle
  return { seen, ended: Fiber.join(fiber) }
})

export const statusesOf = (events: ReadonlyArray<LegEvent>) =>
  events.flatMap((event) => (event._tag === "Status" ? [event.status] : []))
