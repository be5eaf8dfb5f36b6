/** 0 and 11: nothing breaks unseen, and nothing of a call is left. */
import { Cause, Effect, Scope } from "effect"
import { expect, it } from "vitest"
import { simulatedCredentials } from "../../../src/config/simulated.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { breaks, plain } from "./wrongs.ts"

it("0: a bug is seen", async () => {
  const wrong = await breaks(0, plain, () => ({
    store: (store) => ({ ...store, putTurn: () => Effect.dieMessage("a bug") })
  }))
  expect(wrong).toContain("a bug")
})

const { authToken, openaiApiKey } = simulatedCredentials

it("0: the account's token is not logged", async () => {
  const wrong = await breaks(0, plain, () => ({
    store: (store) => ({
      ...store,
      end: (id, end) => Effect.zipLeft(store.end(id, end), Effect.log(`signed with ${authToken}`))
    })
  }))
  expect(wrong).toBe("the log holds a secret: the account's token")
})

it("0: the path of a call's webhooks is not logged, also as the cause of a failure", async () => {
  const wrong = await breaks(0, plain, () => ({
    host: (host) => ({
      ...host,
      http: (request) =>
        Effect.zipRight(Effect.logWarning("odd", Cause.fail(new Error(request.url))), host.http(request))
    })
  }))
  expect(wrong).toContain("the log holds a secret: the call's own")
})

it("0: the model's key is in no record, and is not told", async () => {
  const wrong = await breaks(0, plain, () => ({
    store: (store) => ({
      ...store,
      putTurn: (id, { position, turn }) => store.putTurn(id, { position, turn: { ...turn, generated: openaiApiKey } })
    })
  }))
  expect(wrong).toContain("the record holds a secret: the model's key")
  expect(wrong).toContain("the file holds a secret: the model's key")
})

it("11: no fiber is left", async () => {
  const wrong = await breaks(11, plain, () => ({
    store: (store) => ({
      ...store,
      end: (id, end) => Effect.zipLeft(store.end(id, end), Effect.forkDaemon(Effect.never))
    })
  }))
  expect(wrong).toContain("1 fibers are left")
})

it("11: no fiber is left, also by a service that was started again", async () => {
  const restarted: Scenario = { ...plain, faults: [{ kill: { at: 12 } }] }
  const wrong = await breaks(11, restarted, () => ({
    store: (store) => ({
      ...store,
      end: (id, end) => Effect.zipLeft(store.end(id, end), Effect.forkDaemon(Effect.never))
    })
  }))
  expect(wrong).toContain("1 fibers are left")
})

it("11: no timer is left", async () => {
  const wrong = await breaks(11, plain, () => ({
    store: (store) => ({
      ...store,
      end: (id, end) => Effect.zipLeft(store.end(id, end), Effect.forkDaemon(Effect.sleep("1 day")))
    })
  }))
  expect(wrong).toContain("1 timers are left")
})

it("11: no session of the model is left", async () => {
  const wrong = await breaks(11, plain, () => ({
    network: (network) => ({
      ...network,
      webSocket: (url, options) =>
        Effect.map(
          Effect.flatMap(Scope.make(), (nobodys) => Scope.extend(network.webSocket(url, options), nobodys)),
          (socket) => ({ ...socket, close: () => {}, terminate: () => {} })
        )
    })
  }))
  expect(wrong).toContain("is still open, and billed")
})

it("11: no file is left open", async () => {
  const wrong = await breaks(11, plain, () => ({
    files: (files) => ({
      ...files,
      open: (path, options) =>
        Effect.flatMap(Scope.make(), (nobodys) => Scope.extend(files.open(path, options), nobodys))
    })
  }))
  expect(wrong).toMatch(/\d files are left open/)
})
