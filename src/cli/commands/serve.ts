/** `phone serve` and `phone simulators`: the commands that stay. */
import { Command, Options } from "@effect/cli"
import { Effect, Logger, LogLevel, Option } from "effect"
import { findConfigFile, loadConfigFile } from "../../config/loadConfig.ts"
import { config, json } from "../connection.ts"
import { ExitCode } from "../exitCodes.ts"
import { number, whole } from "../numbers.ts"
import { reporting } from "../reporting.ts"
import { Screen } from "../Screen.ts"
import { runService, runSimulators } from "../service.ts"

/** Past this a stop was not graceful: something hangs, and the machine's operator wants the process gone (facts/effect.md 5). */
const patience = "10 seconds"

const signal = Effect.async<void>((resume) => {
  const heard = () => resume(Effect.void)
  process.once("SIGTERM", heard)
  process.once("SIGINT", heard)
  return Effect.sync(() => {
    process.removeListener("SIGTERM", heard)
    process.removeListener("SIGINT", heard)
  })
})

/** A daemon on purpose: it has to outlive the interruption that it watches. It ends with the process. */
const exitWhenStopHangs = signal.pipe(
  Effect.zipRight(Effect.sleep(patience)),
  Effect.zipRight(Effect.logError(`not stopped within ${patience}; exiting`)),
  Effect.zipRight(
    Effect.sync((): void => {
      process.exit(ExitCode.failed)
    })
  ),
  Effect.forkDaemon
)

/** A fiber that dies unseen is an error in the log. */
const staying = <A, E, R>(effect: Effect.Effect<A, E, R>, logger: Logger.Logger<unknown, void>) =>
  Effect.zipRight(exitWhenStopHangs, effect).pipe(
    Effect.withUnhandledErrorLogLevel(Option.some(LogLevel.Error)),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger))
  )

export const serve = Command.make("serve", { config, json }, (asked) =>
  Effect.gen(function* () {
    const { terminal } = yield* Screen
    const path = yield* findConfigFile(asked.config)
    const loaded = yield* loadConfigFile(path)
    const running = Effect.zipRight(
      Effect.forEach(loaded.warnings, (warning) => Effect.logWarning(warning)),
      runService(loaded.config)
    )
    // for people on a terminal, JSON lines otherwise
    return yield* staying(
      running,
      asked.json || !terminal ? Logger.withConsoleLog(Logger.jsonLogger) : Logger.prettyLogger()
    )
  }).pipe(reporting(false))
).pipe(
  Command.withDescription(
    "Run the phone service until it is stopped. Ctrl-C or SIGTERM: live calls say goodbye, 10 s at most."
  )
)

const port = (name: string, what: string) =>
  whole(name, `${what}. Default: 0, any that is free.`, { least: 0, most: 65_535 }).pipe(Options.withDefault(0))

const simulatorOptions = {
  twilioPort: port("twilio-port", "Port of the simulated Twilio (for twilioApiUrl)"),
  realtimePort: port("realtime-port", "Port of the simulated Realtime server (for realtimeUrl)"),
  callsPerSecond: number("calls-per-second", {
    description: "Calls a second that the simulated Twilio dials; more are queued. Default: 1, a new account's.",
    type: "float",
    is: "a number above 0",
    fits: (rate) => rate > 0
  }).pipe(Options.withDefault(1)),
  callees: Options.text("callees").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("YAML file of numbers and who answers there. Default: the documented callees."),
    Options.optional
  ),
  config: Options.text("config").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("Configuration whose credentials they accept. Default: those of the simulated line."),
    Options.optional
  ),
  json: Options.boolean("json").pipe(Options.withDescription("Write the two addresses as one line of JSON."))
}

/** What is printed is for a configuration file or a program to read; logs go to stderr. */
export const simulators = Command.make("simulators", simulatorOptions, ({ callees, config, json, ...options }) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const loaded = yield* Effect.transposeMapOption(config, (path) => loadConfigFile(path))
    const running = runSimulators({
      ...options,
      account: Option.getOrUndefined(loaded)?.config,
      callees: Option.getOrUndefined(callees),
      ready: (addresses) => {
        const lines = Object.entries(addresses).map(([key, url]) => `${key}: ${url}`)
        for (const line of json ? [JSON.stringify(addresses)] : lines) screen.print(line)
      }
    })
    return yield* staying(running, Logger.withConsoleError(Logger.logfmtLogger))
  }).pipe(reporting(false))
).pipe(Command.withDescription("Run the simulated Twilio and OpenAI Realtime servers alone, for a service elsewhere."))
