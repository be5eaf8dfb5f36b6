/**
 * The package as its users get it: built, packed, put into an empty project beside its declared dependencies, and used from
 * plain ESM, as a command, from TypeScript, and from a browser's bundle.
 */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { version } from "../../src/version.ts"
import { bundle, inPage } from "./browser.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)
const work = realpathSync(mkdtempSync(join(tmpdir(), "phone-packed-")))
const project = join(work, "project")
const installed = join(project, "node_modules", "phone")

const link = (name: string) => {
  mkdirSync(dirname(join(project, "node_modules", name)), { recursive: true })
  symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name))
}

/** Built in a copy, so that nobody's dist/ is touched. */
beforeAll(async () => {
  const copy = join(work, "copy")
  mkdirSync(copy)
  for (const name of ["src", "docs", "scripts", "package.json", "package-lock.json", "README.md"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  for (const name of ["tsconfig.json", "tsconfig.build.json"]) cpSync(join(root, name), join(copy, name))
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
  await run(join(copy, "scripts/build"))
  await run("npm", ["pack", "--offline", "--ignore-scripts", "--pack-destination", work], { cwd: copy })
  mkdirSync(installed, { recursive: true })
  await run("tar", ["-xzf", join(work, `phone-${version}.tgz`), "--strip-components=1", "-C", installed])
  // What is not declared is not there; better-sqlite3 is @effect/sql-sqlite-node's own, which npm puts beside it;
  // @types/node is the user's, as for any program on Node.
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
  for (const name of [...Object.keys(dependencies), "better-sqlite3", "@types/node"]) link(name)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }))
}, 120_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Runs a module in the project with this Node, and reads the JSON that it prints. */
const printed = async (name: string, source: string) => {
  writeFileSync(join(project, name), source)
  const { stdout } = await run(process.execPath, [name], { cwd: project })
  return JSON.parse(stdout)
}

/** What the strict compiler says against a file of the project, declarations of packages included, ours before all. */
const complaints = async (
  name: string,
  source: string,
  options: Readonly<Record<string, unknown>>
): Promise<ReadonlyArray<string>> => {
  const lib = ["es2023", "dom", "dom.iterable"]
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
  const compilerOptions = { ...strict, target: "es2022", lib, ...options }
  writeFileSync(join(project, name), source)
  writeFileSync(join(project, `${name}.json`), JSON.stringify({ compilerOptions, files: [name] }))
  const compiler = join(root, "node_modules/typescript/bin/tsc")
  const { stdout } = await run(process.execPath, [compiler, "-p", `${name}.json`], { cwd: project }).catch(
    (failed: { readonly stdout: string }) => failed
  )
  // msgpackr, of the RPC library, wants Node's types even in browsers
  return stdout.split("\n").filter((line) => line !== "" && !line.includes("node_modules/msgpackr/"))
}

