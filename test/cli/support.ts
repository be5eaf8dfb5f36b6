/** A screen that remembers what was written on it, and the command run against it. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { type Context, Effect, Layer } from "effect"
import type { Look } from "../../src/cli/callText.ts"
import { Keyboard } from "../../src/cli/Keyboard.ts"
import { exitCodeOf, run } from "../../src/cli/phone.ts"
import { Screen } from "../../src/cli/Screen.ts"
import { paint } from "../../src/cli/text.ts"

export const look: Look = { paint: paint(false), timeZone: "UTC" }

export interface Shown {
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
  readonly live: ReadonlyArray<string>
  readonly code: number
}

/** A screen and what has been shown on it so far; a terminal, if somebody wants to see its live line. */
export const recording = (onLive?: (line: string) => void) => {
  const out: Array<string> = []
  const err: Array<string> = []
  const live: Array<string> = []
  const layer = Layer.succeed(Screen, {
    terminal: onLive !== undefined,
    colour: false,
    columns: () => 100,
    timeZone: "UTC",
    print: (line) => void out.push(line),
    complain: (line) => void err.push(line),
    live: (line) => {
      live.push(line)
      onLive?.(line)
    }
  })
  return { out, err, live, layer }
}

/** A keyboard that nobody sits at. */
const nobody: Context.Tag.Service<Keyboard> = { present: false, line: () => Effect.never }

/** `phone <args>` on a screen that may be given to look at it meanwhile, and a keyboard. */
export const phone = (args: ReadonlyArray<string>, screen = recording(), keyboard = nobody): Effect.Effect<Shown> =>
  run(["node", "phone", ...args]).pipe(
    Effect.provide([NodeContext.layer, screen.layer]),
    Effect.provideService(Keyboard, keyboard),
    Effect.exit,
    Effect.map((exit) => ({ out: screen.out, err: screen.err, live: screen.live, code: exitCodeOf(exit, false) }))
  )
