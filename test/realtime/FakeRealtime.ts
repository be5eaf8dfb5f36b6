/** A Realtime server to be directed by a test, under the origin of a network in memory. By itself it greets and agrees to everything. */
import { Effect, Layer, Logger, Predicate, Schema } from "effect"
import { PhoneConfig, PhoneConfigSchema } from "../../src/Config.ts"
import { layerRealtime } from "../../src/realtime/RealtimeVoiceModel.ts"
import type { Brief } from "../../src/VoiceModel.ts"
import { layerMemory, MemoryNetwork } from "../../src/wire/Memory.ts"
import type { WireClose, WireHandshake, WireResponse } from "../../src/wire/Network.ts"

export const apiKey = "sk-proj-verysecret0123456789"
export const brief: Brief = { instructions: "# Role\nYou call.", tools: [], memory: [] }

/** One connection, seen from the server. */
export interface Peer {
  /** Counts connections from 0. */
  readonly number: number
  readonly handshake: WireHandshake
  readonly received: ReadonlyArray<unknown>
  readonly closed: () => WireClose | undefined
  readonly say: (...events: ReadonlyArray<object>) => void
  readonly sayRaw: (text: string) => void
  readonly close: (code: number, reason: string) => void
  readonly cut: () => void
}

export const typeOf = (event: unknown): unknown => (Predicate.hasProperty(event, "type") ? event.type : undefined)
export const ofType = (peer: Peer, type: string): ReadonlyArray<unknown> =>
  peer.received.filter((event) => typeOf(event) === type)

export interface Direction {
  readonly refuse?: (number: number) => WireResponse | undefined
  readonly onConnect?: (peer: Peer) => void
  readonly onUpdate?: (peer: Peer, update: unknown) => void
}

export const error = (fields: { readonly [name: string]: string | null }) => ({
  type: "error",
  event_id: "event_1",
  error: { type: "invalid_request_error", code: null, message: "no", param: null, event_id: null, ...fields }
})

/** Puts the server on the network; what it saw is in `peers`. */
export const directed = Effect.fnUntraced(function* (direction: Direction = {}) {
  const { mount } = yield* MemoryNetwork
  const peers: Array<Peer> = []
  let handshakes = 0
  const greet = direction.onConnect ?? ((peer) => peer.say({ type: "session.created", session: { id: "sess_1" } }))
  const agree = direction.onUpdate ?? ((peer) => peer.say({ type: "session.updated", session: { id: "sess_1" } }))
  yield* mount("wss://realtime.example", {
    http: () => Effect.dieMessage("nobody asks for this"),
    webSocket: (handshake) =>
      Effect.sync(() => {
        const number = handshakes++
        const response = direction.refuse?.(number)
        if (response !== undefined) return { _tag: "Refuse", response }
        return {
          _tag: "Accept",
          run: (socket) =>
            Effect.async<void>((resume) => {
              const received: Array<unknown> = []
              let closed: WireClose | undefined
              const peer: Peer = {
                number,
                handshake,
                received,
                closed: () => closed,
                say: (...events) => {
                  for (const event of events) socket.send(JSON.stringify(event))
                },
                sayRaw: (text) => socket.send(text),
                close: socket.close,
                cut: socket.terminate
              }
              peers.push(peer)
              socket.listen({
                message: (text) => {
                  const event: unknown = JSON.parse(text ?? "null")
                  received.push(event)
                  if (typeOf(event) === "session.update") agree(peer, event)
                },
                close: (close) => {
                  closed = close
                  resume(Effect.void)
                }
              })
              greet(peer)
            })
        }
      })
  })
  return { peers, handshakes: () => handshakes }
})

/** Lets everything happen that needs no time, until it is so. */
export const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.iterate(0, {
    while: (turns) => !isSo() && turns < 1000,
    body: (turns) => Effect.as(Effect.yieldNow(), turns + 1)
  }).pipe(Effect.filterOrDieMessage(isSo, `never came: ${isSo}`), Effect.asVoid)

export const config = (changes: object = {}) =>
  Schema.decodeUnknownSync(PhoneConfigSchema)({
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "token",
    phoneNumber: "+15550100000",
    openaiApiKey: apiKey,
    webhookHost: "https://phone.example",
    realtimeUrl: "wss://realtime.example/v1/realtime",
    ...changes
  })

/** The adapter with this configuration, on a network in memory. */
export const realtime = (changes: object = {}) =>
  layerRealtime.pipe(Layer.provide(Layer.succeed(PhoneConfig, config(changes))), Layer.provideMerge(layerMemory()))

/** What is logged goes into `lines`. */
export const logInto = (lines: Array<string>) =>
  Logger.add(
    Logger.make(({ message }) => {
      lines.push(String(message))
    })
  )
