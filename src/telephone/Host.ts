/**
 * The door for Twilio: finds out where a request wants to go and whether it is genuine, before anything is done. The host
 * can be served on a port or mounted in memory.
 */
import { Effect, type Scope } from "effect"
import type { PhoneConfigValues } from "../Config.ts"
import { type Handshake, type Host, respond, type WireResponse, type WireSocket } from "../wire/Network.ts"
import type { Addresses, Endpoint } from "./Addresses.ts"
import type { Line } from "./Line.ts"
import type { Lines } from "./Lines.ts"
import { type FormParams, readForm, signedForm, signedHandshake } from "./Signature.ts"

/** Twilio's forms are some 1 kB. */
const largestBody = 64 * 1024

/** On the answer to `/health`. */
export const instanceHeader = "x-phone-instance"

const notFound = respond(404, "not found")
const forbidden = respond(403, "invalid signature")

export const makeHost = (
  config: Pick<PhoneConfigValues, "authToken">,
  addresses: Addresses,
  lines: Lines,
  parts: {
    readonly webhook: (endpoint: Endpoint, line: Line | undefined, params: FormParams) => Effect.Effect<WireResponse>
    readonly media: (socket: WireSocket) => Effect.Effect<void, never, Scope.Scope>
    /** Tells this process from every other: whoever asks here and at the public URL sees whether both are the same. */
    readonly instance: Effect.Effect<string>
  }
): Host => {
  let warned = false
  /** Once aloud, because it is nearly always a wrong setting; then quietly, because anybody can send such requests. */
  const refuse = Effect.suspend(() => {
    const log = warned ? Effect.logDebug : Effect.logWarning
    warned = true
    return Effect.as(
      log("A request without a valid Twilio signature was refused: check authToken and webhookHost"),
      forbidden
    )
  })

  return {
    http: (request) =>
      Effect.suspend(() => {
        const to = addresses.find(request.url)
        switch (to._tag) {
          case "Nowhere":
            return Effect.succeed(notFound)
          case "Health":
            if (request.method !== "GET" && request.method !== "HEAD") {
              return Effect.succeed(respond(405, "", { allow: "GET" }))
            }
            return Effect.map(parts.instance, (instance) =>
              respond(200, "ok", { "content-type": "text/plain", [instanceHeader]: instance })
            )
          case "Media":
            return Effect.succeed(respond(426, "", { upgrade: "websocket" }))
          case "Webhook": {
            if (request.method !== "POST") return Effect.succeed(respond(405, "", { allow: "POST" }))
            if (Buffer.byteLength(request.body) > largestBody) return Effect.succeed(respond(413))
            const params = readForm(request.body)
            if (!signedForm(config.authToken, request.headers["x-twilio-signature"], to.url, params)) return refuse
            const line = lines.get(to.callId)
            if (line !== undefined && line.token !== to.token) return Effect.succeed(notFound)
            return parts.webhook(to.endpoint, line, params)
          }
        }
      }),
    webSocket: (handshake) =>
      Effect.suspend((): Effect.Effect<Handshake> => {
        if (addresses.find(handshake.url)._tag !== "Media") {
          return Effect.succeed({ _tag: "Refuse" as const, response: notFound })
        }
        return signedHandshake(config.authToken, handshake.headers["x-twilio-signature"], addresses.media)
          ? Effect.succeed({ _tag: "Accept" as const, run: parts.media })
          : Effect.map(refuse, (response) => ({ _tag: "Refuse" as const, response }))
      })
  }
}
