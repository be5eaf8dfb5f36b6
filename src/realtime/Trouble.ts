/**
 * What goes wrong with the Realtime service, judged in one place: whether trying again can help, and what a person can do
 * (facts/openai-realtime.md 1.2, 1.3, 4.7). Judges by codes; the server's texts are only passed on, without keys.
 */
import { Data, Duration } from "effect"
import { ModelUnavailable, RateLimited } from "../domain/errors.ts"
import type { HandshakeRefused, NetworkError, WireClose } from "../wire/Network.ts"
import type { ServerError } from "./Protocol.ts"

/** `fatal`: the same will happen again. `lost`: another try may do. `limited`: another try may do, later. */
export class Trouble extends Data.TaggedError("Trouble")<{
  readonly kind: "fatal" | "lost" | "limited"
  readonly code: string
  readonly message: string
  readonly retryAfter?: Duration.Duration
}> {}

const credentials = "OpenAI did not accept the API key: set openaiApiKey (or OPENAI_API_KEY) to a valid one."
const model = 'OpenAI does not offer this realtimeModel to your account: choose another, such as "gpt-realtime-2.1".'
const credit = "The OpenAI account has no credit left: add some at platform.openai.com."

/** Codes that end the session and would end the next one too, with what to do about them. */
const fatal: ReadonlyMap<string, string> = new Map([
  ["invalid_api_key", credentials],
  ["unauthorized", credentials],
  ["insufficient_permissions", "The OpenAI API key lacks the right to use the Realtime API: give it that right."],
  ["invalid_model", model],
  ["missing_model", model],
  ["model_not_found", model],
  ["beta_api_shape_disabled", "The server at realtimeUrl refused the request as of the old beta interface."],
  ["insufficient_quota", credit],
  ["credit_balance_exhausted", credit],
  ["billing_hard_limit_reached", credit],
  ["account_deactivated", "The OpenAI account is deactivated: settle it at platform.openai.com."]
])

/** Whether another model would meet with the same: it is about the key or the account. */
export const isAboutAccount = ({ code }: Trouble): boolean => fatal.has(code) && fatal.get(code) !== model

const limits: ReadonlySet<string> = new Set(["rate_limit_exceeded", "inference_rate_limit_exceeded"])

const withoutKeys = (text: string): string => text.replace(/\b(sk|ek)[-_][\w*.-]+/g, "<key>")
const sentence = (text: string): string => (text === "" || /[.!?]$/.test(text) ? text : `${text}.`)

