/** What `phone init` asks, in which order, and how the answers become a file and its secrets. Asks nobody itself. */
import { Either } from "effect"
import type { Environment } from "../../config/environment.ts"
import type { Key } from "../../config/keyTexts.ts"
import { parseConfig } from "../../config/parseConfig.ts"
import type { Section } from "../../config/section.ts"
import { configText } from "../../config/template.ts"

export interface Question {
  readonly key: Key
  /** The real line needs it; the simulated one does not. */
  readonly forTwilio: boolean
  /** Where it may be in the environment already. */
  readonly variable?: string
  readonly secret?: boolean
  /** Without an answer there is no call; otherwise no answer means the default. */
  readonly required?: boolean
}

export const questions: ReadonlyArray<Question> = [
  { key: "provider", forTwilio: false },
  { key: "accountSid", forTwilio: true, variable: "TWILIO_ACCOUNT_SID", required: true },
  { key: "authToken", forTwilio: true, variable: "TWILIO_AUTH_TOKEN", secret: true, required: true },
  { key: "phoneNumber", forTwilio: true, required: true },
  { key: "webhookHost", forTwilio: true, required: true },
  { key: "openaiApiKey", forTwilio: true, variable: "OPENAI_API_KEY", secret: true, required: true },
  { key: "onBehalfOf", forTwilio: false },
  { key: "language", forTwilio: false },
  { key: "defaultVoice", forTwilio: false },
  { key: "recordCalls", forTwilio: false }
]

export type SecretsIn = "environment" | "config"

export interface Files {
  readonly config: string
  /** Lines `NAME=value`; empty when there is no secret to keep there. */
  readonly environment: ReadonlyArray<string>
}

/** For shells, systemd, Docker and Node alike, which agree on plain words only: quoted when it must be. */
const assignment = (name: string, value: string): string =>
  `${name}=${/^[\w./:=@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`

/**
 * The files that hold these answers, held against the loader itself; else what is wrong with them, in lines. Secrets go where
 * they are wanted; what is in the environment stays there, and is only named.
 */
export const filesOf = (
  answers: Section,
  env: Environment,
  secretsIn: SecretsIn
): Either.Either<Files, ReadonlyArray<string>> => {
  const secrets: Record<string, string> = {}
  const values: Record<string, unknown> = { ...answers }
  for (const { key, secret, variable } of questions) {
    const answer = answers[key]
    if (variable === undefined) continue
    if (answer === undefined && env[variable] && answers.provider !== "simulated") values[key] = `\${${variable}}`
    if (secret !== true || typeof answer !== "string") continue
    if (secretsIn === "environment") {
      secrets[variable] = answer
      values[key] = `\${${variable}}`
    } else {
      // a secret is itself, whatever it looks like
      values[key] = answer.replaceAll("${", () => "$${")
    }
  }
  const config = configText(values)
  return Either.map(parseConfig(config, { ...env, ...secrets }), () => ({
    config,
    environment: Object.entries(secrets).map(([name, value]) => assignment(name, value))
  }))
}
