/** `phone mcp` as the process it is: when it starts before its service, and when its client leaves. */
import { spawn } from "node:child_process"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { command, environment, overStdio, simulatedService, textOf, use } from "./support.ts"

layer(NodeContext.layer, { excludeTestServices: true })("phone mcp", (it) => {
  it.scoped("names the service it cannot reach, and works as soon as it is there", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(simulatedService())
      const { client } = yield* overStdio(["--url", gone.url, "--token", gone.token])
      const refused = yield* use(client, "phone_history")
      expect(refused.isError).toBe(true)
      expect(textOf(refused)).toContain(gone.url)
      expect(textOf(refused)).toContain("phone serve")
      const port = Number(new URL(gone.url).port)
      yield* simulatedService(port)
      const found = yield* use(client, "phone_history")
      expect(found.structuredContent).toEqual({ calls: [] })
      const unauthorized = yield* overStdio(["--url", gone.url, "--token", "wrong"])
      expect(textOf(yield* use(unauthorized.client, "phone_history"))).toMatch(/^Unauthorized: /)
    })
  )

  it.scoped(
    "ends when its client closes stdin, in the middle of a request too, and writes nothing but the protocol",
    () =>
      Effect.gen(function* () {
        const { token, url } = yield* simulatedService()
        const child = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn(process.execPath, [...command, "--url", url, "--token", token], { env: environment })
          ),
          (child) => Effect.sync(() => child.kill("SIGKILL"))
        )
        const send = (message: unknown) =>
          child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...Object(message) })}\n`)
        const clientInfo = { name: "test", version: "0" }
        send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } })
        child.stdin.write("this is no message\n")
        send({ method: "notifications/initialized" })
        const params = {
          name: "phone_call",
          arguments: { to: "+15550100001", task: "Chat" },
          _meta: { progressToken: 7 }
        }
        send({ id: 2, method: "tools/call", params })
        const ended = yield* Effect.async<{ readonly code: number | null; readonly out: string; readonly err: string }>(
          (resume) => {
            let out = ""
            let err = ""
            child.stderr.on("data", (chunk: Buffer) => {
              err += chunk.toString()
            })
            child.stdout.on("data", (chunk: Buffer) => {
              out += chunk.toString()
              if (out.includes("ringing")) child.stdin.end()
            })
            child.once("close", (code) => resume(Effect.succeed({ code, out, err })))
          }
        )
        expect(ended.code).toBe(0)
        const messages = ended.out
          .trim()
          .split("\n")
          .map((line): unknown => JSON.parse(line))
        expect(messages[0]).toMatchObject({ id: 1, result: { serverInfo: { name: "phone" } } })
        expect(messages[1]).toMatchObject({
          method: "notifications/progress",
          params: { progressToken: 7, progress: 1 }
        })
        expect(ended.err).toContain("level=WARN")
      })
  )
})
