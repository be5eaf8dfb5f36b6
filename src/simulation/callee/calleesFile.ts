/**
 * Callees kept in a YAML file: a map of number to `CalleeScript`. Finds all that is wrong with one, by number and step, before
 * anybody is called. What a script does is `Callee.ts`.
 */
import { dirname, resolve } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect, Either, ParseResult, Schema } from "effect"
import { ConfigInvalid } from "../../config/ConfigInvalid.ts"
import { problemsOf } from "../../config/problems.ts"
import { isRecord, readYaml } from "../../config/section.ts"
import { PhoneNumber } from "../../domain/PhoneNumber.ts"
import { readWav } from "../audio/Wav.ts"
import { CalleeScript, type CalleeStep } from "./CalleeScript.ts"
import { closestMember } from "./closestMember.ts"
import { calleeAt } from "./numbers.ts"

type Problems = ReadonlyArray<string>
type Scripts = ReadonlyMap<string, CalleeScript>

const decode = Schema.decodeUnknownEither(CalleeScript, { errors: "all", onExcessProperty: "error" })

/** `+15550100001, step 2: say must be …`; steps are counted from 1, steps inside of steps keep their path. */
const place = (number: string, path: string, what: string): string => {
  const [, index, below = ""] = /^steps\[(\d+)\]\.?(.*)$/.exec(path) ?? []
  if (index === undefined) return `${number}: ${path === "" ? "" : `${path} `}${what}`
  return `${number}, step ${Number(index) + 1}: ${below === "" ? "" : `${below} `}${what}`
}

const readScript = (number: string, value: unknown): Either.Either<CalleeScript, Problems> =>
  Either.mapLeft(decode(value), ({ issue }) =>
    problemsOf(ParseResult.parseError(closestMember(issue))).map(({ line, path }) =>
      place(number, path, line.slice(line.indexOf(" ", path === "" ? 0 : path.length) + 1))
    )
  )

/** YAML takes an unquoted +15550100001 for a number and loses its sign. */
const readNumber = (key: string): string => (/^\d/.test(key) ? `+${key}` : key)

const readScripts = (text: string): Either.Either<Scripts, Problems> =>
  Either.flatMap(readYaml(text), (root) => {
    if (!isRecord(root)) return Either.left(["must be a map of numbers, such as +15550100001, to what happens there"])
    const scripts = new Map<string, CalleeScript>()
    const problems: Array<string> = []
    for (const [key, value] of Object.entries(root)) {
      const number = readNumber(key)
      if (!Schema.is(PhoneNumber)(number)) problems.push(`${key} is no number in E.164, such as +15550100001`)
      const script = readScript(number, value)
      if (Either.isLeft(script)) problems.push(...script.left)
      else scripts.set(number, script.right)
    }
    return problems.length > 0 ? Either.left(problems) : Either.right(scripts)
  })

/** The steps with each recording's bytes in the place of its path. `path` leads to the steps, for those who read problems. */
const withRecordings = (
  steps: ReadonlyArray<CalleeStep>,
  path: string,
  read: (file: string, path: string) => Effect.Effect<CalleeStep>
): Effect.Effect<ReadonlyArray<CalleeStep>> =>
  Effect.forEach(steps, (step, index) => {
    const here = `${path}[${index}]`
    const inside = (more: ReadonlyArray<CalleeStep>, where: string) => withRecordings(more, `${here}.${where}`, read)
    if ("play" in step && typeof step.play === "string") return read(step.play, here)
    if ("repeat" in step) {
      return Effect.map(inside(step.repeat.steps, "repeat.steps"), (steps) => ({ repeat: { ...step.repeat, steps } }))
    }
    if ("menu" in step) {
      return Effect.forEach(Object.entries(step.menu.options), ([key, more]) =>
        Effect.map(inside(more, `menu.options.${key}`), (steps) => [key, steps] as const)
      ).pipe(Effect.map((options) => ({ menu: { ...step.menu, options: Object.fromEntries(options) } })))
    }
    if (!("reply" in step)) return Effect.succeed(step)
    const replies = Effect.forEach(step.reply, (reply, at) =>
      reply.steps === undefined
        ? Effect.succeed(reply)
        : Effect.map(inside(reply.steps, `reply[${at}].steps`), (steps) => ({ ...reply, steps }))
    )
    return Effect.map(replies, (reply) => ({ reply }))
  })

/**
 * Who answers at which number: the file's callees, elsewhere the documented ones. A `play` step's path is relative to the file,
 * and its recording is read here. Fails with every problem, one line each.
 */
export const loadCallees = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const invalid = (problems: Problems) => new ConfigInvalid({ path, problems })
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(() => invalid(["cannot be read"])))
  const scripts = new Map(yield* Either.mapLeft(readScripts(text), invalid))
  const problems: Array<string> = []
  for (const [number, script] of scripts) {
    if (!("answers" in script)) continue
    const steps = yield* withRecordings(script.steps, "steps", (play, where) =>
      fs.readFile(resolve(dirname(path), play)).pipe(
        Effect.mapError(() => "cannot be read"),
        Effect.tap((bytes) => Either.mapLeft(readWav(bytes), ({ message }) => message)),
        Effect.catchAll((why) => Effect.sync(() => problems.push(place(number, `${where}.play`, `${play}: ${why}`)))),
        Effect.map((bytes) => ({ play: typeof bytes === "number" ? play : bytes }))
      )
    )
    scripts.set(number, { ...script, steps })
  }
  if (problems.length > 0) return yield* invalid(problems)
  return (to: string): CalleeScript => scripts.get(to) ?? calleeAt(to)
})
