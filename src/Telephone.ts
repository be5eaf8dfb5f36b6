/**
 * The telephone side of a call (port). Knows nothing of what is said: it dials, carries mu-law audio both ways, and
 * reports what the telephone network reports. Today's adapter is `telephone/` (Twilio).
 */
import { Context, type Duration, type Effect, type Scope } from "effect"
import type { CallStatus } from "./domain/CallStatus.ts"
import type { CallFailed, InvalidPhoneNumber, LineUnavailable, RateLimited } from "./domain/errors.ts"
import type { CallId } from "./domain/Ids.ts"
import type { PhoneNumber } from "./domain/PhoneNumber.ts"
import type { TransferResult } from "./domain/Transfer.ts"

/** Spoken by the network's own voice. `language` with its country, such as `en-US`. */
export interface Announcement {
  readonly text: string
  readonly language: string
}

export interface DialOrder {
  readonly callId: CallId
  readonly to: PhoneNumber
  readonly from: PhoneNumber
  /** How long it may ring. The network's own limit is set a little above, as a backstop. */
  readonly ringTimeout: Duration.Duration
  /** The network ends the call after this, whatever happens to us. */
  readonly timeLimit: Duration.Duration
  readonly record: boolean
  readonly detectMachine: boolean
  /** What the network says by itself to a callee whom we have lost: while we may come back, and when we did not. */
  readonly absence: { readonly wait: Announcement; readonly apology: Announcement }
}

/**
 * What a detector of the network says about who answered. `machine-end`: a machine, its beep was heard. `long-greeting`:
 * somebody spoke for long and stopped, a machine perhaps, or a person at a business.
 */
export type MachineVerdict = "human" | "machine-start" | "machine-end" | "long-greeting" | "fax" | "unknown"

/**
 * What happens on the telephone side, in order of arrival (which is not always the order in which it happened).
 * `Status` repeats and goes backwards as the network pleases; the call's reducer sorts it out.
 */
export type LegEvent =
  | {
      readonly _tag: "Status"
      readonly status: CallStatus
      /** The vendor's code for a call that failed, if any. */
      readonly code?: string
      /** US dollars, positive, when the network told. */
      readonly price?: number
      /** Of a call that was answered and is over, in whole seconds, when the network told. */
      readonly duration?: Duration.Duration
    }
  | { readonly _tag: "Machine"; readonly verdict: MachineVerdict }
  /** Audio flows from now on. Comes again after every change of stream (digits, transfer, a lost socket). */
  | { readonly _tag: "MediaStarted" }
  /** Nothing has come on the current stream for `since` ms: whether anything that was played since is heard, nobody knows. */
  | { readonly _tag: "MediaQuiet"; readonly since: number }
  /** The stream was quiet, and lives. */
  | { readonly _tag: "MediaHeard" }
  /** Audio flows no more on the current stream, or it stayed quiet; the call itself may live on. */
  | { readonly _tag: "MediaStopped" }
  /** All audio before this mark has been played, or a clear threw it away (the playout ledger knows which). */
  | { readonly _tag: "Played"; readonly mark: string }
  /** The callee pressed a key. */
  | { readonly _tag: "Digit"; readonly digit: string }

/** A piece of what the callee says: mu-law 8 kHz, base64, as it came. `silence` pieces fill gaps of the network by its own timestamps. */
export interface AudioFrame {
  readonly payload: string
  /** Milliseconds of audio. */
  readonly ms: number
}

/** How a transfer went. After anything but `connected` the callee is back with us and `MediaStarted` follows. */
export interface TransferReport {
  readonly result: TransferResult
  /** The vendor's code for a transfer that failed, if any. */
  readonly code?: string
}

/**
 * One dialled line. Everything it holds ends with the scope it was dialled in: closing that scope hangs up a live call.
 * `play`, `mark` and `clear` are synchronous and go to the current stream; without one they are dropped.
 */
