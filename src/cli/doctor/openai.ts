/** Whether OpenAI gives us a session: key, model, credit, configuration. One is opened, configured and closed; it says nothing. */
import { Duration, Effect, Either, Logger, LogLevel } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { connect } from "../../realtime/Connect.ts"
import { secondsText } from "../text.ts"
import { type Finding, ok, refused, warning } from "./Finding.ts"

const brief = { instructions: "Say nothing.", tools: [], memory: [] }

/** Opens one with this model. */
const session = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const check = "openai"
  const { realtimeModel, transcriptionModel } = config
  const [took, opened] = yield* Effect.timed(Effect.either(Effect.scoped(connect(config, brief)))).pipe(
    // what it would log is found below
    Logger.withMinimumLogLevel(LogLevel.None)
  )
  if (Either.isLeft(opened)) return [refused(check, opened.left, "read what OpenAI says")]
  const { transcription } = opened.right
  const findings: ReadonlyArray<Finding> = [
    ok(check, `${realtimeModel} is ready after ${secondsText(Duration.toSeconds(took))}`)
  ]
  if (transcription === transcriptionModel) return findings
  const instead = transcription === null ? "the callee's words will be missing" : `"${transcription}" is used instead`
  return [
    ...findings,
    warning("transcription", `OpenAI refuses "${transcriptionModel}": ${instead}`, "set transcriptionModel to another")
  ]
})

/** Nothing with `provider: simulated`, where there is no model. */
export const openai = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  if (config.provider === "simulated") return []
  const main = yield* session(config)
  const { fallbackModel } = config
  if (fallbackModel === undefined) return main
  return [...main, ...(yield* session({ ...config, realtimeModel: fallbackModel }))]
})
