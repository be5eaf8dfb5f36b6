/** What the talk on a call wants done. The session (`CallSession.ts`) does it, in order; nothing here is done by itself. */
import type { CallStatus } from "../domain/CallStatus.ts"
import type { QuestionClosed } from "../domain/errors.ts"
import type { AnsweredBy } from "../domain/Outcome.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import type { Closing } from "../domain/Question.ts"
import type { Transfer } from "../domain/Transfer.ts"
import type { PlacedTurn, Role } from "../domain/Turn.ts"
import type { VoiceCommand } from "../VoiceModel.ts"
import type { TimerName } from "./Fact.ts"

export type Command =
  | { readonly _tag: "Voice"; readonly command: VoiceCommand }
  /** Feeds the model `ms` of silence, so that it finishes the callee's last utterance after the line is gone. */
  | { readonly _tag: "HearSilence"; readonly ms: number }
  | { readonly _tag: "ReopenModel" }
  | { readonly _tag: "Play"; readonly bytes: Uint8Array; readonly mark: string }
  | { readonly _tag: "Clear" }
  | { readonly _tag: "PressDigits"; readonly toolCallId: string; readonly digits: string }
  | { readonly _tag: "Transfer"; readonly toolCallId: string; readonly to: PhoneNumber }
  /** What became of it is written down and told to watchers. */
  | { readonly _tag: "PutTransfer"; readonly transfer: Omit<Transfer, "at"> }
  | { readonly _tag: "SayAndHangUp"; readonly text: string }
  | { readonly _tag: "HangUp" }
  | { readonly _tag: "SetTimer"; readonly timer: TimerName; readonly ms: number }
  | { readonly _tag: "StopTimer"; readonly timer: TimerName }
  | { readonly _tag: "Status"; readonly status: CallStatus }
  | { readonly _tag: "Answered"; readonly at: number }
  | { readonly _tag: "Answerer"; readonly answeredBy: AnsweredBy }
  | { readonly _tag: "PutTurn"; readonly turn: PlacedTurn }
  | { readonly _tag: "Partial"; readonly position: number; readonly role: Role; readonly text: string }
  | { readonly _tag: "OptOut" }
  | { readonly _tag: "AskOwner"; readonly id: number; readonly question: string }
  | { readonly _tag: "CloseQuestion"; readonly id: number; readonly closing: Closing }
  /** What became of an answer that the owner gave. */
  | { readonly _tag: "AnswerReceived"; readonly receipt: number; readonly fate: "taken" | QuestionClosed["reason"] }
