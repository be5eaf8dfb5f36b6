/** Asks the person at the terminal: a line, or a secret that is not shown. What is asked and made of it is not known here. */
import { createInterface } from "node:readline"
import { Writable } from "node:stream"
import { Context, Data, Effect } from "effect"

/** The person left: Ctrl-C, or the end of the input. */
export class Quit extends Data.TaggedError("Quit")<{ readonly message: string }> {}

type Ask = (prompt: string) => Effect.Effect<string, Quit>

/** Takes what a terminal would show of what is typed. */
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

const ask =
  (shown: boolean): Ask =>
  (prompt) =>
    Effect.async<string, Quit>((resume) => {
      const { stdin, stdout } = process
      if (!shown) stdout.write(prompt)
      const lines = createInterface({ input: stdin, output: shown ? stdout : nowhere(), terminal: true })
      let answer: string | undefined
      lines.on("line", (line) => {
        answer = line
        lines.close()
      })
      lines.on("SIGINT", () => lines.close())
      lines.on("close", () => {
        if (!shown || answer === undefined) stdout.write("\n")
        resume(answer === undefined ? new Quit({ message: "Nothing was written." }) : Effect.succeed(answer))
      })
      if (shown) {
        lines.setPrompt(prompt)
        lines.prompt()
      }
      return Effect.sync(() => lines.close())
    })

export class Asker extends Context.Reference<Asker>()("phone/Asker", {
  defaultValue: (): {
    /** Whether somebody is there to answer. */
    readonly there: boolean
    readonly line: Ask
    /** The same, without showing what is typed. */
    readonly secret: Ask
  } => ({ there: process.stdin.isTTY === true && process.stdout.isTTY === true, line: ask(true), secret: ask(false) })
}) {}
