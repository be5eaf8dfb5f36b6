/** `phone doctor`: looks at all that must be right before a call can work, and with `--call-me` makes one. */
import { Command, Options } from "@effect/cli"
import { Terminal } from "@effect/platform"
import { type Context, Effect, Option, Schema } from "effect"
import { Call } from "../../domain/Call.ts"
import { layerNode } from "../../wire/Node.ts"
import { config, json } from "../connection.ts"
import { type Finding, findingLines, healthy, skipped, summaryLine } from "../doctor/Finding.ts"
import { worked } from "../doctor/measured.ts"
import type { Called, TestCall } from "../doctor/testCall.ts"
import { ExitCode, exitCodeOfCall, exitCodeOfError, Stop } from "../exitCodes.ts"
import { Screen } from "../Screen.ts"
import { paint } from "../text.ts"

const options = {
  config,
  json,
  callMe: Options.text("call-me").pipe(
    Options.withPseudoName("number"),
    Options.withDescription(
      "When all is right, call this number, your own, for a minute, and say what was measured. Default: no call."
    ),
    Options.optional
  ),
  yes: Options.boolean("yes").pipe(Options.withDescription("Call without asking."))
}

const toJson = Schema.encodeSync(Call)

/** Nobody is at the other end of stdin any more. */
const leftAlone = Effect.async<Option.Option<string>>((resume) => {
  const gone = () => resume(Effect.succeedNone)
  process.stdin.once("end", gone)
  return Effect.sync(() => process.stdin.removeListener("end", gone))
})

/** One key: only a `y` is a yes, and Ctrl-C ends it all. The terminal echoes no keys meanwhile, so the answer is written. */
const agreed = Effect.fnUntraced(function* (question: string) {
  const terminal = yield* Terminal.Terminal
  const keys = yield* terminal.readInput
  yield* Effect.ignore(terminal.display(question))
  const pressed = keys.take.pipe(
    Effect.flatMap(({ input, key }) => (key.ctrl ? Effect.interrupt : Effect.succeed(input))),
    Effect.catchTag("NoSuchElementException", () => Effect.interrupt)
  )
  const answer = yield* Effect.raceFirst(pressed, leftAlone)
  const yes = Option.exists(answer, (text) => /^y$/i.test(text))
  yield* Effect.ignore(terminal.display(yes ? "yes\n" : "no\n"))
  return yes
}, Effect.scoped)

/** The worst that was seen decides; a call that reached nobody has a code of its own. */
const exitCode = (findings: ReadonlyArray<Finding>, called: Called | undefined): number => {
  if (called?.error !== undefined) return exitCodeOfError(called.error)
  if (called?.call !== undefined && called.call.status !== "completed") return exitCodeOfCall(called.call)
  return healthy(findings) ? ExitCode.success : ExitCode.withoutSuccess
}

const verdict = (findings: ReadonlyArray<Finding>, called: Called | undefined): ReadonlyArray<string> => {
  if (called?.call === undefined || !worked(called.call)) return [summaryLine(findings)]
  return [summaryLine(findings), `Phone works: ${called.call.to} was called, and both sides were heard.`]
}

/** The call, if whoever sits there wants it. */
const callThem = Effect.fnUntraced(function* (
  asked: TestCall,
  yes: boolean,
  tell: (...findings: ReadonlyArray<Finding>) => void
) {
  const { announcement, makeTestCall } = yield* Effect.promise(() => import("../doctor/testCall.ts"))
  const { json, screen } = asked
  if (!json) for (const line of ["", ...announcement(asked)]) screen.print(line)
  if (!yes && !(yield* agreed("Call it? [y/N] "))) {
    tell(skipped("call", "not wanted: nothing was dialled"))
    return undefined
  }
  const called = yield* makeTestCall(asked)
  if (!json) screen.print("")
  tell(...called.findings)
  return called
})

const mayAsk = (screen: Context.Tag.Service<Screen>, asked: { readonly json: boolean; readonly yes: boolean }) =>
  asked.yes || (screen.terminal && !asked.json)

export const doctor = Command.make("doctor", options, (asked) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { json } = asked
    const callMe = Option.getOrUndefined(asked.callMe)
    if (callMe !== undefined && !mayAsk(screen, asked)) {
      screen.complain("--call-me makes a call that costs money, and nobody can be asked here: add --yes.")
      return yield* new Stop({ code: ExitCode.usage })
    }
    const { examine } = yield* Effect.promise(() => import("../doctor/examine.ts"))
    const colours = paint(screen.colour)
    const findings: Array<Finding> = []
    const tell = (...more: ReadonlyArray<Finding>): void => {
      findings.push(...more)
      if (!json) for (const line of more.flatMap((finding) => findingLines(finding, colours))) screen.print(line)
    }
    const examined = yield* examine({ config: asked.config, callMe }, tell)
    let called: Called | undefined
    if (examined?.callee !== undefined && healthy(findings)) {
      const { callee, config, running } = examined
      const look = { paint: colours, timeZone: screen.timeZone, transcriptsDir: config.transcriptsDir }
      called = yield* callThem({ config, to: callee, running, screen, look, json }, asked.yes, tell)
    } else if (callMe !== undefined) tell(skipped("call", "not made: first the problems above"))
    const call = called?.call === undefined ? {} : { call: toJson(called.call) }
    const lines = json ? [JSON.stringify({ healthy: healthy(findings), findings, ...call })] : verdict(findings, called)
    for (const line of lines) screen.print(line)
    const code = exitCode(findings, called)
    if (code !== ExitCode.success) return yield* new Stop({ code })
  }).pipe(Effect.provide(layerNode))
).pipe(
  Command.withDescription(
    "Check configuration, accounts, ports, webhook URL, disk and clock, and say how to fix each; --call-me makes a test call."
  )
)
