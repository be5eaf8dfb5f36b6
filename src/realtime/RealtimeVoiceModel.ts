/** OpenAI Realtime as the voice model. Puts the parts together; the wire is below in `Network`. */
import { Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import { VoiceModel } from "../VoiceModel.ts"
import { Network } from "../wire/Network.ts"
import { openBest } from "./Ladder.ts"
import { mapModel } from "./Models.ts"
import { makeSession } from "./Session.ts"
import { toFailure } from "./Trouble.ts"

/** Warns once, when it is built, if a configured model is gone or going. */
export const layerRealtime: Layer.Layer<VoiceModel, never, PhoneConfig | Network> = Layer.effect(
  VoiceModel,
  Effect.gen(function* () {
    const config = yield* PhoneConfig
    const network = yield* Network
    const model = mapModel(config.realtimeModel, "realtimeModel")
    const fallback = config.fallbackModel === undefined ? undefined : mapModel(config.fallbackModel, "fallbackModel")
    for (const { warning } of [model, ...(fallback === undefined ? [] : [fallback])]) {
      if (warning !== undefined) yield* Effect.logWarning(warning)
    }
    const models = { model: model.model, fallback: fallback?.model }

    return VoiceModel.of({
      open: Effect.fn("VoiceModel.open")(
        function* (brief, opening = {}) {
          const { connection, ...served } = yield* openBest(config, models, brief, opening).pipe(
            Effect.mapError(toFailure)
          )
          return makeSession(connection, served, brief)
        },
        Effect.provideService(Network, network)
      )
    })
  })
)
