/** The options that every command shares, and what a client command gets from them: the service, and how to show things. */
import { Args, Options } from "@effect/cli"
import { Context, Data, Effect, Layer, Option, Redacted } from "effect"
import { findConfigFile, loadClientSettings } from "../config/loadConfig.ts"
import type { ClientSettings } from "../config/parseConfig.ts"
import { readRpcToken } from "../config/rpcToken.ts"
import { PhoneClient } from "../rpc/client.ts"
import type { Look } from "./callText.ts"
import type { Stop } from "./exitCodes.ts"
import { type Failure, reporting } from "./reporting.ts"
import { Screen } from "./Screen.ts"
import { paint } from "./text.ts"

export const config = Options.text("config").pipe(
  Options.withPseudoName("path"),
  Options.withDescription(
    "Configuration file. Default: $PHONE_CONFIG, ./config.yaml, ~/.openclaw/phone/config.yaml, whichever is there first."
  ),
  Options.optional
)

export const json = Options.boolean("json").pipe(Options.withDescription("Write JSON, for programs."))

/** The call that a command is about. */
export const callId = Args.text({ name: "call-id" }).pipe(
  Args.withDescription("The call: eight letters and digits, as phone call and phone history show them.")
)

/** For the commands that talk to a running service. */
export const connection = {
  config,
  json,
  url: Options.text("url").pipe(
    Options.withDescription(
      "Where the service is, such as http://127.0.0.1:18791. Default: $PHONE_URL, else what the configuration says."
    ),
    Options.optional
  ),
  token: Options.redacted("token").pipe(
    Options.withDescription(
      "Its rpcToken. Better as $PHONE_TOKEN, which other users cannot see. Default: what the configuration says."
    ),
    Options.optional
  )
}

export interface Connection {
  readonly config: Option.Option<string>
  readonly json: boolean
  readonly url: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
}

/** Neither options nor a configuration say where the service is, or how to be let in. */
export class ServiceUnknown extends Data.TaggedError("ServiceUnknown")<{ readonly message: string }> {}

export interface Phone {
  readonly client: Context.Tag.Service<PhoneClient>
  readonly screen: Context.Tag.Service<Screen>
  readonly look: Look
  readonly json: boolean
}

/** Where a client on this machine finds the service; a service that listens everywhere is here, too. */
export const serviceUrl = ({ rpcHost, rpcPort }: Pick<ClientSettings, "rpcHost" | "rpcPort">): string => {
  const host = rpcHost === "0.0.0.0" ? "127.0.0.1" : rpcHost === "::" ? "::1" : rpcHost
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${rpcPort}`
}

const fromConfig = (options: Connection) =>
  Effect.flatMap(findConfigFile(options.config), (path) => loadClientSettings(path))

const tokenFromEnvironment = Option.map(Option.fromNullable(process.env.PHONE_TOKEN), Redacted.make)

/** Reads the configuration only as far as the options leave something open. */
export const locate = Effect.fnUntraced(function* (options: Connection) {
  const url = Option.orElse(options.url, () => Option.fromNullable(process.env.PHONE_URL))
  const given = Option.orElse(options.token, () => tokenFromEnvironment)
  if (Option.isSome(url) && Option.isSome(given)) {
    const settings = yield* Effect.option(fromConfig(options))
    const { recordCalls, transcriptsDir } = Option.getOrElse(settings, () => ({
      recordCalls: undefined,
      transcriptsDir: undefined
    }))
    return { url: url.value, token: given.value, transcriptsDir, recordCalls }
  }
  const settings = yield* fromConfig(options)
  if (Option.isNone(url) && settings.rpcPort === 0) {
    return yield* new ServiceUnknown({ message: "rpcPort is 0, so the port is only known to the service: give --url." })
  }
  const token = Option.isSome(given) ? given : yield* readRpcToken(settings)
  if (Option.isNone(token)) {
    return yield* new ServiceUnknown({
      message: 'There is no RPC token yet: start the service once with "phone serve", or give --token.'
    })
  }
  const { recordCalls, transcriptsDir } = settings
  return { url: Option.getOrElse(url, () => serviceUrl(settings)), token: token.value, transcriptsDir, recordCalls }
})

/** Runs a client command against the service; its errors are said and turned into the exit code. */
export const withPhone = <A, E extends Failure, R>(
  options: Connection,
  run: (phone: Phone) => Effect.Effect<A, E | Stop, R>
) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { recordCalls, token, transcriptsDir, url } = yield* locate(options)
    const client = Context.get(yield* Layer.build(PhoneClient.layer({ url, token })), PhoneClient)
    const look = {
      paint: paint(screen.colour),
      timeZone: screen.timeZone,
      columns: screen.columns(),
      transcriptsDir,
      recordCalls
    }
    return yield* run({ client, screen, look, json: options.json })
  }).pipe(Effect.scoped, reporting(options.json))
