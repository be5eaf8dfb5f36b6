/**
 * What a Realtime client may send, as schemas that refuse anything else with the codes of the real server
 * (facts/openai-realtime.md 2.2, 3, 4.7). Audio appends come 50 times a second and never pass through here.
 */
import { Either, ParseResult, Schema } from "effect"

const exact = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** The messages of these two bounds are the wire's error codes: `problemOf` passes them on. */
const integer = (min: number, max: number) =>
  Schema.Int.pipe(
    Schema.greaterThanOrEqualTo(min, { message: () => "integer_below_min_value" }),
    Schema.lessThanOrEqualTo(max, { message: () => "integer_above_max_value" })
  )

export const AudioFormat = Schema.Union(
  Schema.Struct({ type: Schema.Literal("audio/pcm"), rate: exact(integer(24_000, 24_000)) }),
  Schema.Struct({ type: Schema.Literal("audio/pcmu") }),
  Schema.Struct({ type: Schema.Literal("audio/pcma") })
)
export type AudioFormat = typeof AudioFormat.Type

const TurnDetection = Schema.Union(
  Schema.Struct({
    type: Schema.Literal("server_vad"),
    threshold: exact(Schema.Number.pipe(Schema.between(0, 1))),
    prefix_padding_ms: exact(integer(0, 60_000)),
    silence_duration_ms: exact(integer(0, 60_000)),
    create_response: exact(Schema.Boolean),
    interrupt_response: exact(Schema.Boolean),
    idle_timeout_ms: exact(Schema.NullOr(integer(5_000, 30_000)))
  }),
  Schema.Struct({
    type: Schema.Literal("semantic_vad"),
    eagerness: exact(Schema.Literal("low", "medium", "high", "auto")),
    create_response: exact(Schema.Boolean),
    interrupt_response: exact(Schema.Boolean)
  })
)
export type TurnDetectionUpdate = typeof TurnDetection.Type

const Transcription = Schema.Struct({
  model: exact(
    Schema.Literal(
      "gpt-transcribe",
      "gpt-4o-transcribe",
      "gpt-4o-mini-transcribe",
      "gpt-4o-mini-transcribe-2025-12-15",
      "gpt-4o-transcribe-diarize",
      "whisper-1",
      "gpt-live-transcribe",
      "gpt-realtime-whisper"
    )
  ),
  language: exact(Schema.String),
  languages: exact(Schema.Array(Schema.String)),
  prompt: exact(Schema.String),
  keywords: exact(Schema.Array(Schema.String)),
  delay: exact(Schema.Literal("minimal", "low", "medium", "high", "xhigh"))
})
export type Transcription = typeof Transcription.Type

const NoiseReduction = Schema.Struct({
  type: exact(Schema.Literal("near_field", "far_field")),
  strength: exact(Schema.Number)
})
export type NoiseReduction = typeof NoiseReduction.Type

const Voice = Schema.Union(
  Schema.Literal("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"),
  Schema.Struct({ id: Schema.String })
)
export type Voice = typeof Voice.Type

const UnknownRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const Tool = Schema.Union(
  Schema.Struct({
    type: Schema.Literal("function"),
    name: Schema.String,
    description: exact(Schema.String),
    parameters: exact(UnknownRecord)
  }),
  Schema.Struct({
    type: Schema.Literal("mcp"),
    server_label: Schema.String,
    server_url: exact(Schema.String),
    connector_id: exact(Schema.String),
    authorization: exact(Schema.String),
    headers: exact(Schema.NullOr(UnknownRecord)),
    allowed_tools: exact(Schema.Unknown),
    require_approval: exact(Schema.Unknown),
    server_description: exact(Schema.String)
  })
)
export type Tool = typeof Tool.Type

const ToolChoice = Schema.Union(
  Schema.Literal("auto", "none", "required"),
  Schema.Struct({ type: Schema.Literal("function"), name: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("mcp"),
    server_label: Schema.String,
    name: exact(Schema.NullOr(Schema.String))
  })
)
export type ToolChoice = typeof ToolChoice.Type

const Modalities = Schema.Union(Schema.Tuple(Schema.Literal("audio")), Schema.Tuple(Schema.Literal("text")))
export type Modalities = typeof Modalities.Type

