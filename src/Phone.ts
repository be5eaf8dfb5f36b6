/** Phone as a layer: `Calls` on Twilio, OpenAI Realtime and SQLite. What an embedding program provides. */
import type { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, type ParseResult, Schema } from "effect"
import type { Calls } from "./Calls.ts"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "./Config.ts"
import { layerCalls } from "./call/PhoneCalls.ts"
import type { StoreUnavailable } from "./domain/errors.ts"
import { layerNotifier } from "./notify/Notifier.ts"
import type { Outbox } from "./notify/Outbox.ts"
import { layerRealtime } from "./realtime/RealtimeVoiceModel.ts"
import { layerSqlite } from "./sql/Sqlite.ts"
import { layerTranscripts } from "./sql/SqlTranscripts.ts"
import type { Telephone } from "./Telephone.ts"
import type { Transcripts } from "./Transcripts.ts"
import { layerTwilio, TwilioHost } from "./telephone/Twilio.ts"
import type { VoiceModel } from "./VoiceModel.ts"
import type { Network } from "./wire/Network.ts"
import { type CannotListen, layerNode, serveHost } from "./wire/Node.ts"

import { layerRecordedCalls, layerRecordedTranscripts } from "./wirelog/course.ts"
import { layerRecordedHost } from "./wirelog/incoming.ts"
import { layerRecordedNetwork } from "./wirelog/outgoing.ts"
import { layerWireLogs } from "./wirelog/WireLogs.ts"

/** The two sides of every call, and the way in for Twilio. */
export type Lines = Telephone | VoiceModel | TwilioHost

/** The repository, and the ends of calls that a receiver of notifications has not taken yet. */
export type Store = Transcripts | Outbox

/** What all of Phone stands on. */
export type Ground = PhoneConfig | Network | FileSystem.FileSystem | Path.Path

/** The repository on the SQLite file of the configuration. */
export const layerStore: Layer.Layer<Store, StoreUnavailable, PhoneConfig | FileSystem.FileSystem | Path.Path> =
  layerTranscripts.pipe(Layer.provide(layerSqlite))

/** The two sides of every call. `TwilioHost` must be served where Twilio reaches it. */
export const layerLines: Layer.Layer<Lines, never, PhoneConfig | Network> = Layer.merge(layerTwilio, layerRealtime)

/** The same on both borders of the wire, and on both sides of the calls, with wire logs being written in between. */
const layerRecordedLines = layerRecordedHost.pipe(Layer.provideMerge(layerLines), Layer.provide(layerRecordedNetwork))

/**
 * `Calls`, from tools to network. `beneath` is built before and released after it: the server of the webhooks belongs there,
 * since goodbyes at the stop still need it. It may use the lines and the store.
 */
export const layerOn = <E, R>(
  beneath: Layer.Layer<never, E, R>
): Layer.Layer<Calls | Lines | Store, StoreUnavailable | E, Ground | Exclude<Exclude<R, Lines>, Store>> =>
  Layer.provide(layerLogged(layerStore)(beneath), layerWireLogs)

/** The same on another store, with the wire logs going where the caller wants. */
export const layerLogged =
  <E2, R2>(store: Layer.Layer<Store, E2, R2>) =>
  <E, R>(beneath: Layer.Layer<never, E, R>) =>
    layerRecordedCalls.pipe(
      Layer.provideMerge(Layer.provide(layerCalls, Layer.merge(beneath, layerNotifier))),
      Layer.provideMerge(layerRecordedLines),
      Layer.provideMerge(Layer.provideMerge(layerRecordedTranscripts, store))
    )

/** Twilio's way in: its webhooks and media sockets come to `webhookPort` and go to the `TwilioHost`. */
export const layerWebhooks: Layer.Layer<never, CannotListen, PhoneConfig | TwilioHost> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { webhookPort } = yield* PhoneConfig
    yield* serveHost(yield* TwilioHost, { hostname: "0.0.0.0", port: webhookPort })
  })
)

/** The configuration from its keys; a wrong one fails with `ParseError`, which names it and not its value. */
export const layerConfig = (config: PhoneConfigInput): Layer.Layer<PhoneConfig, ParseResult.ParseError> =>
  Layer.effect(PhoneConfig, Schema.decode(PhoneConfigSchema)(config))

/**
 * Everything, on this machine's network and disk, webhooks served on `webhookPort`. Keys are those of config.yaml; a wrong
 * one fails with `ParseError`, a taken port with `CannotListen`, an unusable database with `StoreUnavailable`.
 */
export const layer = (
  config: PhoneConfigInput
): Layer.Layer<Calls | Lines | Store | PhoneConfig, ParseResult.ParseError | CannotListen | StoreUnavailable> =>
  layerOn(layerWebhooks).pipe(Layer.provideMerge(layerConfig(config)), Layer.provide([layerNode, NodeContext.layer]))
