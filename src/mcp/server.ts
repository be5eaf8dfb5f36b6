/**
 * The official SDK's server with our tools and resources, for one client over any transport. Each request is a fiber of the
 * scope: it ends when its client cancels it or leaves, and leaves the call it waited for alone.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import {
  CallToolRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type ServerNotification
} from "@modelcontextprotocol/sdk/types.js"
import { Cause, Effect, FiberSet } from "effect"
import { version } from "../version.ts"
import { type AskingBack, askPerson } from "./elicitation.ts"
import type { PhoneAccess } from "./PhoneAccess.ts"
import { ProtocolError } from "./ProtocolError.ts"
import { list, read, templates } from "./resources.ts"
import { tools } from "./tools.ts"

const instructions =
  "Phone makes real phone calls: a voice agent talks, you get the outcome and the transcript. phone_call places a call, phone_status and phone_history show calls, phone_say guides the voice agent in mid-call, phone_answer answers what it asks, phone_hangup ends a call."

/** What we use of what the SDK gives with a request. */
interface Asked extends AskingBack {
  readonly signal: AbortSignal
  readonly _meta?: { readonly progressToken?: string | number | undefined } | undefined
  readonly sendNotification: (notification: ServerNotification) => Promise<void>
}

const cancelled = (signal: AbortSignal) =>
  Effect.async<never>((resume) => {
    const stop = () => resume(Effect.interrupt)
    signal.addEventListener("abort", stop, { once: true })
    if (signal.aborted) stop()
    return Effect.sync(() => signal.removeEventListener("abort", stop))
  })

/** A bug reaches its client as an error of the protocol, and our log; its neighbours never notice. */
const reportBugs = <A>(effect: Effect.Effect<A, ProtocolError>): Effect.Effect<A, ProtocolError> =>
  Effect.catchAllDefect(
    Effect.suspend(() => effect),
    (defect) =>
      Effect.zipRight(
        Effect.logError("an MCP request has a bug", Cause.die(defect)),
        new ProtocolError({ code: ErrorCode.InternalError, message: "Phone has a bug here; its log tells more." })
      )
  )

/** Progress for a client that asked for it: the count only grows, the message tells the news. */
const teller = ({ _meta, sendNotification }: Asked) => {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return () => Effect.void
  let progress = 0
  return (message: string) =>
    Effect.suspend(() => {
      progress += 1
      const params = { progressToken, progress, message }
      return Effect.tryPromise(() => sendNotification({ method: "notifications/progress", params }))
    }).pipe(Effect.catchAll((error) => Effect.logDebug("progress could not be sent", error)))
}

/** Ready to be connected; closed with the scope, which cancels what is under way. */
export const makeServer = Effect.fnUntraced(function* (phone: PhoneAccess) {
  const run = yield* FiberSet.makeRuntimePromise()
  const server = yield* Effect.acquireRelease(
    Effect.sync(
      () => new Server({ name: "phone", version }, { capabilities: { tools: {}, resources: {} }, instructions })
    ),
    (server) => Effect.promise(() => server.close())
  )
  const log = yield* FiberSet.makeRuntime()
  server.onerror = (error) => {
    log(Effect.logWarning("what an MCP client sent, or was to get, went wrong", error.message))
  }
  const answer = <A>(effect: Effect.Effect<A, ProtocolError>, { signal }: Asked): Promise<A> =>
    run(Effect.raceFirst(reportBugs(effect), cancelled(signal)))

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(({ listed }) => listed) }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, asked) => {
    const tool = tools.get(params.name)
    if (tool === undefined) {
      const there = [...tools.keys()].join(", ")
      throw new ProtocolError({
        code: ErrorCode.InvalidParams,
        message: `There is no tool "${params.name.slice(0, 60)}". There are ${there}.`
      })
    }
    return answer(
      tool.call(params.arguments ?? {}, { phone, tell: teller(asked), ask: askPerson(server, asked) }),
      asked
    )
  })
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }, asked) =>
    answer(list(phone, params?.cursor), asked)
  )
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => templates)
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }, asked) => answer(read(phone, params.uri), asked))

  return {
    connect: (transport: Transport) => Effect.promise(() => server.connect(transport)),
    /** Told when the transport has closed by itself. */
    onClose: (heard: () => void) => {
      server.onclose = heard
    }
  }
})
