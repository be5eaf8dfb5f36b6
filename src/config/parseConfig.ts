/**
 * From the text of a configuration file and an environment to values, or to all that is wrong, at once. Pure: reading files
 * is `loadConfig.ts`, the keys themselves are `../Config.ts`.
 */
import { Either, Schema } from "effect"
import { PhoneConfigFields, PhoneConfigSchema, type PhoneConfigValues } from "../Config.ts"
import { mapModel } from "../realtime/Models.ts"
import { type Environment, expand } from "./environment.ts"
import { problemsOf } from "./problems.ts"
import { isRecord, phoneSection, type Section } from "./section.ts"
import { simulatedCredentials } from "./simulated.ts"

export interface LoadedConfig {
  readonly config: PhoneConfigValues
  /** Worth telling once; nothing is wrong enough to stop. */
  readonly warnings: ReadonlyArray<string>
}

/** What a client of the service needs to know. */
const ClientFields = PhoneConfigFields.pick(
  "rpcHost",
  "rpcPort",
  "rpcToken",
  "database",
  "transcriptsDir",
  "recordCalls"
)
export type ClientSettings = typeof ClientFields.Type

type Lines = ReadonlyArray<string>

/** What is not written in the file and can be had elsewhere. */
type Fallback = (section: Section, env: Environment) => Section

const fromEnvironment: Fallback = (_, env) => ({
  ...(env.TWILIO_ACCOUNT_SID ? { accountSid: env.TWILIO_ACCOUNT_SID } : {}),
  ...(env.TWILIO_AUTH_TOKEN ? { authToken: env.TWILIO_AUTH_TOKEN } : {}),
  ...(env.OPENAI_API_KEY ? { openaiApiKey: env.OPENAI_API_KEY } : {})
})

/** The simulated line takes any credentials, so it needs none; real ones do not reach it by accident. */
const simulated: Fallback = (section) => ({
  ...simulatedCredentials,
  webhookHost: `http://127.0.0.1:${typeof section.webhookPort === "number" ? section.webhookPort : 18790}`
})

const defined = (section: Section): Section =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined))

const withFallbacks = (section: Section, env: Environment): Section =>
  section.provider === "simulated"
    ? { ...simulated(section, env), ...defined(section) }
    : { ...fromEnvironment(section, env), ...section }

const decode = <A, I>(
  schema: Schema.Schema<A, I>,
  section: Section,
  env: Environment,
  complete: (section: Section) => Section
): Either.Either<A, Lines> => {
  const decoder = Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })
  const attempt = (typed: ReadonlySet<string>) => {
    const { unset, value, whole } = expand(section, env, typed)
    const input = complete(isRecord(value) ? value : {})
    const answer = decoder(input)
    const problems = Either.isLeft(answer) ? problemsOf(answer.left) : []
    const absent = [...unset].filter(([path]) => input[path] === undefined)
    return { absent, answer, problems: problems.filter(({ path }) => !unset.has(path)), whole }
  }

  const asText = attempt(new Set())
  const wrong = new Set(asText.problems.map(({ path }) => path).filter((path) => asText.whole.has(path)))
  const { absent, answer, problems } = wrong.size === 0 ? asText : attempt(wrong)
  const lines = [...absent.map(([path, line]) => `${path} ${line}`), ...problems.map(({ line }) => line)]
  return Either.isRight(answer) && lines.length === 0 ? Either.right(answer.right) : Either.left([...new Set(lines)])
}

export const parseConfig = (text: string, env: Environment): Either.Either<LoadedConfig, Lines> =>
  Either.gen(function* () {
    const section = yield* phoneSection(text)
    const config = yield* decode(PhoneConfigSchema, section, env, (given) => withFallbacks(given, env))
    const { model, warning } = mapModel(config.realtimeModel, "realtimeModel")
    const fallback = config.fallbackModel === undefined ? undefined : mapModel(config.fallbackModel, "fallbackModel")
    return {
      config: {
        ...config,
        realtimeModel: model,
        ...(fallback === undefined ? {} : { fallbackModel: fallback.model })
      },
      warnings: [warning, fallback?.warning].filter((line) => line !== undefined)
    }
  })

/** Only where the service is and its token: a client needs neither credentials nor their environment variables. */
export const parseClientSettings = (text: string, env: Environment): Either.Either<ClientSettings, Lines> =>
  Either.flatMap(phoneSection(text), (section) =>
    decode(
      ClientFields,
      Object.fromEntries(Object.entries(section).filter(([key]) => Object.hasOwn(ClientFields.fields, key))),
      env,
      (given) => given
    )
  )
