/** A file that a command writes is the old one or the new one, never a part of either. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { writeWhole } from "../../src/cli/wholeFile.ts"

const folderWith = (files: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    yield* Effect.forEach(Object.entries(files), ([name, text]) => fs.writeFileString(`${folder}/${name}`, text))
    const seen = Effect.flatMap(fs.readDirectory(folder), (names) =>
      Effect.forEach(names.sort(), (name) => Effect.map(fs.readFileString(`${folder}/${name}`), (text) => [name, text]))
    ).pipe(Effect.map((entries) => Object.fromEntries(entries)))
    return { fs, folder, seen }
  })

const overwrite = { overwrite: true }

describe("a whole file", () => {
  layer(NodeFileSystem.layer)((it) => {
    it.scoped("is private, and replaces what was there", () =>
      Effect.gen(function* () {
        const { folder, fs, seen } = yield* folderWith({ out: "old" })
        yield* writeWhole(`${folder}/out`, Stream.make("a", "b"), overwrite)
        expect(yield* seen).toEqual({ out: "a\nb\n" })
        expect((yield* fs.stat(`${folder}/out`)).mode & 0o777).toBe(0o600)
      })
    )

    it.scoped("is not there when its lines fail, and the old one stays", () =>
      Effect.gen(function* () {
        const { folder, seen } = yield* folderWith({ out: "old" })
        const broken = Stream.concat(Stream.make("half"), Stream.fail("gone" as const))
        expect(yield* Effect.flip(writeWhole(`${folder}/out`, broken, overwrite))).toBe("gone")
        expect(yield* seen).toEqual({ out: "old" })
      })
    )

    it.scoped("is not there when it is interrupted", () =>
      Effect.gen(function* () {
        const { folder, seen } = yield* folderWith({})
        const begun = yield* Deferred.make<void>()
        const endless = Stream.concat(
          Stream.make("half"),
          Stream.fromEffect(Deferred.succeed(begun, undefined)).pipe(Stream.zipRight(Stream.never))
        )
        const writing = yield* Effect.fork(writeWhole(`${folder}/out`, endless, overwrite))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(writing)
        expect(yield* seen).toEqual({})
      })
    )

    it.scoped("never replaces what must not be: without leave nothing, and never what is no file", () =>
      Effect.gen(function* () {
        const { folder, fs, seen } = yield* folderWith({ out: "old", real: "old" })
        const refused = yield* Effect.flip(writeWhole(`${folder}/out`, Stream.make("new"), { overwrite: false }))
        expect(refused).toMatchObject({ _tag: "FileUnwritable", message: `${folder}/out: is there already` })
        expect((yield* Effect.flip(writeWhole(folder, Stream.make("new"), overwrite))).message).toContain(
          "no plain file"
        )
        expect((yield* Effect.flip(writeWhole(`${folder}/a/b`, Stream.make("new"), overwrite))).message).toContain(
          "its folder does not exist"
        )
        yield* fs.symlink(`${folder}/real`, `${folder}/link`)
        yield* writeWhole(`${folder}/link`, Stream.make("new"), overwrite)
        expect(yield* seen).toEqual({ out: "old", real: "new\n", link: "new\n" })
        expect(yield* fs.readLink(`${folder}/link`)).toBe(`${folder}/real`)
      })
    )
  })
})
