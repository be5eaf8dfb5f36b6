/**
 * Callees kept in a YAML file: a map of number to `CalleeScript`. Finds all that is wrong with one, by number and step, before
 * anybody is called. What a script does is `Callee.ts`.
 */
import { dirname } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect, Either, ParseResult, Schema } from "effect"
import { ConfigInvalid } from "../../config/ConfigInvalid.ts"
import { problemsOf } from "../../config/problems.ts"
import { isRecord, readYaml } from "../../config/section.ts"
import { unreadable } from "../../config/unreadable.ts"
import { PhoneNumber } from "../../domain/PhoneNumber.ts"
import { CalleeScript } from "./CalleeScript.ts"
import { closestMember } from "./closestMember.ts"
import { calleeAt } from "./numbers.ts"
import { withRecordings } from "./recordings.ts"

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

/**
 * Who answers at which number: the file's callees, elsewhere the documented ones. A `play` step's path is relative to the file,
 * and its recording is read here. Fails with every problem, one line each.
 */
export const loadCallees = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const invalid = (problems: Problems) => new ConfigInvalid({ path, problems })
  const text = yield* fs.readFileString(path).pipe(Effect.mapError((error) => invalid([unreadable(error)])))
  const scripts = new Map(yield* Either.mapLeft(readScripts(text), invalid))
  const problems: Array<string> = []
  for (const [number, script] of scripts) {
    const told = (where: string, what: string) => problems.push(place(number, where, what))
    scripts.set(number, yield* withRecordings(script, dirname(path), told))
  }
  if (problems.length > 0) return yield* invalid(problems)
  return (to: string): CalleeScript => scripts.get(to) ?? calleeAt(to)
})
