/**
 * Twilio's REST API as effects: the `twilio` client on top, our `Network` below. Owns no policy: what to repeat and what a
 * refusal means is decided by who asks.
 */
import { createRequire } from "node:module"
import { Data, Duration, Effect, Either, Predicate, Redacted, Runtime } from "effect"
import type twilio from "twilio"
import type RequestClient from "twilio/lib/base/RequestClient.js"
import type {
  CallContextUpdateOptions,
  CallInstance,
  CallListInstanceCreateOptions
} from "twilio/lib/rest/api/v2010/account/call.js"
import type { PhoneConfigValues } from "../Config.ts"
import type { CallStatus } from "../domain/CallStatus.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import { bodyText, type Network, type NetworkError, type WireHeaders, type WireResponse } from "../wire/Network.ts"
import { restTimeout } from "./Patience.ts"
import { fromThrown, type RestError, Unclear } from "./RestErrors.ts"

/** A call as Twilio knows it. Reading lags behind reality by seconds (facts/twilio.md 1.3). */
export interface RemoteCall {
  readonly sid: string
  readonly status: CallStatus
  readonly createdAt: Date | undefined
  /** US dollars, positive; known some time after the end. */
  readonly price: number | undefined
  /** Of a call that was answered and is over. */
  readonly duration: Duration.Duration | undefined
}

/** What is told of it beside its status. */
export const detailsOf = ({ duration, price }: RemoteCall) => ({
  ...(price === undefined ? {} : { price }),
  ...(duration === undefined ? {} : { duration })
})

export interface Rest {
  readonly create: (order: CallListInstanceCreateOptions) => Effect.Effect<RemoteCall, RestError>
  readonly fetch: (sid: string) => Effect.Effect<RemoteCall, RestError>
  readonly update: (sid: string, change: CallContextUpdateOptions) => Effect.Effect<void, RestError>
  /** Newest first, at most 20. */
  readonly list: (which: {
    readonly to: PhoneNumber
    readonly from: PhoneNumber
    readonly since: Date
  }) => Effect.Effect<ReadonlyArray<RemoteCall>, RestError>
  /** Sids of the call's finished recordings. */
  readonly recordings: (callSid: string) => Effect.Effect<ReadonlyArray<string>, RestError>
  /** A file of the account, with our credentials: `path` is below the account, so it can go nowhere else. */
  readonly file: (path: string, timeout: Duration.Duration) => Effect.Effect<WireResponse, NetworkError>
}

const statuses: Readonly<Record<string, CallStatus>> = {
  queued: "dialing",
  initiated: "dialing",
  ringing: "ringing",
  "in-progress": "in-progress",
  completed: "completed",
  busy: "busy",
  failed: "failed",
  "no-answer": "no-answer",
  canceled: "canceled"
}

/** Twilio's word for a status in ours: what it has queued or initiated we are dialling already. */
export const statusOf = (text: string | undefined): CallStatus | undefined =>
  text !== undefined && Object.hasOwn(statuses, text) ? statuses[text] : undefined

export const isCallSid = (text: unknown): text is string => typeof text === "string" && /^CA[0-9a-fA-F]{32}$/.test(text)

/** What Twilio says in text; a call that was not answered has lasted "0". */
export const durationOf = (text: string | undefined): Duration.Duration | undefined => {
  const seconds = Number.parseInt(text ?? "", 10)
  return seconds > 0 ? Duration.seconds(seconds) : undefined
}

const readCall = (call: CallInstance): Effect.Effect<RemoteCall, Unclear> => {
  const status = statusOf(call.status)
  if (!isCallSid(call.sid) || status === undefined) {
    return new Unclear({ message: "Twilio's answer is no call." })
  }
  const price = Number.parseFloat(call.price)
  return Effect.succeed({
    sid: call.sid,
    status,
    createdAt: [call.dateCreated, call.startTime].find((date) => date instanceof Date),
    price: Number.isFinite(price) ? Math.abs(price) : undefined,
    duration: durationOf(call.duration)
  })
}

