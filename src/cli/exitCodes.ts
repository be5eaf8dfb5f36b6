/** What the command's exit code says, and the one way in which a command stops early. Documented in `--help` from here. */
import { Data } from "effect"
import type { Call } from "../domain/Call.ts"

export const ExitCode = {
  success: 0,
  withoutSuccess: 1,
  usage: 2,
  busy: 3,
  noAnswer: 4,
  failed: 5,
  canceled: 6,
  refused: 7,
  unreachable: 8,
  noSuchCall: 9,
  store: 10,
  bug: 70,
  interrupted: 130
} as const

export const exitCodeHelp: ReadonlyArray<string> = [
  "0    the call reached its goal, for phone outcome by its judgement; for other commands: done",
  "1    the call completed without success, voicemail included; outcome judged it so; doctor found a problem; a replay differs; a scenario failed",
  "2    wrong usage or configuration, a port in use among it",
  "3    busy",
  "4    no answer",
  "5    the call failed",
  "6    the call was canceled",
  "7    the call was refused: number, policy, limits; nothing was dialled",
  "8    the service cannot be reached, or refuses the token",
  "9    there is no such call, or it has ended, or its agent asks nothing (any more)",
  "10   the service cannot read or write its store",
  "70   a bug in this command",
  "130  interrupted; a call that was watched goes on"
]

/** Ends the command with a code. What had to be said has been said. */
export class Stop extends Data.TaggedError("Stop")<{ readonly code: number }> {}

/** Options that go together as little as day and night, or say what cannot be read. */
export class WrongUsage extends Data.TaggedError("WrongUsage")<{ readonly message: string }> {}

/** The code for a call that has ended. */
export const exitCodeOfCall = (call: Call): number => {
  switch (call.status) {
    case "completed":
      return call.outcome?.success === true ? ExitCode.success : ExitCode.withoutSuccess
    case "busy":
      return ExitCode.busy
    case "no-answer":
      return ExitCode.noAnswer
    case "canceled":
      return ExitCode.canceled
    default:
      return ExitCode.failed
  }
}

const byTag: Readonly<Record<string, number>> = {
  WrongUsage: ExitCode.usage,
  ConfigInvalid: ExitCode.usage,
  CannotSimulate: ExitCode.usage,
  RpcTokenUnusable: ExitCode.usage,
  ServiceUnknown: ExitCode.usage,
  FileUnwritable: ExitCode.usage,
  WireLogInvalid: ExitCode.usage,
  FileUnreadable: ExitCode.usage,
  CannotListen: ExitCode.usage,
  PortUnavailable: ExitCode.usage,
  CallBusy: ExitCode.busy,
  CallNoAnswer: ExitCode.noAnswer,
  CallFailed: ExitCode.failed,
  LineUnavailable: ExitCode.failed,
  ModelUnavailable: ExitCode.failed,
  CallCanceled: ExitCode.canceled,
  InvalidPhoneNumber: ExitCode.refused,
  InvalidRequest: ExitCode.refused,
  CallNotAllowed: ExitCode.refused,
  TooManyCalls: ExitCode.refused,
  RateLimited: ExitCode.refused,
  Quit: ExitCode.interrupted,
  RpcClientError: ExitCode.unreachable,
  PhoneUnreachable: ExitCode.unreachable,
  WatchLost: ExitCode.unreachable,
  Unauthorized: ExitCode.unreachable,
  CallNotFound: ExitCode.noSuchCall,
  CallEnded: ExitCode.noSuchCall,
  QuestionClosed: ExitCode.noSuchCall,
  StoreUnavailable: ExitCode.store
}

/** The code for a typed error. */
export const exitCodeOfError = (error: { readonly _tag: string }): number => byTag[error._tag] ?? ExitCode.bug
