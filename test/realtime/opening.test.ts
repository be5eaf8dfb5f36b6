/** A session is open when the server says it is configured, and not before; what cannot be opened says why. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope, TestClock } from "effect"
import { PhoneConfig } from "../../src/Config.ts"
import { layerRealtime } from "../../src/realtime/RealtimeVoiceModel.ts"
import { VoiceModel } from "../../src/VoiceModel.ts"
import { layerMemory } from "../../src/wire/Memory.ts"
import { Network, respond } from "../../src/wire/Network.ts"
import {
  apiKey,
  brief,
  config,
  type Direction,
  directed,
  error,
  logInto,
  ofType,
  realtime,
  typeOf,
  until
} from "./FakeRealtime.ts"

const open = (memory = brief.memory, tools = brief.tools) =>
  Effect.flatMap(VoiceModel, (model) => model.open({ ...brief, memory, tools }))

/** Opens against a server so directed; gives how it failed and how often it was tried. */
const failing = (direction: Direction, passing: number = 30) =>
  Effect.gen(function* () {
    const server = yield* directed(direction)
    const opening = yield* Effect.fork(Effect.flip(open()))
    yield* TestClock.adjust(`${passing} seconds`)
    return { failure: yield* Fiber.join(opening), ...server }
  })

/** The waits between attempts are exactly 0.25, 0.5, 1, 1, … seconds; by itself each is up to a fifth shorter or longer. */
const unjittered = Effect.withRandomFixed([0.5])

describe("opening a session", () => {
  it.scoped("waits for session.created, configures, waits for session.updated", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed({ onConnect: () => {}, onUpdate: () => {} })
      const opening = yield* Effect.fork(open())
      yield* until(() => peers.length === 1)
      const [peer] = peers
      if (peer === undefined) return yield* Effect.dieMessage("no connection")
      expect(peer.handshake.url).toMatch(/\/v1\/realtime\?model=gpt-realtime-2\.1$/)
      expect(peer.handshake.headers).toMatchObject({ authorization: `Bearer ${apiKey}` })
      expect(peer.handshake.headers).not.toHaveProperty("openai-beta")
      yield* TestClock.adjust("1 second")
      expect(peer.received).toEqual([])
      peer.say({ type: "session.created" })
      yield* until(() => peer.received.length === 1)
      yield* TestClock.adjust("1 second")
      expect(opening.unsafePoll()).toBeNull()
      peer.say({ type: "session.updated" })
      const session = yield* Fiber.join(opening)
      expect(session.hear("/////w==")).toBe(true)
      yield* until(() => peer.received.length === 2)
      expect(peer.received.map(typeOf)).toEqual(["session.update", "input_audio_buffer.append"])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("asks for telephone audio both ways and for nothing automatic", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed()
      const tool = { name: "end_call", description: "Hang up.", parameters: { type: "object", properties: {} } }
      yield* open([], [tool])
      expect(peers[0]?.received).toEqual([
        {
          type: "session.update",
          event_id: "session:0",
          session: {
            type: "realtime",
            output_modalities: ["audio"],
            instructions: brief.instructions,
            audio: {
              input: {
                format: { type: "audio/pcmu" },
                noise_reduction: { type: "near_field" },
                transcription: { model: "gpt-4o-mini-transcribe", language: "de" },
                turn_detection: {
                  type: "server_vad",
                  threshold: 0.5,
                  prefix_padding_ms: 300,
                  silence_duration_ms: 700,
                  create_response: false,
                  interrupt_response: false
                }
              },
              output: { format: { type: "audio/pcmu" }, voice: "marin" }
            },
            tools: [{ type: "function", ...tool }],
            tool_choice: "auto",
            reasoning: { effort: "low" }
          }
        }
      ])
    }).pipe(
      Effect.provide(
        realtime({ language: "de-CH", defaultVoice: "marin", turnDetection: { type: "server_vad", silence: 700 } })
      )
    )
  )

  it.scoped("directs semantic turn detection too, and leaves reasoning to the models that have it", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed()
      yield* open()
      const [update] = peers[0]?.received ?? []
      expect(update).not.toHaveProperty("session.reasoning")
      expect(update).toHaveProperty("session.audio.input.turn_detection", {
        type: "semantic_vad",
        eagerness: "auto",
        create_response: false,
        interrupt_response: false
      })
      // no ISO 639-1 code for this language
      expect(update).toHaveProperty("session.audio.input.transcription", { model: "gpt-4o-mini-transcribe" })
    }).pipe(
      Effect.provide(
        realtime({ realtimeModel: "gpt-realtime-1.5", language: "gsw", turnDetection: { type: "semantic_vad" } })
      )
    )
  )

  it.scoped("restores a conversation as it was heard, oldest first", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed()
      yield* open([
        { _tag: "Said", role: "assistant", text: "Hello." },
        { _tag: "Said", role: "user", text: "" },
        { _tag: "Said", role: "user", text: "Who is it?" },
        { _tag: "Note", text: "The line was lost." }
      ])
      yield* until(() => peers[0]?.received.length === 4)
      const item = (role: string, type: string, text: string) => ({
        type: "conversation.item.create",
        item: { type: "message", role, content: [{ type, text }] }
      })
      expect(peers[0]?.received.slice(1)).toMatchObject([
        item("assistant", "output_text", "Hello."),
        item("user", "input_text", "Who is it?"),
        item("system", "input_text", "The line was lost.")
      ])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("an old preview model is replaced, with one warning", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const { peers } = yield* directed()
      yield* open()
      yield* open()
      expect(peers.map((peer) => peer.handshake.url)).toEqual([
        expect.stringContaining("model=gpt-realtime-2.1"),
        expect.stringContaining("model=gpt-realtime-2.1")
      ])
      expect(lines).toEqual([expect.stringMatching(/gpt-4o-realtime-preview-2024-12-17.*gpt-realtime-2\.1/)])
    }).pipe(
      Effect.provide(
        realtime({ realtimeModel: "gpt-4o-realtime-preview-2024-12-17" }).pipe(Layer.provideMerge(logInto(lines)))
      )
    )
  })
})

