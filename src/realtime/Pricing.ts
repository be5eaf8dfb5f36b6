/** List prices of the Realtime models and of transcription, and what a use of them costs (facts/openai-realtime.md 8). */
import type { Usage } from "../VoiceModel.ts"
import type { ResponseUsage, TranscriptionUsage } from "./Protocol.ts"

/** US dollars per million tokens. */
interface Rates {
  readonly text: number
  readonly cachedText: number
  readonly audio: number
  readonly cachedAudio: number
  readonly textOut: number
  readonly audioOut: number
}

const flagship: Rates = { text: 4, cachedText: 0.4, audio: 32, cachedAudio: 0.4, textOut: 24, audioOut: 64 }
const withoutReasoning: Rates = { ...flagship, textOut: 16 }
const mini: Rates = { text: 0.6, cachedText: 0.06, audio: 10, cachedAudio: 0.3, textOut: 2.4, audioOut: 20 }

/** A model that is not in the list counts as the dearest, so that a daily limit errs on the safe side. */
const ratesOf = (model: string): Rates => {
  if (/^gpt-realtime-(2\.1-)?mini/.test(model)) return mini
  return /^gpt-realtime(-1\.5|-2025-\d\d-\d\d)?$/.test(model) ? withoutReasoning : flagship
}

/** Every response bills the whole conversation again, mostly cached; cancelled ones bill too. */
export const responseCost = (model: string, usage: ResponseUsage | null | undefined): Usage => {
  const rates = ratesOf(model)
  const input = usage?.input_token_details
  const output = usage?.output_token_details
  const split = input?.cached_tokens_details
  const text = input?.text_tokens ?? 0
  const audio = input?.audio_tokens ?? 0
  // Cached tokens are a part of the input; where they are not told apart they count as text.
  const cachedText = Math.min(text, (split ? split.text_tokens : input?.cached_tokens) ?? 0)
  const cachedAudio = Math.min(audio, split?.audio_tokens ?? 0)
  return (
    ((text - cachedText) * rates.text +
      cachedText * rates.cachedText +
      (audio - cachedAudio) * rates.audio +
      cachedAudio * rates.cachedAudio +
      (output?.text_tokens ?? 0) * rates.textOut +
      (output?.audio_tokens ?? 0) * rates.audioOut) /
    1e6
  )
}

/** US dollars per minute of audio, and per million tokens where tokens are billed. */
interface TranscriptionRates {
  readonly minute: number
  readonly tokens?: { readonly text: number; readonly audio: number; readonly out: number }
}

const transcriptionRatesOf = (model: string): TranscriptionRates => {
  if (model.startsWith("gpt-4o-mini-transcribe")) return { minute: 0.003, tokens: { text: 1.25, audio: 3, out: 5 } }
  if (model.startsWith("gpt-4o-transcribe")) return { minute: 0.006, tokens: { text: 2.5, audio: 6, out: 10 } }
  if (model.startsWith("gpt-transcribe")) return { minute: 0.0045 }
  return model === "whisper-1" ? { minute: 0.006 } : { minute: 0.017 }
}

/** The callee's audio is 600 tokens a minute (facts 8.3). */
const tokensPerMinute = 600

export const transcriptionCost = (model: string | null, usage: TranscriptionUsage | null | undefined): Usage => {
  if (model === null || !usage) return 0
  const { minute, tokens } = transcriptionRatesOf(model)
  if (typeof usage.seconds === "number") return (usage.seconds / 60) * minute
  const text = usage.input_token_details?.text_tokens ?? 0
  const audio = usage.input_token_details?.audio_tokens ?? Math.max(0, (usage.input_tokens ?? 0) - text)
  if (tokens === undefined) return (audio / tokensPerMinute) * minute
  return (text * tokens.text + audio * tokens.audio + (usage.output_tokens ?? 0) * tokens.out) / 1e6
}
