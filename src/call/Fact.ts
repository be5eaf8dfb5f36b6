/** What the talk on a call can hear of: the telephone, the voice model, its own timers, and its owner. */
import type { CallError } from "../domain/Call.ts"
import type { ModelUnavailable, RateLimited } from "../domain/errors.ts"
import type { TransferResult } from "../domain/Transfer.ts"
import type { LegEvent } from "../Telephone.ts"
import type { VoiceEvent } from "../VoiceModel.ts"

/** Every wait on a call, by name; their lengths are in `Limits.ts`. At most one of each runs. */
export type TimerName =
  | "ring"
  | "mediaStart"
  | "greeting"
  | "greetingCap"
  | "firstAudio"
  | "pump"
  | "silence"
  | "settle"
  | "wrapUp"
  | "limit"
  | "retry"
  | "freeze"
  | "probe"
  | "renew"
  | "rehearing"
  | "holding"
  | "unanswered"
  | "patience"
  | "machineGreeting"
  | "machineQuiet"
  | "hangUp"
  | "afterwards"
  | "question"
  | "interjection"
  | "hold"
  | "words"
  | "menu"
  | "menuTime"
  | "keys"

/** What is known of a session when it is opened. */
export interface SessionTerms {
  /** It runs on the model to fall back on. */
  readonly fallback: boolean
  /** How long it may last, in milliseconds. */
  readonly lasts: number
}

export type Fact =
  | LegEvent
  | Exclude<VoiceEvent, { readonly _tag: "SpeechStarted" | "SpeechStopped" }>
  /** `at`: it was at that moment, in the talk's own time, and the session has heard it only now. */
  | { readonly _tag: "SpeechStarted"; readonly itemId: string; readonly at?: number }
  | { readonly _tag: "SpeechStopped"; readonly itemId: string; readonly at?: number }
  /** The model is ready, the line is dialled now. */
  | { readonly _tag: "Dialed" }
  /** Another process has placed this call and died. `askedAt`: when the open question was asked, in ms since 1970. */
  | { readonly _tag: "TakenOver"; readonly askedAt: number | undefined }
  /** The network has taken the call. */
  | { readonly _tag: "Accepted" }
  /** The network did not take the call. */
  | { readonly _tag: "DialFailed"; readonly error: CallError }
  | { readonly _tag: "Timer"; readonly timer: TimerName }
  /** The callee's side has sent no audio for `Limits.mediaSilence`. */
  | { readonly _tag: "MediaSilent" }
  /** A tone of the callee's side, which ended `since` ms ago: Hz and ms. */
  | { readonly _tag: "BeepHeard"; readonly pitch: number; readonly ms: number; readonly since: number }
  /** Hold music is heard in the callee's audio from now on, or no more. */
  | { readonly _tag: "MusicStarted" }
  | { readonly _tag: "MusicStopped" }
  | { readonly _tag: "HangUpRequested"; readonly by: "owner" | "service" }
  | { readonly _tag: "Guided"; readonly text: string }
  /** An answer to the question of this id, or to the open one. `receipt` names the answer to whoever gave it. */
  | {
      readonly _tag: "OwnerAnswered"
      readonly questionId: number | undefined
      readonly text: string
      readonly receipt: number
    }
  | { readonly _tag: "ModelLost" }
  /** The first session is there. */
  | ({ readonly _tag: "ModelOpened" } & SessionTerms)
  | ({ readonly _tag: "ModelBack" } & SessionTerms)
  /** A successor of the present session is open, or none could be had. */
  | ({ readonly _tag: "SuccessorReady" } & SessionTerms)
  | { readonly _tag: "SuccessorGone" }
  | { readonly _tag: "ModelGone"; readonly error: ModelUnavailable | RateLimited }
  | { readonly _tag: "DigitsPressed"; readonly toolCallId: string; readonly problem?: string }
  /** The callee is connected with somebody else, or will not be. */
  | {
      readonly _tag: "Transferred"
      readonly toolCallId: string
      readonly result: TransferResult
      readonly problem?: string
    }
