/** The `phone` command in processes of its own, as a user starts it: each in a scope, killed with it whatever happens. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface, type Interface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Data, Deferred, Effect, Schedule } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What was waited for has not come. */
export class NeverCame extends Data.TaggedError("NeverCame")<{ readonly message: string }> {}

/** Looks again and again until there is something to see. */
export const eventually = <A, E, R>(what: string, look: Effect.Effect<A | undefined, E, R>) =>
  look.pipe(
    Effect.flatMap((seen) => (seen === undefined ? Effect.fail("not yet" as const) : Effect.succeed(seen))),
    Effect.retry({ schedule: Schedule.spaced("50 millis"), while: (error) => error === "not yet" }),
    Effect.timeoutFail({ duration: "80 seconds", onTimeout: () => new NeverCame({ message: `${what} never came` }) })
  )

export interface Process {
  /** Lines of stdout and stderr so far. */
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** The exit code; a signal's name if it was killed. */
  readonly exited: Effect.Effect<number | NodeJS.Signals | null>
}

const keep = (lines: Array<string>, stream: Interface) => stream.on("line", (line) => lines.push(line))

/** `phone <args>` with this home folder and nothing else of our environment. */
export const start = (home: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const exited = yield* Deferred.make<number | NodeJS.Signals | null>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "src/main.ts"), ...args], {
          cwd: home,
          stdio: ["ignore", "pipe", "pipe"],
          env: {
            HOME: home,
            PATH: process.env.PATH,
            NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node"),
            ...env
          }
        })
      ),
      (child) =>
        Effect.zipRight(
          Effect.sync(() => child.kill("SIGKILL")),
          Deferred.await(exited)
        )
    )
    const out: Array<string> = []
    const err: Array<string> = []
    keep(out, createInterface({ input: child.stdout }))
    keep(err, createInterface({ input: child.stderr }))
    // after both streams have been read to their ends
    child.once("close", (code, signal) => Deferred.unsafeDone(exited, Effect.succeed(code ?? signal)))
    const running: Process = {
      out,
      err,
      kill: (signal) => Effect.sync(() => child.kill(signal)),
      exited: Deferred.await(exited)
    }
    return running
  })

/** Runs `phone <args>` to its end. */
export const phone = (home: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const { err, exited, out } = yield* start(home, args, env)
    const code = yield* exited
    return { code, out, err }
  }).pipe(Effect.scoped)

/** The first line of stdout that `match` likes. Fails at once when the process has ended without it. */
export const lineOf = (running: Process, what: string, match: (line: string) => boolean) =>
  eventually(
    what,
    Effect.sync(() => running.out.find(match))
  ).pipe(
    Effect.raceFirst(
      Effect.flatMap(running.exited, (code) => {
        const found = running.out.find(match)
        if (found !== undefined) return Effect.succeed(found)
        const said = [...running.out, ...running.err].join("\n")
        return new NeverCame({ message: `the process ended (${code}) before ${what}:\n${said}` })
      })
    )
  )
