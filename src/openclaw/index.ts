/**
 * The OpenClaw plugin "phone": its entry point. Runs inside the gateway, in two module instances at once: the tools in
 * both, the service in one. What they know of each other is in the phone service's database.
 */
import { setTimeout as pause } from "node:timers/promises"
import { awaitedRequests } from "./awaited.ts"
import { deliverCompletions } from "./completions.ts"
import type { PluginApi, ServiceContext } from "./host.ts"
import { makePhoneService } from "./PhoneService.ts"
import { hostSessions, loadPeek } from "./sessions.ts"
import { tools } from "./tools.ts"

/** Ends early, without an error, when the signal is aborted. */
const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)

/** Called several times in several modes: registers, and touches nothing. */
const register = (api: PluginApi): void => {
  const service = makePhoneService(api.pluginConfig)
  for (const [name, create] of Object.entries(tools)) {
    api.registerTool((context) => create({ service, sleep }, context), { name })
  }

  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined
  const run = async ({ logger, serviceHealth }: ServiceContext, signal: AbortSignal) => {
    const sessions = hostSessions(api.runtime, await loadPeek())
    const trouble = (message: string | undefined) => {
      if (message === undefined) {
        serviceHealth?.clearFailure()
        logger.info("phone: the phone service answers")
      } else {
        serviceHealth?.reportFailure(new Error(message))
        logger.warn(`phone: ${message}`)
      }
    }
    const warn = (message: string) => logger.warn(`phone: ${message}`)
    await deliverCompletions({ service, sessions, awaited: awaitedRequests, sleep, trouble, warn }, signal)
  }
  api.registerService({
    id: "phone-completions",
    start: (context) => {
      const stop = new AbortController()
      const ended = run(context, stop.signal).catch((error: unknown) => {
        context.serviceHealth?.reportFailure(error)
        context.logger.warn(`phone: ends of calls are not told any more: ${String(error)}`)
      })
      running = { stop, ended }
    },
    stop: async () => {
      running?.stop.abort()
      await running?.ended
    }
  })
}

export default {
  id: "phone",
  name: "Phone",
  description: "Makes phone calls: an AI voice agent talks, you get status, transcript and outcome.",
  register
}
