/**
 * Asks the phone service: one POST per question (docs/rpc.md), every failure an answer that can be read. Keeps no
 * connection and no state, so it is the same in each of the host's module instances.
 */
import { isRecord, textAt } from "./json.ts"
import { type Problem, readSettings, type Settings } from "./settings.ts"

export type Answer =
  | { readonly _tag: "Answered"; readonly value: unknown }
  /** The service's typed errors: a refusal, or that there is no such call. */
  | { readonly _tag: "Refused"; readonly type: string; readonly message: string }
  /** `arrived`: what became of the question. Only one whose connection broke is worth asking again at once. */
  | { readonly _tag: "Unreachable"; readonly message: string; readonly arrived: "never" | "perhaps" | "cut off" }

export interface Question {
  readonly tag: string
  readonly payload: Readonly<Record<string, unknown>> | ((settings: Settings) => Readonly<Record<string, unknown>>)
  /** Milliseconds that the service itself may take, beyond the usual. */
  readonly wait?: number
  readonly signal?: AbortSignal | undefined
}

export interface PhoneService {
  readonly ask: (question: Question) => Promise<Answer>
}

/** Milliseconds for connecting and answering together: the service answers in a few. */
const patience = 4_000

const unreachable = (message: string, arrived: "never" | "perhaps" | "cut off"): Answer => ({
  _tag: "Unreachable",
  message,
  arrived
})

/** What was refused here never left this machine. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"])
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up"
}

const unreachableBecause = (url: string, error: unknown): Answer => {
  const cause = isRecord(error) ? error.cause : undefined
  const code = textAt(cause, "code") ?? ""
  const timedOut = isRecord(error) && error.name === "TimeoutError"
  const why = timedOut ? "it did not answer in time" : (reasons[code] ?? "the connection broke")
  return unreachable(
    `phone service unreachable at ${url}: ${why}${code === "" ? "" : ` (${code})`}. ` +
      'It is started with "phone serve"; its address is plugins.entries.phone.config.url.',
    neverSent.has(code) ? "never" : timedOut ? "perhaps" : "cut off"
  )
}

const unauthorized = (url: string) =>
  `The phone service at ${url} does not accept the token. ` +
  "Set plugins.entries.phone.config.token to the service's rpcToken (by default in the file rpc-token beside its database)."

/** The one Exit among the answers. A defect, or anything else that is no answer, is told as it stands. */
const readAnswer = (url: string, body: unknown): Answer => {
  const message: unknown = Array.isArray(body) ? body[0] : undefined
  const exit = isRecord(message) ? message.exit : undefined
  if (!isRecord(exit)) return unreachable(`What answers at ${url} is no phone service.`, "never")
  if (exit._tag === "Success") return { _tag: "Answered", value: exit.value }
  const error = isRecord(exit.cause) ? exit.cause.error : undefined
  const type = textAt(error, "_tag")
  if (type === "Unauthorized") return { _tag: "Refused", type, message: unauthorized(url) }
  if (type !== undefined) return { _tag: "Refused", type, message: textAt(error, "message") ?? type }
  const defect = isRecord(exit.cause) ? exit.cause.defect : undefined
  const said = typeof defect === "string" ? defect : textAt(defect, "message")
  // interrupted: the service stops
  if (said === undefined) return unreachable(`The phone service at ${url} did not answer: it is stopping.`, "cut off")
  return { _tag: "Refused", type: "Defect", message: `The phone service could not answer: ${said}` }
}

const post = async (settings: Settings, question: Question): Promise<Answer> => {
  const { payload, signal, tag, wait = 0 } = question
  const deadline = AbortSignal.timeout(patience + wait)
  try {
    const response = await fetch(`${settings.url}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${settings.token}` },
      body: JSON.stringify({ tag, payload: typeof payload === "function" ? payload(settings) : payload }),
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline])
    })
    const body: unknown = await response.json().catch(() => undefined)
    return readAnswer(settings.url, body)
  } catch (error) {
    return unreachableBecause(settings.url, error)
  }
}

const isProblem = (read: Settings | Problem): read is Problem => "problem" in read

export const makePhoneService = (pluginConfig: unknown): PhoneService => ({
  ask: async (question) => {
    const settings = await readSettings(pluginConfig)
    return isProblem(settings) ? unreachable(settings.problem, "never") : post(settings, question)
  }
})
