/** How a simulated session keeps time, and what can be made to go wrong in it. All of it is data. */
import { Duration } from "effect"
import type { WireHeaders } from "../../wire/Network.ts"
import type { RejectionName } from "./Admission.ts"

/** When the model's side does things (facts 12, last lines). Pieces are cut at random between their two lengths. */
export interface Timing {
  /** From the handshake to `session.created`. */
  readonly sessionCreated: Duration.DurationInput
  /** From the end of a turn, or a `response.create`, to `response.created`. */
  readonly responseCreated: Duration.DurationInput
  /** From the same moment to the first output. */
  readonly firstOutput: Duration.DurationInput
  /** How many times faster than real time audio is sent. */
  readonly pace: number
  readonly shortestPiece: Duration.DurationInput
  readonly longestPiece: Duration.DurationInput
  /** From the end of speech to its transcript, evenly spread between the two. */
  readonly transcription: Duration.DurationInput
  readonly latestTranscription: Duration.DurationInput
  /** Between two pieces of a function call's arguments. */
  readonly argument: Duration.DurationInput
  /** From `response.done` to `rate_limits.updated`. */
  readonly rateLimits: Duration.DurationInput
}

export const defaultTiming: Timing = {
  sessionCreated: "3 millis",
  responseCreated: "250 millis",
  firstOutput: "500 millis",
  pace: 4,
  shortestPiece: "100 millis",
  longestPiece: "400 millis",
  transcription: "600 millis",
  latestTranscription: "600 millis",
  argument: "7 millis",
  rateLimits: "40 millis"
}

/** What befalls one response. Whatever happens in its middle happens after its first output. */
export type ResponseFault =
  /** Ends as failed, without output. */
  | {
      readonly _tag: "Fail"
      readonly code: "rate_limit_exceeded" | "server_error" | (string & {})
      readonly message?: string
    }
  /** Ends as incomplete in its middle. */
  | { readonly _tag: "ContentFilter" }
  /** The first output comes so much later. */
  | { readonly _tag: "Slow"; readonly by: Duration.DurationInput }
  /** The transcript has the last words, the audio has not (facts 9). */
  | { readonly _tag: "LoseTail"; readonly length: Duration.DurationInput }
  /** An `error` event that is not fatal, an unknown event and unknown members, in its middle. */
  | { readonly _tag: "Noise" }
  /** Was over before the client's cancel came: all of it is told behind that, and then that there is nothing to cancel. */
  | { readonly _tag: "OutrunCancel" }
  /** The connection is cut in its middle. */
  | { readonly _tag: "Drop" }
  /** In its middle the server falls silent on an open socket. */
  | { readonly _tag: "Freeze" }

/** What befalls transcription. */
export type TranscriptionFault = "failed" | "empty" | "missing"

/** What becomes of a session. A fault of a response or a transcription is told by its number, when it takes effect. */
export type SessionNews =
  | "opened"
  /** Its limit ends it. */
  | "expired"
  /** It is over, whoever ended it. */
  | "closed"
  | { readonly response: number }
  | { readonly transcription: number }

export interface Faults {
  /** Answers the handshake with this status instead of 101. */
  readonly refuseHandshake?: { readonly status: number; readonly headers?: WireHeaders; readonly body?: string }
  /** Never answers the handshake. */
  readonly hangHandshake?: boolean
  /** Opens, sends one error, and closes. */
  readonly reject?: RejectionName
  /** Cuts the connection (1006) so long after it was opened. */
  readonly dropAfter?: Duration.DurationInput
  /** Sends nothing more, and takes nothing in, so long after it was opened. */
  readonly freezeAfter?: Duration.DurationInput
  /** By the number of the response in its session, from 1. */
  readonly responses?: Readonly<Record<number, ResponseFault>>
  /** For all turns of the session, or by their number, from 1. */
  readonly transcription?: TranscriptionFault | Readonly<Record<number, TranscriptionFault>>
  /** These are refused as `invalid_value`. */
  readonly refusedTranscriptionModels?: ReadonlyArray<string>
  /** How long a session may last; 60 minutes by default. */
  readonly sessionLimit?: Duration.DurationInput
  /** At the limit, closes without the `error` before it. */
  readonly closeOnlyAtLimit?: boolean
  /** Hears what becomes of the session, as it happens. */
  readonly tell?: (news: SessionNews) => void
}

/** A turn that ends while a response runs that it may not interrupt: real servers may lose its answer (facts 2.4). */
export type UnansweredTurn = "drop" | "queue"

export const millis = (duration: Duration.DurationInput): number =>
  Math.round(Duration.toMillis(Duration.decode(duration)))
