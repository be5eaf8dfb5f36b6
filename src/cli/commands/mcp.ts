/** `phone mcp`: the tools for an MCP client that starts this process. Loads the MCP code only when it runs. */
import { Command } from "@effect/cli"
import type { FileSystem } from "@effect/platform"
import { Effect, Logger } from "effect"
import { connection, locate } from "../connection.ts"

const { json: _, ...options } = connection

/** stdout is the protocol's; logs go to stderr. */
export const mcp = Command.make("mcp", options, (asked) =>
  Effect.gen(function* () {
    const { overRpc } = yield* Effect.promise(() => import("../../mcp/overRpc.ts"))
    const { serveStdio } = yield* Effect.promise(() => import("../../mcp/stdio.ts"))
    const context = yield* Effect.context<FileSystem.FileSystem>()
    const phone = overRpc(Effect.provide(locate({ ...asked, json: false }), context))
    return yield* serveStdio(phone)
  }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))))
).pipe(
  Command.withDescription(
    "Serve the tools to an MCP client over stdin and stdout, until stdin closes. Needs a running service when a tool is used."
  )
)
