/**
 * Scenarios kept in a YAML file: one, a list of them, or several documents. Finds all that is wrong in it, by scenario and
 * place, before anybody is called. What a scenario does is `world/simulate.ts`.
 */
import { dirname } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect, Either, ParseResult, Schema } from "effect"
import { PhoneConfigSchema } from "../../Config.ts"
import { ConfigInvalid } from "../../config/ConfigInvalid.ts"
import { closest, problemsOf } from "../../config/problems.ts"
import { isRecord, readYamlDocuments, type Section } from "../../config/section.ts"
import { simulatedCredentials } from "../../config/simulated.ts"
import { unreadable } from "../../config/unreadable.ts"
import { closestMember } from "../callee/closestMember.ts"
import { calleeNamed, calleeNames } from "../callee/library.ts"
import { withRecordings } from "../callee/recordings.ts"
import { Scenario } from "./Scenario.ts"

type Problems = ReadonlyArray<string>

const strict = { errors: "all", onExcessProperty: "error" } as const
const decode = Schema.decodeUnknownEither(Scenario, strict)
const decodeConfig = Schema.decodeUnknownEither(PhoneConfigSchema, strict)

/** These are the simulated machine's, whatever the scenario. */
const simulated: ReadonlySet<string> = new Set([
  "provider",
  "accountSid",
  "authToken",
  "phoneNumber",
  "openaiApiKey",
  "webhookHost",
  "webhookPort",
  "rpcHost",
  "rpcPort",
  "rpcToken",
  "twilioApiUrl",
  "realtimeUrl",
  "database",
  "transcriptsDir"
])

/** `faults[0].cutModel` is told as `fault 1: cutModel`, `callee.steps[1].say` as `callee, step 2: say`. */
const places = [
  [/^callee\.steps\[(\d+)\]\.?/, "callee, step "],
  [/^faults\[(\d+)\]\.?/, "fault "],
  [/^operations\[(\d+)\]\.?/, "operation "],
  [/^agent\[(\d+)\]\.?/, "agent line "]
] as const

const place = (path: string, what: string): string => {
  for (const [pattern, name] of places) {
    const found = pattern.exec(path)
    if (found === null) continue
    const below = path.slice(found[0].length)
    return `${name}${Number(found[1]) + 1}: ${below === "" ? "" : `${below} `}${what}`
  }
  return path === "" ? what : `${path} ${what}`
}

const toldOf = (error: ParseResult.ParseError, within = ""): Problems =>
  problemsOf(ParseResult.parseError(closestMember(error.issue))).map(({ line, path }) =>
    place(`${within}${path}`, line.slice(line.indexOf(" ", path === "" ? 0 : path.length) + 1))
  )

/** A telephone number without quotes is the same as with them; one with a plus, YAML has left a text. */
const asNumber = (value: unknown): unknown => (typeof value === "number" ? String(value) : value)

const tidy = (value: Section): Section => ({
  ...value,
  ...("callee" in value ? { callee: asNumber(value.callee) } : {}),
  ...(isRecord(value.call) && "to" in value.call ? { call: { ...value.call, to: asNumber(value.call.to) } } : {}),
  ...(isRecord(value.expect) && "transferredTo" in value.expect
    ? { expect: { ...value.expect, transferredTo: asNumber(value.expect.transferredTo) } }
    : {})
})

const calleeProblems = (callee: unknown): Problems => {
  if (typeof callee !== "string" || calleeNamed(callee) !== undefined) return []
  const meant = closest(callee, calleeNames)
  return [
    `callee ${callee} is not known. ${meant === undefined ? `Known are ${calleeNames.join(", ")}.` : `Did you mean ${meant}?`}`
  ]
}

const configProblems = (config: unknown): Problems => {
  if (config === undefined) return []
  if (!isRecord(config)) return ["config must be keys of the configuration with their values"]
  const own = Object.keys(config).filter((key) => simulated.has(key))
  const rest = Object.fromEntries(Object.entries(config).filter(([key]) => !simulated.has(key)))
  const decoded = decodeConfig({ ...simulatedCredentials, webhookHost: "https://phone.example", ...rest })
  return [
    ...own.map((key) => `config.${key} is not for a scenario: the simulation sets it`),
    ...(Either.isLeft(decoded) ? toldOf(decoded.left, "config.") : [])
  ]
}

