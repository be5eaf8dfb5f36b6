/** The files for people in `transcriptsDir`: private, whole or not there at all. Knows names and bytes, not what is in them. */
import { FileSystem, Path } from "@effect/platform"
import { Effect, Schema } from "effect"
import { StoreUnavailable } from "../domain/errors.ts"
import { CallId } from "../domain/Ids.ts"
import { orUnavailable } from "./storeErrors.ts"

const isCallId = Schema.is(CallId)

export interface CallFiles {
  /** Writes `<id>.<extension>` with mode 0600 and returns its absolute path. A reader sees the old file or the new one. */
  readonly write: (id: string, extension: "json" | "wav", bytes: Uint8Array) => Effect.Effect<string, StoreUnavailable>
}

/** Makes the folder (mode 0700; one that exists keeps its mode) and fails when it cannot be had or written to. */
export const makeCallFiles = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = path.resolve(folder)
  const ensure = fs.makeDirectory(directory, { recursive: true, mode: 0o700 })

  /** Beside the target, so that the rename stays on one disk; synced first, so that a power cut leaves no empty file. */
  const writeAtomically = (name: string, bytes: Uint8Array) => {
    const target = path.join(directory, name)
    const temporary = path.join(directory, `.${name}.tmp`)
    const put = Effect.scoped(
      Effect.gen(function* () {
        const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* file.writeAll(bytes)
        yield* file.sync
      })
    )
    return Effect.gen(function* () {
      yield* ensure
      yield* fs.remove(temporary, { force: true })
      yield* put
      yield* fs.rename(temporary, target)
      return target
    }).pipe(
      Effect.tapError(() => Effect.ignore(fs.remove(temporary, { force: true }))),
      orUnavailable(`write ${target}`)
    )
  }

  yield* ensure.pipe(
    Effect.zipRight(fs.access(directory, { writable: true })),
    orUnavailable(`use transcriptsDir ${directory}`)
  )
  const files: CallFiles = {
    write: (id, extension, bytes) =>
      isCallId(id)
        ? writeAtomically(`${id}.${extension}`, bytes)
        : new StoreUnavailable({ message: `"${id.slice(0, 40)}" is no call id, so no file is named after it.` })
  }
  return files
})
