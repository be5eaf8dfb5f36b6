/** The plugin between a host that remembers what it was asked, and a phone service on a real port. */
import { rmSync } from "node:fs"
import { Effect } from "effect"
import type { PluginApi, ServiceContext, Tool, ToolResult } from "../../src/openclaw/host.ts"
import plugin from "../../src/openclaw/index.ts"
import { makePhoneService } from "../../src/openclaw/PhoneService.ts"
import { tools } from "../../src/openclaw/tools.ts"

export const session = { sessionKey: "agent:main:main", agentId: "main" }

/** One of the tools as the host gets it, but without pauses between two looks at a call. */
export const toolOf = (name: string, pluginConfig: unknown): Tool => {
  const tool = tools[name]?.({ service: makePhoneService(pluginConfig), sleep: async () => undefined }, session)
  if (tool === undefined) throw new Error(`there is no ${name}`)
  return tool
}

export interface UseOptions {
  readonly toolCallId?: string
  readonly signal?: AbortSignal
  readonly onUpdate?: (partial: ToolResult) => void
}

/** Uses a tool of the plugin with these settings. What it throws is a defect: tools do not throw. */
export const use = (
  pluginConfig: unknown,
  name: string,
  args: unknown,
  { onUpdate, signal, toolCallId = "call1" }: UseOptions = {}
) => Effect.promise(() => toolOf(name, pluginConfig).execute(toolCallId, args, signal, onUpdate))

export const textOf = ({ content }: ToolResult): string => content.map(({ text }) => text).join("\n")

export interface Host {
  readonly tools: ReadonlyArray<string>
  /** What was put into sessions' queues, and which sessions were asked to look. */
  readonly events: ReadonlyArray<{ readonly text: string; readonly sessionKey: string; readonly contextKey: string }>
  readonly wakes: ReadonlyArray<Parameters<PluginApi["runtime"]["system"]["requestHeartbeat"]>[0]>
  readonly start: (context: ServiceContext) => void
  readonly stop: () => Promise<void>
}

/** Registers the plugin with these settings, as the host does. */
export const makeHost = (pluginConfig: unknown): Host => {
  const names: Array<string> = []
  const events: Array<Host["events"][number]> = []
  const wakes: Array<Host["wakes"][number]> = []
  let service: Parameters<PluginApi["registerService"]>[0] | undefined
  plugin.register({
    pluginConfig,
    runtime: {
      system: {
        enqueueSystemEvent: (text, { contextKey, sessionKey }) => events.push({ text, sessionKey, contextKey }) > 0,
        requestHeartbeat: (options) => void wakes.push(options)
      }
    },
    registerTool: (create, { name }) => names.push(create(session).name === name ? name : `not ${name}`),
    registerService: (registered) => {
      service = registered
    }
  })
  return {
    tools: names,
    events,
    wakes,
    start: (context) => service?.start(context),
    stop: async () => service?.stop()
  }
}

/** Another home folder for the time of a test, gone afterwards: the plugin looks there for the service's token. */
export const withHome = (home: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env.HOME
      process.env.HOME = home
      return before
    }),
    (before) =>
      Effect.sync(() => {
        process.env.HOME = before
        rmSync(home, { recursive: true, force: true })
      })
  )
