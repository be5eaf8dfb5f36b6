/**
 * What a person types while a call is shown: one line at a time, shown by whoever asked for it, since transcript lines appear
 * above it meanwhile. In between the keyboard is the terminal's, and nobody's where there is none.
 */
import { emitKeypressEvents } from "node:readline"
import { Context, Effect, Layer } from "effect"

interface Shape {
  /** Whether somebody sits there. */
  readonly present: boolean
  /** The line that is typed next; `show` gets it as it grows. Interrupting it gives the keyboard back. */
  readonly line: (show: (typed: string) => void) => Effect.Effect<string>
}

/** Where nothing else is said, nobody types. */
export class Keyboard extends Context.Reference<Keyboard>()("phone/Keyboard", {
  defaultValue: (): Shape => ({ present: false, line: () => Effect.never })
}) {}

/** What node makes of a key. */
interface Key {
  readonly name?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
}

/** The line after a key; `undefined`: it is finished. */
export const typed = (line: string, char: string | undefined, key: Key): string | undefined => {
  if (key.name === "return" || key.name === "enter") return undefined
  if (key.name === "backspace") return [...line].slice(0, -1).join("")
  if (key.ctrl === true) return key.name === "u" ? "" : line
  const printable = char !== undefined && key.meta !== true && /^\P{C}+$/u.test(char)
  return printable ? line + char : line
}

const readLine = (show: (typed: string) => void): Effect.Effect<string> =>
  Effect.async((resume) => {
    const { stdin } = process
    let line = ""
    const release = () => {
      stdin.off("keypress", press)
      stdin.setRawMode(false)
      stdin.pause()
    }
    const press = (char: string | undefined, key: Key) => {
      // raw keys raise no signals: to the whole job, as the terminal does it
      if (key.ctrl === true && key.name === "c") return void process.kill(0, "SIGINT")
      const next = typed(line, char, key)
      if (next === undefined) {
        release()
        return resume(Effect.succeed(line))
      }
      line = next
      show(line)
    }
    emitKeypressEvents(stdin)
    stdin.setRawMode(true)
    stdin.on("keypress", press)
    stdin.resume()
    show(line)
    return Effect.sync(release)
  })

export const layer = Layer.sync(Keyboard, () => ({ present: process.stdin.isTTY === true, line: readLine }))
