/** A service that stops says goodbye on the line, and those who wait for the call over MCP still hear how it ended. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { callOf, overHttp, overStdio, simulatedService, use } from "./support.ts"

layer(NodeContext.layer, { excludeTestServices: true })("a service that stops", (it) => {
  it.scoped("gives everybody who waits the record of the call as it ended", () =>
    Effect.gen(function* () {
      const running = yield* Scope.make()
      const { token, url } = yield* Scope.extend(simulatedService(), running)
      const { client: near } = yield* overStdio(["--url", url, "--token", token])
      const far = yield* overHttp(url, token)
      const wait = Effect.fnUntraced(function* (client: typeof near) {
        const talking = yield* Deferred.make<void>()
        const onprogress = ({ message }: { message?: string | undefined }) => {
          if (message === "in-progress") Deferred.unsafeDone(talking, Exit.void)
        }
        const waiting = yield* Effect.fork(
          use(client, "phone_call", { to: "+15550100007", task: "Chat" }, { onprogress })
        )
        yield* Deferred.await(talking)
        return waiting
      })
      const waits = yield* Effect.all([wait(near), wait(far)], { concurrency: "unbounded" })
      yield* Scope.close(running, Exit.void)
      for (const waiting of waits) {
        const call = yield* callOf(yield* Fiber.join(waiting))
        expect(call.status).toBe("completed")
        expect(call.endedAt).toBeDefined()
        expect(call.outcome?.success).toBe(false)
      }
    })
  )
})
