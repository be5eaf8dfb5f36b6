/** MCP on stdin and stdout, which carry nothing else: one client, which started this process and ends it by closing stdin. */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { Effect } from "effect"
import type { PhoneAccess } from "./PhoneAccess.ts"
import { makeServer } from "./server.ts"

/** Serves until stdin ends, or says something that is no conversation any more (10 MB without an end). */
export const serveStdio = (phone: PhoneAccess) =>
  Effect.gen(function* () {
    const server = yield* makeServer(phone)
    const left = Effect.async<void>((resume) => {
      const done = () => resume(Effect.void)
      process.stdin.once("end", done)
      process.stdin.once("close", done)
      server.onClose(done)
      return Effect.sync(() => {
        process.stdin.off("end", done)
        process.stdin.off("close", done)
      })
    })
    yield* Effect.raceFirst(left, Effect.zipRight(server.connect(new StdioServerTransport()), Effect.never))
  }).pipe(Effect.scoped)
