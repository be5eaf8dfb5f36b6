/** A page: code bundled as for a browser, run where there is nothing but what browsers have, against a real service. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Redacted, Schema } from "effect"
import { build } from "esbuild"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { PhoneConfigSchema, startService } from "../../src/index.ts"

/** The bundle of a module of the project, and which files are in it. */
export const bundle = async (project: string, platform: "browser" | "node", source: string) => {
  const entry = join(project, `${platform}-entry.js`)
  writeFileSync(entry, source)
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    platform,
    format: "iife",
    globalName: "page",
    metafile: true,
    write: false,
    outdir: project,
    logLevel: "silent"
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
  )
  return { code: outputFiles[0]?.text ?? "", inputs: inputs.filter((path) => path.includes("node_modules/")) }
}

/** What the client needs of a browser. No process, no Buffer, no require. */
const browser = () => ({
  AbortController,
  AbortSignal,
  atob,
  Blob,
  btoa,
  clearInterval,
  clearTimeout,
  console,
  crypto,
  Event,
  EventTarget,
  fetch,
  FormData,
  Headers,
  MessageChannel,
  performance,
  queueMicrotask,
  ReadableStream,
  Request,
  Response,
  setInterval,
  setTimeout,
  structuredClone,
  TextDecoder,
  TextEncoder,
  TransformStream,
  URL,
  URLSearchParams,
  WebSocket
})

const Called = Schema.Struct({ fetch: Schema.String, socket: Schema.String })

/** What the bundle's `call` gives when a service is there, each way. */
export const inPage = (code: string): Promise<typeof Called.Type> =>
  Effect.gen(function* () {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    const config = yield* Schema.decode(PhoneConfigSchema)({
      ...simulatedCredentials,
      provider: "simulated",
      webhookHost: "http://127.0.0.1",
      webhookPort: 0,
      rpcPort: 0,
      database: `${folder}/phone.db`,
      transcriptsDir: `${folder}/transcripts`
    })
    const { rpcToken, rpcUrl } = yield* startService(config)
    const context = createContext({ ...browser(), service: [rpcUrl, Redacted.value(rpcToken)] })
    runInContext(code, context)
    const called = `Promise.all(["fetch", "socket"].map((how) => page.call(how, ...service)))
      .then(([fetch, socket]) => ({ fetch, socket }))`
    return yield* Effect.flatMap(
      Effect.promise(() => runInContext(called, context)),
      Schema.decodeUnknown(Called)
    )
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer), Effect.runPromise)
