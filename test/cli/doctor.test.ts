/** `phone doctor` finds what would keep calls from working, and says how to fix each. */
import { createServer, type Server } from "node:http"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { stringify } from "yaml"
import { findingLines, healthy, ok, problem, skipped, summaryLine, warning } from "../../src/cli/doctor/Finding.ts"
import { nodeVersion } from "../../src/cli/doctor/machine.ts"
import { paint } from "../../src/cli/text.ts"
import { startSimulators } from "../../src/simulation/simulators.ts"
import { phone } from "./support.ts"

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** A server on a free port that answers everything with `status` and `text`; gives the port. */
const serving = (status: number, text: string, headers: Record<string, string> = {}) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((_, response) => response.writeHead(status, headers).end(text))
      server.listen(0, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  ).pipe(Effect.map(portOf))

/** A port that was free a moment ago. */
const freePort = Effect.scoped(serving(200, ""))

const twilio = {
  accountSid: `AC${"0a".repeat(16)}`,
  authToken: "0123456789abcdef0123456789abcdef",
  phoneNumber: "+15551234567",
  openaiApiKey: "sk-abcdefghijklmnopqrstuvwxyz"
}

interface Report {
  readonly code: number
  readonly healthy: boolean
  readonly states: Readonly<Record<string, string>>
  readonly text: string
}

/** Runs the doctor on a configuration in a folder of its own. */
const examine = (section: (folder: string) => Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    const keys = { database: `${folder}/phone.db`, transcriptsDir: `${folder}/t`, ...section(folder) }
    const config = `${folder}/config.yaml`
    yield* fs.writeFileString(config, stringify({ plugins: { phone: keys } }))
    const { code, out } = yield* phone(["doctor", "--json", "--config", config])
    const text = out.join("\n")
    const { findings, healthy } = JSON.parse(text)
    const states = Object.fromEntries(
      findings.map(({ check, state }: { check: string; state: string }) => [check, state])
    )
    return { code, healthy, states, text } satisfies Report
  })