/** `in 1m26.4s`, `in 350ms`: how long a limit says to wait. */
const waitIn = (text: string): Duration.Duration | undefined => {
  const [found, hours, minutes, seconds, millis] =
    /\bin (?=\d)(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?/.exec(text) ?? []
  if (found === undefined) return undefined
  const total =
    ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000 + Number(millis ?? 0)
  return total > 0 ? Duration.millis(total) : undefined
}

/** Whether asking again after this code can help; for failed responses as for sessions. */
export const isRetryable = (code: string): boolean => !fatal.has(code)

/** The code of an error, whatever the server left out. */
export const codeOf = (error: ServerError | null | undefined): string => error?.code ?? error?.type ?? "unknown"

/** What the server says about an error. */
export const messageOf = (error: ServerError | null | undefined): string =>
  withoutKeys(error?.message ?? "no explanation was given")

const judged = (code: string, said: string, otherwise: Trouble["kind"]): Trouble => {
  const advice = fatal.get(code)
  // The text about a wrong key quotes a part of the key: it is not passed on.
  if (advice !== undefined) {
    const quote = advice === credentials || said === "" ? "" : ` OpenAI says: ${sentence(said)}`
    return new Trouble({ kind: "fatal", code, message: `${advice}${quote}` })
  }
  if (limits.has(code)) {
    const retryAfter = waitIn(said)
    return new Trouble({
      kind: "limited",
      code,
      message: `OpenAI's rate limit is reached: try again later, or raise the limit. ${sentence(said)}`.trim(),
      ...(retryAfter ? { retryAfter } : {})
    })
  }
  const detail = said === "" ? "" : `: ${said}`
  return new Trouble({
    kind: otherwise,
    code,
    message:
      otherwise === "fatal"
        ? sentence(`OpenAI refused the session (${code})${detail}`)
        : `${sentence(`The session with OpenAI was lost (${code})${detail}`)} Trying again may help.`
  })
}

/** An `error` event that ends the session for good, or nothing: most leave it alive (facts 4.7). */
export const endOfSession = (error: ServerError): Trouble | undefined => {
  const code = codeOf(error)
  // A transcription model that does not exist is a refused update, not a dead session.
  if (fatal.has(code) && !(error.param ?? "").includes("transcription")) return judged(code, messageOf(error), "fatal")
  return code === "session_expired" ? judged(code, messageOf(error), "lost") : undefined
}

/** An `error` event in answer to our configuration: the same configuration will be refused again. */
export const refusedConfiguration = (error: ServerError): Trouble => {
  const transient = error.type === "server_error" || limits.has(codeOf(error))
  const at = error.param ? ` at ${error.param}` : ""
  return judged(codeOf(error), `${messageOf(error)}${at}`, transient ? "lost" : "fatal")
}

/**
 * A closed socket. The reason reads `<type>.<code>` (facts 1.2); `last` is the last error event, whose text explains the
 * close if it is about the same.
 */
export const closed = (close: WireClose, last: ServerError | undefined): Trouble => {
  const [, type, named] = /^([a-z_]+)(?:\.([a-z_]+))?$/.exec(close.reason) ?? []
  const explained =
    last !== undefined && type !== undefined && (named === undefined ? last.type === type : last.code === named)
  const said = explained ? messageOf(last) : type === undefined ? withoutKeys(close.reason) : ""
  // 3000 is about the key, also when it names no code.
  const code = named ?? (close.code === 3000 && !fatal.has(type ?? "") ? "unauthorized" : type)
  return judged(code ?? `closed_${close.code}`, said, close.code >= 3000 ? "fatal" : "lost")
}

const retryAfterOf = (headers: HandshakeRefused["headers"]): Duration.Duration | undefined => {
  const seconds = Number.parseFloat(headers["retry-after"] ?? "")
  return seconds >= 0 ? Duration.seconds(seconds) : undefined
}

/** Nothing was opened: an HTTP answer instead of a socket, or no answer. */
export const notOpened = (error: NetworkError | HandshakeRefused): Trouble => {
  if (error._tag === "NetworkError") {
    return new Trouble({
      kind: "lost",
      code: `network_${error.kind}`,
      message: `OpenAI could not be reached: ${sentence(withoutKeys(error.message))} Check the network and realtimeUrl.`
    })
  }
  const code = `http_${error.status}`
  const said = `the server answered ${error.status}`
  switch (error.status) {
    case 401:
      return new Trouble({ kind: "fatal", code, message: credentials })
    case 403:
      return judged(code, `${said}; the key or the region is not allowed`, "fatal")
    case 404:
      return judged(code, `${said}; check realtimeUrl`, "fatal")
    case 429: {
      const retryAfter = retryAfterOf(error.headers)
      const message = "OpenAI takes no more connections at the moment: try again later."
      return new Trouble({ kind: "limited", code, message, ...(retryAfter ? { retryAfter } : {}) })
    }
    default:
      return judged(code, said, error.status >= 500 ? "lost" : "fatal")
  }
}

/** Silence where an answer was due. */
export const noAnswer = new Trouble({
  kind: "lost",
  code: "timeout",
  message: "OpenAI did not get a session ready in time. Trying again may help."
})

/** Events come faster than they are read: a fault of ours, made loud. */
export const overrun = new Trouble({
  kind: "lost",
  code: "overrun",
  message: "The session's events were not read, and too many had gathered."
})

/** As the rest of Phone sees it. */
export const toFailure = (trouble: Trouble): ModelUnavailable | RateLimited =>
  trouble.kind === "limited"
    ? new RateLimited({
        service: "openai",
        code: trouble.code,
        message: trouble.message,
        ...(trouble.retryAfter ? { retryAfter: Duration.toSeconds(trouble.retryAfter) } : {})
      })
    : new ModelUnavailable({ code: trouble.code, message: trouble.message })
