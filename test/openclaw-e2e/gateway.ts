/** A real openclaw with our plugin, in a folder of its own: its gateway, its tools over HTTP, and its command line. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Schema } from "effect"
import { eventually, freePort, type Running, root, start, temporaryFolder } from "./processes.ts"

const openclaw = fileURLToPath(new URL("node_modules/openclaw/openclaw.mjs", import.meta.url))
const gatewayToken = "0123456789abcdef0123456789abcdef"

/** What is shipped: with dist/ as scripts/build-openclaw made it. */
export const pluginFolder = join(root, "openclaw")

export interface Invoked {
  readonly status: number
  readonly text: string
  readonly details: Readonly<Record<string, unknown>>
  readonly milliseconds: number
}

export interface InvokeOptions {
  readonly sessionKey?: string
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface OpenClaw {
  /** The folder of its state and configuration. */
  readonly state: string
  readonly startGateway: () => Promise<void>
  readonly stopGateway: (signal?: NodeJS.Signals) => Promise<void>
  readonly log: () => string
  /** A tool without a model. */
  readonly invoke: (tool: string, args: object, options?: InvokeOptions) => Promise<Invoked>
  /** `openclaw <args>`: its exit code and all that it wrote. */
  readonly cli: (...args: ReadonlyArray<string>) => Promise<{ readonly code: unknown; readonly out: string }>
  readonly install: (from: string) => ReturnType<OpenClaw["cli"]>
  /** What an agent makes of a message. */
  readonly agent: (sessionKey: string, message: string) => Promise<AgentTurn>
  /** What `plugins inspect` finds. */
  readonly inspect: () => Promise<Inspected>
}

export interface AgentTurn {
  readonly failures: number
  readonly calls: number
}

export interface Inspected {
  readonly tools: ReadonlyArray<string>
  readonly services: ReadonlyArray<string>
  readonly diagnostics: ReadonlyArray<unknown>
  readonly status: unknown
}

/** What `plugins inspect` finds when all is well. */
export const healthy: Inspected = {
  status: "loaded",
  tools: ["phone_call", "phone_status", "phone_history", "phone_answer"],
  services: ["phone-completions"],
  diagnostics: []
}

const Report = Schema.parseJson(
  Schema.Struct({
    plugin: Schema.Struct({ status: Schema.String, toolNames: Schema.Array(Schema.String) }),
    services: Schema.Array(Schema.String),
    diagnostics: Schema.Array(Schema.Unknown)
  })
)

/** The JSON that a command wrote, whatever stands before it. */
const jsonIn = (out: string) => out.slice(out.startsWith("{") ? 0 : out.indexOf("\n{") + 1, out.lastIndexOf("}") + 1)

const ToolSummary = Schema.parseJson(Schema.Struct({ calls: Schema.Number, failures: Schema.Number }))

/** The one object of this name in what `agent` wrote; the report around it is large and its shape not documented. */
const toolSummaryIn = (out: string): AgentTurn => {
  const found = /"toolSummary":\s*(\{[^{}]*\})/.exec(out)?.[1]
  if (found === undefined) throw new Error(`no tool summary in: ${out}`)
  return Schema.decodeSync(ToolSummary)(found)
}

const Answer = Schema.Struct({
  result: Schema.optional(
    Schema.Struct({
      content: Schema.Tuple(Schema.Struct({ text: Schema.String })),
      details: Schema.Record({ key: Schema.String, value: Schema.Unknown })
    })
  )
})

export const makeOpenClaw = async (name: string, config: object, env: Readonly<Record<string, string>> = {}) => {
  const home = temporaryFolder(name)
  const port = await freePort()
  const state = join(home, "state")
  mkdirSync(state)
  const gateway = { mode: "local", port, bind: "loopback", auth: { mode: "token", token: gatewayToken } }
  writeFileSync(
    join(state, "openclaw.json"),
    JSON.stringify({ gateway, logging: { file: join(home, "gateway.log") }, ...config })
  )
  const environment = {
    HOME: home,
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_CONFIG_PATH: join(state, "openclaw.json"),
    OPENCLAW_GATEWAY_TOKEN: gatewayToken,
    NODE_COMPILE_CACHE: join(root, "node_modules/.cache/openclaw"),
    ...env
  }
  const run = (args: ReadonlyArray<string>) => start([openclaw, ...args], home, environment)
  const url = `http://127.0.0.1:${port}`
  let running: Running | undefined
  let earlier = ""

  const invoke: OpenClaw["invoke"] = async (tool, args, { signal, ...options } = {}) => {
    const began = performance.now()
    const response = await fetch(`${url}/tools/invoke`, {
      method: "POST",
      headers: { authorization: `Bearer ${gatewayToken}`, "content-type": "application/json" },
      body: JSON.stringify({ tool, args, ...options }),
      signal: signal ?? null
    })
    const body = await response.json()
    const milliseconds = performance.now() - began
    const { result } = Schema.decodeUnknownSync(Answer)(body)
    const text = result?.content[0].text ?? JSON.stringify(body)
    return { status: response.status, text, details: result?.details ?? {}, milliseconds }
  }

  const cli: OpenClaw["cli"] = async (...args) => {
    const command = run(args)
    const code = await command.exited
    return { code, out: command.output() }
  }

  const made: OpenClaw = {
    state,
    startGateway: async () => {
      earlier += running?.output() ?? ""
      const started = run(["gateway", "run", "--port", String(port)])
      running = started
      await eventually(
        `the gateway ${name}`,
        async () => {
          const answer = await invoke("phone_history", { limit: 0 }).catch(() => undefined)
          return answer?.status === 200 ? true : undefined
        },
        60
      ).catch((error: Error) => {
        throw new Error(`${error.message}: ${started.output()}`)
      })
    },
    stopGateway: async (signal) => running?.stop(signal),
    log: () => earlier + (running?.output() ?? ""),
    invoke,
    cli,
    install: (from) => cli("plugins", "install", from, "--force", "--accept-capabilities"),
    agent: async (sessionKey, message) => {
      const { out } = await cli("agent", "--agent", "main", "--session-key", sessionKey, "--message", message, "--json")
      return toolSummaryIn(out)
    },
    inspect: async () => {
      const { out } = await cli("plugins", "inspect", "phone", "--runtime", "--json")
      const { diagnostics, plugin, services } = Schema.decodeSync(Report)(jsonIn(out))
      return { status: plugin.status, tools: plugin.toolNames, services, diagnostics }
    }
  }
  return made
}
