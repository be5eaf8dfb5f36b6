/** `phone doctor --call-me`: each thing that keeps a first call from working is found before it, or explained after it. */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { connect } from "node:net"
import { Terminal } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it, layer } from "@effect/vitest"
import { Effect, Layer, Mailbox, Option, Redacted } from "effect"
import { exitCodeOf, run } from "../../src/cli/phone.ts"
import type { CalleeScript } from "../../src/simulation/callee/CalleeScript.ts"
import { type SimulatorOptions, startSimulators } from "../../src/simulation/simulators.ts"
import { credentials, freePort, makeHome } from "../e2e/service.ts"
import { phone, recording } from "./support.ts"

const me = "+15557654321"

/** Picks up, hears the question out, and says something. */
const myself: CalleeScript = {
  answers: { after: 0.3, as: "human", amdAfter: 1 },
  steps: [{ listen: {} }, { say: "The quick brown fox." }, { listen: {} }, { wait: 5 }, { hangUp: true }]
}

const world = (options: SimulatorOptions = {}) =>
  startSimulators(
    {
      ...credentials,
      authToken: Redacted.make(credentials.authToken),
      openaiApiKey: Redacted.make(credentials.openaiApiKey)
    },
    { callsPerSecond: 50, callees: () => myself, ...options }
  )

interface Finding {
  readonly check: string
  readonly state: string
  readonly found: string
  readonly fix?: string
  readonly code?: string
}

/** `phone doctor --call-me <me> --yes --json` on a machine set up like this, in this world. */
const firstCall = (options: SimulatorOptions = {}, keys: Readonly<Record<string, unknown>> = {}, to = me) =>
  Effect.gen(function* () {
    const outside = yield* world(options)
    const home = yield* makeHome(outside, keys)
    return { ...(yield* doctor(home.config, to)), outside }
  })

