/**
 * How a notification proves where it comes from: the headers of Standard Webhooks (standardwebhooks.com), so that receivers
 * check it with a library of their language. Pure; the time is the caller's.
 */
import { createHmac } from "node:crypto"
import { Either, Encoding, Redacted } from "effect"
import type { WireHeaders } from "../wire/Network.ts"

const encodedPrefix = "whsec_"

/** The bytes of a secret: base64 after "whsec_", else the text itself in UTF-8. `undefined` when it holds no base64 there. */
export const keyOf = (secret: string): Uint8Array | undefined => {
  if (!secret.startsWith(encodedPrefix)) return new TextEncoder().encode(secret)
  const key = Either.getOrUndefined(Encoding.decodeBase64(secret.slice(encodedPrefix.length)))
  return key === undefined || key.length === 0 ? undefined : key
}

/** What is signed. `id` is the same at every attempt; `timestamp` is the attempt's, in seconds since 1970. */
export interface Signed {
  readonly id: string
  readonly timestamp: number
  readonly body: string
}

/** `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`. */
export const signatureHeaders = (secret: Redacted.Redacted, { body, id, timestamp }: Signed): WireHeaders => {
  const key = keyOf(Redacted.value(secret)) ?? new Uint8Array()
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": `v1,${mac}` }
}