const MaxTokens = Schema.Union(Schema.Literal("inf"), integer(1, 4_096))
export type MaxTokens = typeof MaxTokens.Type

const Truncation = Schema.Union(
  Schema.Literal("auto", "disabled"),
  Schema.Struct({
    type: Schema.Literal("retention_ratio"),
    retention_ratio: Schema.Number.pipe(Schema.between(0, 1)),
    token_limits: exact(Schema.Struct({ post_instructions: exact(Schema.NonNegativeInt) }))
  })
)
export type Truncation = typeof Truncation.Type

const Tracing = Schema.NullOr(
  Schema.Union(
    Schema.Literal("auto"),
    Schema.Struct({
      workflow_name: exact(Schema.String),
      group_id: exact(Schema.String),
      metadata: exact(UnknownRecord)
    })
  )
)
export type Tracing = typeof Tracing.Type

const Reasoning = Schema.Struct({ effort: exact(Schema.Literal("minimal", "low", "medium", "high", "xhigh")) })
export type Reasoning = typeof Reasoning.Type

const Prompt = Schema.NullOr(
  Schema.Struct({
    id: Schema.String,
    version: exact(Schema.NullOr(Schema.String)),
    variables: exact(Schema.NullOr(UnknownRecord))
  })
)
export type Prompt = typeof Prompt.Type

const SessionUpdate = Schema.Struct({
  type: Schema.Literal("realtime"),
  model: exact(Schema.String),
  instructions: exact(Schema.String),
  output_modalities: exact(Modalities),
  audio: exact(
    Schema.Struct({
      input: exact(
        Schema.Struct({
          format: exact(AudioFormat),
          transcription: exact(Schema.NullOr(Transcription)),
          noise_reduction: exact(Schema.NullOr(NoiseReduction)),
          turn_detection: exact(Schema.NullOr(TurnDetection))
        })
      ),
      output: exact(
        Schema.Struct({
          format: exact(AudioFormat),
          voice: exact(Voice),
          speed: exact(Schema.Number.pipe(Schema.between(0.25, 1.5)))
        })
      )
    })
  ),
  tools: exact(Schema.Array(Tool)),
  tool_choice: exact(ToolChoice),
  parallel_tool_calls: exact(Schema.Boolean),
  max_output_tokens: exact(MaxTokens),
  truncation: exact(Truncation),
  tracing: exact(Tracing),
  include: exact(Schema.NullOr(Schema.Array(Schema.Literal("item.input_audio_transcription.logprobs")))),
  prompt: exact(Prompt),
  reasoning: exact(Reasoning)
})
export type SessionUpdate = typeof SessionUpdate.Type

const inputText = Schema.Struct({ type: Schema.Literal("input_text"), text: Schema.String })
const itemBase = {
  id: exact(Schema.String.pipe(Schema.maxLength(32))),
  object: exact(Schema.Literal("realtime.item")),
  status: exact(Schema.Literal("in_progress", "completed", "incomplete"))
}
const message = { ...itemBase, type: Schema.Literal("message") }

/** Clients cannot give the assistant a voice: its messages are text only (facts 3). */
const NewItem = Schema.Union(
  Schema.Struct({ ...message, role: Schema.Literal("system"), content: Schema.Array(inputText) }),
  Schema.Struct({
    ...message,
    role: Schema.Literal("user"),
    content: Schema.Array(
      Schema.Union(
        inputText,
        Schema.Struct({
          type: Schema.Literal("input_audio"),
          audio: Schema.String,
          transcript: exact(Schema.NullOr(Schema.String))
        }),
        Schema.Struct({
          type: Schema.Literal("input_image"),
          image_url: Schema.String,
          detail: exact(Schema.Literal("auto", "low", "high"))
        })
      )
    )
  }),
  Schema.Struct({
    ...message,
    role: Schema.Literal("assistant"),
    content: Schema.Array(Schema.Struct({ type: Schema.Literal("output_text"), text: Schema.String }))
  }),
  Schema.Struct({
    ...itemBase,
    type: Schema.Literal("function_call"),
    name: Schema.String,
    arguments: Schema.String,
    call_id: exact(Schema.String.pipe(Schema.maxLength(32)))
  }),
  Schema.Struct({
    ...itemBase,
    type: Schema.Literal("function_call_output"),
    call_id: Schema.String,
    output: Schema.String
  })
)
export type NewItem = typeof NewItem.Type

