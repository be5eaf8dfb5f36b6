/**
 * Where the command writes: whole lines to stdout, complaints to stderr, and on a terminal one live line at the bottom that
 * is redrawn in place. Synchronous, so that it can be called from anywhere. What is written is `*Text.ts`'s business.
 */
import { Context, Layer } from "effect"
import type { Environment } from "../config/environment.ts"

export class Screen extends Context.Tag("phone/Screen")<
  Screen,
  {
    /** Whether somebody looks at stdout: only then is there a live line, and only then may there be colour. */
    readonly terminal: boolean
    readonly colour: boolean
    readonly columns: () => number
    /** IANA name of the zone in which times are shown. */
    readonly timeZone: string
    /** A whole line to stdout, above the live line. */
    readonly print: (line: string) => void
    /** A whole line to stderr. */
    readonly complain: (line: string) => void
    /** Replaces the live line; empty removes it. Does nothing when stdout is no terminal. */
    readonly live: (line: string) => void
  }
>() {}

const clear = "\r\u001b[2K"

const make = (env: Environment) => {
  const terminal = process.stdout.isTTY === true
  let shown = ""
  const write = (stream: NodeJS.WriteStream, line: string) => {
    if (shown === "") return stream.write(`${line}\n`)
    process.stdout.write(clear)
    stream.write(`${line}\n`)
    return process.stdout.write(shown)
  }
  return Screen.of({
    terminal,
    colour: terminal && !env.NO_COLOR && env.TERM !== "dumb",
    columns: () => (terminal ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    print: (line) => write(process.stdout, line),
    complain: (line) => write(process.stderr, line),
    live: (line) => {
      if (!terminal || line === shown) return
      process.stdout.write(clear + line)
      shown = line
    }
  })
}

export const layer = Layer.sync(Screen, () => make(process.env))
