/** The `phone` command: its parts, its help, and how any ending becomes an exit code. */
import { CliConfig, Command, HelpDoc, ValidationError } from "@effect/cli"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, HashMap, Option } from "effect"
import { version } from "../version.ts"
import { call } from "./commands/call.ts"
import { doctor } from "./commands/doctor.ts"
import { mcp } from "./commands/mcp.ts"
import { serve, simulators } from "./commands/serve.ts"
import { hangup, history, say, status } from "./commands/simple.ts"
import { simulate } from "./commands/simulate.ts"
import { watch } from "./commands/watch.ts"
import { ExitCode, exitCodeHelp, Stop } from "./exitCodes.ts"
import { tidyHelp, unknownOption } from "./help.ts"
import * as Screen from "./Screen.ts"
import { withoutColour } from "./text.ts"

const root = Command.make("phone").pipe(
  Command.withDescription("Phone calls by an AI agent: Twilio dials, an OpenAI Realtime voice model talks."),
  Command.withSubcommands([serve, call, status, history, watch, hangup, say, doctor, mcp, simulators, simulate])
)

const footer = HelpDoc.sequence(HelpDoc.h1("EXIT CODES"), HelpDoc.p(exitCodeHelp.map((line) => `  ${line}`).join("\n")))

const cli = Command.run(root, { name: "Phone", version, executable: "phone", footer })

/** The library writes its help through Console, in colour always (facts/effect.md 2f). */
const console = Effect.zipWith(Screen.Screen, Console.consoleWith(Effect.succeed), (screen, base) => {
  const shown = (text: unknown) => tidyHelp(screen.colour ? String(text) : withoutColour(String(text)))
  return {
    ...base,
    log: (text: unknown) => Effect.sync(() => screen.print(shown(text))),
    error: (text: unknown) => Effect.sync(() => screen.complain(shown(text)))
  }
})

/** The code for how the command ended. A service that was told to stop has done what it was told. */
export const exitCodeOf = (exit: Exit.Exit<unknown, unknown>, stays: boolean): number => {
  if (Exit.isSuccess(exit)) return ExitCode.success
  if (Cause.isInterruptedOnly(exit.cause)) return stays ? ExitCode.success : ExitCode.interrupted
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  return error instanceof Stop ? error.code : ExitCode.bug
}

/** What the process does: `argv` as node has it. The command fails with the exit code, after saying why. */
export const run = (argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const screen = yield* Screen.Screen
    return yield* cli(argv).pipe(
      Effect.withConsole(yield* console),
      Effect.catchIf(ValidationError.isValidationError, () => {
        const help = HelpDoc.toAnsiText(Command.getHelp(root, CliConfig.defaultConfig))
        const command = HashMap.has(Command.getSubcommands(root), argv[2] ?? "") ? `phone ${argv[2]}` : "phone"
        const unknown = unknownOption(argv.slice(2), help)
        if (unknown !== undefined) screen.complain(`There is no option ${unknown}.`)
        screen.complain(`See "${command} --help".`)
        return new Stop({ code: ExitCode.usage })
      }),
      Effect.tapErrorCause((cause) =>
        Effect.sync(() => {
          if (Cause.isDie(cause)) screen.complain(`phone: this is a bug, please report it.\n${Cause.pretty(cause)}`)
        })
      )
    )
  })

/** Runs the command of this process and ends it with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  const stays = ["serve", "simulators", "mcp"].includes(argv[2] ?? "")
  // `phone history | head` closes our stdout: nobody reads on, so there is nothing left to do
  process.stdout.on("error", () => process.exit(ExitCode.success))
  NodeRuntime.runMain(run(argv).pipe(Effect.provide([NodeContext.layer, Screen.layer])), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(exitCodeOf(exit, stays))
  })
}