export interface Leg {
  /** The network's id of this call (Twilio: CallSid). */
  readonly providerId: string
  /**
   * Called once, by the owner: `report` gets every event, first what came before, synchronously; it must not throw. Ends after
   * the terminal `Status`.
   */
  readonly follow: (report: (event: LegEvent) => void) => Effect.Effect<void>
  /**
   * Called once, by the owner: `hear` gets what the callee says, 50 times a second, across all changes of stream. What came
   * before is handed over first; it is bounded, and the oldest goes. `hear` is synchronous and must not throw.
   */
  readonly listen: (hear: (frame: AudioFrame) => void) => void
  readonly play: (audio: Uint8Array) => void
  readonly mark: (name: string) => void
  /** Throws away what was sent and not yet played. All pending marks come back at once. */
  readonly clear: () => void
  /** Presses keys (`0-9*#wW`): interrupts the stream and opens a new one. */
  readonly pressDigits: (digits: string) => Effect.Effect<void, CallFailed | LineUnavailable>
  /**
   * Rings somebody else for the callee, for `timeout` at most. Told as soon as both are connected, or once they cannot be. A
   * connected call lives on without us and ends when either of them hangs up, when the leg is hung up, or at its time limit.
   */
  readonly transfer: (
    to: PhoneNumber,
    options: { readonly timeout: Duration.Duration }
  ) => Effect.Effect<TransferReport, CallFailed | LineUnavailable>
  /** The same of a transfer that an earlier process began (`LeftLine.away`): nothing replaces it until it is told. */
  readonly awaitTransfer: Effect.Effect<TransferReport, CallFailed | LineUnavailable>
  /**
   * Lets the network itself speak a sentence and hang up: the way out when no voice model is there.
   */
  readonly sayAndHangUp: (words: Announcement) => Effect.Effect<void, CallFailed | LineUnavailable>
  /** Ends the call and confirms that it has ended. A call that is over already is a success. */
  readonly hangUp: Effect.Effect<void, LineUnavailable>
}

/** A call at the network. `status`: of the last look, which may lag behind. */
export interface FoundCall {
  readonly providerId: string
  readonly status: CallStatus
  /** Of a call that was answered and is over, in whole seconds, when the network told. */
  readonly duration?: Duration.Duration
}

/** In which state an earlier process left a line. */
export interface LeftLine {
  /** Somebody had picked up. */
  readonly answered: boolean
  /** The callee had been connected with somebody else, or was being. */
  readonly away: boolean
}

export class Telephone extends Context.Tag("phone/Telephone")<
  Telephone,
  {
    /**
     * Dials; succeeds once the network has accepted the call (it may not even ring yet: follow `events`).
     * Never dials twice: an ambiguous answer is resolved by looking for the call at the network.
     * `RateLimited`: refused for certain, after bounded retries. `CallFailed`: refused by the network for this number.
     */
    readonly dial: (
      order: DialOrder
    ) => Effect.Effect<Leg, InvalidPhoneNumber | CallFailed | LineUnavailable | RateLimited, Scope.Scope>
    /** A call that an earlier process placed, as the network knows it: by its id, or by numbers and time when that was never learnt. */
    readonly find: (lost: {
      readonly callId: CallId
      readonly providerId?: string
      readonly to: PhoneNumber
      readonly from: PhoneNumber
      readonly since: Date
    }) => Effect.Effect<FoundCall | undefined, LineUnavailable>
    /** The line of such a call that still lives, as if it had been dialled here. Never dials. */
    readonly resume: (order: DialOrder, found: FoundCall & LeftLine) => Effect.Effect<Leg, never, Scope.Scope>
    /** The call's recording as a WAV file, once it is ready (some seconds after the call); `undefined` if there is none. */
    readonly recording: (callId: CallId) => Effect.Effect<Uint8Array | undefined, LineUnavailable>
  }
>() {}
