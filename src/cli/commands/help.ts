/** `phone help` and `phone completions`: what there is to know of the commands, for people and for shells. */
import { Args, Command } from "@effect/cli"
import { Effect, Option } from "effect"
import { completionLines, shells } from "../completions.ts"
import { WrongUsage } from "../exitCodes.ts"
import { commandHelp, configHelp, overview } from "../help.ts"
import { Manual } from "../manual.ts"
import { reporting } from "../reporting.ts"
import { Screen } from "../Screen.ts"
import { paint } from "../text.ts"

/** Shows the page of a command; all commands when none is named. */
export const showHelp = Effect.fnUntraced(function* (topic: string | undefined) {
  const screen = yield* Screen
  const manual = yield* Manual
  const sheet = { columns: screen.columns(), paint: paint(screen.colour) }
  const command = manual.find(({ name }) => name === topic)
  if (topic !== undefined && topic !== "config" && command === undefined) {
    return yield* new WrongUsage({ message: `There is no command ${topic}. See "phone help".` })
  }
  const lines =
    command !== undefined
      ? commandHelp(command, sheet)
      : topic === "config"
        ? configHelp(sheet)
        : overview(manual, sheet)
  for (const line of lines) screen.print(line)
})

const topic = Args.text({ name: "command" }).pipe(
  Args.withDescription("The command, or config for the keys of the configuration. Default: all commands in short."),
  Args.optional
)

export const help = Command.make("help", { topic }, (asked) =>
  showHelp(Option.getOrUndefined(asked.topic)).pipe(reporting(false))
).pipe(Command.withDescription("Show how a command is used."))

const shell = Args.choice(
  shells.map((name) => [name, name] as const),
  { name: "shell" }
).pipe(Args.withDescription("Whose language the script is in: bash, zsh or fish."))

export const completions = Command.make("completions", { shell }, (asked) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    for (const line of completionLines(asked.shell, yield* Manual)) screen.print(line)
  })
).pipe(Command.withDescription("Write a completion script for your shell."))
