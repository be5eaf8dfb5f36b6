/**
 * A whole call on the simulated line, over real sockets: starts the service, calls with the `phone` command, and then
 * compares what is stored with what the simulated callee and voice model really said and heard.
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Context, Data, Effect, Layer, Option, Redacted, Schedule, Schema } from "effect"
import { loadConfigFile } from "../src/config/loadConfig.ts"
import { Call } from "../src/domain/Call.ts"
import type { Role, Turn } from "../src/domain/Turn.ts"
import { PhoneClient } from "../src/rpc/client.ts"
import { type RunningService, startService } from "../src/Service.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const number = process.argv[2] ?? "+15550100001"
const task = process.argv[3] ?? "Schedule an appointment for next Tuesday at 2 pm"

class DemoFailed extends Data.TaggedError("DemoFailed")<{ readonly message: string }> {}

const prepare = Effect.sync(() => {
  mkdirSync(join(root, ".phone"), { recursive: true })
  const folder = mkdtempSync(join(root, ".phone", "demo-"))
  const path = join(folder, "config.yaml")
  const lines = [
    "plugins:",
    "  phone:",
    "    provider: simulated",
    `    transcriptsDir: ${JSON.stringify(join(folder, "transcripts"))}`,
    `    database: ${JSON.stringify(join(folder, "phone.db"))}`,
    "    webhookPort: 0",
    "    rpcPort: 0",
    "    onBehalfOf: John Doe"
  ]
  writeFileSync(path, `${lines.join("\n")}\n`)
  return { folder, path }
})

/** Runs the real command against the running service, on this terminal. */
const phone = (service: RunningService, args: ReadonlyArray<string>) =>
  Effect.async<number>((resume) => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(root, "src/main.ts"), ...args],
      {
        stdio: "inherit",
        env: { ...process.env, PHONE_URL: service.rpcUrl, PHONE_TOKEN: Redacted.value(service.rpcToken) }
      }
    )
    child.once("close", (code) => resume(Effect.succeed(code ?? 1)))
    return Effect.sync(() => child.kill())
  })

const same = (what: string, stored: ReadonlyArray<string>, real: ReadonlyArray<string>) =>
  JSON.stringify(stored) === JSON.stringify(real)
    ? Console.log(`  ok  ${what}`)
    : new DemoFailed({
        message: `${what} differ.\n  stored: ${JSON.stringify(stored)}\n  real:   ${JSON.stringify(real)}`
      })

/** What was heard of a turn: when it was interrupted, the record leaves out the word that was heard in part. */
const toTheLastWord = ({ interrupted, text }: Turn, heard: string): string =>
  interrupted === true && heard.startsWith(text) && /^\s*\S*$/.test(heard.slice(text.length)) ? text : heard

/** The record of the call against the ears and mouths of both sides, and its file against the database. */
const compare = Effect.fn(function* (service: RunningService, folder: string) {
  const client = Context.get(
    yield* Layer.build(PhoneClient.layer({ url: service.rpcUrl, token: service.rpcToken })),
    PhoneClient
  )
  const { calls } = yield* client.phone_history({ limit: 1 })
  const [call] = calls
  const line = service.simulators?.twilio.calls()[0]
  const session = service.simulators?.realtime.sessions()[0]
  if (call === undefined || line === undefined || session === undefined) {
    return yield* new DemoFailed({ message: "There was no call." })
  }
  const turns = (role: Role) => call.transcript.filter((turn) => turn.role === role)
  const texts = (role: Role) => turns(role).map(({ text }) => text)
  const spoken = turns("assistant")
  const generated = spoken.map(({ generated, text }) => generated ?? text)
  yield* Console.log("\nThe transcript against what was really on the line:")
  yield* same(
    "what the agent said, as the callee heard it,",
    texts("assistant"),
    line.heard.map(({ text }, index) => {
      const turn = spoken[index]
      return turn === undefined ? text : toTheLastWord(turn, text)
    })
  )
  yield* same(
    "what the agent said, as the model spoke it,",
    generated,
    session.said.filter(({ aside, text }) => !aside && generated.includes(text)).map(({ text }) => text)
  )
  yield* same(
    "what the callee said, as it was spoken,",
    texts("user"),
    line.said.map(({ text }) => text)
  )
  const recording = yield* client
    .phone_status({ callId: call.id })
    .pipe(
      Effect.repeat({ until: (now) => now.recording !== undefined, schedule: Schedule.spaced("250 millis") }),
      Effect.timeoutOption("20 seconds")
    )
  yield* same("a recording beside the transcript", [Option.isSome(recording) ? "kept" : "missing"], ["kept"])
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.readFileString(join(folder, "transcripts", `${call.id}.json`))
  const record = yield* Schema.encode(Call)(yield* client.phone_status({ callId: call.id }))
  yield* same("the JSON file and the database row", [JSON.stringify(JSON.parse(file))], [JSON.stringify(record)])
})

const demo = Effect.gen(function* () {
  const { folder, path } = yield* prepare
  const { config } = yield* loadConfigFile(path)
  const service = yield* startService(config)
  yield* Console.log(`The service runs: RPC at ${service.rpcUrl}, webhooks on port ${service.webhookPort}.`)
  yield* Console.log(
    `Twilio, OpenAI and the callee are simulated in this process; every byte between them crosses a socket.\n`
  )
  yield* Console.log(`$ phone call ${number} --task "${task}"`)
  const code = yield* phone(service, ["call", number, "--task", task, "--config", path])
  yield* compare(service, folder)
  yield* Console.log(
    `\nThe call ended with exit code ${code}. Other callees: ./scripts/demo +15550100002 (busy), ...05 (voicemail), ...10 (interrupts).`
  )
})

demo.pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain)
