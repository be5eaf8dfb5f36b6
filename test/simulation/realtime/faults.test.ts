import { expect, it } from "@effect/vitest"
import { Effect, Logger, LogLevel } from "effect"
import { silence, spokenMs, understand } from "../../../src/simulation/audio/SpokenText.ts"
import type { ResponseFault } from "../../../src/simulation/realtime/Faults.ts"
import { scriptedMind } from "../../../src/simulation/realtime/Mind.ts"
import { inVirtualTime, manual, pick, server } from "./support.ts"

const long = "I have a great many things to tell you about the table that we would like to book."
const talks = scriptedMind([{ plan: [{ say: long }] }])
const withFault = (fault: ResponseFault) => server({ mind: talks, faults: { responses: { 1: fault } } })

for (const code of ["rate_limit_exceeded", "server_error"]) {
  it(`a response fails with ${code}, without output; the session lives on`, () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* withFault({ _tag: "Fail", code, message: "Try again in 2s." })
        const client = yield* ready(manual)
        client.send({ type: "response.create" })
        const { event } = yield* client.next("response.done")
        expect(pick(event, "response")).toMatchObject({
          status: "failed",
          status_details: { type: "failed", error: { code, message: "Try again in 2s." } },
          output: [],
          usage: null
        })
        client.send({ type: "response.create" })
        expect(pick((yield* client.next("response.done")).event, "response.status")).toBe("completed")
        expect(client.log().said.map(({ text }) => text)).toEqual([long])
      })
    ))
}

it("the connection is cut in the middle of a response, without a close frame", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* withFault({ _tag: "Drop" })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      expect(yield* client.closed).toEqual({ code: 1006, reason: "" })
      expect(client.types().at(-1)).toMatch(/delta$/)
      expect(client.types()).not.toContain("response.done")
      expect(client.log().closed).toMatchObject({ code: 1006, by: "server" })
    })
  ))

it("the server falls silent on an open socket", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* withFault({ _tag: "Freeze" })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      yield* client.next("response.content_part.added")
      yield* client.play(silence(1_000))
      client.send({ type: "session.update", session: { type: "realtime" } })
      yield* Effect.sleep("30 seconds")
      const sent = client.seen.length
      expect(client.types()).not.toContain("response.done")
      yield* Effect.sleep("10 minutes")
      expect(client.seen).toHaveLength(sent)
      expect(client.log().closed).toBeUndefined()
    })
  ))

it("noise in the middle of a response harms nothing", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* withFault({ _tag: "Noise" })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      expect(pick((yield* client.next("error")).event, "error.code")).toBe("server_error")
      expect(client.types()).toContain("response.weather.updated")
      expect(pick((yield* client.next("response.done")).event, "response.status")).toBe("completed")
    })
  ))

it("a filtered response is incomplete; a slow one is late; a lost tail is told but not heard", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({
        mind: talks,
        faults: {
          responses: {
            1: { _tag: "ContentFilter" },
            2: { _tag: "Slow", by: "4 seconds" },
            3: { _tag: "LoseTail", length: "600 millis" }
          }
        }
      })
      const client = yield* ready(manual)
      client.send({ type: "response.create" })
      expect(pick((yield* client.next("response.done")).event, "response")).toMatchObject({
        status: "incomplete",
        status_details: { type: "incomplete", reason: "content_filter" }
      })
      client.send({ type: "response.create" })
      yield* client.next("response.created")
      const { at } = yield* client.next("response.created")
      yield* client.next("response.content_part.added")
      expect((yield* client.next("response.content_part.added")).at - at).toBe(4_250)
      yield* client.next("response.done")
      client.send({ type: "response.create" })
      yield* client.next("response.done")
      const last = client.log().said.at(-1)
      expect(last?.text).toBe(long)
      expect(understand(last?.audio() ?? new Uint8Array())).toBe(long.slice(0, -10))
      expect(last?.audio().length).toBe((spokenMs(long) - 600) * 8)
    })
  ))

it("the first connection drops after three seconds, the second holds", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { connect, sessions } = yield* server({
        faults: (connection) => (connection === 0 ? { dropAfter: "3 seconds" } : {})
      })
      const first = yield* connect()
      expect((yield* first.closed).code).toBe(1006)
      expect(first.log().closed?.at).toBe(first.log().openedAt + 3_000)
      const second = yield* connect()
      yield* Effect.sleep("10 minutes")
      expect(second.log().closed).toBeUndefined()
      expect(sessions().map(({ index }) => index)).toEqual([0, 1])
    })
  ))

it("a mind that breaks takes its session with it, and nobody else's", () =>
  inVirtualTime(
    Effect.gen(function* () {
      const { ready } = yield* server({
        mind: ({ tag }) => {
          if (tag === "break") throw new Error("no idea")
          return [{ say: "Fine" }]
        }
      })
      const well = yield* ready(manual)
      const ill = yield* ready(manual)
      ill.send({ type: "response.create", response: { metadata: { tag: "break" } } })
      expect((yield* ill.closed).code).toBe(1011)
      well.send({ type: "response.create" })
      yield* well.next("response.done")
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
  ))

it("two runs with one seed are identical, event for event; another seed differs", async () => {
  const record = (seed: number) =>
    inVirtualTime(
      Effect.gen(function* () {
        const { ready } = yield* server({ mind: talks, timing: { latestTranscription: "3 seconds" } })
        const client = yield* ready()
        yield* client.say("Hello there")
        yield* client.next("response.done")
        yield* client.say("Bye")
        yield* client.next("response.done")
        return JSON.stringify([client.log().sent, client.log().received])
      }),
      seed
    )
  const first = await record(7)
  expect(await record(7)).toBe(first)
  expect(await record(8)).not.toBe(first)
})
