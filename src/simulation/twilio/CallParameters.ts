/** Reads and checks the form that creates a call (facts/twilio.md 1.1), as strictly as Twilio does on what we use. */
import { Either } from "effect"
import type { Account } from "./Account.ts"
import type { Callback, RecordingOrder, Source } from "./orders.ts"
import { RestError } from "./RestError.ts"

export interface CallParameters {
  readonly to: string
  readonly from: string
  readonly document: Source
  readonly status: (Callback & { readonly events: ReadonlyArray<string> }) | undefined
  /** Seconds. */
  readonly timeout: number
  readonly timeLimit: number
  readonly sendDigits: string
  readonly amd:
    | {
        readonly mode: "Enable" | "DetectMessageEnd"
        readonly async: boolean
        readonly callback: Callback | undefined
        /** Seconds. */
        readonly timeout: number
      }
    | undefined
  readonly record: RecordingOrder | undefined
  /** Url and Twiml were both given: Url wins (32019). */
  readonly twimlIgnored: boolean
}

const e164 = /^\+[1-9]\d{6,14}$/
const maxInlineTwiml = 4000

/** Lists come repeated, or in one value with spaces between: both are read. */
export const listOf = (form: URLSearchParams, name: string): ReadonlyArray<string> =>
  form.getAll(name).flatMap((value) => value.split(/[ ,]+/).filter((part) => part !== ""))

const absolute = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

const methodOf = (form: URLSearchParams, name: string): Either.Either<Callback["method"], RestError> => {
  const method = (form.get(name) ?? "POST").toUpperCase()
  return method === "GET" || method === "POST" ? Either.right(method) : Either.left(new RestError({ code: 21209 }))
}

/** The callback at `name`; its method stands at `nameMethod` unless it has a name of its own. */
export const callbackOf = (
  form: URLSearchParams,
  name: string,
  methodName = `${name}Method`
): Either.Either<Callback | undefined, RestError> => {
  const url = form.get(name)
  if (url === null || url === "") return Either.right(undefined)
  if (!absolute(url)) return Either.left(new RestError({ code: 21609, message: `Invalid ${name} URL` }))
  return Either.map(methodOf(form, methodName), (method) => ({ url, method }))
}

/** `Url` or `Twiml` of a create or an update; `undefined` when there is neither. */
export const documentOf = (form: URLSearchParams): Either.Either<Source | undefined, RestError> =>
  Either.gen(function* () {
    const url = form.get("Url") ?? ""
    const twiml = form.get("Twiml") ?? ""
    const fallback = yield* callbackOf(form, "FallbackUrl", "FallbackMethod")
    if (url !== "") {
      if (!absolute(url)) return yield* Either.left(new RestError({ code: 21205 }))
      const method = yield* methodOf(form, "Method")
      return { _tag: "Fetch" as const, url, method, extra: [], fallback }
    }
    if (twiml === "") return undefined
    if (twiml.length > maxInlineTwiml) return yield* Either.left(new RestError({ code: 32018 }))
    return { _tag: "Inline" as const, twiml }
  })

/** A whole number in bounds; else the error. */
const wholeOf = (
  form: URLSearchParams,
  name: string,
  usual: number,
  [min, max]: readonly [number, number],
  code: number
) => {
  const text = form.get(name)
  if (text === null || text === "") return Either.right(usual)
  const value = Number(text)
  return /^\d+$/.test(text) && value >= min && value <= max
    ? Either.right(value)
    : Either.left(new RestError({ code, message: `Invalid ${name}` }))
}

