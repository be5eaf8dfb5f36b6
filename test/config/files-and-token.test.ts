/** Real files: the configuration is found and read with clear errors, and all who need the RPC token get the same one. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { expect, layer } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { findConfigFile, loadClientSettings, loadConfigFile } from "../../src/config/loadConfig.ts"
import { readOrCreateRpcToken, readRpcToken, rpcTokenPath } from "../../src/config/rpcToken.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const fileWith = (text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = `${yield* folder}/config.yaml`
    yield* fs.writeFileString(path, text)
    return path
  })

layer(NodeContext.layer)("config.yaml", (it) => {
  it.scoped("is read with the environment given", () =>
    Effect.gen(function* () {
      const path = yield* fileWith(`plugins:\n  phone:\n    provider: simulated\n    webhookPort: \${PORT:-4000}\n`)
      const { config } = yield* loadConfigFile(path, {})
      expect(config.webhookPort).toBe(4000)
      expect((yield* loadClientSettings(path, {})).rpcPort).toBe(18791)
    })
  )

  it.scoped("that is wrong fails with one line for each problem, each with the path", () =>
    Effect.gen(function* () {
      const path = yield* fileWith("plugins:\n  phone:\n    provider: simulated\n    webhookPort: x\n    disclose: 1\n")
      const error = yield* Effect.flip(loadConfigFile(path, {}))
      expect(error.message.split("\n")).toEqual([
        `${path}: webhookPort must be a port number, 0 to 65535 (0: any that is free)`,
        `${path}: disclose must be true or false`
      ])
    })
  )

  it.scoped("that is not there, or is a folder, says so with its path", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const missing = yield* Effect.flip(loadConfigFile(`${path}/none.yaml`, {}))
      expect(missing.message).toBe(`${path}/none.yaml: there is no such file`)
      const directory = yield* Effect.flip(loadConfigFile(path, {}))
      expect(directory.message).toBe(`${path}: is a folder, not a file`)
    })
  )

  it.effect("is the one asked for, before PHONE_CONFIG", () =>
    Effect.gen(function* () {
      expect(yield* findConfigFile(Option.some("a.yaml"), { PHONE_CONFIG: "b.yaml" })).toBe("a.yaml")
      expect(yield* findConfigFile(Option.none(), { PHONE_CONFIG: "b.yaml" })).toBe("b.yaml")
    })
  )
})

layer(NodeContext.layer)("the RPC token", (it) => {
  const settings = Effect.map(folder, (path) => ({ database: `${path}/data/phone.db` }))

  it.scoped("is made once, private, beside the database, also when several start at once", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const config = yield* settings
      expect(yield* readRpcToken(config)).toEqual(Option.none())
      const tokens = yield* Effect.all(
        Array.from({ length: 8 }, () => readOrCreateRpcToken(config)),
        { concurrency: "unbounded" }
      )
      expect(new Set(tokens.map(Redacted.value)).size).toBe(1)
      expect(Redacted.value(tokens[0] ?? Redacted.make(""))).toMatch(/^[a-z0-9]{40}$/)
      expect((yield* fs.stat(rpcTokenPath(config))).mode & 0o777).toBe(0o600)
      expect(yield* fs.readDirectory(`${config.database}/..`.replace("phone.db/..", ""))).toEqual(["rpc-token"])
      expect(Option.map(yield* readRpcToken(config), Redacted.value)).toEqual(
        Option.some(Redacted.value(tokens[0] ?? Redacted.make("")))
      )
    })
  )

  it.scoped("of the configuration comes first, and makes no file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const config = { ...(yield* settings), rpcToken: Redacted.make("mine") }
      expect(Redacted.value(yield* readOrCreateRpcToken(config))).toBe("mine")
      expect(yield* fs.exists(rpcTokenPath(config))).toBe(false)
    })
  )

  it.scoped("that is empty is an error with what to do", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const config = yield* settings
      yield* fs.makeDirectory(config.database.replace("/phone.db", ""))
      yield* fs.writeFileString(rpcTokenPath(config), "\n")
      const error = yield* Effect.flip(readOrCreateRpcToken(config))
      expect(error.message).toMatch(/rpc-token: the RPC token is empty\. Remove the file/)
    })
  )
})
