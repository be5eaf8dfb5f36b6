/**
 * Files in memory, in place of the disk: as much of a FileSystem as the transcript files need, plus a look at what was
 * written and a disk that can be full. Nothing real is touched, so it runs in virtual time.
 */
import { FileSystem, Error as PlatformError } from "@effect/platform"
import { Context, Effect, Layer, Option } from "effect"

const decoder = new TextDecoder()

export class MemoryFiles extends Context.Tag("phone/MemoryFiles")<
  MemoryFiles,
  {
    /** Absolute paths, sorted. */
    readonly paths: () => ReadonlyArray<string>
    readonly bytes: (path: string) => Option.Option<Uint8Array>
    readonly text: (path: string) => Option.Option<string>
    /** From now on (or no more) every write fails as on a full disk. */
    readonly setFull: (full: boolean) => void
    /** How many files are open now. */
    readonly open: () => number
  }
>() {}

const failure = (method: string, path: string, reason: PlatformError.SystemErrorReason, description: string) =>
  new PlatformError.SystemError({ module: "FileSystem", method, pathOrDescriptor: path, reason, description })

/** A file: what was written, piece by piece, joined when it is read. Bytes once written belong to it and are not copied. */
class Contents {
  #pieces: Array<Uint8Array>

  constructor(...pieces: ReadonlyArray<Uint8Array>) {
    this.#pieces = [...pieces]
  }

  append(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
  }

  get bytes(): Uint8Array {
    const [first = new Uint8Array(), ...rest] = this.#pieces
    if (rest.length === 0) return first
    const whole = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = [whole]
    return whole
  }
}

/** The in-memory FileSystem and the look into it. Empty when built; folders exist as soon as somebody writes into them. */
export const layerMemoryFiles = Layer.effectContext(
  Effect.sync(() => {
    const files = new Map<string, Contents>()
    let full = false
    let open = 0

    const missing = (method: string, path: string) => failure(method, path, "NotFound", "no such file")
    const ifRoom = (path: string, write: () => void) =>
      Effect.suspend(() => {
        if (full) return failure("write", path, "Unknown", "no space left on device")
        write()
        return Effect.void
      })
    const put = (path: string, ...pieces: ReadonlyArray<Uint8Array>) =>
      ifRoom(path, () => files.set(path, new Contents(...pieces)))
    const get = (method: string, path: string) =>
      Effect.suspend(() => {
        const contents = files.get(path)
        return contents === undefined ? missing(method, path) : Effect.succeed(contents)
      })
    const read = (method: string, path: string) => Effect.map(get(method, path), ({ bytes }) => bytes)

    /** A file open for writing. Reading goes through `readFile`. */
    const openFile = (path: string): FileSystem.File => {
      const unsupported = (method: string) =>
        Effect.suspend(() => failure(method, path, "Unknown", "not supported by files in memory"))
      const append = (bytes: Uint8Array) =>
        ifRoom(path, () => {
          const contents = files.get(path)
          if (contents === undefined) files.set(path, new Contents(bytes))
          else contents.append(bytes)
        })
      return {
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        fd: FileSystem.FileDescriptor(0),
        stat: unsupported("stat"),
        seek: () => Effect.void,
        sync: Effect.void,
        read: () => unsupported("read"),
        readAlloc: () => unsupported("readAlloc"),
        truncate: () => unsupported("truncate"),
        write: (bytes) => Effect.as(append(bytes), FileSystem.Size(bytes.length)),
        writeAll: append
      }
    }

    /** Closed with the scope of whoever opened it. */
    const handle = (path: string) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          open++
          return openFile(path)
        }),
        () =>
          Effect.sync(() => {
            open--
          })
      )

    const fileSystem = FileSystem.makeNoop({
      access: () => Effect.void,
      chmod: () => Effect.void,
      makeDirectory: () => Effect.void,
      exists: (path) => Effect.sync(() => files.has(path)),
      open: (path, options) =>
        Effect.suspend(() => {
          const flag = options?.flag ?? "r"
          if (flag === "r") return failure("open", path, "Unknown", "files in memory are read with readFile")
          if (flag.includes("x") && files.has(path)) return failure("open", path, "AlreadyExists", "the file exists")
          return Effect.zipRight(flag.startsWith("a") ? Effect.void : put(path), handle(path))
        }),
      readFile: (path) => read("readFile", path),
      readFileString: (path) => Effect.map(read("readFileString", path), (bytes) => decoder.decode(bytes)),
      writeFile: (path, bytes) => put(path, bytes),
      remove: (path) => Effect.sync(() => void files.delete(path)),
      rename: (from, to) =>
        Effect.flatMap(get("rename", from), (contents) =>
          Effect.sync(() => {
            files.delete(from)
            files.set(to, contents)
          })
        )
    })

    const look = MemoryFiles.of({
      paths: () => [...files.keys()].sort(),
      bytes: (path) => Option.map(Option.fromNullable(files.get(path)), ({ bytes }) => bytes),
      text: (path) => Option.map(Option.fromNullable(files.get(path)), ({ bytes }) => decoder.decode(bytes)),
      setFull: (value) => {
        full = value
      },
      open: () => open
    })
    return Context.make(FileSystem.FileSystem, fileSystem).pipe(Context.add(MemoryFiles, look))
  })
)
