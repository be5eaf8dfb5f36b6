import { request } from "node:http"
import { FetchHttpClient } from "@effect/platform"
import { RpcClient, RpcMiddleware, RpcSerialization } from "@effect/rpc"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { WebSocket } from "ws"
import type { Call } from "../../src/domain/Call.ts"
import { Authentication, PhoneRpcs } from "../../src/rpc/PhoneRpcs.ts"
import { call, callId, connect, serve } from "./service.ts"

interface Answer {
  readonly status: number
  readonly body: string
}

/** A request as curl would make it; pieces are sent one by one, cut anywhere. */
const post = (url: string, pieces: ReadonlyArray<Uint8Array | string>, bearer = "the-token", length?: number) =>
  Effect.async<Answer, Error>((resume) => {
    const headers = {
      ...(bearer !== "" && { authorization: `Bearer ${bearer}` }),
      ...(length !== undefined && { "content-length": length })
    }
    const outgoing = request(`${url}/rpc`, { method: "POST", headers }, (incoming) => {
      const chunks: Array<Buffer> = []
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
      incoming.on("end", () =>
        resume(Effect.succeed({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      )
      incoming.on("error", (error) => resume(Effect.fail(error)))
    })
    outgoing.on("error", (error) => resume(Effect.fail(error)))
    outgoing.setNoDelay(true)
    for (const piece of pieces) outgoing.write(piece)
    outgoing.end()
    return Effect.sync(() => outgoing.destroy())
  })

const asking = (tag: string, payload: unknown) => JSON.stringify({ tag, payload })
const status = asking("phone_status", { callId })

/** 600 kB in which hardly a character is one byte. */
const manyTongues = "äöüß😀漢字👩‍👩‍👧 ".repeat(17_000)

const speaking: Call = {
  ...call,
  transcript: [{ timestamp: call.startedAt, role: "user", text: manyTongues }]
}

describe("POST /rpc", () => {
  it.scopedLive("answers a person with curl: tool and payload are enough", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({ status: () => Effect.succeed(call) })
      const answer = yield* post(url, [status])
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject([
        { _tag: "Exit", exit: { _tag: "Success", value: { id: callId } } }
      ])
      const several = yield* post(url, [
        `[${status},${JSON.stringify({ id: 7, tag: "phone_hangup", payload: { callId } })}]`
      ])
      expect(JSON.parse(several.body)).toHaveLength(2)
    })
  )

  it.scopedLive("keeps umlauts and emoji whole, 600 kB of them cut anywhere, both ways", () =>
    Effect.gen(function* () {
      const said: Array<string> = []
      const { url } = yield* serve({
        status: () => Effect.succeed(speaking),
        say: (_, text) => Effect.sync(() => void said.push(text))
      })
      expect(Buffer.byteLength(manyTongues)).toBeGreaterThan(600_000)
      const answer = yield* post(url, [status])
      expect(JSON.parse(answer.body)[0].exit.value.transcript[0].text).toBe(manyTongues)
      const bytes = Buffer.from(asking("phone_say", { callId, text: manyTongues }))
      const pieces = Array.from({ length: Math.ceil(bytes.length / 997) }, (_, n) =>
        bytes.subarray(n * 997, (n + 1) * 997)
      )
      expect((yield* post(url, pieces)).status).toBe(200)
      expect(said).toEqual([manyTongues])
      // The same over the WebSocket.
      const client = yield* connect(url)
      yield* client.phone_say({ callId, text: manyTongues })
      expect(said[1]).toBe(manyTongues)
      expect(yield* client.phone_status({ callId })).toEqual(speaking)
    })
  )

  it.scopedLive("serves Effect's own HTTP client", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({ status: () => Effect.succeed(call) })
      const client = yield* RpcClient.make(PhoneRpcs).pipe(
        Effect.provide([
          RpcClient.layerProtocolHttp({ url: `${url}/rpc` }).pipe(
            Layer.provide([RpcSerialization.layerJson, FetchHttpClient.layer])
          ),
          RpcMiddleware.layerClient(Authentication, ({ request }) =>
            Effect.succeed({ ...request, headers: { ...request.headers, authorization: "Bearer the-token" } })
          )
        ])
      )
      expect(yield* client.phone_status({ callId })).toEqual(call)
    })
  )

  it.scopedLive("lets go of a request whose caller has left", () =>
    Effect.gen(function* () {
      const waiting = yield* Deferred.make<void>()
      const left = yield* Deferred.make<void>()
      const { url } = yield* serve({
        await: () =>
          Deferred.succeed(waiting, undefined).pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(left, undefined))
          )
      })
      const caller = yield* Effect.fork(post(url, [asking("phone_call", { to: "1", task: "t" })]))
      yield* Deferred.await(waiting)
      yield* Fiber.interrupt(caller)
      yield* Deferred.await(left)
    })
  )

  it.scopedLive("refuses what it cannot serve, clearly, and goes on", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({ status: () => Effect.succeed(call) })
      const says = (body: string, expected: number, text: string, bearer?: string) =>
        Effect.map(post(url, [body], bearer), (answer) => {
          expect([body.slice(0, 60), answer.status]).toEqual([body.slice(0, 60), expected])
          expect(answer.body).toContain(text)
        })
      yield* says(status, 200, "Unauthorized", "")
      yield* says(status, 200, "Unauthorized", "the-token2")
      yield* says(asking("phone_watch", { callId }), 400, "/rpc/ws")
      yield* says(asking("phone_dance", {}), 400, "phone_call")
      yield* says(asking("phone_status", { callId: 7 }), 200, "Expected string")
      for (const garbage of [
        "",
        "hello",
        "null",
        "7",
        "[null]",
        '{"tag":7}',
        '{"_tag":"Request","id":"x","tag":"phone_status"}'
      ]) {
        yield* says(garbage, 400, "RPC message")
      }
      yield* says(status, 200, callId)
    })
  )

  it.scopedLive("refuses more than a megabyte, announced or not", () =>
    Effect.gen(function* () {
      const said: Array<string> = []
      const { url } = yield* serve({ say: (_, text) => Effect.sync(() => void said.push(text)) })
      const big = asking("phone_say", { callId, text: "x".repeat(1_100_000) })
      const announced = yield* post(url, [big], "the-token", Buffer.byteLength(big))
      expect(announced.status).toBe(413)
      // Without a length there may be no answer any more when it is found out: the connection is cut.
      const unannounced = yield* Effect.either(post(url, [big]))
      expect(unannounced._tag === "Left" || unannounced.right.status === 413).toBe(true)
      const client = yield* connect(url)
      expect(yield* Effect.flip(client.phone_say({ callId, text: "x".repeat(1_100_000) }))).toMatchObject({
        _tag: "RpcClientError"
      })
      expect(said).toEqual([])
    })
  )
})

