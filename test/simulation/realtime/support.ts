/** A bare client of the simulated Realtime server, in memory and in virtual time: it sends what it is told, and remembers all. */
import { Cause, Deferred, Effect, Exit, Redacted, type Scope } from "effect"
import { silence, speak } from "../../../src/simulation/audio/SpokenText.ts"
import type { SessionLog } from "../../../src/simulation/realtime/Journal.ts"
import {
  makeSimulatedRealtime,
  type SimulatedRealtimeOptions
} from "../../../src/simulation/realtime/SimulatedRealtime.ts"
import { run } from "../../../src/simulation/VirtualTime.ts"
import { makeMemoryNetwork } from "../../../src/wire/Memory.ts"
import type { HandshakeRefused, NetworkError, WireClose } from "../../../src/wire/Network.ts"

export const inVirtualTime = async <A, E>(program: Effect.Effect<A, E, Scope.Scope>, seed = 1): Promise<A> =>
  Exit.getOrElse(await run(Effect.scoped(program), { seed }), (cause) => {
    throw new Error(Cause.pretty(cause))
  })

export interface Seen {
  readonly at: number
  readonly type: string
  readonly event: Readonly<Record<string, unknown>>
}

/** A member deep inside an event: `pick(event, "response.output.0.id")`. */
export const pick = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (at instanceof Object ? Reflect.get(at, key) : undefined), value)

const asEvent = (text: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(text)
  return value instanceof Object ? { ...value } : {}
}

export interface Client {
  readonly seen: ReadonlyArray<Seen>
  readonly types: () => ReadonlyArray<string>
  readonly closed: Effect.Effect<WireClose>
  readonly send: (event: unknown) => void
  readonly sendText: (text: string) => void
  readonly leave: (code: number, reason: string) => void
  /** The first event of this type that was not waited for before. */
  readonly next: (type: string) => Effect.Effect<Seen>
  /** Sends audio in real time, 20 ms at a time. */
  readonly play: (audio: Uint8Array) => Effect.Effect<void>
  /** Says something and then is silent for a second. */
  readonly say: (text: string) => Effect.Effect<void>
  readonly log: () => SessionLog
}

export const apiKey = "sk-test"
export const phone = {
  type: "realtime",
  output_modalities: ["audio"],
  instructions: "# Role\nYou are calling.\n# Task\nBook a table\n",
  audio: {
    input: {
      format: { type: "audio/pcmu" },
      transcription: { model: "gpt-4o-mini-transcribe" },
      turn_detection: { type: "server_vad", silence_duration_ms: 500 }
    },
    output: { format: { type: "audio/pcmu" }, voice: "marin" }
  }
}
/** The same, but the client decides when the model answers, and when it stops. */
export const manual = {
  ...phone,
  audio: {
    ...phone.audio,
    input: {
      ...phone.audio.input,
      turn_detection: {
        type: "server_vad",
        silence_duration_ms: 500,
        create_response: false,
        interrupt_response: false
      }
    }
  }
}

export interface World {
  readonly connect: (options?: {
    readonly query?: string
    readonly headers?: Readonly<Record<string, string>>
  }) => Effect.Effect<Client, NetworkError | HandshakeRefused, Scope.Scope>
  /** Connects and configures. */
  readonly ready: (session?: unknown) => Effect.Effect<Client, NetworkError | HandshakeRefused, Scope.Scope>
  readonly sessions: () => ReadonlyArray<SessionLog>
}

/** A server with these options, and the way to it. */
export const server = Effect.fnUntraced(function* (options: Partial<SimulatedRealtimeOptions> = {}) {
  const realtime = yield* makeSimulatedRealtime({ apiKey: Redacted.make(apiKey), ...options })
  const { mount, network } = yield* makeMemoryNetwork()
  yield* mount("wss://realtime.example", realtime.host)

  const connect: World["connect"] = Effect.fnUntraced(function* ({ headers, query } = {}) {
    const clock = yield* Effect.clock
    const socket = yield* network.webSocket(`wss://realtime.example/v1/realtime${query ?? "?model=gpt-realtime-2.1"}`, {
      headers: headers ?? { authorization: `Bearer ${apiKey}` },
      timeout: "10 seconds"
    })
    const seen: Array<Seen> = []
    const taken = new Map<string, number>()
    const waiting = new Set<() => void>()
    const closed = yield* Deferred.make<WireClose>()
    socket.listen({
      message: (text) => {
        const event = asEvent(text ?? "{}")
        seen.push({ at: clock.unsafeCurrentTimeMillis(), type: String(event.type), event })
        for (const look of [...waiting]) look()
      },
      close: (close) => Deferred.unsafeDone(closed, Exit.succeed(close))
    })
    const index = realtime.sessions().length
    const next = (type: string) =>
      Effect.async<Seen>((resume) => {
        const look = () => {
          const from = taken.get(type) ?? 0
          const at = seen.findIndex((event, place) => place >= from && event.type === type)
          const found = seen[at]
          if (found === undefined) return
          taken.set(type, at + 1)
          waiting.delete(look)
          resume(Effect.succeed(found))
        }
        waiting.add(look)
        look()
        return Effect.sync(() => waiting.delete(look))
      }).pipe(
        Effect.timeoutFail({
          duration: "5 minutes",
          onTimeout: () => new Error(`no ${type} after ${seen.map((event) => event.type).join(", ")}`)
        }),
        Effect.orDie
      )
    const send = (event: unknown) => void socket.send(JSON.stringify(event))
    const play = Effect.fnUntraced(function* (audio: Uint8Array) {
      for (let at = 0; at < audio.length; at += 160) {
        yield* Effect.sleep("20 millis")
        send({ type: "input_audio_buffer.append", audio: Buffer.from(audio.subarray(at, at + 160)).toString("base64") })
      }
    })
    const client: Client = {
      seen,
      types: () => seen.map((event) => event.type),
      closed: Deferred.await(closed),
      send,
      sendText: (text) => void socket.send(text),
      leave: (code, reason) => socket.close(code, reason),
      next,
      play,
      say: (text) => Effect.zipRight(play(speak(text)), play(silence(1_000))),
      log: () => {
        const log = realtime.sessions()[index - 1]
        if (log === undefined) throw new Error("no such session")
        return log
      }
    }
    return client
  })

  const ready: World["ready"] = Effect.fnUntraced(function* (session = phone) {
    const client = yield* connect()
    yield* client.next("session.created")
    client.send({ type: "session.update", session })
    yield* client.next("session.updated")
    return client
  })

  const world: World = { connect, ready, sessions: realtime.sessions }
  return world
})
