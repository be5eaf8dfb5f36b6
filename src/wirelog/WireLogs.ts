/**
 * The wire logs of the calls of this process, by call id, and the one fiber that carries their lines to where they are
 * kept. A call begins its log before the world is touched and ends it when its record is stored. What goes wrong in writing
 * costs the log, never the call.
 */
import { FileSystem, Path } from "@effect/platform"
import { Context, Duration, Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { Call } from "../domain/Call.ts"
import type { NewCall } from "../Transcripts.ts"
import { CallLog, type CallLogOptions } from "./CallLog.ts"

/** Lines are gathered this long, so that a call costs two writes a second. */
const gathering = Duration.millis(500)
/** What the last writes may take when the service stops. */
const lastWrites = Duration.seconds(2)

/** Appends lines to the log of a call. */
export type Sink = (callId: string, lines: ReadonlyArray<string>) => Effect.Effect<void, { readonly message: string }>

export class WireLogs extends Context.Tag("phone/WireLogs")<
  WireLogs,
  {
    readonly begin: (call: NewCall) => void
    /** The log of a call that is running; `undefined` when it has none. */
    readonly of: (callId: string | undefined) => CallLog | undefined
    readonly live: () => ReadonlyArray<CallLog>
    readonly end: (call: Call) => void
  }
>() {}

/** Logs whose lines go to `sink`. All that was logged is written when the scope closes. */
export const makeWireLogs = Effect.fnUntraced(function* (options: CallLogOptions, sink: Sink) {
  const config = yield* PhoneConfig
  const clock = yield* Effect.clock
  const logs = new Map<string, CallLog>()
  const filled = Effect.unsafeMakeLatch(false)

  const write = (log: CallLog) =>
    Effect.suspend(() => {
      const lines = log.take()
      if (log.isOver) logs.delete(log.callId)
      return lines.length === 0 ? Effect.void : sink(log.callId, lines)
    }).pipe(
      Effect.catchAll(({ message }) => {
        logs.delete(log.callId)
        return Effect.logWarning(`The wire log of call ${log.callId} is given up: ${message}`)
      })
    )
  const writeAll = Effect.suspend(() => Effect.forEach([...logs.values()], write, { discard: true }))

  const writer = Effect.gen(function* () {
    yield* filled.await
    yield* Effect.sleep(gathering)
    yield* filled.close
    // lines that were taken must not be lost to the stop
    yield* Effect.uninterruptible(writeAll)
  }).pipe(Effect.forever)

  yield* Effect.addFinalizer(() => writeAll.pipe(Effect.interruptible, Effect.timeoutOption(lastWrites), Effect.asVoid))
  yield* Effect.forkScoped(Effect.interruptible(writer))

  return WireLogs.of({
    begin: (call) => void logs.set(call.id, new CallLog(call, config, clock, options, () => filled.unsafeOpen())),
    of: (callId) => {
      const log = callId === undefined ? undefined : logs.get(callId)
      return log?.isOver === true ? undefined : log
    },
    live: () => [...logs.values()].filter((log) => !log.isOver),
    end: (call) => logs.get(call.id)?.end(call)
  })
})

/** Nothing is logged. */
const none = WireLogs.of({ begin: () => {}, of: () => undefined, live: () => [], end: () => {} })

const megabyte = 1_000_000
/** Megabytes of one log. */
const usualSize = 20

/** As the configuration says: `<dir>/<callId>.wire.jsonl` with mode 0600, or nothing at all. */
export const layerWireLogs: Layer.Layer<WireLogs, never, PhoneConfig | FileSystem.FileSystem | Path.Path> =
  Layer.scoped(
    WireLogs,
    Effect.gen(function* () {
      const { transcriptsDir, wireLogs } = yield* PhoneConfig
      if (wireLogs === undefined) return none
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = path.resolve(wireLogs.dir ?? transcriptsDir)
      yield* fs
        .makeDirectory(folder, { recursive: true, mode: 0o700 })
        .pipe(Effect.catchAll(({ message }) => Effect.logWarning(`There will be no wire logs: ${message}`)))
      const encoder = new TextEncoder()
      return yield* makeWireLogs(
        { audio: wireLogs.audio ?? false, maxSize: (wireLogs.maxSize ?? usualSize) * megabyte },
        (callId, lines) =>
          Effect.scoped(
            Effect.flatMap(fs.open(path.join(folder, `${callId}.wire.jsonl`), { flag: "a", mode: 0o600 }), (file) =>
              file.writeAll(encoder.encode(`${lines.join("\n")}\n`))
            )
          )
      )
    })
  )
