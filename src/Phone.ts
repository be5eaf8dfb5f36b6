/** Phone as a layer: `Calls` on Twilio, OpenAI Realtime and SQLite. What an embedding program provides. */
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "./Config.ts"
import { layerCalls } from "./call/PhoneCalls.ts"
import { layerNotifier } from "./notify/Notifier.ts"
import { layerRealtime } from "./realtime/RealtimeVoiceModel.ts"
import { layerSqlite } from "./sql/Sqlite.ts"
import { layerTranscripts } from "./sql/SqlTranscripts.ts"
import { layerTwilio, TwilioHost } from "./telephone/Twilio.ts"
import { layerNode, serveHost } from "./wire/Node.ts"

/** The repository on the SQLite file of the configuration. */
export const layerStore = layerTranscripts.pipe(Layer.provide(layerSqlite))

/** The two sides of every call. `TwilioHost` must be served where Twilio reaches it. */
export const layerLines = Layer.merge(layerTwilio, layerRealtime)

/**
 * `Calls`, from tools to network. Needs `PhoneConfig`, `Network`, and a file system; `beneath` is built before and released
 * after it: the server of the webhooks belongs there, since goodbyes at the stop still need it.
 */
export const layerOn = <A, E, R>(beneath: Layer.Layer<A, E, R>) =>
  layerCalls.pipe(
    Layer.provide(Layer.merge(beneath, layerNotifier)),
    Layer.provideMerge(layerLines),
    Layer.provideMerge(layerStore)
  )

/** Twilio's way in: its webhooks and media sockets come to `webhookPort` and go to the `TwilioHost`. */
export const layerWebhooks = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { webhookPort } = yield* PhoneConfig
    yield* serveHost(yield* TwilioHost, { hostname: "0.0.0.0", port: webhookPort })
  })
)

/**
 * Everything, on this machine's network and disk, webhooks served on `webhookPort`. Keys are those of config.yaml; a wrong
 * one fails with `ParseError`, a taken port with `CannotListen`, an unusable database with `StoreUnavailable`.
 */
export const layer = (config: PhoneConfigInput) =>
  layerOn(layerWebhooks).pipe(
    Layer.provideMerge(Layer.effect(PhoneConfig, Schema.decode(PhoneConfigSchema)(config))),
    Layer.provide([layerNode, NodeContext.layer])
  )
