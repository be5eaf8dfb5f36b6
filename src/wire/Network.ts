/**
 * The border to the network: HTTP requests and text WebSockets, outgoing and incoming, in the smallest form that Twilio
 * and Realtime need. Adapters and simulators are written against it, so the same code runs over real sockets
 * (`Node.ts`) and in memory under virtual time (`Memory.ts`). Nothing here knows what is said over the wire.
 */
import { Context, type Duration, type Effect, Schema, type Scope } from "effect"

/** Lower-case header names. */
export type WireHeaders = Readonly<Record<string, string>>

export interface WireRequest {
  readonly method: string
  /** Absolute: scheme, host, path, query. On an incoming request the host is whatever the caller said. */
  readonly url: string
  readonly headers: WireHeaders
  readonly body: string
  /** How long the whole exchange may take. */
  readonly timeout?: Duration.DurationInput
}

/** `body` holds bytes, because recordings are not text; `bodyText` reads it. */
export interface WireResponse {
  readonly status: number
  readonly headers: WireHeaders
  readonly body: Uint8Array
}

/** Nothing, or nothing usable, came back: refused, reset, timed out, TLS. The request may or may not have been processed. */
export class NetworkError extends Schema.TaggedError<NetworkError>("phone/NetworkError")("NetworkError", {
  /** `refused`: surely not processed. `timeout` and `broken`: unknown. */
  kind: Schema.Literal("refused", "timeout", "broken"),
  message: Schema.String
}) {}

/** A WebSocket handshake was answered by something else than 101. */
export class HandshakeRefused extends Schema.TaggedError<HandshakeRefused>("phone/HandshakeRefused")(
  "HandshakeRefused",
  {
    status: Schema.Number,
    headers: Schema.Record({ key: Schema.String, value: Schema.String }),
    message: Schema.String
  }
) {}

/** How a socket ended. 1006 = without a close frame. */
export interface WireClose {
  readonly code: number
  readonly reason: string
}

/**
 * One open text WebSocket, ours or theirs. Synchronous on purpose: frames come 50 times a second (facts/effect.md 3.4).
 * Nothing throws. What arrives before `listen` is kept and handed over in order when it is called.
 */
export interface WireSocket {
  /** Sends one text frame; `false` when the socket is no longer open (the frame is dropped). */
  readonly send: (text: string) => boolean
  /** Called once, by the owner. `message` gets whole text frames in order; a binary frame comes as `null`. `close` comes once, last. */
  readonly listen: (on: {
    readonly message: (text: string | null) => void
    readonly close: (close: WireClose) => void
  }) => void
  /** Closes with a code; idempotent, never waits for the peer. */
  readonly close: (code: number, reason: string) => void
  /** Cuts the connection without a close frame (the peer sees 1006); idempotent. */
  readonly terminate: () => void
  /** Bytes accepted by `send` and not yet given to the network. */
  readonly buffered: () => number
}

/** Outgoing connections. */
export class Network extends Context.Tag("phone/Network")<
  Network,
  {
    /** Any status resolves; only a missing answer fails. Redirects are not followed. */
    readonly http: (request: WireRequest) => Effect.Effect<WireResponse, NetworkError>
    /** Opens a socket; it is terminated when the scope closes. Interruptible while opening. */
    readonly webSocket: (
      url: string,
      options: { readonly headers: WireHeaders; readonly timeout: Duration.DurationInput }
    ) => Effect.Effect<WireSocket, NetworkError | HandshakeRefused, Scope.Scope>
  }
>() {}

/** What an incoming WebSocket handshake shows before it is accepted. */
export type WireHandshake = Pick<WireRequest, "url" | "headers">

/**
 * Something that can be called: our webhooks, the simulated Twilio, the simulated Realtime server. `Node.ts` serves it on
 * a port; `Memory.ts` under an origin of the simulated network.
 */
export interface Host {
  /** Answers every request; a defect is answered 500 by the server and logged. */
  readonly http: (request: WireRequest) => Effect.Effect<WireResponse>
  /** Refuses with a response, or accepts. The effect given by `Accept` owns the socket: when it ends, the socket is closed. */
  readonly webSocket: (handshake: WireHandshake) => Effect.Effect<Handshake>
}

export type Handshake =
  | { readonly _tag: "Refuse"; readonly response: WireResponse }
  | { readonly _tag: "Accept"; readonly run: (socket: WireSocket) => Effect.Effect<void, never, Scope.Scope> }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bodyText = (response: WireResponse): string => decoder.decode(response.body)

export const respond = (status: number, body: string | Uint8Array = "", headers: WireHeaders = {}): WireResponse => ({
  status,
  headers,
  body: typeof body === "string" ? encoder.encode(body) : body
})

export const respondJson = (status: number, value: unknown, headers: WireHeaders = {}): WireResponse =>
  respond(status, JSON.stringify(value), { "content-type": "application/json", ...headers })
