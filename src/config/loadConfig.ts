/** Finds and reads the configuration file. What is in it is `parseConfig.ts`'s to judge. */
import { homedir } from "node:os"
import { join } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect, Either, Option } from "effect"
import { ConfigInvalid } from "./ConfigInvalid.ts"
import type { Environment } from "./environment.ts"
import { type ClientSettings, type LoadedConfig, parseClientSettings, parseConfig } from "./parseConfig.ts"
import { unreadable } from "./unreadable.ts"

const load = <A>(
  path: string,
  env: Environment,
  parse: (text: string, env: Environment) => Either.Either<A, ReadonlyArray<string>>
): Effect.Effect<A, ConfigInvalid, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs
      .readFileString(path)
      .pipe(Effect.mapError((error) => new ConfigInvalid({ path, problems: [unreadable(error)] })))
    return yield* Either.mapLeft(parse(text, env), (problems) => new ConfigInvalid({ path, problems }))
  })

/** Everything the service needs. Fails with all that is wrong with the file. */
export const loadConfigFile = (
  path: string,
  env: Environment = process.env
): Effect.Effect<LoadedConfig, ConfigInvalid, FileSystem.FileSystem> => load(path, env, parseConfig)

/** What a client of the service needs: where it listens and its token. */
export const loadClientSettings = (
  path: string,
  env: Environment = process.env
): Effect.Effect<ClientSettings, ConfigInvalid, FileSystem.FileSystem> => load(path, env, parseClientSettings)

/** The file to read: what was asked for, else `PHONE_CONFIG`, else ./config.yaml, else ~/.openclaw/phone/config.yaml. */
export const findConfigFile = (
  asked: Option.Option<string>,
  env: Environment = process.env
): Effect.Effect<string, ConfigInvalid, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const named = Option.getOrElse(asked, () => env.PHONE_CONFIG ?? "")
    if (named !== "") return named
    const fs = yield* FileSystem.FileSystem
    const usual = ["config.yaml", join(homedir(), ".openclaw/phone/config.yaml")]
    const found = yield* Effect.findFirst(usual, (path) => fs.exists(path).pipe(Effect.orElseSucceed(() => false)))
    if (Option.isSome(found)) return found.value
    const problem = `there is no such file, and no ${usual[1]} either; name yours with --config or PHONE_CONFIG`
    return yield* new ConfigInvalid({ path: "config.yaml", problems: [problem] })
  })
