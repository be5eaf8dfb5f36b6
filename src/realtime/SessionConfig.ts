/**
 * The session we ask for (facts/openai-realtime.md 2.2): G.711 both ways, nothing automatic. Every response is directed by
 * the call, so the server's own replying and interrupting are always off.
 */
import type { PhoneConfigValues } from "../Config.ts"
import type { Brief } from "../VoiceModel.ts"
import { takesReasoning } from "./Models.ts"

/** What of the configuration the session depends on; `realtimeModel` is a name that exists (`mapModel`). */
export type RealtimeSettings = Pick<
  PhoneConfigValues,
  | "realtimeModel"
  | "realtimeUrl"
  | "openaiApiKey"
  | "defaultVoice"
  | "language"
  | "transcriptionModel"
  | "turnDetection"
>

const format = { type: "audio/pcmu" }
const directed = { create_response: false, interrupt_response: false }

/** All values are written out: the server's defaults differ from its documentation (facts 2.4, silence). */
const turnDetection = (wanted: RealtimeSettings["turnDetection"]) =>
  wanted.type === "server_vad"
    ? {
        type: wanted.type,
        threshold: wanted.threshold ?? 0.5,
        prefix_padding_ms: wanted.prefixPadding ?? 300,
        silence_duration_ms: wanted.silence ?? 500,
        ...directed
      }
    : { type: wanted.type, eagerness: wanted.eagerness ?? "auto", ...directed }

/** ISO 639-1 is all that transcription takes: "de" of "de-CH", nothing of "gsw". */
const transcriptionLanguage = (language: string) => {
  const primary = language.split("-")[0] ?? ""
  return primary.length === 2 ? { language: primary } : {}
}

/**
 * The transcription models to try, in order: each is tried only when the server refused the one before (facts 2.3).
 * `null` is a session without the callee's words.
 */
export const transcriptionChain = (settings: RealtimeSettings): ReadonlyArray<string | null> => [
  ...new Set([settings.transcriptionModel, "gpt-4o-mini-transcribe", null])
]

/** The `session` member of `session.update`. */
export const sessionConfig = (settings: RealtimeSettings, brief: Brief, transcription: string | null) => ({
  type: "realtime",
  output_modalities: ["audio"],
  instructions: brief.instructions,
  audio: {
    input: {
      format,
      noise_reduction: { type: "near_field" },
      transcription:
        transcription === null ? null : { model: transcription, ...transcriptionLanguage(settings.language) },
      turn_detection: turnDetection(settings.turnDetection)
    },
    output: { format, voice: settings.defaultVoice }
  },
  tools: brief.tools.map(({ name, description, parameters }) => ({ type: "function", name, description, parameters })),
  tool_choice: "auto",
  ...(takesReasoning(settings.realtimeModel) ? { reasoning: { effort: "low" } } : {})
})
