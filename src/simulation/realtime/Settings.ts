/** The configuration of one session: its defaults, and how an update is merged in or refused as a whole (facts 2). */
import { Either } from "effect"
import type {
  AudioFormat,
  MaxTokens,
  Modalities,
  NoiseReduction,
  Problem,
  Prompt,
  Reasoning,
  SessionUpdate,
  Tool,
  ToolChoice,
  Tracing,
  Transcription,
  Truncation,
  TurnDetectionUpdate,
  Voice
} from "./Protocol.ts"

export type TurnDetection =
  | {
      readonly type: "server_vad"
      readonly threshold: number
      readonly prefix_padding_ms: number
      readonly silence_duration_ms: number
      readonly idle_timeout_ms: number | null
      readonly create_response: boolean
      readonly interrupt_response: boolean
    }
  | {
      readonly type: "semantic_vad"
      readonly eagerness: "low" | "medium" | "high" | "auto"
      readonly create_response: boolean
      readonly interrupt_response: boolean
    }

/** What `session.created` and `session.updated` tell, beside the session's identity. */
export interface Settings {
  readonly output_modalities: Modalities
  readonly instructions: string
  readonly tools: ReadonlyArray<Tool>
  readonly tool_choice: ToolChoice
  readonly max_output_tokens: MaxTokens
  readonly truncation: Truncation
  readonly tracing: Tracing
  readonly prompt: Prompt
  readonly include: ReadonlyArray<string> | null
  readonly reasoning?: Reasoning
  readonly parallel_tool_calls?: boolean
  readonly audio: {
    readonly input: {
      readonly format: AudioFormat
      readonly transcription: Transcription | null
      readonly noise_reduction: NoiseReduction | null
      readonly turn_detection: TurnDetection | null
    }
    readonly output: { readonly format: AudioFormat; readonly voice: Voice; readonly speed: number }
  }
}

const serverVad: TurnDetection = {
  type: "server_vad",
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 200,
  idle_timeout_ms: null,
  create_response: true,
  interrupt_response: true
}
const semanticVad: TurnDetection = {
  type: "semantic_vad",
  eagerness: "auto",
  create_response: true,
  interrupt_response: true
}

/** A session before its first update (facts 2.1): 24 kHz PCM, and it answers by itself. */
export const defaultSettings: Settings = {
  output_modalities: ["audio"],
  instructions: "You are a helpful, witty, and friendly AI. Act like a human, but remember that you are not one.",
  tools: [],
  tool_choice: "auto",
  max_output_tokens: "inf",
  truncation: "auto",
  tracing: null,
  prompt: null,
  include: null,
  audio: {
    input: {
      format: { type: "audio/pcm", rate: 24_000 },
      transcription: null,
      noise_reduction: null,
      turn_detection: serverVad
    },
    output: { format: { type: "audio/pcm", rate: 24_000 }, voice: "alloy", speed: 1 }
  }
}

const reasons = /^gpt-realtime-2(\.|-|$)/

/** These transcribe a stream of their own and take no turns (facts 2.3). */
const withoutTurns: ReadonlySet<string> = new Set(["gpt-live-transcribe", "gpt-realtime-whisper"])

const mergeTurnDetection = (now: TurnDetection | null, update: TurnDetectionUpdate): TurnDetection =>
  update.type === "server_vad"
    ? { ...(now?.type === "server_vad" ? now : serverVad), ...update }
    : { ...(now?.type === "semantic_vad" ? now : semanticVad), ...update }

export interface SettingsContext {
  readonly model: string
  /** Assistant audio exists: the voice is fixed. */
  readonly spoke: boolean
  /** Transcription models this server pretends not to take. */
  readonly refusedTranscription: ReadonlyArray<string>
}

const refuse = (code: string, message: string, param: string | null) => Either.left<Problem>({ code, message, param })

/** The problem with a change of voice, if it is one and comes too late. */
export const voiceProblem = (now: Voice, next: Voice | undefined, spoke: boolean): Problem | undefined =>
  next === undefined || !spoke || JSON.stringify(now) === JSON.stringify(next)
    ? undefined
    : {
        code: "cannot_update_voice",
        message: "Cannot update a conversation's voice if assistant audio is present.",
        param: null
      }

/** The settings after an update, or why none of it is taken. */
export const updateSettings = (
  now: Settings,
  { type: _type, model, audio, ...rest }: SessionUpdate,
  context: SettingsContext
): Either.Either<Settings, Problem> => {
  if (model !== undefined && model !== context.model) {
    return refuse("invalid_value", "The model of a session cannot be changed.", "session.model")
  }
  if (!reasons.test(context.model)) {
    for (const name of ["reasoning", "parallel_tool_calls"] as const) {
      if (rest[name] !== undefined) {
        return refuse("invalid_value", `Model "${context.model}" does not support '${name}'.`, `session.${name}`)
      }
    }
  }
  if (
    rest.tracing !== undefined &&
    now.tracing !== null &&
    JSON.stringify(rest.tracing) !== JSON.stringify(now.tracing)
  ) {
    return refuse("invalid_value", "Tracing cannot be changed once it is on.", "session.tracing")
  }
  const frozen = voiceProblem(now.audio.output.voice, audio?.output?.voice, context.spoke)
  if (frozen !== undefined) return Either.left(frozen)

  const { transcription, noise_reduction, turn_detection, ...input } = audio?.input ?? {}
  const before = now.audio.input
  const next: Settings = {
    ...now,
    ...rest,
    audio: {
      input: {
        ...before,
        ...input,
        transcription:
          transcription === undefined
            ? before.transcription
            : transcription && { ...before.transcription, ...transcription },
        noise_reduction:
          noise_reduction === undefined
            ? before.noise_reduction
            : noise_reduction && { strength: 1, ...before.noise_reduction, ...noise_reduction },
        turn_detection:
          turn_detection === undefined
            ? before.turn_detection
            : turn_detection && mergeTurnDetection(before.turn_detection, turn_detection)
      },
      output: { ...now.audio.output, ...audio?.output }
    }
  }
  const scribe = next.audio.input.transcription
  if (scribe !== null && scribe.model === undefined) {
    const param = "session.audio.input.transcription.model"
    return refuse("missing_required_parameter", `Missing required parameter: '${param}'.`, param)
  }
  if (scribe?.model !== undefined && context.refusedTranscription.includes(scribe.model)) {
    const param = "session.audio.input.transcription.model"
    return refuse("invalid_value", `Transcription model '${scribe.model}' is not supported.`, param)
  }
  if (scribe?.model !== undefined && withoutTurns.has(scribe.model) && next.audio.input.turn_detection !== null) {
    return refuse(
      "invalid_value",
      `Turn detection is not supported for transcription model '${scribe.model}'.`,
      "session.audio.input.turn_detection"
    )
  }
  return Either.right(next)
}
