/** The host's sessions, as the completions need them: its event queues and its wakes (facts/openclaw.md 1.10). */
import type { Sessions } from "./completions.ts"
import type { PluginApi, SessionAddress } from "./host.ts"
import { isRecord, textAt } from "./json.ts"
import type { CompletionRecord } from "./records.ts"
import { wakeText } from "./text.ts"

type Peek = (sessionKey: string, agentId?: string) => unknown

/** The host resolves its own SDK for plugins. Where it has no such part, news counts as taken once it is in the queue. */
export const loadPeek = async (): Promise<Peek> => {
  const specifier = "openclaw/plugin-sdk/system-event-runtime"
  const loaded: unknown = await import(specifier).catch(() => undefined)
  const peek = isRecord(loaded) ? loaded.peekSystemEventEntries : undefined
  return typeof peek === "function" ? (sessionKey, agentId) => peek(sessionKey, agentId) : () => []
}

const contextKeyOf = ({ call, question }: CompletionRecord) =>
  question === undefined ? `phone:${call.id}` : `phone:${call.id}:question:${question.id}`

const address = ({ agentId }: CompletionRecord, sessionKey: string): SessionAddress => ({
  sessionKey,
  ...(agentId === undefined ? {} : { agentId })
})

export const hostSessions = ({ system }: PluginApi["runtime"], peek: Peek): Sessions => ({
  wake: (completion, sessionKey) => {
    const to = address(completion, sessionKey)
    system.enqueueSystemEvent(wakeText(completion), { ...to, contextKey: contextKeyOf(completion) })
    // the one combination that is neither put off by a cooldown nor lost when heartbeats are off
    system.requestHeartbeat({
      ...to,
      source: "background-task",
      intent: "immediate",
      reason: completion.question === undefined ? "phone call ended" : "phone call asks",
      heartbeat: { target: "last" }
    })
  },
  queued: (completion, sessionKey) => {
    const entries = peek(sessionKey, completion.agentId)
    const key = contextKeyOf(completion)
    return Array.isArray(entries) && entries.some((entry: unknown) => textAt(entry, "contextKey") === key)
  }
})
