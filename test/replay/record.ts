/** Calls with a wire log, in virtual time, and their replay. */
import { Effect, Exit, Option } from "effect"
import { Calls } from "../../src/Calls.ts"
import type { PhoneConfigInput } from "../../src/Config.ts"
import type { Call, CallRequest } from "../../src/domain/Call.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { type Replayed, type ReplayOptions, replay } from "../../src/simulation/replay/replay.ts"
import { type Finished, story, type WorldOptions } from "../calls/world.ts"

export interface Recorded {
  readonly call: Call
  /** The file, as it is when the call is over. */
  readonly log: string
  readonly logs: Finished["logs"]
}

export interface RecordOptions extends WorldOptions {
  readonly to?: string
  readonly request?: Partial<CallRequest>
  readonly wireLogs?: NonNullable<PhoneConfigInput["wireLogs"]>
  /** What happens beside the call. */
  readonly meanwhile?: (id: string) => Effect.Effect<unknown, unknown, Calls | MemoryFiles>
}

/** Where the log of a call is, in the files of the simulation. */
export const logPath = (id: string): string => `/transcripts/${id}.wire.jsonl`

export const record = ({ meanwhile, request, to, wireLogs = {}, ...options }: RecordOptions = {}): Promise<Recorded> =>
  story({ ...options, config: { ...options.config, wireLogs } }, (world) =>
    Effect.gen(function* () {
      const calls = yield* Calls
      const files = yield* MemoryFiles
      const id = yield* world.place({ ...request, ...(to === undefined ? {} : { to }) })
      if (meanwhile !== undefined) yield* meanwhile(id)
      yield* Effect.either(calls.await(id))
      yield* Effect.sleep("2 seconds")
      const call = yield* calls.status(id)
      return { call, log: Option.getOrElse(files.text(logPath(id)), () => ""), logs: world.logs }
    })
  )

/** A replay that comes to an end. */
export const replayed = async (log: string, options: ReplayOptions = {}): Promise<Replayed> => {
  const exit = await replay(log, options)
  if (Exit.isSuccess(exit)) return exit.value
  throw new Error(String(exit.cause))
}

/** What a replay that is the same in everything has to show. */
export const nothingNew = { differences: [], divergences: [], cut: undefined }