const amdOf = (form: URLSearchParams): Either.Either<CallParameters["amd"], RestError> =>
  Either.gen(function* () {
    const mode = form.get("MachineDetection") ?? ""
    const timeout = yield* wholeOf(form, "MachineDetectionTimeout", 30, [3, 59], 21234)
    yield* wholeOf(form, "MachineDetectionSpeechThreshold", 2400, [1000, 6000], 21234)
    yield* wholeOf(form, "MachineDetectionSpeechEndThreshold", 1200, [500, 5000], 21234)
    yield* wholeOf(form, "MachineDetectionSilenceTimeout", 5000, [2000, 10_000], 21234)
    if (mode === "") return undefined
    if (mode !== "Enable" && mode !== "DetectMessageEnd") return yield* Either.left(new RestError({ code: 21234 }))
    return {
      mode,
      async: form.get("AsyncAmd") === "true",
      callback: yield* callbackOf(form, "AsyncAmdStatusCallback"),
      timeout
    }
  })

/** What is to be recorded, asked for by the parameters of a create, or of `POST .../Recordings.json`. */
export const recordingOf = (
  form: URLSearchParams,
  source: RecordingOrder["source"]
): Either.Either<RecordingOrder, RestError> =>
  Either.map(callbackOf(form, "RecordingStatusCallback"), (callback) => {
    const events = listOf(form, "RecordingStatusCallbackEvent")
    return {
      channels: form.get("RecordingChannels") === "dual" ? 2 : 1,
      callback,
      events: events.length > 0 ? events : ["completed"],
      source
    }
  })

/**
 * The magic numbers of Twilio's test credentials (facts/twilio.md 1.5) are refused as there; of the other numbers the
 * account says which may call and be called.
 */
const numbersOf = (form: URLSearchParams, { ownNumbers, status, type, verified }: Account) =>
  Either.gen(function* () {
    const to = (form.get("To") ?? "").trim()
    const from = (form.get("From") ?? "").trim()
    const refuse = (code: number, message?: string) =>
      Either.left(new RestError(message === undefined ? { code } : { code, message }))
    if (status !== "active") return yield* refuse(20005)
    if (to === "") return yield* refuse(21201)
    if (from === "") return yield* refuse(21213)
    if (!e164.test(to)) return yield* refuse(21211, `The phone number you are attempting to call, ${to}, is not valid.`)
    if (!e164.test(from) || from === "+15005550001") return yield* refuse(21212)
    if (to === from) return yield* refuse(21211)
    const unknown = ownNumbers === undefined ? /^\+1500555/.test(from) : !ownNumbers.includes(from)
    if (unknown && !verified.includes(from) && from !== "+15005550006") return yield* refuse(21210)
    const magic: Readonly<Record<string, number>> = {
      "+15005550001": 21217,
      "+15005550002": 21214,
      "+15005550003": 21215,
      "+15005550004": 21216
    }
    const code = magic[to]
    if (code !== undefined) return yield* refuse(code)
    if (type === "Trial" && !verified.includes(to)) return yield* refuse(21219)
    return { to, from }
  })

/** The whole form, or the first thing that is wrong with it. */
export const readCall = (form: URLSearchParams, account: Account): Either.Either<CallParameters, RestError> =>
  Either.gen(function* () {
    const { from, to } = yield* numbersOf(form, account)
    const document = yield* documentOf(form)
    if (document === undefined) return yield* Either.left(new RestError({ code: 21205 }))
    const sendDigits = form.get("SendDigits") ?? ""
    if (!/^[0-9A-D*#wW]{0,32}$/.test(sendDigits)) return yield* Either.left(new RestError({ code: 21206 }))
    const status = yield* callbackOf(form, "StatusCallback")
    const events = listOf(form, "StatusCallbackEvent")
    const amd = yield* amdOf(form)
    return {
      to,
      from,
      document,
      status: status === undefined ? undefined : { ...status, events: events.length > 0 ? events : ["completed"] },
      timeout: yield* wholeOf(form, "Timeout", 60, [1, 600], 21208),
      timeLimit: yield* wholeOf(form, "TimeLimit", 14_400, [1, 86_400], 21208),
      sendDigits,
      amd: sendDigits === "" ? amd : undefined,
      record: form.get("Record") === "true" ? yield* recordingOf(form, "OutboundAPI") : undefined,
      twimlIgnored: document._tag === "Fetch" && (form.get("Twiml") ?? "") !== ""
    }
  })
