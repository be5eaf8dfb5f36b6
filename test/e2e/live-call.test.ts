/** A call that goes on in a service of its own process: looked at, guided and ended from shells, and disturbed by strangers. */
import { connect as connectTcp } from "node:net"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { WebSocket } from "ws"
import { lineOf, start } from "./processes.ts"
import { command, connect, human, makeHome, outside, recordedAs, serve, texts, whenCall } from "./service.ts"

const callee = "+15551230001"
const task = "Schedule an appointment for next Tuesday at 2 pm"
const timeout = 90_000

/** What comes back when these bytes are sent to a port, until the server closes the connection. */
const raw = (port: number, bytes: string | Uint8Array) =>
  Effect.async<string>((resume) => {
    let answer = ""
    const socket = connectTcp(port, "127.0.0.1", () => socket.write(bytes))
    socket.on("data", (data) => {
      answer += data
    })
    // the server may cut us off in the middle: that is an answer, too
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(answer)))
    return Effect.sync(() => socket.destroy())
  })

/** Holds a connection open without ever finishing a request. */
const dangle = (port: number) =>
  Effect.acquireRelease(
    Effect.async<ReturnType<typeof connectTcp>>((resume) => {
      const socket = connectTcp(port, "127.0.0.1", () => {
        socket.write("POST /twilio HTTP/1.1\r\nHost: x\r\nContent-Le")
        resume(Effect.succeed(socket))
      })
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  Effect.map(
    Effect.promise(() => fetch(url, { method: "POST", body, headers })),
    ({ status }) => status
  )

const upgrade = (url: string) =>
  Effect.async<number | "open">((resume) => {
    const socket = new WebSocket(url)
    socket.once("unexpected-response", (request, response) => {
      request.destroy()
      resume(Effect.succeed(response.statusCode ?? 0))
    })
    socket.once("open", () => {
      socket.terminate()
      resume(Effect.succeed("open"))
    })
    socket.on("error", () => {})
  })

const statusLine = (answer: string) => answer.split("\r\n")[0]
const form = { "content-type": "application/x-www-form-urlencoded" }
const bearer = (token: string) => ({ authorization: `Bearer ${token}`, "content-type": "application/json" })

describe.concurrent("a call that goes on", () => {
  it.scopedLive(
    "phone watch, status, say and hangup work on a live call, and phone history has it afterwards",
    () =>
      Effect.gen(function* () {
        const world = yield* outside({
          [callee]: human([{ repeat: { steps: [{ say: "Who is there?" }, { listen: {} }] } }])
        })
        const home = yield* makeHome(world)
        yield* serve(home)
        const placed = yield* command(home, "call", callee, "--task", task, "--no-wait")
        expect(placed).toMatchObject({ code: 0, err: [] })
        const id = placed.out[0] ?? ""
        const watcher = yield* start(home.folder, ["watch", id, "--json", "--config", home.config])
        yield* lineOf(watcher, "a turn", (line) => line.includes('"Turn"') && line.includes("AI assistant"))

        const status = yield* command(home, "status", id, "--json")
        expect(JSON.parse(status.out[0] ?? "{}")).toMatchObject({ id, status: "in-progress", answeredBy: "human" })
        expect((yield* command(home, "say", id, "Ask", "for", "Zebulon.")).code).toBe(0)
        const memory = () => JSON.stringify(world.realtime.sessions()[0]?.memory() ?? [])
        expect(memory()).toContain("Ask for Zebulon.")
        expect((yield* command(home, "hangup", id)).code).toBe(0)

        expect(yield* watcher.exited).toBe(1)
        const events = watcher.out.map((line) => JSON.parse(line))
        expect(events.at(-1)).toMatchObject({ _tag: "Ended", call: { id, status: "completed" } })
        expect(events.filter(({ _tag }) => _tag === "Status").map(({ status }) => status)).toEqual([
          "queued",
          "dialing",
          "ringing",
          "in-progress",
          "completed"
        ])
        expect(world.twilio.calls().map(({ live }) => live)).toEqual([false])

        const [history, hangup, say] = yield* Effect.all(
          [
            command(home, "history", "--json", "--search", "appointment"),
            command(home, "hangup", id),
            command(home, "say", id, "too late")
          ],
          { concurrency: "unbounded" }
        )
        const { calls } = JSON.parse(history.out[0] ?? "{}")
        expect(calls).toMatchObject([{ id, status: "completed", transcript: events.at(-1).call.transcript }])
        expect(hangup.code).toBe(9)
        expect(say.err).toEqual([`✗ Call ${id} has ended already.`])
      }).pipe(Effect.provide(NodeContext.layer)),
    timeout
  )

  it.scopedLive(
    "strangers on both ports get a clear refusal each, and the call that goes on never notices",
    () =>
      Effect.gen(function* () {
        const world = yield* outside({
          [callee]: human([{ say: "Yes, Tuesday at 2 pm works." }, { listen: {} }, { say: "Goodbye." }, { wait: 20 }])
        })
        const home = yield* makeHome(world)
        const service = yield* serve(home)
        const client = yield* connect(home)
        const { id } = yield* client.phone_call({ to: callee, task, wait: false })
        yield* whenCall(client, id, "a first turn", ({ transcript }) => transcript.length > 0)

        const webhooks = `http://127.0.0.1:${home.webhookPort}`
        const twiml = new URL(
          world.twilio.calls()[0]?.webhooks.find(({ kind }) => kind === "twiml")?.url ?? "http://none/none"
        ).pathname
        const sid = world.twilio.calls()[0]?.sid ?? ""
        const ended = `CallSid=${sid}&CallStatus=completed`
        yield* dangle(home.webhookPort)
        yield* dangle(home.rpcPort)
        const refusals = yield* Effect.all(
          {
            garbage: Effect.map(raw(home.webhookPort, "\u0000\u0001 garbage \r\n\r\n"), statusLine),
            tls: Effect.map(raw(home.webhookPort, Buffer.from("16030100c4010000c0", "hex")), statusLine),
            unsigned: post(webhooks + twiml, ended, form),
            forged: post(webhooks + twiml, ended, { ...form, "x-twilio-signature": "c2lnbmVkIGJ5IG5vYm9keQ==" }),
            huge: post(webhooks + twiml, "x".repeat(5_000_000), form),
            unknown: post(`${webhooks}/admin`, "", form),
            unsignedMedia: upgrade(`ws://127.0.0.1:${home.webhookPort}/twilio/media`),
            elsewhere: upgrade(`ws://127.0.0.1:${home.webhookPort}/somewhere`),
            badUpgrade: Effect.map(
              raw(
                home.webhookPort,
                "GET /twilio/media HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
              ),
              statusLine
            ),
            rpcGarbage: Effect.map(raw(home.rpcPort, "\u0000\u0001 garbage \r\n\r\n"), statusLine),
            rpcNoJson: post(`${home.rpcUrl}/rpc`, "{{{", bearer("x")),
            rpcHuge: post(`${home.rpcUrl}/rpc`, "x".repeat(2_000_000), bearer("x"))
          },
          { concurrency: "unbounded" }
        )
        expect(refusals).toEqual({
          garbage: "HTTP/1.1 400 Bad Request",
          tls: "HTTP/1.1 400 Bad Request",
          unsigned: 403,
          forged: 403,
          huge: 413,
          unknown: 404,
          unsignedMedia: 403,
          elsewhere: 404,
          badUpgrade: "HTTP/1.1 403 Forbidden",
          rpcGarbage: "HTTP/1.1 400 Bad Request",
          rpcNoJson: 400,
          rpcHuge: 413
        })

        const over = yield* whenCall(client, id, "its end", ({ status }) => status === "completed")
        expect(over.outcome).toMatchObject({ success: true })
        const [line] = world.twilio.calls()
        expect(texts(over, "assistant")).toEqual(line?.heard.map(({ text }) => text))
        expect(texts(over, "user")).toEqual(line?.said.map(({ text }) => text))
        expect(line?.alerts).toEqual([])
        yield* recordedAs(home, over)
        expect(service.err).toEqual([])
      }).pipe(Effect.provide(NodeContext.layer)),
    timeout
  )
})
