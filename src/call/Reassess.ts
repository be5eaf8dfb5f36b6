/**
 * Makes the outcome of an ended call anew from its record: by a text-only session of the voice model that reads the stored
 * transcript, or without any model by looking up the quotes of the agent's own report again. Dials nobody.
 */
import { Deferred, Effect } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { Call } from "../domain/Call.ts"
import { isTerminal } from "../domain/CallStatus.ts"
import { InvalidRequest, ModelUnavailable, type RateLimited } from "../domain/errors.ts"
import { type Claim, outcomeOf } from "../domain/Outcome.ts"
import type { Reassessment } from "../domain/Reassessment.ts"
import { Transcripts } from "../Transcripts.ts"
import { type Memory, VoiceModel, type VoiceSession } from "../VoiceModel.ts"
import { instructionsOf } from "./Instructions.ts"
import { readClaim } from "./talk/ending/Claim.ts"
import { summaryOf } from "./talk/ending/Summary.ts"
import { outcomeInstructions, unreadNote } from "./talk/Words.ts"

export interface ReassessOptions {
  /** Without a model: the quotes of the agent's report are looked up again. Default: the model reads the transcript. */
  readonly recheck?: boolean
  /** Puts the outcome in the record and its file, in place of the one before. Default: it is only given back. */
  readonly save?: boolean
}

/** Opening a session may take 15 s by itself. */
const patience = "40 seconds"

interface Written {
  /** `undefined`: twice nothing that could be read. */
  readonly claim: Claim | undefined
  readonly cost: number
}

/** Asks for the outcome in writing; once more, when what comes cannot be read. */
const writtenBy = Effect.fnUntraced(function* (session: VoiceSession) {
  const answer = yield* Deferred.make<Written, ModelUnavailable>()
  let cost = 0
  let text = ""
  let asked = 0
  const ask = () => {
    asked += 1
    text = ""
    session.send({
      _tag: "Respond",
      tag: `outcome#${asked}`,
      instructions: outcomeInstructions,
      tools: false,
      aside: "text"
    })
  }
  const refuse = (message: string) =>
    Deferred.unsafeDone(answer, new ModelUnavailable({ message: `The voice model wrote no outcome: ${message}` }))
  ask()
  const lost = session.follow((event) => {
    if (event._tag === "Text") text += event.text
    else if (event._tag === "ItemDone" && event.text !== "") text = event.text
    else if (event._tag === "Refused" && event.tag !== undefined) refuse(event.message)
    else if (event._tag === "ResponseDone") {
      cost += event.usage
      const claim = readClaim(text)
      if (event.status === "failed") refuse(event.failure?.message ?? "it gave no reason")
      else if (claim !== undefined || asked > 1) Deferred.unsafeDone(answer, Effect.succeed({ claim, cost }))
      else {
        session.send({ _tag: "Note", text: unreadNote })
        ask()
      }
    }
  })
  return yield* Effect.raceFirst(Deferred.await(answer), Effect.zipRight(lost, Effect.never))
})

const read = (call: Call): Effect.Effect<Written, ModelUnavailable | RateLimited, VoiceModel | PhoneConfig> =>
  Effect.gen(function* () {
    const config = yield* PhoneConfig
    const model = yield* VoiceModel
    const memory = call.transcript.map(({ role, text }): Memory => ({ _tag: "Said", role, text }))
    const { context, task } = call
    const session = yield* model.open({
      instructions: instructionsOf(config, { task, ...(context === undefined ? {} : { context }) }),
      tools: [],
      memory: [...memory, { _tag: "Note", text: "The line is closed. The call is over." }]
    })
    return yield* writtenBy(session)
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: patience,
      onTimeout: () => new ModelUnavailable({ message: `The voice model wrote no outcome within ${patience}.` })
    })
  )

/** What the agent reported on the call, if it did. */
const reportOf = ({ outcome }: Call): Claim | undefined =>
  outcome?.claimed === undefined ? undefined : { ...outcome.claimed, nextSteps: outcome.nextSteps }

export const reassess = Effect.fn("Calls.reassess")(function* (
  call: Call,
  { recheck = false, save = false }: ReassessOptions
) {
  const { id: callId, outcome: before, transcript: turns } = call
  if (!isTerminal(call.status)) {
    return yield* new InvalidRequest({ field: "callId", message: `Call ${callId} goes on: it has no outcome yet.` })
  }
  const heardSomebody = turns.some(({ role }) => role === "user")
  const isPerson = call.answeredBy !== "voicemail" && call.answeredBy !== "fax"
  const report = reportOf(call)
  if (recheck && report === undefined) {
    return yield* new InvalidRequest({
      field: "recheck",
      message: `The agent of call ${callId} left no report that could be held against the transcript. Without recheck the model reads it.`
    })
  }
  const judged: Written & Pick<Reassessment, "by"> = recheck
    ? { by: "report", claim: report, cost: 0 }
    : heardSomebody && isPerson
      ? { by: "model", ...(yield* read(call)) }
      : { by: "facts", claim: undefined, cost: 0 }
  const outcome = outcomeOf(judged.claim, {
    answeredBy: call.answeredBy ?? "unknown",
    turns,
    // what the telephone knew when the call ended is more than its record tells
    otherwise:
      before?.basis === "facts"
        ? before.summary
        : summaryOf({ status: call.status, answeredBy: call.answeredBy, problem: call.error?.message, heardSomebody })
  })
  if (save) yield* Effect.flatMap(Transcripts, (transcripts) => transcripts.update(callId, { outcome }))
  const reassessment: Reassessment = {
    callId,
    by: judged.by,
    outcome,
    ...(before === undefined ? {} : { before }),
    ...(judged.by === "model" ? { cost: judged.cost } : {}),
    saved: save
  }
  return reassessment
})
