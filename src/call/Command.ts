/** What the talk on a call wants done. The session (`CallSession.ts`) does it, in order; nothing here is done by itself. */
import type { CallStatus } from "../domain/CallStatus.ts"
import type { Evidence } from "../domain/Evidence.ts"
import type { QuestionClosed } from "../domain/errors.ts"
import type { IncidentKind } from "../domain/Incident.ts"
import type { AnsweredBy } from "../domain/Outcome.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import type { Closing } from "../domain/Question.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Transfer } from "../domain/Transfer.ts"
import type { PlacedTurn, Role } from "../domain/Turn.ts"
import type { Memory, VoiceCommand } from "../VoiceModel.ts"
import type { TimerName } from "./Fact.ts"

export type Command =
  | { readonly _tag: "Voice"; readonly command: VoiceCommand }
  /** Feeds the model `ms` of silence, so that it finishes the callee's last utterance after the line is gone. */
  | { readonly _tag: "HearSilence"; readonly ms: number }
  /**
   * `fallback`: the model itself is not tried again. `hearFrom`: the new session hears first what the callee's side has sent
   * since this moment, in the talk's own time.
   */
  | { readonly _tag: "ReopenModel"; readonly fallback: boolean; readonly hearFrom: number }
  /** Opens a successor of the present session, which waits; and puts it in its place. */
  | { readonly _tag: "PrepareModel" }
  | { readonly _tag: "SwapModel"; readonly memory: ReadonlyArray<Memory>; readonly hearFrom: number }
  | { readonly _tag: "Play"; readonly bytes: Uint8Array; readonly mark: string }
  | { readonly _tag: "Clear" }
  | { readonly _tag: "PressDigits"; readonly toolCallId: string; readonly digits: string }
  | { readonly _tag: "Transfer"; readonly toolCallId: string; readonly to: PhoneNumber }
  /** The same for one that another process began. */
  | { readonly _tag: "AwaitTransfer"; readonly toolCallId: string }
  /** What became of it is written down and told to watchers. */
  | { readonly _tag: "PutTransfer"; readonly transfer: Omit<Transfer, "at"> }
  | { readonly _tag: "SayAndHangUp"; readonly text: string; readonly language: string }
  | { readonly _tag: "HangUp" }
  | { readonly _tag: "SetTimer"; readonly timer: TimerName; readonly ms: number }
  | { readonly _tag: "StopTimer"; readonly timer: TimerName }
  | { readonly _tag: "Status"; readonly status: CallStatus }
  | { readonly _tag: "Answered"; readonly at: number }
  /** Written down for whoever takes the talk over. */
  | { readonly _tag: "PutStanding"; readonly standing: Standing }
  | { readonly _tag: "Answerer"; readonly answeredBy?: AnsweredBy; readonly evidence: ReadonlyArray<Evidence> }
  | { readonly _tag: "PutTurn"; readonly turn: PlacedTurn }
  | { readonly _tag: "Partial"; readonly position: number; readonly role: Role; readonly text: string }
  /** Goes into the record, and is counted. `at` in ms since 1970, `gap` in ms. */
  | { readonly _tag: "Incident"; readonly kind: IncidentKind; readonly at: number; readonly gap?: number }
  | { readonly _tag: "OptOut" }
  | { readonly _tag: "AskOwner"; readonly id: number; readonly question: string }
  | { readonly _tag: "CloseQuestion"; readonly id: number; readonly closing: Closing }
  /** What became of an answer that the owner gave. */
  | { readonly _tag: "AnswerReceived"; readonly receipt: number; readonly fate: "taken" | QuestionClosed["reason"] }