/** `application/x-www-form-urlencoded` with repeated names for arrays, as Twilio reads it. */
const encodeForm = (fields: unknown): string => {
  const form = new URLSearchParams()
  if (!Predicate.isRecord(fields)) return ""
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) form.append(name, String(one))
  }
  return form.toString()
}

/** Basic authentication, as all of Twilio's interfaces take it. */
export const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`

const parseBody = (text: string) => {
  try {
    return JSON.parse(text)
  } catch {
    // A proxy's HTML or nothing at all: the client gets it as the text it is, and says so in its exception.
    return text
  }
}

class Thrown extends Data.TaggedError("Thrown")<{ readonly thrown: unknown }> {}

/** Loads the client (a fifth of a second) only when a line is really built; `require` is synchronous, so virtual time stands still. */
const load = (): typeof twilio => createRequire(import.meta.url)("twilio")

export const makeRest = (
  config: Pick<PhoneConfigValues, "accountSid" | "authToken" | "twilioApiUrl">,
  network: Network["Type"]
): Rest => {
  const sdk = load()

  /** One client object per request: it carries the caller's fiber (interruption, clock) and keeps the answer's headers. */
  class WireClient extends sdk.RequestClient {
    readonly runtime: Runtime.Runtime<never>
    readonly signal: AbortSignal
    answered: WireHeaders = {}

    constructor(runtime: Runtime.Runtime<never>, signal: AbortSignal) {
      super()
      this.runtime = runtime
      this.signal = signal
    }

    override async request<TData>(ask: RequestClient.RequestOptions<TData>) {
      const target = new URL(ask.uri)
      const query = encodeForm(ask.params)
      const exchange = network.http({
        method: ask.method.toUpperCase(),
        url: `${config.twilioApiUrl}${target.pathname}${query === "" ? target.search : `?${query}`}`,
        headers: {
          ...Object.fromEntries(Object.entries(ask.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
          authorization: basic(ask.username ?? "", ask.password ?? "")
        },
        body: encodeForm(ask.data),
        timeout: restTimeout
      })
      const result = await Runtime.runPromise(this.runtime)(Effect.interruptible(Effect.either(exchange)), {
        signal: this.signal
      })
      if (Either.isLeft(result)) throw result.left
      this.answered = result.right.headers
      return { statusCode: result.right.status, body: parseBody(bodyText(result.right)), headers: result.right.headers }
    }
  }

  const ask = Effect.fnUntraced(function* <A>(use: (client: twilio.Twilio) => Promise<A>) {
    const runtime = yield* Effect.runtime<never>()
    let wire: WireClient | undefined
    return yield* Effect.tryPromise({
      try: (signal) => {
        wire = new WireClient(runtime, signal)
        return use(sdk(config.accountSid, Redacted.value(config.authToken), { httpClient: wire }))
      },
      catch: (thrown) => new Thrown({ thrown })
    }).pipe(
      // A defect below is a bug of ours, not an answer of Twilio's.
      Effect.catchAll(({ thrown }) =>
        Runtime.isFiberFailure(thrown) ? Effect.die(thrown) : Effect.fail(fromThrown(thrown, wire?.answered ?? {}))
      )
    )
  })

  return {
    create: (order) => ask((client) => client.calls.create(order)).pipe(Effect.flatMap(readCall)),
    fetch: (sid) => ask((client) => client.calls(sid).fetch()).pipe(Effect.flatMap(readCall)),
    update: (sid, change) => ask((client) => client.calls(sid).update(change)).pipe(Effect.asVoid),
    list: ({ to, from, since }) =>
      ask((client) => client.calls.list({ to, from, startTimeAfter: since, limit: 20 })).pipe(
        Effect.flatMap((calls) => Effect.forEach(calls, readCall))
      ),
    recordings: (callSid) =>
      ask((client) => client.calls(callSid).recordings.list({ limit: 5 })).pipe(
        Effect.map((all) => all.filter((one) => one.status === "completed").map((one) => one.sid))
      ),
    file: (path, timeout) =>
      network.http({
        method: "GET",
        url: `${config.twilioApiUrl}/2010-04-01/Accounts/${config.accountSid}/${path}`,
        headers: { authorization: basic(config.accountSid, Redacted.value(config.authToken)) },
        body: "",
        timeout
      })
  }
}
