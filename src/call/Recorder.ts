/** What a talk has to tell: published to whoever watches, and written into the record. */
import { DateTime, Effect } from "effect"
import type { CallId } from "../domain/Ids.ts"
import type { Incident } from "../domain/Incident.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import type { CallChange, Transcripts } from "../Transcripts.ts"
import type { Command } from "./Command.ts"
import * as Incidents from "./Incidents.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Writes } from "./Writes.ts"

type Recorded = Extract<
  Command,
  {
    readonly _tag:
      | "Status"
      | "Answered"
      | "PutStanding"
      | "Answerer"
      | "PutTransfer"
      | "PutTurn"
      | "Partial"
      | "Incident"
      | "OptOut"
      | "AskOwner"
      | "CloseQuestion"
      | "AnswerReceived"
  }
>

const incidentOf = ({ at, gap, kind }: Extract<Command, { readonly _tag: "Incident" }>): Incident => ({
  at: DateTime.unsafeMake(Math.round(at)),
  kind,
  ...(gap === undefined ? {} : { gap: Math.round(gap) / 1000 })
})

interface Parts {
  readonly live: LiveCall
  readonly writes: Writes
  readonly transcripts: Transcripts["Type"]
}

/** `before`: incidents of this call that are in its record. What comes out is still to be done, if anything. */
export const makeRecorder = (
  { callId, to }: { readonly callId: CallId; readonly to: PhoneNumber },
  { live, transcripts, writes }: Parts,
  before: ReadonlyArray<Incident>
): ((command: Recorded) => Effect.Effect<unknown> | undefined) => {
  let incidents = before
  const update = (change: CallChange) => writes.write(transcripts.update(callId, change))
  return (command) => {
    switch (command._tag) {
      case "Status":
        return Effect.gen(function* () {
          live.publish({ _tag: "Status", at: yield* DateTime.now, status: command.status })
          yield* update({ status: command.status })
        })
      case "Answered":
        return update({ answeredAt: new Date(Math.round(command.at)) })
      case "PutStanding":
        return update({ standing: command.standing })
      case "Answerer":
        return update({
          ...(command.answeredBy === undefined ? {} : { answeredBy: command.answeredBy }),
          answeredByEvidence: command.evidence
        })
      case "PutTransfer":
        return Effect.gen(function* () {
          const transfer = { ...command.transfer, at: yield* DateTime.now }
          live.publish({ _tag: "Transfer", ...transfer })
          yield* update({ transferredTo: transfer })
        })
      case "PutTurn":
        live.publish({ _tag: "Turn", ...command.turn })
        return writes.write(transcripts.putTurn(callId, command.turn))
      case "Partial":
        return void live.publish(command)
      case "Incident":
        Incidents.count(command.kind)
        incidents = [...incidents, incidentOf(command)]
        return update({ incidents })
      case "OptOut":
        return writes.write(transcripts.optOut(to, callId))
      case "AskOwner":
        return Effect.gen(function* () {
          const at = yield* DateTime.now
          const { id, question } = command
          live.publish({ _tag: "Question", at, id, question })
          yield* writes.write(transcripts.putQuestion(callId, { id, question, askedAt: at }))
          yield* live.asked
        })
      case "CloseQuestion":
        return Effect.gen(function* () {
          const at = yield* DateTime.now
          const { closing, id } = command
          live.publish({ _tag: "Answered", at, id, ...closing })
          yield* writes.write(transcripts.closeQuestion(callId, id, closing))
        })
      case "AnswerReceived":
        return Effect.sync(() => live.received(command.receipt, command.fate))
    }
  }
}