describe("when transcription is refused", () => {
  const refusing = (param: string | null, times: number) => ({
    onUpdate: (peer: Parameters<NonNullable<Direction["onUpdate"]>>[0]) =>
      peer.say(
        ofType(peer, "session.update").length <= times
          ? error({ code: "invalid_value", param })
          : { type: "session.updated" }
      )
  })

  for (const param of ["session.audio.input.turn_detection", "session.audio.input.transcription.model", null]) {
    it.scoped(`the next model is tried and at last none (refused at ${param})`, () => {
      const lines: Array<string> = []
      return Effect.gen(function* () {
        const { peers } = yield* directed(refusing(param, 2))
        yield* open()
        expect(peers).toHaveLength(1)
        expect(peers[0]?.received).toMatchObject(
          [{ model: "gpt-live-transcribe" }, { model: "gpt-4o-mini-transcribe" }, null].map((transcription) => ({
            type: "session.update",
            session: { instructions: brief.instructions, audio: { input: { transcription } } }
          }))
        )
        expect(lines).toEqual([
          expect.stringContaining('"gpt-4o-mini-transcribe" is tried instead'),
          expect.stringContaining("will lack the callee's words")
        ])
      }).pipe(
        Effect.provide(realtime({ transcriptionModel: "gpt-live-transcribe" }).pipe(Layer.provideMerge(logInto(lines))))
      )
    })
  }

  it.scoped("a refusal of something else is final, and says where", () =>
    Effect.gen(function* () {
      const { failure, peers } = yield* failing(refusing("session.audio.output.voice", 9))
      expect(failure).toMatchObject({ _tag: "ModelUnavailable", code: "invalid_value" })
      expect(failure.message).toContain("session.audio.output.voice")
      expect(peers).toHaveLength(1)
      expect(ofType(peers[0] ?? expect.fail(), "session.update")).toHaveLength(1)
      expect(peers[0]?.closed()).toBeDefined()
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("refused without any, it is final", () =>
    Effect.gen(function* () {
      const { failure, peers } = yield* failing(refusing(null, 9))
      expect(failure).toMatchObject({ _tag: "ModelUnavailable", code: "invalid_value" })
      expect(ofType(peers[0] ?? expect.fail(), "session.update")).toHaveLength(2)
    }).pipe(Effect.provide(realtime()))
  )
})

describe("what another try cannot help fails at once", () => {
  const cases = [
    { type: "invalid_request_error", code: "invalid_api_key", close: 3000, says: /openaiApiKey/ },
    { type: "invalid_request_error", code: null, close: 3000, says: /openaiApiKey/ },
    { type: "insufficient_permissions", code: null, close: 3000, says: /right/ },
    { type: "invalid_request_error", code: "invalid_model", close: 4000, says: /realtimeModel/ },
    { type: "invalid_request_error", code: "missing_model", close: 4000, says: /realtimeModel/ },
    { type: "invalid_request_error", code: "model_not_found", close: 4004, says: /realtimeModel/ },
    { type: "invalid_request_error", code: "beta_api_shape_disabled", close: 4000, says: /beta/ },
    { type: "insufficient_quota", code: "insufficient_quota", close: 1013, says: /credit/ },
    { type: "insufficient_quota", code: "credit_balance_exhausted", close: 1013, says: /credit/ }
  ]
  for (const { type, code, close, says } of cases) {
    for (const withError of [true, false]) {
      const reason = code === null ? type : `${type}.${code}`
      it.scoped(`${reason}${withError ? "" : ", by the close alone"}`, () =>
        Effect.gen(function* () {
          const { failure, peers } = yield* failing({
            onConnect: (peer) => {
              if (withError) peer.say(error({ type, code, message: `Something about ${apiKey}` }))
              peer.close(close, reason)
            }
          })
          expect(failure._tag).toBe("ModelUnavailable")
          expect(failure.message).toMatch(says)
          expect(failure.message).not.toContain("sk-")
          expect(peers).toHaveLength(1)
        }).pipe(Effect.provide(realtime()))
      )
    }
  }

  for (const status of [400, 401, 403, 404]) {
    it.scoped(`HTTP ${status} instead of a socket`, () =>
      Effect.gen(function* () {
        const { failure, handshakes } = yield* failing({ refuse: () => respond(status) })
        expect(failure).toMatchObject({ _tag: "ModelUnavailable", code: `http_${status}` })
        expect(handshakes()).toBe(1)
      }).pipe(Effect.provide(realtime()))
    )
  }
})

describe("what may be better in a moment is tried again", () => {
  it.scoped("HTTP 503, then a socket that breaks, then a session", () =>
    Effect.gen(function* () {
      const { handshakes, peers } = yield* directed({
        refuse: (number) => (number === 0 ? respond(503) : undefined),
        onConnect: (peer) => (peer.number === 1 ? peer.cut() : peer.say({ type: "session.created" }))
      })
      const opening = yield* Effect.fork(open())
      yield* TestClock.adjust("199 millis")
      expect(handshakes()).toBe(1)
      yield* TestClock.adjust("800 millis")
      yield* Fiber.join(opening)
      expect(handshakes()).toBe(3)
      expect(peers.map((peer) => peer.closed()?.code)).toEqual([1006, undefined])
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("but not for longer than a caller's patience", () =>
    Effect.gen(function* () {
      const { failure, handshakes } = yield* failing({ refuse: () => respond(500) }, 6)
      expect(failure).toMatchObject({ _tag: "ModelUnavailable", code: "http_500" })
      expect(handshakes()).toBe(8)
    }).pipe(Effect.provide(realtime()), unjittered)
  )

  it.scoped("a server error in answer to the configuration", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed({
        onUpdate: (peer) =>
          peer.say(
            peer.number === 0 ? error({ type: "server_error", code: "server_error" }) : { type: "session.updated" }
          )
      })
      const opening = yield* Effect.fork(open())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(opening)
      expect(peers).toHaveLength(2)
      expect(peers[0]?.closed()).toBeDefined()
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("a rate limit waits as long as it was asked to", () =>
    Effect.gen(function* () {
      const { handshakes } = yield* directed({
        refuse: (number) => (number === 0 ? respond(429, "", { "retry-after": "2" }) : undefined)
      })
      const opening = yield* Effect.fork(open())
      yield* TestClock.adjust("1999 millis")
      expect(handshakes()).toBe(1)
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(opening)
      expect(handshakes()).toBe(2)
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("a rate limit that asks for too long is told as one", () =>
    Effect.gen(function* () {
      const http = yield* failing({ refuse: () => respond(429, "", { "retry-after": "60" }) }, 1)
      expect(http.failure).toMatchObject({ _tag: "RateLimited", service: "openai", retryAfter: 60 })
      expect(http.handshakes()).toBe(1)
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("a rate limit told by the socket, in words", () =>
    Effect.gen(function* () {
      const { failure } = yield* failing({
        onUpdate: (peer) =>
          peer.say(error({ code: "rate_limit_exceeded", message: "Limit reached. Please try again in 1m26.4s." }))
      })
      expect(failure).toMatchObject({ _tag: "RateLimited", service: "openai", retryAfter: 86.4 })
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("nobody there", () =>
    Effect.gen(function* () {
      const opening = yield* Effect.fork(Effect.flip(open()))
      yield* TestClock.adjust("6 seconds")
      expect(yield* Fiber.join(opening)).toMatchObject({ _tag: "ModelUnavailable", code: "network_refused" })
    }).pipe(Effect.provide(realtime()), unjittered)
  )

  it.scoped("a server that says nothing is given up after ten seconds", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed({ onConnect: () => {} })
      const opening = yield* Effect.fork(Effect.flip(open()))
      yield* TestClock.adjust("9999 millis")
      expect(opening.unsafePoll()).toBeNull()
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(opening)).toMatchObject({ _tag: "ModelUnavailable", code: "timeout" })
      yield* until(() => peers[0]?.closed() !== undefined)
      expect(peers).toHaveLength(1)
    }).pipe(Effect.provide(realtime()))
  )
})

describe("letting go", () => {
  it.scoped("the socket goes with the scope, and nothing can be said after", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed()
      const scope = yield* Scope.make()
      const session = yield* Scope.extend(open(), scope)
      expect(peers[0]?.closed()).toBeUndefined()
      yield* Scope.close(scope, Exit.void)
      yield* until(() => peers[0]?.closed() !== undefined)
      expect(session.hear("AAAA")).toBe(false)
      expect(session.send({ _tag: "Note", text: "too late" })).toBe(false)
    }).pipe(Effect.provide(realtime()))
  )

  it.scoped("one that ends as it begins is told nothing", () => {
    const sent: Array<string> = []
    const heard = Layer.effect(
      Network,
      Effect.map(Network, (network) => ({
        ...network,
        webSocket: (...[url, options]: Parameters<typeof network.webSocket>) =>
          Effect.map(network.webSocket(url, options), (socket) => ({
            ...socket,
            send: (text: string) => {
              sent.push(text)
              return socket.send(text)
            }
          }))
      }))
    )
    return Effect.gen(function* () {
      const { peers } = yield* directed({
        onConnect: (peer) => {
          peer.say({ type: "session.created" })
          if (peer.number === 0) peer.say(error({ code: "session_expired" }))
        }
      })
      const opening = yield* Effect.fork(open())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(opening)
      expect(peers).toHaveLength(2)
      expect(sent).toHaveLength(1)
    }).pipe(
      Effect.provide(
        layerRealtime.pipe(
          Layer.provide(heard),
          Layer.provide(Layer.succeed(PhoneConfig, config())),
          Layer.provideMerge(layerMemory())
        )
      )
    )
  })

  it.scoped("who gives up while it is opening leaves no socket behind", () =>
    Effect.gen(function* () {
      const { peers } = yield* directed({ onUpdate: () => {} })
      const opening = yield* Effect.fork(open())
      yield* until(() => peers[0]?.received.length === 1)
      yield* Fiber.interrupt(opening)
      yield* until(() => peers[0]?.closed() !== undefined)
    }).pipe(Effect.provide(realtime()))
  )
})
