/**
 * The voice model's side of a call (port): one spoken conversation, whose turns we direct. Today's adapter is `realtime/`
 * (OpenAI). The session never speaks by itself: it tells when the callee starts and stops, and answers when asked to.
 */
import { Context, type Duration, type Effect, type Scope } from "effect"
import type { ModelUnavailable, RateLimited } from "./domain/errors.ts"
import type { Role } from "./domain/Turn.ts"

/** A function the model may call. `parameters` is a JSON Schema object. */
export interface VoiceTool {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A piece of conversation to begin with: how a session that was lost is restored, as it was heard. */
export type Memory =
  | { readonly _tag: "Said"; readonly role: Role; readonly text: string }
  | { readonly _tag: "Note"; readonly text: string }

export interface Brief {
  readonly instructions: string
  readonly tools: ReadonlyArray<VoiceTool>
  readonly memory: ReadonlyArray<Memory>
}

/** How a session is to be had. */
export interface Opening {
  /** Somebody waits on the line, for no longer than this. Where there is a fallback, part of it is left to that. */
  readonly patience?: Duration.Duration
  /** The model itself has just failed: the fallback, if there is one, is opened without trying it again. */
  readonly fallback?: boolean
}

/** What a response has cost, in US dollars at list prices. */
export type Usage = number

/**
 * What the model's side reports. Item ids name utterances and tool calls in the model's context. `after` is the item before
 * it in the conversation (`null`: it is the first; `undefined`: not told).
 */
export type VoiceEvent =
  /**
   * `inAudio`: how far into all the audio of this session, in milliseconds. A detector puts the beginning a little early, and
   * the end behind a moment of silence.
   */
  | { readonly _tag: "SpeechStarted"; readonly itemId: string; readonly inAudio?: number }
  | { readonly _tag: "SpeechStopped"; readonly itemId: string; readonly inAudio?: number }
  /** The callee's utterance is in the model's context now; ask for a response if one is due. */
  | { readonly _tag: "CalleeSpoke"; readonly itemId: string; readonly after?: string | null }
  /** The text of the utterance grows by `text`. */
  | { readonly _tag: "CalleePartial"; readonly itemId: string; readonly text: string }
  /** Text of the callee's utterance, whenever it comes (also after the answer to it). Empty when it was noise or failed. */
  | {
      readonly _tag: "CalleeText"
      readonly itemId: string
      readonly text: string
      readonly failed: boolean
      /** What writing it down has cost, where that is billed apart. */
      readonly usage?: Usage
    }
  | { readonly _tag: "ResponseStarted"; readonly responseId: string; readonly tag?: string }
  | { readonly _tag: "ItemStarted"; readonly responseId: string; readonly itemId: string }
  /** Mu-law 8 kHz bytes, faster than real time. */
  | {
      readonly _tag: "Audio"
      readonly responseId: string
      readonly itemId: string
      readonly contentIndex: number
      readonly bytes: Uint8Array
    }
  /** Text grows by `text`; runs ahead of the audio. */
  | { readonly _tag: "Text"; readonly responseId: string; readonly itemId: string; readonly text: string }
  /** `text` is the whole of what was generated. */
  /** `cutOff`: the response broke off in it, and its text ran ahead of the audio that came. */
  | {
      readonly _tag: "ItemDone"
      readonly responseId: string
      readonly itemId: string
      readonly text: string
      readonly cutOff?: boolean
    }
  /** Comes once per call of a tool, only when its arguments are complete. */
  | {
      readonly _tag: "ToolCalled"
      readonly responseId: string
      readonly toolCallId: string
      readonly name: string
      /** JSON text, as the model wrote it. */
      readonly input: string
    }
  | {
      readonly _tag: "ResponseDone"
      readonly responseId: string
      readonly tag?: string
      readonly status: "completed" | "cancelled" | "incomplete" | "failed"
      readonly failure?: { readonly code: string; readonly message: string; readonly retryable: boolean }
      readonly usage: Usage
    }
  /** A request of ours was refused; the session lives on. `tag` is that of the `Respond` at fault, if it was one. */
  | { readonly _tag: "Refused"; readonly code: string; readonly message: string; readonly tag?: string }
  /** The answer to a `Probe`. */
  | { readonly _tag: "Alive" }

/** What a session can be told. Synchronous; in order; dropped once the session is gone. */
export type VoiceCommand =
  /**
   * Answer now. `tag` comes back on `ResponseStarted` and `ResponseDone`. `instructions` come on top of the brief's, for this
   * response only. `tools: false` forbids tools in this response.
   */
  | {
      readonly _tag: "Respond"
      readonly tag: string
      readonly instructions?: string
      readonly tools?: boolean
      /** Beside the conversation: reads it, adds nothing to it. `text`: written, not spoken. */
      readonly aside?: "text" | "audio"
    }
  | { readonly _tag: "Cancel"; readonly responseId: string }
  /** The callee heard only the first `ms` of this item: forget the rest. */
  | { readonly _tag: "Truncate"; readonly itemId: string; readonly contentIndex: number; readonly ms: number }
  /** The callee heard nothing of this item. */
  | { readonly _tag: "Forget"; readonly itemId: string }
  /** Something the model should know that nobody said aloud. */
  | { readonly _tag: "Note"; readonly text: string }
  | { readonly _tag: "ToolResult"; readonly toolCallId: string; readonly output: string }
  /** A conversation so far, for a session that was opened without one. */
  | { readonly _tag: "Remember"; readonly memory: ReadonlyArray<Memory> }
  /** Is anybody there? A session that lives answers at once: with `Alive`, or whatever it has to tell. */
  | { readonly _tag: "Probe" }

export interface VoiceSession {
  /** Another model than the one that is configured: that one could not be had. */
  readonly fallback: boolean
  /** How long the session may last from its opening on; then it is lost. */
  readonly lasts: Duration.Duration
  /** What the callee says: one base64 mu-law piece, unchanged. `false` when the session is gone. */
  readonly hear: (payload: string) => boolean
  readonly send: (command: VoiceCommand) => boolean
  /**
   * Called once, by the owner: `report` gets every event, first what came before, synchronously; it must not throw. Ends in
   * `ModelUnavailable` or `RateLimited` when the session is lost.
   */
  readonly follow: (report: (event: VoiceEvent) => void) => Effect.Effect<void, ModelUnavailable | RateLimited>
}

export class VoiceModel extends Context.Tag("phone/VoiceModel")<
  VoiceModel,
  {
    /** Opens and configures a session; succeeds only when it is ready to speak. Ends with the scope. */
    readonly open: (
      brief: Brief,
      opening?: Opening
    ) => Effect.Effect<VoiceSession, ModelUnavailable | RateLimited, Scope.Scope>
  }
>() {}
