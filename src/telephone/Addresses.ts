/** The URLs under which Twilio reaches us, and the way back from a URL to what is meant. Everything is built from `webhookHost`. */
import { Schema } from "effect"
import { CallId } from "../domain/Ids.ts"

/** What Twilio tells or asks about one call. `dialed`: the other end of a transfer has picked up; `dial`: it is over. */
export const Endpoint = Schema.Literal("voice", "status", "amd", "recording", "stream", "dial", "dialed")
export type Endpoint = typeof Endpoint.Type

/** Where a request wants to go. `url` is what Twilio must have signed. */
export type Destination =
  | { readonly _tag: "Health" }
  | { readonly _tag: "Media" }
  | {
      readonly _tag: "Webhook"
      readonly callId: CallId
      readonly token: string
      readonly endpoint: Endpoint
      readonly url: string
    }
  | { readonly _tag: "Nowhere" }

export interface Addresses {
  /** `token` is the call's own: unguessable, so that a callback proves which call it is about. */
  readonly webhook: (call: { readonly callId: CallId; readonly token: string }, endpoint: Endpoint) => string
  /** The one address of all media sockets: no query, no trailing slash (facts/twilio.md 5, 6). */
  readonly media: string
  /** Reads only the path: the host of a request is whatever its sender said. */
  readonly find: (url: string) => Destination
}

const isCallId = Schema.is(CallId)
const isEndpoint = Schema.is(Endpoint)

export const makeAddresses = (webhookHost: string): Addresses => {
  const prefix = new URL(webhookHost).pathname.replace(/\/+$/, "")
  const webhook: Addresses["webhook"] = ({ callId, token }, endpoint) =>
    `${webhookHost}/twilio/${callId}/${token}/${endpoint}`
  return {
    webhook,
    media: `${webhookHost.replace(/^http/, "ws")}/twilio/media`,
    find: (url) => {
      if (!URL.canParse(url)) return { _tag: "Nowhere" }
      const path = new URL(url).pathname
      // A proxy may or may not strip the path under which it publishes us.
      const local = prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path
      if (local === "/health") return { _tag: "Health" }
      if (local === "/twilio/media" || local === "/twilio/media/") return { _tag: "Media" }
      const [empty, twilio, callId, token, endpoint, ...rest] = local.split("/")
      if (empty !== "" || twilio !== "twilio" || rest.length > 0) return { _tag: "Nowhere" }
      if (!isCallId(callId) || token === undefined || !/^[a-z0-9]{40}$/.test(token) || !isEndpoint(endpoint)) {
        return { _tag: "Nowhere" }
      }
      return { _tag: "Webhook", callId, token, endpoint, url: webhook({ callId, token }, endpoint) }
    }
  }
}
