import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { readSettings } from "../../src/openclaw/settings.ts"
import { withHome } from "./support.ts"

const read = (config: unknown) => Effect.promise(() => readSettings(config))

describe("the plugin's settings", () => {
  it.effect("have an address and a client name without being given", () =>
    Effect.gen(function* () {
      expect(yield* read({ token: "t" })).toEqual({ url: "http://127.0.0.1:18791", token: "t", client: "openclaw" })
      expect(yield* read({ token: "t", url: "https://phone.example/", client: "kitchen" })).toEqual({
        url: "https://phone.example",
        token: "t",
        client: "kitchen"
      })
    })
  )

  it.scoped("find the token that a service on this machine made, also when it is made later", () =>
    Effect.gen(function* () {
      const home = mkdtempSync(join(tmpdir(), "phone-openclaw-"))
      yield* withHome(home)
      expect(yield* read({})).toMatchObject({ problem: expect.stringContaining("token is not set") })
      mkdirSync(join(home, ".openclaw", "phone"), { recursive: true })
      writeFileSync(join(home, ".openclaw", "phone", "rpc-token"), "made by the service\n")
      expect(yield* read({})).toMatchObject({ token: "made by the service" })
    })
  )

  it.effect("name the variable or secret that the gateway could not find, and never show a token", () =>
    Effect.gen(function* () {
      const variable = `\${${"PHONE_TOKEN"}}`
      for (const token of [variable, { source: "env", provider: "default", id: "PHONE_TOKEN" }]) {
        expect(yield* read({ token })).toEqual({
          problem: expect.stringContaining(
            `config.token is "${variable}": the gateway has no environment variable PHONE_TOKEN`
          )
        })
      }
      expect(yield* read({ token: { source: "file", provider: "vault", id: "/phone" } })).toEqual({
        problem: expect.stringContaining('config.token refers to the secret "/phone" (file)')
      })
      expect(yield* read({ token: 7 })).toEqual({ problem: "plugins.entries.phone.config.token must be a text." })
      expect(yield* read({ token: "secret", url: "phone" })).toEqual({
        problem: expect.stringMatching(/^plugins\.entries\.phone\.config\.url is no URL(?!.*secret)/)
      })
      expect(yield* read({ token: "t", url: `http://${variable}` })).toMatchObject({
        problem: expect.stringContaining("config.url")
      })
    })
  )
})
