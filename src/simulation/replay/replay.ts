/**
 * A recorded call again: the real service in virtual time on the outside of the log. Says whether the call comes to the same
 * result, and where the service now does something else on the wire.
 */
import { Path } from "@effect/platform"
import { DateTime, Duration, Effect, Either, Layer, Logger, Schema } from "effect"
import { Calls } from "../../Calls.ts"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "../../Config.ts"
import { simulatedCredentials } from "../../config/simulated.ts"
import type { Call } from "../../domain/Call.ts"
import { isTerminal } from "../../domain/CallStatus.ts"
import { Entropy } from "../../Entropy.ts"
import { layerLogged, layerStore } from "../../Phone.ts"
import { inMemory } from "../../sql/Sqlite.ts"
import { TwilioHost } from "../../telephone/Twilio.ts"
import { Network } from "../../wire/Network.ts"
import { RecordedSettings } from "../../wirelog/Entry.ts"
import { type RecordedCall, readLog } from "../../wirelog/readLog.ts"
import { makeWireLogs, WireLogs } from "../../wirelog/WireLogs.ts"
import { layerMemoryFiles } from "../MemoryFiles.ts"
import { run } from "../VirtualTime.ts"
import { type Difference, type Divergence, differencesOf, divergencesOf } from "./compare.ts"
import { makeRecordedOutside, type Obey } from "./RecordedOutside.ts"
import { timelineOf } from "./timeline.ts"

export interface ReplayOptions {
  /** Keys of the configuration that are to differ from the recorded ones, as in config.yaml. */
  readonly config?: Partial<PhoneConfigInput>
  /** Whether the service says on the console what it logs. Default: no. */
  readonly logs?: boolean
}

export interface Replayed {
  readonly callId: string
  /** The call as it was recorded; `undefined` when the log was cut. */
  readonly recorded: Call | undefined
  /** The call as it is now; not over when the log was cut. */
  readonly replayed: Call
  /** Why the log stops before the call did: there is nothing to compare the result with. */
  readonly cut: string | undefined
  /** Empty: the same result. */
  readonly differences: ReadonlyArray<Difference>
  /** The first on each connection; empty: the service did the same on the wire. */
  readonly divergences: ReadonlyArray<Divergence>
  /** The wire log of the replay itself. */
  readonly log: string
  /** The same for people: a line for each thing that went over a connection, but for the flow of audio. */
  readonly timeline: ReadonlyArray<string>
}

/** How long after the recorded end the replay may go on, beyond the longest call: then something hangs. */
const patience = Duration.minutes(3)
/** What is done at the moment of a cut may have been on its way to the log. */
const margin = 1_000

const phone = "https://phone.example"
const encodeSettings = Schema.encodeSync(RecordedSettings)

/** The servers' own paths, which the log shows and the configuration names. */
const pathsOf = ({ entries }: RecordedCall) => {
  const socket = entries.find((entry) => entry.is === "open" && entry.on === "realtime-1")
  const rest = entries.find((entry) => entry.is === "request" && entry.on === "rest")
  return {
    realtime: socket?.is === "open" ? socket.path.replace(/\?.*/, "") : "/v1/realtime",
    twilio: rest?.is === "request" ? rest.path.slice(0, Math.max(0, rest.path.indexOf("/2010-04-01/"))) : ""
  }
}

const configOf = (recorded: RecordedCall, options: ReplayOptions) => {
  const paths = pathsOf(recorded)
  return Schema.decodeUnknown(PhoneConfigSchema)({
    ...simulatedCredentials,
    ...encodeSettings(recorded.header.config),
    provider: "simulated",
    phoneNumber: recorded.header.request.from,
    webhookHost: phone,
    twilioApiUrl: `https://api.twilio.example${paths.twilio}`,
    realtimeUrl: `wss://realtime.example${paths.realtime}`,
    database: inMemory,
    transcriptsDir: "/transcripts",
    callsPerSecond: 100,
    ...options.config
  })
}

/** The call gets the id that it had: ids are drawn eight bytes at a time (Entropy.ts), tokens are longer. */
const sameId = (callId: string, entropy: Entropy["Type"]): Entropy["Type"] => ({
  bytes: (count) =>
    count === 8
      ? Uint8Array.from(callId, (letter) => "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(letter))
      : entropy.bytes(count)
})

const again = Effect.fnUntraced(function* (recorded: RecordedCall, options: ReplayOptions) {
  const lines: Array<string> = []
  const { callId, request } = recorded.header
  let calls: Calls["Type"] | undefined
  const obey: Obey = ({ order, text = "" }) =>
    Effect.suspend(() => {
      if (calls === undefined) return Effect.void
      if (order === "stop") return calls.stop
      return order === "say" ? calls.say(callId, text) : calls.hangUp(callId)
    }).pipe(Effect.catchAll(() => Effect.void))

  const config = yield* configOf(recorded, options)
  const outside = yield* makeRecordedOutside(recorded, config, obey)
  const logs = makeWireLogs({ audio: false, maxSize: Number.POSITIVE_INFINITY }, (_, more) =>
    Effect.sync(() => void lines.push(...more))
  )
  const service = layerLogged(layerStore)(Layer.scopedDiscard(Effect.map(TwilioHost, outside.serve))).pipe(
    Layer.provide(Layer.scoped(WireLogs, logs)),
    Layer.provide(Layer.succeed(Network, outside.network)),
    Layer.provide(Layer.mergeAll(Layer.succeed(PhoneConfig, config), layerMemoryFiles, Path.layer))
  )
  const call = yield* Effect.gen(function* () {
    calls = yield* Calls
    yield* Effect.forkScoped(outside.run)
    const id = yield* calls.place(request)
    const longest = Duration.sum(Duration.millis(recorded.lastAt), Duration.sum(config.maxCallDuration, patience))
    yield* Effect.either(calls.await(id)).pipe(
      Effect.timeoutOption(recorded.cut === undefined ? longest : Duration.millis(recorded.lastAt + margin))
    )
    return yield* calls.status(id)
  }).pipe(Effect.scoped, Effect.provide(service))
  return { call, lines }
})

/**
 * Runs a recorded call again. The promise does not fail: a call that hangs, is refused or breaks now is a failed exit, and
 * so is a log that cannot be read.
 */
export const replay = async (text: string, options: ReplayOptions = {}) => {
  const read = readLog(text)
  const program = Effect.gen(function* () {
    const recorded = yield* read
    const entropy = sameId(recorded.header.callId, yield* Entropy)
    const { call, lines } = yield* Effect.scoped(again(recorded, options)).pipe(Effect.provideService(Entropy, entropy))
    const log = `${lines.join("\n")}\n`
    const now = yield* readLog(log)
    const { cut, end, entries, header, lastAt } = recorded
    const unfinished = isTerminal(call.status) ? [] : [{ what: "status", log: end?.status ?? "", replay: call.status }]
    const result: Replayed = {
      callId: header.callId,
      recorded: end,
      replayed: call,
      cut,
      // as both logs have them: what one hides, the other hides too
      differences: end === undefined ? [] : unfinished.length > 0 ? unfinished : differencesOf(end, now.end ?? call),
      divergences: divergencesOf(entries, now.entries, cut === undefined ? undefined : lastAt),
      log,
      timeline: timelineOf(now.entries)
    }
    return result
  })
  const startAt = Either.isRight(read) ? DateTime.toDate(read.right.header.startedAt) : new Date(0)
  const quiet = options.logs === true ? Layer.empty : Logger.remove(Logger.defaultLogger)
  return run(Effect.provide(program, quiet), { seed: 1, startAt })
}
