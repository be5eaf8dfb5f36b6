/**
 * What the plugin uses of its host, OpenClaw 2026.9: shapes only, no code (facts/openclaw.md 1.4 to 1.10). Written down here
 * because the host's own package is large and is no dependency of ours.
 */

export interface ToolResult {
  readonly content: ReadonlyArray<{ readonly type: "text"; readonly text: string }>
  /** Never with `status`, `ok`, `success` or `error` at its top: the host takes those as the grade of the tool call. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Who calls a tool. Both are absent where there is no session. */
export interface ToolContext {
  readonly sessionKey?: string | undefined
  readonly agentId?: string | undefined
}

export interface Tool {
  readonly name: string
  readonly label: string
  readonly description: string
  /** JSON Schema, for the model only: the host's HTTP interface does not check arguments against it. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Keeps the tool in the model's own list, where Tool Search would hide it. */
  readonly catalogMode: "direct-only"
  /** Marks what comes back as said by strangers. */
  readonly resultContentSource?: "network"
  readonly getExecutionTimeoutMs?: (args: unknown) => number
  readonly execute: (
    toolCallId: string,
    args: unknown,
    signal?: AbortSignal,
    onUpdate?: (partial: ToolResult) => void
  ) => Promise<ToolResult>
}

export interface Logger {
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
}

export interface ServiceContext {
  readonly logger: Logger
  readonly serviceHealth?: {
    readonly reportFailure: (error: unknown) => void
    readonly clearFailure: () => void
  }
}

export interface SessionAddress {
  readonly sessionKey: string
  readonly agentId?: string | undefined
}

export interface PluginApi {
  readonly pluginConfig?: unknown
  readonly runtime: {
    readonly system: {
      /** False when the same text with the same key is in the session's queue already. */
      readonly enqueueSystemEvent: (text: string, options: SessionAddress & { readonly contextKey: string }) => boolean
      readonly requestHeartbeat: (
        options: SessionAddress & {
          readonly source: "background-task"
          readonly intent: "immediate"
          readonly reason: string
          readonly heartbeat: { readonly target: "last" }
        }
      ) => void
    }
  }
  readonly registerTool: (create: (context: ToolContext) => Tool, options: { readonly name: string }) => void
  readonly registerService: (service: {
    readonly id: string
    readonly start: (context: ServiceContext) => void
    readonly stop: () => Promise<void>
  }) => void
}
