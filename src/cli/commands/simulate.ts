/** `phone simulate`: calls in virtual time, on this machine alone. Today: a recorded call again. */
import { Command, Options } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { Data, Effect } from "effect"
import { json } from "../connection.ts"
import { ExitCode, Stop } from "../exitCodes.ts"
import { isSame, replayJson, replayLines } from "../replayText.ts"
import { reporting } from "../reporting.ts"
import { Screen } from "../Screen.ts"
import { paint } from "../text.ts"

/** The file cannot be read at all. */
class FileUnreadable extends Data.TaggedError("FileUnreadable")<{ readonly message: string }> {}

const options = {
  replay: Options.text("replay").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("Run the call of this wire log again, and compare what comes of it. See docs/replay.md.")
  ),
  strict: Options.boolean("strict").pipe(
    Options.withDescription("Fail as well when the service only does something else on the wire.")
  ),
  json
}

const replayFile = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs
    .readFileString(path)
    .pipe(Effect.mapError(({ message }) => new FileUnreadable({ message: `${path} cannot be read: ${message}` })))
  // the simulator is loaded by this command alone
  const { replay } = yield* Effect.promise(() => import("../../simulation/replay/replay.ts"))
  return yield* yield* Effect.promise(() => replay(text))
})

export const simulate = Command.make("simulate", options, ({ json, replay, strict }) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const replayed = yield* replayFile(replay)
    const lines = json ? [replayJson(replayed, strict)] : replayLines(replayed, strict, paint(screen.colour))
    for (const line of lines) screen.print(line)
    if (!isSame(replayed, strict)) return yield* new Stop({ code: ExitCode.withoutSuccess })
  }).pipe(reporting(json))
).pipe(Command.withDescription("Replay the wire log of a call in virtual time, without a line, a key or a cent."))
