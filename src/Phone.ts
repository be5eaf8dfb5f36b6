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

/**
 * `Calls`, from tools to network. `beneath` is built before and released after it: the server of the webhooks belongs there,
 * since goodbyes at the stop still need it. It may use the lines and the store.
 */
export const layerOn = <E, R>(
  beneath: Layer.Layer<never, E, R>
): Layer.Layer<Calls | Lines | Store, StoreUnavailable | E, Ground | Exclude<Exclude<R, Lines>, Store>> =>
  layerOver(layerStore)(beneath)

/** The same on another store. */
export const layerOver =
  <E2, R2>(store: Layer.Layer<Store, E2, R2>) =>
  <E, R>(
    beneath: Layer.Layer<never, E, R>
  ): Layer.Layer<Calls | Lines | Store, E | E2, R2 | PhoneConfig | Network | Exclude<Exclude<R, Lines>, Store>> =>
    layerCalls.pipe(
      Layer.provide(Layer.merge(beneath, layerNotifier)),
      Layer.provideMerge(layerLines),
      Layer.provideMerge(store)
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
