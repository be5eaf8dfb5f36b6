/** The plugin as its npm package: acceptance point 1. */
import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { healthy, makeOpenClaw, pluginFolder } from "./gateway.ts"
import { cleanUp, temporaryFolder } from "./processes.ts"

afterAll(cleanUp)

it("point 1: installed from its npm package, without a network, it has its tools and nothing to complain about", async () => {
  const openclaw = await makeOpenClaw("packed", {}, { npm_config_offline: "true" })
  const folder = temporaryFolder("pack")
  execFileSync("npm", ["pack", "--pack-destination", folder, "--silent"], { cwd: pluginFolder, stdio: "pipe" })
  const [file = ""] = readdirSync(folder)
  const installed = await openclaw.install(`npm-pack:${join(folder, file)}`)
  expect(installed.code, installed.out).toBe(0)
  expect(await openclaw.inspect()).toEqual(healthy)
})