const doctor = Effect.fnUntraced(function* (config: string, to = me) {
  const { code, out } = yield* phone(["doctor", "--call-me", to, "--yes", "--json", "--config", config])
  const report: { findings: ReadonlyArray<Finding>; call?: { status: string } } = JSON.parse(out.join("\n"))
  const of = (check: string) => report.findings.filter((finding) => finding.check === check)
  return { code, of, report, text: out.join("\n") }
})

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** A tunnel to a port, which may lose WebSockets or answer some paths by itself. */
const tunnel = (
  port: number,
  { blocks = /^$/, webSockets = true }: { readonly webSockets?: boolean; readonly blocks?: RegExp }
) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
        if (blocks.test(incoming.url ?? "")) return outgoing.writeHead(502).end("<html>tunnel</html>")
        const { connection: _, upgrade: __, ...headers } = incoming.headers
        const onward = request({ port, path: incoming.url, method: incoming.method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        })
        onward.on("error", () => outgoing.writeHead(502).end())
        return incoming.pipe(onward)
      })
      if (webSockets) {
        server.on("upgrade", (incoming, socket, head) => {
          const onward = connect(port, "127.0.0.1", () => {
            const headers = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}`)
            onward.write([`GET ${incoming.url} HTTP/1.1`, ...headers, "", ""].join("\r\n"))
            onward.write(head)
            onward.pipe(socket).pipe(onward)
          })
          onward.on("error", () => socket.destroy())
          socket.on("error", () => onward.destroy())
        })
      }
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${portOf(server)}`))

/** A tunnel with a certificate of its own making; gives its port. */
const selfSigned = Effect.acquireRelease(
  Effect.async<Server>((resume) => {
    const [key, cert] = ["key", "crt"].map((end) =>
      readFileSync(new URL(`../fixtures/self-signed.${end}`, import.meta.url))
    )
    const server = createSecureServer({ key, cert }, (_, outgoing) => outgoing.end("ok"))
    server.listen(0, () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(Effect.map(portOf))

layer(NodeContext.layer, { excludeTestServices: true })("before the call", (it) => {
  const finds = (
    what: string,
    check: string,
    code: string | undefined,
    options: SimulatorOptions,
    keys: Readonly<Record<string, unknown>> = {}
  ) =>
    it.scoped(`${what} is found, and nobody's phone rings`, () =>
      Effect.gen(function* () {
        const { code: exit, of, outside, text } = yield* firstCall(options, keys)
        expect(of(check)).toMatchObject([{ state: "problem", ...(code === undefined ? {} : { code }) }])
        expect(of("call")).toMatchObject([{ state: "skipped" }])
        expect(exit).toBe(1)
        expect(outside.twilio.calls()).toEqual([])
        expect(text).not.toContain(credentials.authToken)
        expect(text).not.toContain(credentials.openaiApiKey)
      })
    )

  finds("a wrong token", "twilio account", "20003", {}, { authToken: "f".repeat(32) })
  finds("a suspended account", "twilio account", "20005", { account: { status: "suspended" } })
  finds("a number of somebody else", "twilio number", "21210", { ownNumbers: ["+15550109999"] })
  finds("a number without voice", "twilio number", undefined, { account: { voice: false } })
  finds("a trial that may not call me", "callee", "21219", { account: { type: "Trial" } })
  finds("a wrong OpenAI key", "openai", "invalid_api_key", {}, { openaiApiKey: `sk-${"x".repeat(40)}` })
  finds("an account without credit", "openai", "insufficient_quota", { faults: { reject: "no-quota" } })
  finds("a model that there is not", "openai", "invalid_model", {}, { realtimeModel: "gpt-nonsense" })
  finds("a model that is gone", "openai", "model_not_found", { faults: { reject: "retired-model" } })
  finds("a country that OpenAI does not serve", "openai", "http_403", { faults: { refuseHandshake: { status: 403 } } })

  it.scoped("a tunnel that leads elsewhere is found", () =>
    Effect.gen(function* () {
      const outside = yield* world()
      const home = yield* makeHome(outside, { webhookHost: outside.twilioApiUrl })
      const { code, of } = yield* doctor(home.config)
      expect(of("webhook URL")).toMatchObject([{ state: "problem", found: expect.stringContaining("not from here") }])
      expect([code, of("call").length, outside.twilio.calls()]).toEqual([1, 1, []])
    })
  )

  it.scoped("a tunnel without WebSockets is found", () =>
    Effect.gen(function* () {
      const outside = yield* world()
      const webhookPort = yield* freePort
      const webhookHost = yield* tunnel(webhookPort, { webSockets: false })
      const home = yield* makeHome(outside, { webhookPort, webhookHost })
      const { code, of } = yield* doctor(home.config)
      expect(of("webhook URL")).toMatchObject([{ state: "ok" }])
      expect(of("websockets")).toMatchObject([{ state: "problem" }])
      expect([code, outside.twilio.calls()]).toEqual([1, []])
    })
  )

  it.scoped("a certificate that nobody trusts is found", () =>
    Effect.gen(function* () {
      const outside = yield* world()
      const port = yield* selfSigned
      const home = yield* makeHome(outside, { webhookHost: `https://localhost:${port}` })
      const { code, of } = yield* doctor(home.config)
      expect(of("certificate")).toMatchObject([
        { state: "problem", found: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") }
      ])
      expect([code, of("webhook URL"), outside.twilio.calls()]).toEqual([1, [], []])
    })
  )

  it.scoped("little money, a refused transcription model and a callee that is verified are told", () =>
    Effect.gen(function* () {
      const { of } = yield* firstCall(
        {
          account: { type: "Trial", verified: [me], balance: 0.4 },
          faults: { refusedTranscriptionModels: ["gpt-nonsense"] },
          callees: () => ({ line: "busy" })
        },
        { transcriptionModel: "gpt-nonsense" }
      )
      expect(of("twilio account")).toMatchObject([{ state: "warning", found: expect.stringContaining("$0.40") }])
      expect(of("callee")).toMatchObject([{ state: "ok" }])
      expect(of("transcription")).toMatchObject([{ state: "warning" }])
    })
  )

  it.scoped("a number that is none is found", () =>
    Effect.gen(function* () {
      const { code, of, outside } = yield* firstCall({}, {}, "12")
      expect(of("callee")).toMatchObject([{ state: "problem" }])
      expect([code, outside.twilio.calls()]).toEqual([1, []])
    })
  )
})

layer(NodeContext.layer, { excludeTestServices: true })("the call", (it) => {
  it.scoped(
    "reaches me, repeats what I said, and is measured",
    () =>
      Effect.gen(function* () {
        const { code, of, outside, report } = yield* firstCall()
        // a busy machine may be slow, which is a warning
        expect(report.findings.filter(({ state }) => state === "problem")).toEqual([])
        for (const check of ["call", "webhooks", "transcription", "recording", "cost"]) {
          expect([check, of(check)[0]?.state]).toEqual([check, "ok"])
        }
        expect(of("media")[0]?.found).toMatch(/^[1-9]\d{2,} frames came/)
        expect([code, report.call?.status]).toEqual([0, "completed"])
        const [call] = outside.twilio.calls()
        expect(call?.heard.map(({ text }) => text).join(" ")).toContain("I heard: The quick brown fox.")
        expect(call?.requests[0]?.parameters).toContainEqual(["To", me])
      }),
    60_000
  )

  it.scoped("that finds the line busy says so", () =>
    Effect.gen(function* () {
      const { code, of } = yield* firstCall({ callees: () => ({ line: "busy" }) })
      expect(of("call")).toMatchObject([{ state: "problem", found: `${me} was busy` }])
      expect(code).toBe(3)
    })
  )

  it.scoped(
    "that nobody answers says so",
    () =>
      Effect.gen(function* () {
        const { code, of } = yield* firstCall({ callees: () => ({ line: "no-answer" }) }, { ringTimeout: 5 })
        expect(of("call")).toMatchObject([{ state: "problem", found: `${me} did not answer` }])
        expect(code).toBe(4)
      }),
    30_000
  )

  it.scoped("that Twilio refuses is explained by its code", () =>
    Effect.gen(function* () {
      const { code, of } = yield* firstCall({ callees: () => ({ line: "refused", code: 21215 }) })
      expect(of("call")).toMatchObject([
        { code: "21215", found: expect.stringContaining("geographic permissions"), fix: expect.any(String) }
      ])
      expect(code).toBe(5)
    })
  )

  it.scoped("that our own policy forbids was never dialled", () =>
    Effect.gen(function* () {
      const { code, of, outside } = yield* firstCall({}, { doNotCall: [me] })
      expect(of("call")).toMatchObject([{ state: "problem" }])
      expect([code, outside.twilio.calls()]).toEqual([7, []])
    })
  )

  it.scoped(
    "whose webhooks a tunnel answers by itself is explained by what only Twilio has seen",
    () =>
      Effect.gen(function* () {
        const outside = yield* world()
        const webhookPort = yield* freePort
        const webhookHost = yield* tunnel(webhookPort, { blocks: /\/voice$/ })
        const home = yield* makeHome(outside, { webhookPort, webhookHost, recordCalls: false })
        const { code, of } = yield* doctor(home.config)
        expect(of("websockets")).toMatchObject([{ state: "ok" }])
        expect(of("twilio alert")).toMatchObject([{ state: "problem", code: "11200" }])
        expect(code).toBeGreaterThan(0)
      }),
    60_000
  )
})

describe("whoever is to pay", () => {
  const asked = (answer: string | undefined, args: ReadonlyArray<string> = []) =>
    Effect.gen(function* () {
      const outside = yield* world({ callees: () => ({ line: "busy" }) })
      const home = yield* makeHome(outside)
      const screen = recording(answer === undefined ? undefined : () => {})
      const questions: Array<string> = []
      const terminal = Layer.succeed(
        Terminal.Terminal,
        Terminal.Terminal.of({
          columns: Effect.succeed(80),
          rows: Effect.succeed(25),
          isTTY: Effect.succeed(true),
          display: (text) => Effect.sync(() => void questions.push(text)),
          readLine: Effect.die("no lines are read"),
          readInput: Effect.tap(Mailbox.make<Terminal.UserInput>(), (keys) =>
            keys.offer({
              input: Option.fromNullable(answer),
              key: { name: answer ?? "", ctrl: answer === "\u0003", meta: false, shift: false }
            })
          )
        })
      )
      const exit = yield* run(["node", "phone", "doctor", "--call-me", me, "--config", home.config, ...args]).pipe(
        Effect.provide(Layer.mergeAll(NodeContext.layer, screen.layer, terminal)),
        Effect.exit
      )
      return { ...screen, questions, code: exitCodeOf(exit, false), called: outside.twilio.calls().length }
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

  it("is told number and price, and is called only after a yes", () =>
    Effect.gen(function* () {
      const yes = yield* asked("y")
      expect(yes.out.join("\n")).toContain(`call ${me} from ${credentials.phoneNumber}: a minute at most, about $0.1`)
      expect([yes.questions, yes.called, yes.code]).toEqual([["Call it? [y/N] ", "yes\n"], 1, 3])
      const quit = yield* asked("\u0003")
      expect([quit.called, quit.code]).toEqual([0, 130])
      const no = yield* asked("\r")
      expect([no.called, no.code]).toEqual([0, 0])
      expect(no.out.join("\n")).toContain("nothing was dialled")
    }).pipe(Effect.runPromise))

  it("must say so beforehand where nobody can be asked", () =>
    Effect.gen(function* () {
      const unasked = yield* asked(undefined)
      expect([unasked.called, unasked.code, unasked.out]).toEqual([0, 2, []])
      expect(unasked.err[0]).toContain("--yes")
    }).pipe(Effect.runPromise))
})
