/**
 * The bearer token of the RPC interface when none is configured: a file `rpc-token` beside the database, mode 0600, made by
 * the service at its first start and read by clients of the same user. Two services starting at once agree on one token.
 */
import { dirname, join } from "node:path"
import { FileSystem } from "@effect/platform"
import { Data, Effect, Option, Redacted } from "effect"
import { newToken } from "../Entropy.ts"
import type { ClientSettings } from "./parseConfig.ts"

export class RpcTokenUnusable extends Data.TaggedError("RpcTokenUnusable")<{
  readonly path: string
  readonly message: string
}> {}

type Settings = Pick<ClientSettings, "database" | "rpcToken">

export const rpcTokenPath = (settings: Settings): string => join(dirname(settings.database), "rpc-token")

const unusable = (path: string, what: string) => new RpcTokenUnusable({ path, message: `${path}: ${what}` })

/** The configured token, else the one in the file; none if no service has ever started here. */
export const readRpcToken = Effect.fnUntraced(function* (settings: Settings) {
  if (settings.rpcToken !== undefined) return Option.some(settings.rpcToken)
  const fs = yield* FileSystem.FileSystem
  const path = rpcTokenPath(settings)
  const text = yield* fs.readFileString(path).pipe(
    Effect.map(Option.some),
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => unusable(path, `the RPC token cannot be read: ${error.message}`))
  )
  if (Option.isNone(text)) return Option.none<Redacted.Redacted>()
  const token = text.value.trim()
  if (token !== "") return Option.some(Redacted.make(token))
  return yield* unusable(path, "the RPC token is empty. Remove the file and start the service again.")
})

/** Written whole under another name, then linked: linking fails if somebody was first, and never shows half a token. */
const create = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const token = yield* newToken
  const draft = `${path}.${yield* newToken}`
  yield* fs.makeDirectory(dirname(path), { recursive: true, mode: 0o700 })
  yield* fs.writeFileString(draft, `${token}\n`, { flag: "wx", mode: 0o600 })
  yield* fs.link(draft, path).pipe(
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
      () => Effect.void
    ),
    Effect.ensuring(Effect.ignore(fs.remove(draft)))
  )
})

/** The configured token, else the one in the file, which is made if it is not there. For the service. */
export const readOrCreateRpcToken = Effect.fnUntraced(function* (settings: Settings) {
  const existing = yield* readRpcToken(settings)
  if (Option.isSome(existing)) return existing.value
  const path = rpcTokenPath(settings)
  yield* create(path).pipe(
    Effect.mapError((error) => unusable(path, `the RPC token cannot be written: ${error.message}`))
  )
  const made = yield* readRpcToken(settings)
  return yield* Option.match(made, {
    onNone: () => unusable(path, "the RPC token disappeared while it was made. Start the service again."),
    onSome: Effect.succeed
  })
})
