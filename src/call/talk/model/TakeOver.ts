/**
 * A talk that another process began: what of it is known from the record, and how it goes on. What was not written down (a
 * sentence being said, words of the callee meanwhile) is lost, and the agent speaks first to bridge that.
 */
import type { DateTime } from "effect"
import type { Call } from "../../../domain/Call.ts"
import type { Question } from "../../../domain/Question.ts"
import type { Standing } from "../../../domain/Standing.ts"
import { hangUp } from "../acts/Endings.ts"
import { ask } from "../acts/Responses.ts"
import { type Draft, order, setTimer } from "../Draft.ts"
import { report } from "../Incidents.ts"
import { boundHold } from "../lines/Hold.ts"
import type { Asked, HandOver } from "../Parts.ts"
import { begin, type Phase, type Rules, type Talk, type Utterance } from "../Talk.ts"
import { openQuestion } from "../tools/Questions.ts"
import { Utterances } from "../Utterances.ts"
import { isOnHold } from "../Waits.ts"
import { reconnect } from "./Recovery.ts"

/** What is known of a call that was left. */
export interface Left {
  readonly call: Call
  readonly standing: Standing
  readonly nextPosition: number
}

const phaseOf = ({ call, standing }: Left): Phase => {
  if (call.answeredAt === undefined) return "waiting"
  if (standing.awayTo !== undefined) return "away"
  return call.answeredBy === "voicemail" ? "message" : "talking"
}

const askedOf = ({ answer, id, question, unanswered }: Question): Asked => ({
  id,
  toolCallId: `left#${id}`,
  text: question,
  fate: unanswered ?? (answer === undefined ? "open" : "answered"),
  ...(answer === undefined ? {} : { answer })
})

/** The attempts to hand the callee over that are known of: the last one that came to something, and one that has not yet. */
const handOversOf = ({ call: { transferredTo }, standing: { awayTo } }: Left): ReadonlyArray<HandOver> => [
  ...(transferredTo === undefined
    ? []
    : [{ toolCallId: "left#transferred", name: transferredTo.name, result: transferredTo.result }]),
  ...(awayTo === undefined || transferredTo?.result === "connected"
    ? []
    : [{ toolCallId: "left#transfer", name: awayTo, result: undefined }])
]

/** The talk as the record tells it: without a session, without a stream. `now` and `epoch` as in `Talk`. */
export const restore = (rules: Rules, epoch: number, now: number, left: Left): Talk => {
  const { call, nextPosition } = left
  const phase = phaseOf(left)
  const at = (time: DateTime.Utc): number => time.epochMillis - epoch
  // clocks may have been put forward or back since: the call is not older than the network lets it become, nor from the future
  const oldest = now - rules.limits.maxDuration + rules.limits.wrapUpBefore
  const past = (time: DateTime.Utc): number => Math.min(now, Math.max(oldest, at(time)))
  // nothing is put between them any more
  const first = nextPosition - call.transcript.length
  const utterances = call.transcript.map(
    ({ interrupted = false, role, text, timestamp }, index): readonly [string, Utterance] => [
      `left#${index}`,
      { position: first + index, role, at: past(timestamp), text, complete: true, stored: true, interrupted }
    ]
  )
  const questions = (call.questions ?? []).map(askedOf)
  const transfers = handOversOf(left)
  const ringing = transfers.filter(({ result }) => result === undefined).map(({ toolCallId }) => toolCallId)
  const firstWord = call.transcript.find(({ role }) => role === "assistant")
  const { hold } = left.standing
  return {
    ...begin(rules, epoch),
    phase,
    // an opening is prepared only for somebody who has not answered yet
    held: phase === "waiting" ? [] : undefined,
    status: call.status,
    modelUp: false,
    takenOver: true,
    utterances: Utterances.of(utterances),
    nextPosition,
    questions,
    ...(hold === undefined ? {} : { hold: { by: hold.by, since: past(hold.since), used: hold.before } }),
    openingOwed: left.standing.openingOwed ?? false,
    transfers,
    toolsOpen: new Set(ringing),
    toolsLost: new Set([...questions.map(({ toolCallId }) => toolCallId), ...ringing]),
    ...(call.answeredAt === undefined ? {} : { answeredAt: past(call.answeredAt) }),
    ...(call.answeredBy === undefined ? {} : { answeredBy: call.answeredBy }),
    clues: (call.answeredByEvidence ?? []).map((clue) => ({ ...clue, at: at(clue.at) })),
    ...(firstWord === undefined ? {} : { firstWordAt: at(firstWord.timestamp) })
  }
}

/** From here on this process talks: a session is opened, a stream is awaited, and the limits of the call go on. */
export const takenOver = (draft: Draft, askedAt: number | undefined): void => {
  const { limits } = draft.rules
  report(draft, "restarted")
  if (draft.answeredAt === undefined) {
    if (draft.rules.prepareOpening) ask(draft, "opening")
    return reconnect(draft)
  }
  const lasted = draft.now - draft.answeredAt
  setTimer(
    draft,
    "wrapUp",
    Math.max(0, Math.max(limits.maxDuration - limits.wrapUpBefore, limits.maxDuration / 2) - lasted)
  )
  setTimer(draft, "limit", Math.max(0, limits.maxDuration - lasted))
  reconnect(draft)
  if (draft.phase === "away") return awaitTransfer(draft)
  if (draft.answeredBy === "fax") return hangUp(draft)
  setTimer(draft, "mediaStart", limits.mediaStart)
  if (openQuestion(draft) !== undefined && askedAt !== undefined) {
    const waited = draft.epoch + draft.now - askedAt
    setTimer(draft, "question", Math.min(limits.question, Math.max(0, limits.question - waited)))
  }
  if (draft.phase === "message") {
    if (draft.rules.voicemail === "hang-up") return hangUp(draft)
    // whether its greeting is over can only be heard
    setTimer(draft, "machineGreeting", limits.machineGreeting)
    return setTimer(draft, "machineQuiet", 2 * limits.machineQuiet)
  }
  draft.openingOwed = draft.openingOwed || !heardUs(draft)
  // nobody is there to hear that we are back
  if (isOnHold(draft)) return boundHold(draft)
  ask(draft, draft.openingOwed ? "opening" : "reply")
  draft.openingOwed = false
}

const heardUs = (draft: Draft): boolean => [...draft.utterances.values()].some(({ role }) => role === "assistant")

/** The callee is with somebody else, or it rings there: what becomes of that is told to us. */
const awaitTransfer = (draft: Draft): void => {
  const attempt = draft.transfers.at(-1)
  if (attempt !== undefined) order(draft, { _tag: "AwaitTransfer", toolCallId: attempt.toolCallId })
}