/** Who is meant where a call is transferred to: a name of `transferTo`, or any number. */
const transferProblems = ({ agent = [], config, expect }: Scenario): Problems => {
  const names = Object.keys(config?.transferTo ?? {})
  const wrong = (path: string, to: string | undefined): Problems => {
    if (to === undefined || to.startsWith("+") || names.includes(to)) return []
    const meant = closest(to, names)
    const known = names.length === 0 ? "config.transferTo has none." : `Known are ${names.join(", ")}.`
    return [
      `${path} ${to} is neither a name of config.transferTo nor a number. ${meant === undefined ? known : `Did you mean ${meant}?`}`
    ]
  }
  return [
    ...agent.flatMap(({ transfer }, index) => wrong(`agent line ${index + 1}: transfer`, transfer)),
    ...wrong("expect.transferredTo", expect?.transferredTo)
  ]
}

/** One scenario out of what YAML made of it, or code that nobody has checked. */
export const readScenario = (value: unknown): Either.Either<Scenario, Problems> => {
  if (!isRecord(value)) return Either.left([`must be keys with values: ${Object.keys(Scenario.fields).join(", ")}`])
  const { config, ...rest } = tidy(value)
  const decoded = decode(rest)
  const problems = [
    ...(Either.isLeft(decoded) ? toldOf(decoded.left) : []),
    ...calleeProblems(rest.callee),
    ...configProblems(config)
  ]
  if (problems.length > 0) return Either.left(problems)
  return Either.flatMap(
    Either.mapLeft(decode(config === undefined ? rest : { ...rest, config }), (error) => toldOf(error)),
    (scenario) => {
      const problems = transferProblems(scenario)
      return problems.length === 0 ? Either.right(scenario) : Either.left(problems)
    }
  )
}

/** With the callee's recordings in place of their paths, which are relative to `folder`. */
export const recordingsRead: (
  scenario: Scenario,
  folder: string
) => Effect.Effect<Scenario, Problems, FileSystem.FileSystem> = Effect.fnUntraced(function* (scenario, folder) {
  const { callee, ...rest } = scenario
  if (callee === undefined || typeof callee === "string") return scenario
  const problems: Array<string> = []
  const told = (where: string, what: string) => problems.push(place(`callee.${where}`, what))
  const read = yield* withRecordings(callee, folder, told)
  return problems.length > 0 ? yield* Effect.fail(problems) : { ...rest, callee: read }
})

const labelOf = (value: unknown, index: number, count: number): string => {
  if (count === 1) return ""
  const name = isRecord(value) && typeof value.name === "string" ? ` (${value.name})` : ""
  return `scenario ${index + 1}${name}: `
}

/**
 * The scenarios of a file. A `play` step's path is relative to the file, and its recording is read here. Fails with every
 * problem, one line each.
 */
export const loadScenarios: (
  path: string
) => Effect.Effect<ReadonlyArray<Scenario>, ConfigInvalid, FileSystem.FileSystem> = Effect.fnUntraced(function* (path) {
  const fs = yield* FileSystem.FileSystem
  const invalid = (problems: Problems) => new ConfigInvalid({ path, problems })
  const text = yield* fs.readFileString(path).pipe(Effect.mapError((error) => invalid([unreadable(error)])))
  const documents = yield* Either.mapLeft(readYamlDocuments(text), invalid)
  const values = documents.flat().filter((value) => value !== null)
  if (values.length === 0) return yield* invalid(["holds no scenario"])
  const problems: Array<string> = []
  const scenarios: Array<Scenario> = []
  for (const [index, value] of values.entries()) {
    const label = labelOf(value, index, values.length)
    const read = yield* Effect.either(
      Effect.flatMap(readScenario(value), (scenario) => recordingsRead(scenario, dirname(path)))
    )
    if (Either.isRight(read)) scenarios.push(read.right)
    else problems.push(...read.left.map((problem) => `${label}${problem}`))
  }
  return problems.length > 0 ? yield* invalid(problems) : scenarios
})
