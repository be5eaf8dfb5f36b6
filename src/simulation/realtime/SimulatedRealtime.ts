/**
 * A simulated OpenAI Realtime server: a `Host` that a real client cannot tell from the service on what we use
 * (facts/openai-realtime.md 12). It does not know whether it runs over real sockets in real time or in memory in virtual
 * time: time is Effect's Clock, chance is Effect's Random. Not simulated: pings (the socket layer's), compression,
 * WebRTC, SIP, MCP, transcription-only sessions, dropping old items from a full context.
 */
import { Deferred, Effect, Random, type Redacted, type Scope } from "effect"
import { PCGRandom } from "effect/Utils"
import { makeTimers } from "../../Timers.ts"
import {
  type Handshake,
  type Host,
  respond,
  respondJson,
  type WireHandshake,
  type WireSocket
} from "../../wire/Network.ts"
import { judge, modelOf, rejections } from "./Admission.ts"
import { defaultMind } from "./DefaultMind.ts"
import { defaultTiming, type Faults, type Timing, type UnansweredTurn } from "./Faults.ts"
import type { SessionLog } from "./Journal.ts"
import type { Mind } from "./Mind.ts"
import { Session } from "./Session.ts"

export interface SimulatedRealtimeOptions {
  /** The only key that is let in. */
  readonly apiKey: Redacted.Redacted
  /** What the model says; by default an offline agent that carries out the service's own prompts. */
  readonly mind?: Mind
  readonly timing?: Partial<Timing>
  /** What goes wrong, in every session or by the number of the connection attempt, from 0. */
  readonly faults?: Faults | ((connection: number) => Faults)
  /** What becomes of a turn that ends while a response runs that it may not interrupt. Default: dropped. */
  readonly unansweredTurn?: UnansweredTurn
  /** How a voice is transcribed that carries no text: a real recording. Default "[speech]"; "" for nothing. Tones are noise. */
  readonly unintelligible?: string
  /** How many sessions are remembered. Default 100. */
  readonly keep?: number
}

export interface SimulatedRealtime {
  /** Answers WebSockets at `/v1/realtime?model=...`, and every request with 404. */
  readonly host: Host
  /** In the order they were opened, the last ones of `keep`. */
  readonly sessions: () => ReadonlyArray<SessionLog>
}

const path = "/v1/realtime"

const notFound = respondJson(404, {
  error: { type: "invalid_request_error", code: null, message: "Not found", param: null }
})

const refuse = (response: Extract<Handshake, { readonly _tag: "Refuse" }>["response"]): Handshake => ({
  _tag: "Refuse",
  response
})

export const makeSimulatedRealtime = (
  options: SimulatedRealtimeOptions
): Effect.Effect<SimulatedRealtime, never, Scope.Scope> =>
  Effect.gen(function* () {
    const random = new PCGRandom(yield* Random.nextIntBetween(0, 2 ** 31))
    const logs: Array<SessionLog> = []
    const timing = { ...defaultTiming, ...options.timing }
    let connections = 0
    let open = true
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        open = false
      })
    )

    const converse = (handshake: WireHandshake, faults: Faults, index: number) =>
      Effect.fnUntraced(function* (socket: WireSocket) {
        const clock = yield* Effect.clock
        const timers = yield* makeTimers
        const over = yield* Deferred.make<void>()
        const session = new Session({
          index,
          model: modelOf(handshake),
          rejection: faults.reject === undefined ? judge(handshake, options.apiKey) : rejections[faults.reject],
          mind: options.mind ?? defaultMind,
          timing,
          faults,
          unansweredTurn: options.unansweredTurn ?? "drop",
          unintelligible: options.unintelligible ?? "[speech]",
          socket,
          clock,
          random,
          timers,
          end: (defect) => Deferred.unsafeDone(over, defect === undefined ? Effect.void : Effect.die(defect))
        })
        logs.push(session.log)
        if (logs.length > (options.keep ?? 100)) logs.shift()
        session.open()
        yield* Deferred.await(over)
      })

    return {
      host: {
        http: () => Effect.succeed(notFound),
        webSocket: (handshake) =>
          Effect.suspend((): Effect.Effect<Handshake> => {
            const url = new URL(handshake.url)
            if (url.pathname !== path) return Effect.succeed(refuse(notFound))
            const index = connections++
            const faults = typeof options.faults === "function" ? options.faults(index) : (options.faults ?? {})
            if (faults.hangHandshake === true) return Effect.never
            if (!open) return Effect.succeed(refuse(respond(503)))
            if (faults.refuseHandshake !== undefined) {
              const { body, headers, status } = faults.refuseHandshake
              return Effect.succeed(refuse(respond(status, body, headers)))
            }
            return Effect.succeed({ _tag: "Accept", run: converse(handshake, faults, index) })
          })
      },
      sessions: () => [...logs]
    }
  })
