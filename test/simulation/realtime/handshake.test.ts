import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { inVirtualTime, pick, server } from "./support.ts"

const good = { authorization: "Bearer sk-test" }

describe("a handshake is accepted, whoever comes; then it is judged", () => {
  const cases = [
    [
      "a wrong key",
      { headers: { authorization: "Bearer no" } },
      "invalid_api_key",
      3000,
      "invalid_request_error.invalid_api_key"
    ],
    ["no key", { headers: {} }, null, 3000, "invalid_request_error"],
    ["an unknown model", { query: "?model=gpt-9" }, "invalid_model", 4000, "invalid_request_error.invalid_model"],
    ["no model", { query: "" }, "missing_model", 4000, "invalid_request_error.missing_model"],
    [
      "a retired model",
      { query: "?model=gpt-4o-realtime-preview" },
      "model_not_found",
      4004,
      "invalid_request_error.model_not_found"
    ],
    [
      "the beta header",
      { headers: { ...good, "OpenAI-Beta": "realtime=v1" } },
      "beta_api_shape_disabled",
      4000,
      "invalid_request_error.beta_api_shape_disabled"
    ]
  ] as const
  for (const [name, how, code, close, reason] of cases) {
    it(`${name}: one error and a close`, () =>
      inVirtualTime(
        Effect.gen(function* () {
          const { connect } = yield* server()
          const client = yield* connect(how)
          expect(yield* client.closed).toEqual({ code: close, reason })
          expect(client.types()).toEqual(["error"])
          expect(pick(client.seen[0]?.event, "error.code")).toBe(code)
          expect(client.log().closed).toMatchObject({ code: close, by: "server" })
        })
      ))
  }

  it("no credit, by fault: 1013", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { connect } = yield* server({ faults: { reject: "no-quota" } })
        const client = yield* connect()
        expect(yield* client.closed).toEqual({ code: 1013, reason: "insufficient_quota.insufficient_quota" })
      })
    ))
})

it("a good handshake is answered by session.created with the server's defaults, within milliseconds", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server()
      const client = yield* connect()
      const { at, event } = yield* client.next("session.created")
      expect(at - client.log().openedAt).toBe(3)
      expect(pick(event, "session.audio.input.turn_detection")).toEqual({
        type: "server_vad",
        threshold: 0.5,
        prefix_padding_ms: 300,
        silence_duration_ms: 200,
        idle_timeout_ms: null,
        create_response: true,
        interrupt_response: true
      })
      expect(pick(event, "session.audio.input.format")).toEqual({ type: "audio/pcm", rate: 24_000 })
      expect(pick(event, "session.audio.output")).toEqual({
        format: { type: "audio/pcm", rate: 24_000 },
        voice: "alloy",
        speed: 1
      })
      expect(pick(event, "session.expires_at")).toBe(Math.floor(client.log().openedAt / 1000) + 3600)
      for (const name of [
        "id",
        "object",
        "instructions",
        "tools",
        "tool_choice",
        "max_output_tokens",
        "truncation",
        "tracing",
        "prompt",
        "include"
      ]) {
        expect(pick(event, "session")).toHaveProperty(name)
      }
    })
  ))

it("a refused handshake shows its status and headers; another path is not found", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server({
        faults: (connection) =>
          connection === 0
            ? { refuseHandshake: { status: 429, headers: { "retry-after": "2" }, body: "slow down" } }
            : {}
      })
      const refused = yield* Effect.flip(connect())
      expect(refused).toMatchObject({ _tag: "HandshakeRefused", status: 429, headers: { "retry-after": "2" } })
      const lost = yield* Effect.flip(connect({ query: "/nowhere?model=gpt-realtime-2.1" }))
      expect(lost).toMatchObject({ _tag: "HandshakeRefused", status: 404 })
      const client = yield* connect()
      yield* client.next("session.created")
    })
  ))

it("a handshake can hang", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server({ faults: { hangHandshake: true } })
      expect(yield* Effect.flip(connect())).toMatchObject({ _tag: "NetworkError", kind: "timeout" })
    })
  ))

it("a session ends at its limit, with the reason; the client's own close is noticed", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect } = yield* server({ faults: (connection) => ({ closeOnlyAtLimit: connection === 1 }) })
      for (const types of [["session.created", "error"], ["session.created"]]) {
        const client = yield* connect()
        const reason = "Your session hit the maximum duration of 60 minutes."
        expect(yield* client.closed).toEqual({ code: 1001, reason })
        expect(client.types()).toEqual(types)
        expect(client.log().closed?.at).toBe(client.log().openedAt + 3_600_000)
      }
      const client = yield* connect()
      yield* client.next("session.created")
      client.leave(1000, "done")
      expect((yield* client.closed).code).toBe(1000)
      expect(client.log().closed).toMatchObject({ code: 1000, reason: "done", by: "client" })
    })
  ))
