/** The doctor's round, in order: each thing is told as soon as it is known. Loaded when the doctor is asked for. */
import { Effect, Either, type Option } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { findConfigFile, loadConfigFile } from "../../config/loadConfig.ts"
import { type PhoneNumber, parsePhoneNumber } from "../../domain/PhoneNumber.ts"
import { account } from "./account.ts"
import { credentials } from "./credentials.ts"
import { type Finding, ok, problem, warning } from "./Finding.ts"
import { database, folders, nodeVersion, tokenFile } from "./machine.ts"
import { clock, ports, receiver } from "./network.ts"
import { openai } from "./openai.ts"
import { wayIn } from "./wayIn.ts"

/** Takes findings as they come. */
export type Tell = (...findings: ReadonlyArray<Finding>) => void

export interface Examined {
  readonly config: PhoneConfigValues
  /** The number to be called, if one was given and can be read. */
  readonly callee: PhoneNumber | undefined
  /** A service with this configuration runs. */
  readonly running: boolean
}

const readCallee = (callMe: string | undefined, config: PhoneConfigValues, tell: Tell): PhoneNumber | undefined => {
  if (callMe === undefined) return undefined
  const read = parsePhoneNumber(callMe, config.phoneNumber)
  if (Either.isRight(read)) return read.right
  tell(problem("callee", read.left.message, "give your own number as + and country code"))
  return undefined
}

/** `undefined` when there is no configuration to examine. */
export const examine = Effect.fnUntraced(function* (
  asked: { readonly config: Option.Option<string>; readonly callMe: string | undefined },
  tell: Tell
) {
  tell(nodeVersion(process.versions.node))
  const loaded = yield* Effect.either(
    Effect.flatMap(findConfigFile(asked.config), (path) =>
      Effect.map(loadConfigFile(path), (loaded) => ({ ...loaded, path }))
    )
  )
  if (Either.isLeft(loaded)) {
    const { path, problems } = loaded.left
    tell(...problems.map((line) => problem("configuration", line, `edit ${path}`)))
    return undefined
  }
  const { config, path, warnings } = loaded.right
  tell(ok("configuration", path), ...warnings.map((line) => warning("configuration", line, `edit ${path}`)))
  if (!config.enabled) tell(warning("configuration", "enabled is false: every call is refused", `edit ${path}`))
  const callee = readCallee(asked.callMe, config, tell)
  tell(...credentials(config))
  tell(...(yield* folders(config)), yield* database(config), yield* tokenFile(config))
  const { findings, rpc, webhook } = yield* ports(config)
  tell(...findings)
  tell(yield* clock(config))
  tell(...(yield* account(config, callee)))
  tell(...(yield* openai(config)))
  tell(...(yield* wayIn(config, webhook)))
  tell(...(yield* receiver(config)))
  // whoever has the webhook port gets Twilio's calls, so the call is that service's to make
  const running = webhook === "ours" || (config.webhookPort === 0 && rpc === "ours")
  const examined: Examined = { config, callee, running }
  return examined
})