const Metadata = Schema.Record({
  key: Schema.String.pipe(Schema.maxLength(64)),
  value: Schema.String.pipe(Schema.maxLength(512))
}).pipe(Schema.filter((pairs) => Object.keys(pairs).length <= 16 || "at most 16 pairs"))

const ResponseParams = Schema.Struct({
  instructions: exact(Schema.String),
  conversation: exact(Schema.Literal("auto", "none")),
  output_modalities: exact(Modalities),
  audio: exact(Schema.Struct({ output: exact(Schema.Struct({ format: exact(AudioFormat), voice: exact(Voice) })) })),
  tools: exact(Schema.Array(Tool)),
  tool_choice: exact(ToolChoice),
  parallel_tool_calls: exact(Schema.Boolean),
  max_output_tokens: exact(MaxTokens),
  metadata: exact(Schema.NullOr(Metadata)),
  input: exact(
    Schema.Array(Schema.Union(NewItem, Schema.Struct({ type: Schema.Literal("item_reference"), id: Schema.String })))
  ),
  prompt: exact(Prompt),
  reasoning: exact(Reasoning)
})
export type ResponseParams = typeof ResponseParams.Type

const event = <T extends string, F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({
    type: Schema.Literal(type),
    event_id: exact(Schema.String.pipe(Schema.maxLength(512))),
    ...fields
  })

const ClientEvent = Schema.Union(
  event("session.update", { session: SessionUpdate }),
  event("input_audio_buffer.commit", {}),
  event("input_audio_buffer.clear", {}),
  event("conversation.item.create", { item: NewItem, previous_item_id: exact(Schema.NullOr(Schema.String)) }),
  event("conversation.item.retrieve", { item_id: Schema.String }),
  event("conversation.item.truncate", {
    item_id: Schema.String,
    content_index: Schema.Int,
    audio_end_ms: integer(0, Number.MAX_SAFE_INTEGER)
  }),
  event("conversation.item.delete", { item_id: Schema.String }),
  event("response.create", { response: exact(ResponseParams) }),
  event("response.cancel", { response_id: exact(Schema.String) })
)
export type ClientEvent = typeof ClientEvent.Type

/** Everything the server knows to listen to; its answer to an unknown type lists them. */
export const clientEventTypes: ReadonlyArray<string> = [
  ...ClientEvent.members.map((member) => member.fields.type.literals[0]),
  "input_audio_buffer.append",
  "output_audio_buffer.clear"
]

/** What the server has against an event. `type` is `invalid_request_error` unless told otherwise. */
export interface Problem {
  readonly type?: string
  readonly code: string | null
  readonly message: string
  readonly param?: string | null
}

const decode = Schema.decodeUnknownEither(ClientEvent, { onExcessProperty: "error", errors: "all" })

/** Of all objections, the one that points deepest: a union also lists why its other members do not fit. */
const problemOf = (error: ParseResult.ParseError): Problem => {
  const [first, ...rest] = ParseResult.ArrayFormatter.formatErrorSync(error)
  if (first === undefined) return { code: "invalid_value", message: error.message }
  const issue = rest.reduce((deepest, next) => (next.path.length > deepest.path.length ? next : deepest), first)
  const param = issue.path.map(String).join(".")
  const last = issue.path.at(-1)
  if (issue._tag === "Unexpected" && typeof last === "string") {
    return { code: "unknown_parameter", message: `Unknown parameter: '${param}'.`, param }
  }
  if (issue._tag === "Missing") {
    return { code: "missing_required_parameter", message: `Missing required parameter: '${param}'.`, param }
  }
  const code = issue.message.startsWith("integer_") ? issue.message : "invalid_value"
  return { code, message: `Invalid value for '${param}': ${issue.message}`, param }
}

/** A client event other than append, or what is wrong with it. */
export const decodeClientEvent = (value: unknown): Either.Either<ClientEvent, Problem> =>
  Either.mapLeft(decode(value), problemOf)
