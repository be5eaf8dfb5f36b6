/** `phone doctor`: looks at all that must be right before a call can work, and says how to fix what is not. */
import { Command } from "@effect/cli"
import { Effect, Either } from "effect"
import { findConfigFile, loadConfigFile } from "../../config/loadConfig.ts"
import { layerNode } from "../../wire/Node.ts"
import { config, json } from "../connection.ts"
import { credentials } from "../doctor/credentials.ts"
import { type Finding, findingLines, healthy, ok, problem, summaryLine, warning } from "../doctor/Finding.ts"
import { database, folders, nodeVersion, tokenFile } from "../doctor/machine.ts"
import { clock, ports, receiver, webhookUrl } from "../doctor/network.ts"
import { ExitCode, Stop } from "../exitCodes.ts"
import { Screen } from "../Screen.ts"
import { paint } from "../text.ts"

const examine = Effect.fnUntraced(function* (asked: Parameters<typeof findConfigFile>[0]) {
  const node = nodeVersion(process.versions.node)
  const loaded = yield* Effect.either(
    Effect.flatMap(findConfigFile(asked), (path) => {
      return Effect.map(loadConfigFile(path), (loaded) => ({ ...loaded, path }))
    })
  )
  if (Either.isLeft(loaded)) {
    const { path, problems } = loaded.left
    return [node, ...problems.map((line) => problem("configuration", line, `edit ${path}`))]
  }
  const { config, path, warnings } = loaded.right
  const { findings, webhook } = yield* ports(config)
  return [
    node,
    ok("configuration", path),
    ...warnings.map((line) => warning("configuration", line, `edit ${path}`)),
    ...(config.enabled ? [] : [warning("configuration", "enabled is false: every call is refused", `edit ${path}`)]),
    ...credentials(config),
    ...findings,
    yield* webhookUrl(config, webhook),
    ...(yield* receiver(config)),
    yield* clock(config),
    ...(yield* folders(config)),
    yield* database(config),
    yield* tokenFile(config)
  ] satisfies ReadonlyArray<Finding>
})

export const doctor = Command.make("doctor", { config, json }, (asked) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const findings = yield* examine(asked.config).pipe(Effect.provide(layerNode))
    const colours = paint(screen.colour)
    const lines = asked.json
      ? [JSON.stringify({ healthy: healthy(findings), findings })]
      : [...findings.flatMap((finding) => findingLines(finding, colours)), summaryLine(findings)]
    for (const line of lines) screen.print(line)
    if (!healthy(findings)) return yield* new Stop({ code: ExitCode.withoutSuccess })
  })
).pipe(Command.withDescription("Check configuration, ports, webhook URL, disk and clock, and say how to fix each."))