describe("the packed package", () => {
  it("makes a simulated call from plain ESM", async () => {
    const seen = await printed(
      "simulated.js",
      `import { Effect } from "effect"
       import { Calls } from "phone"
       import { layerSimulation, run } from "phone/simulation"
       const call = Effect.gen(function* () {
         const calls = yield* Calls
         return yield* calls.await(yield* calls.place({ to: "+15550100001", task: "Book a table" }))
       })
       const exit = await run(call.pipe(Effect.provide(layerSimulation())), { seed: 1 })
       console.log(JSON.stringify({ status: exit.value.status, success: exit.value.outcome.success }))`
    )
    expect(seen).toEqual({ status: "completed", success: true })
  })

  it("runs the service, and the client against it, over WebSocket and over fetch", async () => {
    const seen = await printed(
      "service.js",
      `import { NodeContext } from "@effect/platform-node"
       import { Effect, Logger, Schema } from "effect"
       import { PhoneConfigSchema, startService } from "phone"
       import { layerHttp, PhoneClient } from "phone/client"
       import manifest from "phone/package.json" with { type: "json" }
       const account = { accountSid: "AC" + "0".repeat(32), authToken: "simulated", openaiApiKey: "simulated" }
       const config = Schema.decodeSync(PhoneConfigSchema)({
         ...account, phoneNumber: "+15550100000", provider: "simulated", webhookHost: "http://127.0.0.1",
         webhookPort: 0, rpcPort: 0, database: "phone.db", transcriptsDir: "transcripts"
       })
       const busy = Effect.flatMap(PhoneClient, (phone) =>
         Effect.flip(phone.phone_call({ to: "+15550100002", task: "Book a table" })))
       const program = Effect.gen(function* () {
         const { rpcToken, rpcUrl } = yield* startService(config)
         const at = { url: rpcUrl, token: rpcToken }
         const errors = yield* Effect.all([PhoneClient.layer(at), layerHttp(at)].map((layer) => Effect.provide(busy, layer)))
         return { version: manifest.version, errors: errors.map(({ _tag }) => _tag) }
       })
       const seen = await Effect.runPromise(
         Effect.scoped(program).pipe(Effect.provide([NodeContext.layer, Logger.remove(Logger.defaultLogger)])))
       console.log(JSON.stringify(seen))`
    )
    expect(seen).toEqual({ version, errors: ["CallBusy", "CallBusy"] })
  })

  it("has the command", async () => {
    const { bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
    const phone = async (...args: ReadonlyArray<string>) =>
      (await run(process.execPath, [join(installed, bin.phone), ...args], { cwd: project })).stdout
    expect((await phone("--version")).trim()).toBe(version)
    expect(await phone("--help")).toContain("serve")
  })

  it("opens nothing but what it exports", async () => {
    await expect(printed("inside.js", `import "phone/dist/index.js"`)).rejects.toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED")
  })
})

describe("the types of the packed package", () => {
  it("are sound, and say by name what a program gets", async () => {
    const source = `
      import { Effect, type Layer, Stream } from "effect"
      import { type Call, type CallFailure, type CallNotFound, Calls, layerCalls, type Network, Phone, type PhoneConfig,
        type PhoneConfigInput, type Refusal, type StoreUnavailable } from "phone"
      import { layerSimulation, run, type SimulationStopped } from "phone/simulation"
      const config: PhoneConfigInput = { accountSid: "", authToken: "", phoneNumber: "", openaiApiKey: "", webhookHost: "" }
      export const call: Effect.Effect<Call, Refusal | CallFailure | CallNotFound | StoreUnavailable, Calls> =
        Effect.gen(function* () {
          const calls = yield* Calls
          const id = yield* calls.place({ to: "+1", task: "t" })
          yield* Stream.runDrain(calls.watch(id, { after: 0 }))
          return yield* calls.await(id)
        })
      export const real = call.pipe(Effect.provide(Phone.layer(config)), Effect.catchTag("CallBusy", ({ callId }) => Effect.succeed(callId)))
      export const simulated = run(call.pipe(Effect.provide(layerSimulation())), { seed: 1 })
      export const parts: Layer.Layer<Calls, never, unknown> = layerCalls
      export const lines: Layer.Layer<Phone.Lines, never, PhoneConfig | Network> = Phone.layerLines
      // @ts-expect-error the number is missing
      Phone.layer({ accountSid: "", authToken: "", openaiApiKey: "", webhookHost: "" })
      // @ts-expect-error the program needs Calls
      Effect.runPromise(call)
      export type Stopped = SimulationStopped`
    expect(await complaints("user.ts", source, { module: "nodenext", types: ["node"] })).toEqual([])
  }, 60_000)

  it("of the client know what a browser knows, and nothing of Node", async () => {
    const source = `
      import { Effect, Redacted } from "effect"
      import { type Call, layerHttp, PhoneClient } from "phone/client"
      const client = PhoneClient.layer({ url: "http://127.0.0.1", token: Redacted.make("t") })
      const call = Effect.gen(function* () {
        const phone = yield* PhoneClient
        const call: Call = yield* phone.phone_call({ to: "+1", task: "t" })
        return call
      })
      export const summary = call.pipe(
        Effect.catchTag("CallBusy", ({ message }) => Effect.succeed(message)),
        Effect.provide(Math.random() < 0.5 ? client : layerHttp({ url: "", token: Redacted.make("t") }))
      )
      // @ts-expect-error there is no Node here
      export const node = process.version`
    expect(await complaints("page.ts", source, { module: "esnext", moduleResolution: "bundler", types: [] })).toEqual(
      []
    )
  }, 60_000)
})

describe("a bundle", () => {
  const server =
    /node_modules\/(ws|twilio|better-sqlite3|libphonenumber-js|yaml|@effect\/(sql|platform-node|cluster|workflow))\b/

  it("for a browser holds the client and no server code, weighs 180 kB at most, and calls over fetch", async () => {
    const { code, inputs } = await bundle(
      project,
      "browser",
      `import { Effect, Either, Redacted } from "effect"
       import { layerHttp, PhoneClient } from "phone/client"
       const layers = { fetch: layerHttp, socket: PhoneClient.layer }
       export const call = (how, url, token) => Effect.runPromise(
         Effect.flatMap(PhoneClient, (phone) => phone.phone_call({ to: "+15550100002", task: "Book a table" })).pipe(
           Effect.either,
           Effect.map((end) => Either.isLeft(end) ? end.left._tag : end.right.status),
           Effect.provide(layers[how]({ url, token: Redacted.make(token) }))))`
    )
    expect(inputs.filter((path) => server.test(path))).toEqual([])
    expect(gzipSync(code).length).toBeLessThan(180_000)
    expect(await inPage(code)).toEqual({ fetch: "CallBusy", socket: "CallBusy" })
  })

  it("of one small thing leaves the rest of the package out", async () => {
    const { inputs } = await bundle(project, "node", `export { isTerminal } from "phone"`)
    expect(inputs.filter((path) => server.test(path))).toEqual([])
    expect(inputs.filter((path) => path.includes("/phone/dist/"))).toEqual([
      expect.stringMatching(/\/phone\/dist\/domain\/CallStatus\.js$/)
    ])
  })
})
