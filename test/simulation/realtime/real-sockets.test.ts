import { expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { WebSocket } from "ws"
import { silence, speak, understand } from "../../../src/simulation/audio/SpokenText.ts"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { makeSimulatedRealtime } from "../../../src/simulation/realtime/SimulatedRealtime.ts"
import { serveHost } from "../../../src/wire/NodeServer.ts"
import { apiKey, manual, pick } from "./support.ts"

/** The quickest model there is: only what happens is of interest here, not when. */
const atOnce = {
  sessionCreated: 0,
  responseCreated: 0,
  firstOutput: 0,
  pace: 1_000,
  rateLimits: 0,
  transcription: 0,
  latestTranscription: 0
}

it.scopedLive(
  "the same server over a real port: the npm client talks with it, and a wrong key is told after the upgrade",
  () =>
    Effect.gen(function* () {
      const mind = scriptedMind([{ heard: "hello", plan: [{ say: "Good day" }] }])
      const { host, sessions } = yield* makeSimulatedRealtime({ apiKey: Redacted.make(apiKey), mind, timing: atOnce })
      const { port } = yield* serveHost(host, { hostname: "127.0.0.1", port: 0 })
      const connect = (key: string) =>
        new WebSocket(`ws://127.0.0.1:${port}/v1/realtime?model=gpt-realtime-2.1`, {
          headers: { Authorization: `Bearer ${key}` }
        })

      const refused = yield* Effect.async<unknown>((resume) => {
        const socket = connect("wrong")
        socket.on("close", (code, reason) => resume(Effect.succeed([code, reason.toString()])))
      })
      expect(refused).toEqual([3000, "invalid_request_error.invalid_api_key"])

      const heard = yield* Effect.async<Uint8Array>((resume) => {
        const socket = connect(apiKey)
        const send = (event: unknown) => socket.send(JSON.stringify(event))
        const audio: Array<Buffer> = []
        socket.on("message", (data) => {
          const event: unknown = JSON.parse(data.toString())
          switch (pick(event, "type")) {
            case "session.created":
              return send({ type: "session.update", session: manual })
            case "session.updated": {
              const spoken = Buffer.concat([speak("Hello"), silence(600)])
              return send({ type: "input_audio_buffer.append", audio: spoken.toString("base64") })
            }
            case "input_audio_buffer.committed":
              return send({ type: "response.create" })
            case "response.output_audio.delta":
              return audio.push(Buffer.from(String(pick(event, "delta")), "base64"))
            case "response.done":
              socket.close(1000, "thanks")
              return resume(Effect.succeed(Buffer.concat(audio)))
          }
        })
      })
      expect(understand(heard)).toBe("Good day")
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => sessions()[1]?.closed !== undefined })
      expect(sessions()[1]?.closed).toMatchObject({ code: 1000, reason: "thanks", by: "client" })
      expect(sessions()[1]?.violations).toEqual([])
    })
)
