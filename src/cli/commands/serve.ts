/** `phone serve` and `phone simulators`: the commands that stay. */
import { Command, Options } from "@effect/cli"
import { Effect, Logger, LogLevel, Option } from "effect"
import { findConfigFile, loadConfigFile } from "../../config/loadConfig.ts"
import { config, json } from "../connection.ts"
import { ExitCode } from "../exitCodes.ts"
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

/** Logs for people on a terminal, JSON lines otherwise; a fiber that dies unseen is an error in the log. */
const staying =
  (asJson: boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Screen, ({ terminal }) =>
      Effect.zipRight(exitWhenStopHangs, effect).pipe(
        Effect.withUnhandledErrorLogLevel(Option.some(LogLevel.Error)),
        Effect.provide(asJson || !terminal ? Logger.json : Logger.pretty)
      )
    )

export const serve = Command.make("serve", { config, json }, (asked) =>
  Effect.gen(function* () {
    const path = yield* findConfigFile(asked.config)
    const loaded = yield* loadConfigFile(path)
    const running = Effect.zipRight(
      Effect.forEach(loaded.warnings, (warning) => Effect.logWarning(warning)),
      runService(loaded.config)
    )
    return yield* staying(asked.json)(running)
  }).pipe(reporting(false))
).pipe(Command.withDescription("Run the phone service until it is stopped."))

const port = (name: string, what: string) =>
  Options.integer(name).pipe(Options.withDescription(`${what}; 0: any that is free.`), Options.withDefault(0))

const simulatorOptions = {
  twilioPort: port("twilio-port", "Port of the simulated Twilio (for twilioApiUrl)"),
  realtimePort: port("realtime-port", "Port of the simulated Realtime server (for realtimeUrl)"),
  config: Options.text("config").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("Configuration whose credentials they accept. Default: those of the simulated line."),
    Options.optional
  ),
  json
}

export const simulators = Command.make("simulators", simulatorOptions, ({ config, json: asJson, ...ports }) =>
  Effect.gen(function* () {
    const loaded = yield* Effect.transposeMapOption(config, (path) => loadConfigFile(path))
    const account = Option.getOrUndefined(loaded)?.config
    return yield* staying(asJson)(runSimulators({ account, ports }))
  }).pipe(reporting(false))
).pipe(Command.withDescription("Run the simulated Twilio and OpenAI Realtime servers alone."))
