/** Who may open a session. The handshake is always answered 101; the verdict comes as an event and a close (facts 1.2). */
import { Redacted } from "effect"
import type { WireHandshake } from "../../wire/Network.ts"

/** Why a session is closed right after it was opened. */
export interface Rejection {
  readonly type: string
  readonly code: string | null
  readonly message: string
  readonly close: number
}

const invalid = (code: string | null, message: string, close: number): Rejection => ({
  type: "invalid_request_error",
  code,
  message,
  close
})

/** The rejections of facts 1.2 by name, so that each can be asked for as a fault. */
export const rejections = {
  "wrong-key": invalid(
    "invalid_api_key",
    "Incorrect API key provided: ****. You can find your API key in the dashboard.",
    3000
  ),
  "no-key": invalid(null, "Missing bearer or basic authentication in header", 3000),
  "unknown-model": invalid("invalid_model", `Model "unknown" is not supported in realtime mode.`, 4000),
  "no-model": invalid("missing_model", "You must provide a model parameter, for example ?model=gpt-realtime-2.1", 4000),
  "retired-model": invalid("model_not_found", "The model does not exist or you do not have access to it.", 4004),
  beta: invalid(
    "beta_api_shape_disabled",
    "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
    4000
  ),
  "no-quota": {
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota, please check your plan and billing details.",
    close: 1013
  },
  "server-error": {
    type: "server_error",
    code: "server_error",
    message: "The server had an error while processing your request. Sorry about that!",
    close: 1011
  }
} as const satisfies Record<string, Rejection>

export type RejectionName = keyof typeof rejections

const models: ReadonlySet<string> = new Set([
  "gpt-realtime-2.1",
  "gpt-realtime-2.1-mini",
  "gpt-realtime-2",
  "gpt-realtime-1.5",
  "gpt-realtime",
  "gpt-realtime-2025-08-28",
  "gpt-realtime-mini",
  "gpt-realtime-mini-2025-12-15",
  "gpt-realtime-mini-2025-10-06"
])
const retired = /^gpt-4o(-mini)?-realtime-preview/

/** The model a handshake asks for, empty when it names none. */
export const modelOf = (handshake: WireHandshake): string => new URL(handshake.url).searchParams.get("model") ?? ""

/** What is wrong with a handshake, if anything. */
export const judge = (handshake: WireHandshake, apiKey: Redacted.Redacted): Rejection | undefined => {
  const protocols = handshake.headers["sec-websocket-protocol"] ?? ""
  if (handshake.headers["openai-beta"] !== undefined || protocols.includes("openai-beta.")) return rejections.beta
  const insecure = /openai-insecure-api-key\.([^,\s]+)/.exec(protocols)?.[1]
  const key = /^Bearer\s+(.+)$/i.exec(handshake.headers.authorization ?? "")?.[1] ?? insecure
  if (key === undefined) return rejections["no-key"]
  if (key !== Redacted.value(apiKey)) return rejections["wrong-key"]
  const model = modelOf(handshake)
  if (model === "") return rejections["no-model"]
  if (retired.test(model)) return rejections["retired-model"]
  if (models.has(model)) return undefined
  return { ...rejections["unknown-model"], message: `Model "${model}" is not supported in realtime mode.` }
}