describe("GET /health", () => {
  it.scopedLive("needs no token", () =>
    Effect.gen(function* () {
      const { url } = yield* serve()
      const answer = yield* Effect.promise(() => fetch(`${url}/health`))
      expect([answer.status, yield* Effect.promise(() => answer.json())]).toEqual([200, { status: "ok" }])
    })
  )
})

describe("the WebSocket /rpc/ws", () => {
  it.scopedLive("survives whatever is sent to it, and answers its sender", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({ status: () => Effect.succeed(call) })
      const neighbour = yield* connect(url)
      const answers = yield* Effect.async<ReadonlyArray<string>>((resume) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/rpc/ws`)
        const received: Array<string> = []
        const questions = ["{", "[]", '{"_tag":"Ack","requestId":"x"}', "\u0000", asking("phone_dance", {}), status]
        socket.on("open", () => {
          for (const question of questions) socket.send(question)
          socket.send(
            JSON.stringify({
              id: 9,
              tag: "phone_status",
              payload: { callId },
              headers: [["authorization", "Bearer the-token"]]
            })
          )
        })
        socket.on("message", (data) => {
          received.push(String(data))
          if (String(data).includes('"requestId":"9"')) resume(Effect.succeed(received))
        })
        return Effect.sync(() => socket.terminate())
      })
      expect(answers.filter((answer) => answer.includes("RPC message"))).toHaveLength(3)
      expect(answers.filter((answer) => answer.includes("phone_dance"))).toHaveLength(1)
      expect(answers.filter((answer) => answer.includes("Unauthorized"))).toHaveLength(1)
      expect(answers.at(-1)).toContain('"Success"')
      expect(yield* neighbour.phone_status({ callId })).toEqual(call)
      const plain = yield* Effect.promise(() => fetch(`${url}/rpc/ws`))
      expect(plain.status).toBe(426)
    })
  )
})
