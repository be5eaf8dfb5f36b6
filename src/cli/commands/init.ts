/** `phone init`: asks for what a first call needs, and writes a configuration in which every key is explained. */
import { basename, dirname, join, resolve } from "node:path"
import { Command, Options } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { Effect, Either, HashMap, Option, Stream } from "effect"
import { isKey, readValue } from "../../config/checkKey.ts"
import type { Environment } from "../../config/environment.ts"
import { keyTexts } from "../../config/keyTexts.ts"
import { explain, plainText } from "../../config/template.ts"
import { Asker } from "../Asker.ts"
import { WrongUsage } from "../exitCodes.ts"
import { filesOf, type Question, questions } from "../init/answers.ts"
import { reporting } from "../reporting.ts"
import { Screen } from "../Screen.ts"
import { paint } from "../text.ts"
import { FileUnwritable, writeWhole } from "../wholeFile.ts"
import { wrap } from "../width.ts"

const options = {
  config: Options.text("config").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("File to write, mode 0600. Default: config.yaml."),
    Options.withDefault("config.yaml")
  ),
  set: Options.keyValueMap(Options.text("set").pipe(Options.withPseudoName("key=value"))).pipe(
    Options.withDescription(
      'A key and its value, as in --set provider=simulated; may be given more than once, and is not asked for. Secrets are better left to the questions or the environment: other users see what is typed here. "phone help config" lists the keys. Default: none.'
    ),
    Options.optional
  ),
  secrets: Options.choice("secrets", ["environment", "config"]).pipe(
    Options.withDescription(
      "Where secrets are kept: environment is a file phone.env beside the configuration, which names them only. Default: environment."
    ),
    Options.withDefault("environment" as const)
  ),
  yes: Options.boolean("yes").pipe(
    Options.withAlias("y"),
    Options.withDescription("Ask nothing: --set, the environment and the defaults must do.")
  ),
  force: Options.boolean("force").pipe(
    Options.withDescription("Replace files that are there. Without it they are left alone.")
  )
}

/** What was set on the command line, each checked. */
const given = (set: Option.Option<HashMap.HashMap<string, string>>) =>
  Effect.forEach(Option.match(set, { onNone: () => [], onSome: HashMap.toEntries }), ([key, typed]) => {
    if (!isKey(key)) return new WrongUsage({ message: `--set: there is no key ${key}. See "phone help config".` })
    return Either.match(readValue(key, typed), {
      onLeft: (message) => new WrongUsage({ message: `--set: ${message}` }),
      onRight: (value) => Effect.succeed<readonly [string, unknown]>([key, value])
    })
  }).pipe(Effect.map(Object.fromEntries<unknown>))

/** Asks until the answer is one; nothing is answered when the default will do. */
const put = Effect.fnUntraced(function* (question: Question, env: Environment) {
  const { key, required, secret, variable } = question
  const screen = yield* Screen
  const asker = yield* Asker
  const look = paint(screen.colour)
  const known = variable !== undefined && Boolean(env[variable])
  screen.print("")
  for (const line of wrap(`${look("bold", key)}  ${look("dim", explain(key))}`, screen.columns(), 2)) screen.print(line)
  const offered = known ? `$${variable}` : plainText(keyTexts[key].default)
  const prompt = `${key}${required === true && !known ? "" : ` [${offered === "" ? "none" : offered}]`}: `
  while (true) {
    const typed = yield* secret === true ? asker.secret(prompt) : asker.line(prompt)
    if (typed.trim() === "" && (required !== true || known)) return Option.none<unknown>()
    const value = typed.trim() === "" ? Either.left(`${key} is required`) : readValue(key, typed)
    if (Either.isRight(value)) return Option.some(value.right)
    for (const line of value.left.split("\n")) screen.print(`${look("red", "✗")} ${line}`)
  }
})

const interview = Effect.fnUntraced(function* (set: Readonly<Record<string, unknown>>, env: Environment) {
  const answers = { ...set }
  const screen = yield* Screen
  screen.print("Enter takes what stands in brackets; Ctrl-C leaves without writing anything.")
  for (const question of questions) {
    const { forTwilio, key } = question
    if (key in set || (forTwilio && answers.provider === "simulated")) continue
    const answer = yield* put(question, env)
    if (Option.isSome(answer)) answers[key] = answer.value
  }
  return answers
})

const refuseToReplace = Effect.fnUntraced(function* (paths: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  for (const path of paths) {
    if (yield* Effect.orElseSucceed(fs.exists(path), () => true)) {
      return yield* new FileUnwritable({ path, message: `${path} is there already. Give --force to replace it.` })
    }
  }
})

const shown = (path: string) => (dirname(path) === "." ? `./${basename(path)}` : path)

/** What to type next, so that the first call is two lines away. */
const nextSteps = (config: string, environment: string | undefined, simulated: boolean): ReadonlyArray<string> => {
  const option = config === "config.yaml" ? "" : ` --config ${config}`
  const load = environment === undefined ? "" : `set -a; . ${shown(environment)}; set +a; `
  return simulated
    ? [`phone serve${option}`, `phone call +15550100001 --task "Book a table for two"${option}   # in another terminal`]
    : [`${load}phone doctor${option}`, `phone serve${option}`]
}

export const init = Command.make("init", options, (asked) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { there } = yield* Asker
    const env = process.env
    const set = yield* given(asked.set)
    const environmentFile = join(dirname(asked.config), "phone.env")
    if (!asked.yes && !there) {
      return yield* new WrongUsage({
        message: "phone init asks questions, and nobody is at the terminal: give --yes, and answers as --set key=value."
      })
    }
    if (!asked.force) yield* refuseToReplace([asked.config])
    const answers = asked.yes ? set : yield* interview(set, env)
    const files = yield* Either.mapLeft(
      filesOf(answers, env, asked.secrets),
      (problems) => new WrongUsage({ message: problems.join("\n") })
    )
    const kept = files.environment.length > 0
    if (kept && !asked.force) yield* refuseToReplace([environmentFile])
    const heading = `# Secrets of phone. To use them: set -a; . ${shown(environmentFile)}; set +a`
    const overwrite = { overwrite: asked.force }
    if (kept) yield* writeWhole(environmentFile, Stream.make(heading, ...files.environment), overwrite)
    yield* writeWhole(asked.config, Stream.make(files.config.trimEnd()), overwrite)
    const written = [asked.config, ...(kept ? [environmentFile] : [])].map((path) => resolve(path))
    for (const path of ["", ...written.map((path) => `Wrote ${path}`), "", "Next:"]) screen.print(path)
    const next = nextSteps(asked.config, kept ? environmentFile : undefined, answers.provider === "simulated")
    for (const line of next) screen.print(`  ${line}`)
  }).pipe(reporting(false))
).pipe(Command.withDescription("Ask for what a first call needs, and write config.yaml with every key explained."))
