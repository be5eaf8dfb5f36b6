/** Phone as a layer: `Calls` on Twilio, OpenAI Realtime and SQLite. What an embedding program provides. */
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "./Config.ts"
import { layerCalls } from "./call/PhoneCalls.ts"
import { layerRealtime } from "./realtime/RealtimeVoiceModel.ts"
import { layerSqlite } from "./sql/Sqlite.ts"
import { layerTranscripts } from "./sql/SqlTranscripts.ts"
import { layerTwilio, TwilioHost } from "./telephone/Twilio.ts"
import { layerNode, serveHost } from "./wire/Node.ts"
import { layerRecordedCalls, layerRecordedTranscripts } from "./wirelog/course.ts"
import { layerRecordedHost } from "./wirelog/incoming.ts"
import { layerRecordedNetwork } from "./wirelog/outgoing.ts"
import { layerWireLogs } from "./wirelog/WireLogs.ts"

/** The repository on the SQLite file of the configuration. */
export const layerStore = layerTranscripts.pipe(Layer.provide(layerSqlite))

/** The two sides of every call. `TwilioHost` must be served where Twilio reaches it. */
export const layerLines = Layer.merge(layerTwilio, layerRealtime)

/** The same on both borders of the wire, and on both sides of the calls, with wire logs being written in between. */
const layerRecordedLines = layerRecordedHost.pipe(Layer.provideMerge(layerLines), Layer.provide(layerRecordedNetwork))
const layerRecordedStore = Layer.provideMerge(layerRecordedTranscripts, layerStore)

/**
 * `Calls`, from tools to network. Needs `PhoneConfig`, `Network`, and a file system; `beneath` is built before and released
 * after it: the server of the webhooks belongs there, since goodbyes at the stop still need it.
 */
export const layerOn = <A, E, R>(beneath: Layer.Layer<A, E, R>) => Layer.provide(layerLogged(beneath), layerWireLogs)

/** The same, with the wire logs going where the caller wants. */
export const layerLogged = <A, E, R>(beneath: Layer.Layer<A, E, R>) =>
  layerRecordedCalls.pipe(
    Layer.provideMerge(Layer.provide(layerCalls, beneath)),
    Layer.provideMerge(layerRecordedLines),
    Layer.provideMerge(layerRecordedStore)
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
