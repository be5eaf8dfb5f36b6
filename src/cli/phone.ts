/** The `phone` command: its parts, its help, and how any ending becomes an exit code. */
import { Command, ValidationError } from "@effect/cli"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Option } from "effect"
import { version } from "../version.ts"
import { answer } from "./commands/answer.ts"
import { call } from "./commands/call.ts"
import { doctor } from "./commands/doctor.ts"
import { exportCalls } from "./commands/export.ts"
import { completions, help, showHelp } from "./commands/help.ts"
import { history } from "./commands/history.ts"
import { init } from "./commands/init.ts"
import { mcp } from "./commands/mcp.ts"
import { outcome } from "./commands/outcome.ts"
import { serve, simulators } from "./commands/serve.ts"
import { hangup, say, status } from "./commands/simple.ts"
import { simulate } from "./commands/simulate.ts"
import { watch } from "./commands/watch.ts"
import { drained } from "./drained.ts"
import { ExitCode, Stop } from "./exitCodes.ts"
import { unknownOption } from "./help.ts"
import * as Keyboard from "./Keyboard.ts"
import { Manual, manualOf } from "./manual.ts"
import { reporting } from "./reporting.ts"
import * as Screen from "./Screen.ts"
import { withoutColour } from "./width.ts"

const root = Command.make("phone").pipe(
  Command.withDescription("Phone calls by an AI agent: Twilio dials, an OpenAI Realtime voice model talks."),
  Command.withSubcommands([
    init,
    doctor,
    serve,
    call,
    watch,
    answer,
    say,
    hangup,
    status,
    history,
    exportCalls,
    outcome,
    mcp,
    simulators,
    simulate,
    completions,
    help
  ])
)

export const manual = manualOf(root)

const cli = Command.run(root, { name: "Phone", version, executable: "phone" })

/** The library writes through Console, in colour always (facts/effect.md 2f). */
const console = Effect.zipWith(Screen.Screen, Console.consoleWith(Effect.succeed), (screen, base) => {
  const shown = (text: unknown) => (screen.colour ? String(text) : withoutColour(String(text))).replace(/\n+$/, "")
  return {
    ...base,
    log: (text: unknown) => Effect.sync(() => screen.print(shown(text))),
    error: (text: unknown) => Effect.sync(() => screen.complain(shown(text)))
  }
})

/** Help that is asked for in the usual ways, of which the library's own is none. The command it is about, or none. */
const helpAsked = (args: ReadonlyArray<string>): { readonly topic: string | undefined } | undefined => {
  const end = args.indexOf("--")
  const options = end === -1 ? args : args.slice(0, end)
  if (args.length > 0 && !options.includes("--help") && !options.includes("-h")) return undefined
  const command = options.find((arg) => manual.some(({ name }) => name === arg))
  return { topic: command ?? options.find((arg) => !arg.startsWith("-")) }
}

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
    const args = argv.slice(2)
    const asked = helpAsked(args)
    if (asked !== undefined) return yield* reporting(false)(showHelp(asked.topic))
    return yield* cli(argv).pipe(
      Effect.withConsole(yield* console),
      Effect.catchIf(ValidationError.isValidationError, () => {
        const command = manual.find(({ name }) => name === args[0])
        const unknown = command === undefined ? undefined : unknownOption(args.slice(1), command.options)
        if (unknown !== undefined) screen.complain(unknown)
        screen.complain(`See "phone ${command === undefined ? "" : `${command.name} `}--help".`)
        return new Stop({ code: ExitCode.usage })
      }),
      Effect.tapErrorCause((cause) =>
        Effect.sync(() => {
          if (Cause.isDie(cause)) screen.complain(`phone: this is a bug, please report it.\n${Cause.pretty(cause)}`)
        })
      )
    )
  }).pipe(Effect.provideService(Manual, manual))

/** Whoever interrupts the command waits for no reader of its output that has stopped reading, in milliseconds. */
const patience = 1_000

/** Runs the command of this process and ends it with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  const stays = ["serve", "simulators", "mcp"].includes(argv[2] ?? "")
  // `phone history | head` closes our stdout: nobody reads on, so there is nothing left to do
  process.stdout.on("error", () => process.exit(ExitCode.success))
  // complaints that nobody reads are no reason to end
  process.stderr.on("error", () => {})
  NodeRuntime.runMain(run(argv).pipe(Effect.provide([NodeContext.layer, Screen.layer, Keyboard.layer])), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => {
      const interrupted = Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)
      const end = () => onExit(exitCodeOf(exit, stays))
      // with a code the process is ended, whatever is still on its way out
      void drained([process.stdout, process.stderr], interrupted ? patience : undefined).then(end)
    }
  })
}
