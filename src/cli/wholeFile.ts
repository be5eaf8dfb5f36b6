/** Files that are private, and written whole or not at all: what was there stays until everything new is on the disk. */
import { basename, dirname, join } from "node:path"
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Chunk, Data, Effect, Stream } from "effect"
import { newCallId } from "../Entropy.ts"

export class FileUnwritable extends Data.TaggedError("FileUnwritable")<{
  readonly path: string
  readonly message: string
}> {}

const unwritable = (path: string, why: string) => new FileUnwritable({ path, message: `${path}: ${why}` })

const explained =
  (path: string) =>
  (error: PlatformError): FileUnwritable => {
    if (error._tag !== "SystemError") return unwritable(path, `cannot be written (${error._tag})`)
    if (error.reason === "NotFound") return unwritable(path, "cannot be written: its folder does not exist")
    if (error.reason === "AlreadyExists") return unwritable(path, "is there already")
    return unwritable(path, `cannot be written (${error.reason})`)
  }

const isNotFound = (error: PlatformError) => error._tag === "SystemError" && error.reason === "NotFound"

/** Where a link leads to, so that the file is replaced and not the link. Only a plain file is ever replaced. */
const resolve = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const known = Effect.mapError(explained(path))
  const target = yield* known(Effect.catchIf(fs.realPath(path), isNotFound, () => Effect.succeed(path)))
  const { type } = yield* known(Effect.catchIf(fs.stat(target), isNotFound, () => Effect.succeed({ type: "File" })))
  if (type !== "File") return yield* unwritable(path, "is no plain file")
  return target
})

interface Writing {
  /** `false`: fails when the file is there already, also when it comes to be meanwhile. */
  readonly overwrite: boolean
}

const encoder = new TextEncoder()

/** Mode 0600. What fails on the way, an interruption too, leaves no trace. */
export const writeWhole = <E, R>(path: string, lines: Stream.Stream<string, E, R>, { overwrite }: Writing) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const known = Effect.mapError(explained(path))
    const target = yield* resolve(path)
    // beside it, so that it only has to be renamed
    const draft = join(dirname(target), `.${basename(target)}.${yield* newCallId}.tmp`)
    yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(draft, { force: true })))
    const put = Effect.gen(function* () {
      const file = yield* known(fs.open(draft, { flag: "wx", mode: 0o600 }))
      yield* Stream.runForEachChunk(lines, (chunk) =>
        known(
          file.writeAll(
            encoder.encode(
              Chunk.toReadonlyArray(chunk)
                .map((line) => `${line}\n`)
                .join("")
            )
          )
        )
      )
      yield* known(file.sync)
    })
    yield* Effect.scoped(put)
    yield* known(overwrite ? fs.rename(draft, target) : fs.link(draft, target))
  }).pipe(Effect.scoped)
