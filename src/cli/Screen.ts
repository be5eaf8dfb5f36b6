/**
 * Where the command writes: whole lines to stdout, complaints to stderr, and on a terminal live lines at the bottom that
 * are redrawn in place. Synchronous, so that it can be called from anywhere. What is written is `*Text.ts`'s business.
 */
import { Context, Layer } from "effect"
import type { Environment } from "../config/environment.ts"
import { withoutColour } from "./width.ts"

export class Screen extends Context.Tag("phone/Screen")<
  Screen,
  {
    /** Whether somebody looks at stdout, and it can move its cursor: only then are there live lines. */
    readonly terminal: boolean
    readonly colour: boolean
    /** Room for a line; without end when stdout is no terminal. */
    readonly columns: () => number
    /** IANA name of the zone in which times are shown. */
    readonly timeZone: string
    /** A whole line to stdout, above the live lines. */
    readonly print: (line: string) => void
    /** A whole line to stderr. */
    readonly complain: (line: string) => void
    /** Replaces the live lines, which are parted by line feeds; empty removes them. Nothing when there is no `terminal`. */
    readonly live: (line: string) => void
  }
>() {}

/** Colour is for terminals; `NO_COLOR` (any value) takes it away, `FORCE_COLOR` (but 0) gives it anywhere. */
export const hasColour = (terminal: boolean, env: Environment): boolean => {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0"
  return terminal && !env.NO_COLOR && env.TERM !== "dumb"
}

/** What puts the cursor to the beginning of live lines and removes them. */
const wipe = (shown: string): string => {
  const above = shown.split("\n").length - 1
  return `\r${above > 0 ? `\u001b[${above}A` : ""}\u001b[J`
}

/** Without automatic wrapping: a line that is wider than we think is cut off, and the count of lines stays right. */
const draw = (lines: string): string => `\u001b[?7l${lines}\u001b[?7h`

/** What of a stream of the process is used here. */
interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly write: (text: string) => unknown
}

export const makeScreen = (env: Environment, stdout: Output, stderr: Output) => {
  const looking = stdout.isTTY === true
  const terminal = looking && env.TERM !== "dumb"
  const colour = hasColour(looking, env)
  const complaining = hasColour(stderr.isTTY === true, env) ? (line: string) => line : withoutColour
  let shown = ""
  const write = (stream: Output, line: string): void => {
    if (shown !== "") stdout.write(wipe(shown))
    stream.write(`${line}\n`)
    if (shown !== "") stdout.write(draw(shown))
  }
  return Screen.of({
    terminal,
    colour,
    columns: () => (looking ? stdout.columns || 80 : Number.POSITIVE_INFINITY),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    print: (line) => write(stdout, line),
    complain: (line) => write(stderr, complaining(line)),
    live: (asked) => {
      // what has scrolled off the top cannot be redrawn
      const lines = asked
        .split("\n")
        .slice(1 - (stdout.rows || 24))
        .join("\n")
      if (!terminal || lines === shown) return
      stdout.write((shown === "" ? "" : wipe(shown)) + (lines === "" ? "" : draw(lines)))
      shown = lines
    }
  })
}

export const layer = Layer.sync(Screen, () => makeScreen(process.env, process.stdout, process.stderr))
