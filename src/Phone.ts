/** Phone as a layer: `Calls` on Twilio, OpenAI Realtime and SQLite, over whatever network and file system there are. */
import { Layer } from "effect"
import { layerCalls } from "./call/PhoneCalls.ts"
import { layerRealtime } from "./realtime/RealtimeVoiceModel.ts"
import { layerSqlite } from "./sql/Sqlite.ts"
import { layerTranscripts } from "./sql/SqlTranscripts.ts"
import { layerTwilio } from "./telephone/Twilio.ts"

/** The repository on the SQLite file of the configuration. */
export const layerStore = layerTranscripts.pipe(Layer.provide(layerSqlite))

/** The two sides of every call. `TwilioHost` must be served where Twilio reaches it: that is the embedder's. */
export const layerLines = Layer.merge(layerTwilio, layerRealtime)

/**
 * `Calls`, from tools to network. Needs `PhoneConfig`, `Network`, and a file system; `beneath` is built before and released
 * after it: the server of the webhooks belongs there, since goodbyes at the stop still need it.
 */
export const layerOn = <A, E, R>(beneath: Layer.Layer<A, E, R>) =>
  layerCalls.pipe(Layer.provide(beneath), Layer.provideMerge(layerLines), Layer.provideMerge(layerStore))
