/** OpenAI Realtime as the voice model. Puts the parts together; the wire is below in `Network`. */
import { Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import { VoiceModel } from "../VoiceModel.ts"
import { Network } from "../wire/Network.ts"
import { connect } from "./Connect.ts"
import { mapModel } from "./Models.ts"
import { makeSession } from "./Session.ts"
import { toFailure } from "./Trouble.ts"

/** Warns once, when it is built, if the configured model is gone or going. */
export const layerRealtime: Layer.Layer<VoiceModel, never, PhoneConfig | Network> = Layer.effect(
  VoiceModel,
  Effect.gen(function* () {
    const config = yield* PhoneConfig
    const network = yield* Network
    const { model, warning } = mapModel(config.realtimeModel)
    if (warning !== undefined) yield* Effect.logWarning(warning)
    const settings = { ...config, realtimeModel: model }

    return VoiceModel.of({
      open: Effect.fn("VoiceModel.open")(
        function* (brief) {
          const connection = yield* connect(settings, brief).pipe(Effect.mapError(toFailure))
          return makeSession(connection, model, brief)
        },
        Effect.provideService(Network, network)
      )
    })
  })
)
