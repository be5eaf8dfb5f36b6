/**
 * Whether a request really comes from Twilio: `X-Twilio-Signature` over the URL as *we* gave it, never as the request
 * claims it (facts/twilio.md 5). The computing is Twilio's own; only its small webhook module is loaded.
 */
import { Redacted } from "effect"
import webhooks from "twilio/lib/webhooks/webhooks.js"

/** Body parameters by name; a repeated one keeps all its values, an empty one stays. */
export type FormParams = Readonly<Record<string, string | ReadonlyArray<string>>>

export const readForm = (body: string): FormParams => {
  const form = new URLSearchParams(body)
  const names = new Set(form.keys())
  return Object.fromEntries(
    [...names].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 && values[0] !== undefined ? values[0] : values]
    })
  )
}

export const signedForm = (
  token: Redacted.Redacted,
  signature: string | undefined,
  url: string,
  params: FormParams
): boolean => signature !== undefined && webhooks.validateRequest(Redacted.value(token), signature, url, params)

/** What Twilio would put on a handshake of this `wss:` URL. */
export const handshakeSignature = (token: Redacted.Redacted, url: string): string =>
  webhooks.getExpectedTwilioSignature(Redacted.value(token), url, {})

/** A handshake: over the `wss:` URL of the TwiML, without parameters; a trailing slash may have been added on the way. */
export const signedHandshake = (token: Redacted.Redacted, signature: string | undefined, url: string): boolean =>
  signedForm(token, signature, url, {}) || signedForm(token, signature, `${url}/`, {})