layer(NodeContext.layer, { excludeTestServices: true })("phone doctor", (it) => {
  it.scoped("on a fresh simulated configuration finds everything in order", () =>
    Effect.gen(function* () {
      const report = yield* examine(() => ({ provider: "simulated", webhookPort: 0, rpcPort: 0 }))
      expect(report).toMatchObject({ code: 0, healthy: true })
      expect(report.states).toMatchObject({ configuration: "ok", transcripts: "ok", data: "ok", database: "skipped" })
    })
  )

  it.scoped("lists every line of a wrong configuration, without its values", () =>
    Effect.gen(function* () {
      const report = yield* examine(() => ({ provider: "simulated", webhookPort: "SECRET", disclose: "SECRET" }))
      expect(report).toMatchObject({ code: 1, healthy: false })
      expect(report.text).toContain("webhookPort must be a port number")
      expect(report.text).toContain("disclose must be true or false")
      expect(report.text).not.toContain("SECRET")
    })
  )

  it.scoped("tells our running service from another program on the port", () =>
    Effect.gen(function* () {
      const ours = yield* serving(200, '{"status":"ok"}')
      const foreign = yield* serving(404, "who?")
      const report = yield* examine(() => ({
        provider: "simulated",
        webhookPort: foreign,
        rpcPort: ours,
        rpcHost: "::"
      }))
      expect(report.states).toMatchObject({ "webhook port": "problem", "rpc port": "ok" })
      expect(report.text).toContain("is used by another program")
      expect(report.text).toContain("the service is running")
    })
  )

  it.scoped("proves that the webhook URL leads back here, with nobody serving yet", () =>
    Effect.gen(function* () {
      const authToken = Redacted.make(twilio.authToken)
      const openaiApiKey = Redacted.make(twilio.openaiApiKey)
      const { realtimeUrl, twilioApiUrl } = yield* startSimulators({ ...twilio, authToken, openaiApiKey })
      const webhookPort = yield* freePort
      const webhookHost = `http://127.0.0.1:${webhookPort}`
      const here = { ...twilio, webhookPort, rpcPort: 0, twilioApiUrl, realtimeUrl, webhookHost }
      const report = yield* examine(() => here)
      expect(report.states).toMatchObject({
        "webhook URL": "ok",
        websockets: "ok",
        clock: "ok",
        authToken: "ok",
        openaiApiKey: "ok",
        "twilio account": "ok",
        "twilio number": "ok",
        openai: "ok"
      })
      expect(report.code).toBe(0)

      const elsewhere = yield* serving(200, "ok")
      const wrong = yield* examine(() => ({ ...here, webhookHost: `http://127.0.0.1:${elsewhere}` }))
      expect(wrong.states["webhook URL"]).toBe("problem")
      expect(wrong.text).toContain("but not from here")
    })
  )

  it.scoped("sees a clock that is wrong, an API that cannot be reached, and odd credentials", () =>
    Effect.gen(function* () {
      const late = yield* serving(200, "", { date: "Thu, 01 Jan 2015 00:00:00 GMT" })
      const realtimeUrl = `ws://127.0.0.1:${late}`
      const webhookHost = "https://x.example"
      const base = { ...twilio, realtimeUrl, authToken: "SKsecret", webhookPort: 0, rpcPort: 0, webhookHost }
      const skewed = yield* examine(() => ({ ...base, twilioApiUrl: `http://127.0.0.1:${late}` }))
      expect(skewed.states).toMatchObject({ clock: "warning", authToken: "warning" })
      expect(skewed.text).not.toContain("SKsecret")
      const dead = yield* freePort
      const cut = yield* examine(() => ({ ...base, twilioApiUrl: `http://127.0.0.1:${dead}` }))
      expect(cut.states).toMatchObject({ clock: "problem", "twilio account": "skipped", openai: "problem" })
    })
  )

  it.scoped("sees whether the receiver of notifications is there, without its secrets", () =>
    Effect.gen(function* () {
      const notified = (port: number) => () => ({
        provider: "simulated",
        webhookPort: 0,
        rpcPort: 0,
        notify: { url: `http://127.0.0.1:${port}/SECRET`, secret: "SECRET" }
      })
      const there = yield* examine(notified(yield* serving(405, "")))
      const gone = yield* examine(notified(yield* freePort))
      expect([there.states.notifications, gone.states.notifications]).toEqual(["ok", "warning"])
      expect(there.text + gone.text).not.toContain("SECRET")
    })
  )

  it.scoped("sees a database that is none, a folder that is a file, and a token that others can read", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${folder}/phone.db`, "this is no database, ".repeat(100))
      yield* fs.writeFileString(`${folder}/rpc-token`, "token", { mode: 0o644 })
      yield* fs.writeFileString(`${folder}/file`, "")
      const report = yield* examine(() => ({
        provider: "simulated",
        webhookPort: 0,
        rpcPort: 0,
        database: `${folder}/phone.db`,
        transcriptsDir: `${folder}/file/t`
      }))
      expect(report.states).toMatchObject({ database: "problem", "rpc token": "warning", transcripts: "problem" })
    })
  )
})

describe("a finding", () => {
  const findings = [ok("node", "24"), skipped("clock", "no"), warning("disk", "full", "make room")]

  it("reads as one line, and one with what to do", () => {
    expect(findings.flatMap((finding) => findingLines(finding, paint(false)))).toEqual([
      "✓ node           24",
      "- clock          no",
      "! disk           full",
      "                 fix: make room"
    ])
  })

  it("is healthy unless it is a problem", () => {
    expect(healthy(findings)).toBe(true)
    expect(summaryLine(findings)).toBe("0 problems, 1 warning.")
    expect(healthy([...findings, problem("port", "taken", "free it")])).toBe(false)
    expect(nodeVersion("20.20.2").state).toBe("problem")
    expect(nodeVersion("22.0.0").state).toBe("ok")
  })
})
