/**
 * The secret of a call in the paths of its webhooks. It follows from the call's id and the account's token, so that a process
 * which takes a call over from one that died knows it too, and nobody else does.
 */
import { createHmac } from "node:crypto"
import { Redacted } from "effect"
import type { CallId } from "../domain/Ids.ts"

/** 40 lower-case hexadecimal digits: 160 bits of HMAC-SHA-256. */
export const lineToken = (authToken: Redacted.Redacted, callId: CallId): string =>
  createHmac("sha256", Redacted.value(authToken)).update(`phone line ${callId}`).digest("hex").slice(0, 40)
