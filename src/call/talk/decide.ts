/** One fact in, the next state and what to do about it out. Pure: the whole conduct of a call is decided here and nowhere else. */
import type { VoiceEvent } from "../../VoiceModel.ts"
import type { Command } from "../Command.ts"
import type { Fact, TimerName } from "../Fact.ts"
import { giveUp } from "./acts/Endings.ts"
import * as Pace from "./acts/Pace.ts"
import * as Playing from "./acts/Playing.ts"
import * as Responses from "./acts/Responses.ts"
import * as Turns from "./acts/Turns.ts"
import * as Answer from "./answerer/Answer.ts"
import * as Answerer from "./answerer/Answerer.ts"
import * as Machine from "./answerer/Machine.ts"
import { unread, waitsForWords } from "./answerer/Screening.ts"
import * as Callee from "./callee/Callee.ts"
import * as Interjections from "./callee/Interjections.ts"
import * as Keys from "./callee/Keys.ts"
import { type Draft, tell } from "./Draft.ts"
import * as Afterwards from "./ending/Afterwards.ts"
import * as Closing from "./ending/Closing.ts"
import * as EndCall from "./ending/EndCall.ts"
import { report } from "./Incidents.ts"
import * as Addressed from "./lines/Addressed.ts"
import * as Hold from "./lines/Hold.ts"
import * as Menus from "./lines/Menus.ts"
import * as MediaStream from "./MediaStream.ts"
import * as HoldingPhrase from "./model/HoldingPhrase.ts"
import * as Liveness from "./model/Liveness.ts"
import * as Recovery from "./model/Recovery.ts"
import { notReheard, rehear } from "./model/Rehearing.ts"
import * as Renewal from "./model/Renewal.ts"
import { modelHeard, sessionBegun } from "./model/SessionLife.ts"
import * as TakeOver from "./model/TakeOver.ts"
import * as Recital from "./Recital.ts"
import { keepStanding } from "./Standing.ts"
import * as Status from "./Status.ts"
import type { Talk } from "./Talk.ts"
import * as Tools from "./Tools.ts"
import * as Questions from "./tools/Questions.ts"
import * as Transfers from "./tools/Transfers.ts"
import { guidanceNote } from "./Words.ts"

const timers: Record<TimerName, (draft: Draft) => void> = {
  ring: Status.rangOut,
  mediaStart: MediaStream.noMedia,
  greeting: Answer.greetingDue,
  greetingCap: Answer.openTalk,
  firstAudio: (draft) =>
    giveUp(draft, {
      type: "ModelUnavailable",
      message: "Nobody said a word after the answer: the voice model gave no audio."
    }),
  pump: Playing.pump,
  silence: (draft) => (Answerer.silentBehindTone(draft) ? undefined : Closing.silent(draft)),
  settle: Playing.settleNow,
  wrapUp: Closing.wrapUp,
  limit: Closing.limitReached,
  retry: Responses.retryNow,
  freeze: Liveness.unanswered,
  probe: Liveness.lookAfterModel,
  renew: Renewal.renewalDue,
  rehearing: notReheard,
  holding: HoldingPhrase.tellToWait,
  unanswered: HoldingPhrase.waitedTooLong,
  patience: Recovery.patienceOver,
  machineGreeting: Machine.greetingOver,
  machineQuiet: Machine.greetingOver,
  hangUp: Status.unconfirmedEnd,
  afterwards: Afterwards.longEnough,
  question: Questions.timedOut,
  interjection: Callee.interjectionDue,
  hold: Hold.heldTooLong,
  words: Addressed.wordsOverdue,
  menu: Menus.promptOver,
  menuTime: Menus.tooLong,
  keys: Keys.keysPressed
}

/** What shows that the model's session lives. */
const signsOfLife: ReadonlySet<Fact["_tag"]> = new Set<VoiceEvent["_tag"]>([
  "SpeechStarted",
  "SpeechStopped",
  "CalleeSpoke",
  "CalleePartial",
  "CalleeText",
  "ResponseStarted",
  "ItemStarted",
  "Audio",
  "Text",
  "ItemDone",
  "ToolCalled",
  "ResponseDone",
  "Refused",
  "Alive"
])

const apply = (draft: Draft, fact: Fact): void => {
  if (signsOfLife.has(fact._tag)) modelHeard(draft)
  switch (fact._tag) {
    case "Alive":
      return
    case "Dialed":
      return Answer.dialed(draft)
    case "TakenOver":
      return TakeOver.takenOver(draft, fact.askedAt)
    case "Accepted":
      return Answer.accepted(draft)
    case "DialFailed":
      return Afterwards.ended(draft, "failed", fact.error)
    case "Status":
      return Status.told(draft, fact)
    case "Machine":
      // a verdict that comes after the end must not bring the call back to life
      if (draft.phase === "afterwards") return
      return Answerer.detected(draft, fact.verdict)
    case "BeepHeard":
      return Answerer.beeped(draft, fact)
    case "MediaStarted":
      if (draft.phase === "afterwards" || draft.phase === "done" || draft.hangingUp) return
      Status.answeredNow(draft)
      MediaStream.mediaBack(draft)
      Answer.mediaStarted(draft)
      return Answerer.detectedBefore(draft)
    case "MediaQuiet":
      return MediaStream.mediaQuiet(draft, draft.now - fact.since)
    case "MediaHeard":
      return MediaStream.mediaHeard(draft)
    case "MediaStopped":
      return MediaStream.mediaStopped(draft)
    case "MediaSilent":
      return MediaStream.mediaSilent(draft)
    case "Played":
      Interjections.cleared(draft, fact.mark)
      return Playing.played(draft, fact.mark)
    case "Digit":
      return Keys.keyPressed(draft, fact.digit)
    case "SpeechStarted":
      if (rehear(draft, fact.itemId)) return
      return Callee.speechStarted(draft, fact.itemId, fact.at)
    case "SpeechStopped":
      return Callee.speechStopped(draft, fact.at)
    case "CalleeSpoke":
      return Callee.calleeSpoke(draft, fact.itemId)
    case "CalleePartial":
      return draft.suspects.has(fact.itemId) ? undefined : Turns.growText(draft, fact.itemId, "user", fact.text)
    case "CalleeText":
      draft.usage += fact.usage ?? 0
      return calleeText(draft, fact)
    case "ResponseStarted":
      return Responses.responseStarted(draft, fact)
    case "ItemStarted":
      return Playing.itemStarted(draft, fact)
    case "Audio":
      return Playing.audio(draft, fact)
    case "Text":
      return text(draft, fact)
    case "ItemDone":
      return itemDone(draft, fact)
    case "ToolCalled":
      return Tools.toolCalled(draft, fact)
    case "ResponseDone":
      return responseDone(draft, fact)
    case "Refused":
      return refused(draft, fact)
    case "Timer":
      return draft.phase === "afterwards" && fact.timer !== "afterwards" ? undefined : timers[fact.timer](draft)
    case "MusicStarted":
      return Hold.musicStarted(draft)
    case "MusicStopped":
      return Addressed.musicStopped(draft)
    case "HangUpRequested":
      return Closing.hangUpRequested(draft, fact.by)
    case "Guided":
      draft.guidance = [...draft.guidance, fact.text]
      tell(draft, {
        _tag: "Note",
        text: guidanceNote(fact.text)
      })
      return draft.phase === "talking" && draft.speaking === undefined ? Responses.ask(draft, "reply") : undefined
    case "OwnerAnswered":
      return Questions.ownerAnswered(draft, fact)
    case "ModelLost":
      return Recovery.modelLost(draft)
    case "ModelOpened":
      if (fact.fallback) report(draft, "fallback-model")
      return sessionBegun(draft, fact)
    case "ModelBack":
      return Recovery.modelBack(draft, fact)
    case "SuccessorReady":
      return Renewal.successorReady(draft, fact)
    case "SuccessorGone":
      return Renewal.successorGone(draft)
    case "ModelGone":
      return Recovery.modelGone(draft, fact.error)
    case "DigitsPressed":
      return Tools.digitsPressed(draft, fact)
    case "Transferred":
      return Transfers.transferred(draft, fact)
  }
}

const calleeText = (draft: Draft, fact: Extract<Fact, { readonly _tag: "CalleeText" }>): void => {
  const { failed, itemId } = fact
  // a lonely full stop is how some write down a noise
  const text = /[\p{L}\p{N}]/u.test(fact.text) ? fact.text : ""
  if (Interjections.isEcho(draft, itemId, text)) return Callee.heardWords(draft, itemId, "", false)
  Turns.storeCallee(draft, itemId, text, failed)
  heardWords(draft, { ...fact, text })
}

const text = (draft: Draft, fact: Extract<Fact, { readonly _tag: "Text" }>): void => {
  const aside = Responses.asideOf(draft, { responseId: fact.responseId })
  if (aside?.purpose === "outcome") draft.outcomeText += fact.text
  if (aside?.purpose === "holding") draft.holding = { ...draft.holding, text: draft.holding.text + fact.text }
  if (aside !== undefined || draft.staleResponses.has(fact.responseId)) return
  Turns.growText(draft, fact.itemId, "assistant", fact.text)
  Recital.stopRecital(draft, fact.itemId)
}

/** Who speaks, and whether to us. While a screening service is at it, its words are no hold and no menu. */
const heardWords = (draft: Draft, fact: Extract<Fact, { readonly _tag: "CalleeText" }>): void => {
  const screening = waitsForWords(draft)
  if (fact.failed) unread(draft)
  Answerer.heardWords(draft, fact.itemId, fact.text)
  Callee.heardWords(draft, fact.itemId, fact.text, fact.failed)
  if (screening || waitsForWords(draft)) return Addressed.heardWords(draft, fact.itemId, "", false)
  return Addressed.heardWords(draft, fact.itemId, fact.text, fact.failed)
}

const itemDone = (draft: Draft, fact: Extract<Fact, { readonly _tag: "ItemDone" }>): void => {
  const aside = Responses.asideOf(draft, { responseId: fact.responseId })
  if (aside?.purpose === "outcome" && fact.text !== "") draft.outcomeText = fact.text
  if (aside?.purpose === "holding" && fact.text !== "") draft.holding = { ...draft.holding, text: fact.text }
  if (aside !== undefined || draft.staleResponses.has(fact.responseId)) return
  if (fact.cutOff === true) Playing.brokeOff(draft, fact.itemId)
  else Turns.completeText(draft, fact.itemId, fact.text)
}

const responseDone = (draft: Draft, fact: Extract<Fact, { readonly _tag: "ResponseDone" }>): void => {
  const wroteOutcome = Responses.asideOf(draft, fact)?.purpose === "outcome"
  const response = Responses.responseDone(draft, fact)
  if (wroteOutcome) return Afterwards.outcomeWritten(draft)
  if (response !== undefined) Questions.fill(draft, response)
  if (response !== undefined) EndCall.endAfterOptOut(draft, response)
  if (response === undefined || draft.next === undefined) return
  // an end_call without a word: the callee is not hung up on in silence; one that was wanted anyway is on its way by now
  const saysGoodbye = response.purpose === "goodbye" || draft.active?.purpose === "goodbye"
  if (draft.phase === "closing" && !response.spoke && !saysGoodbye) Responses.ask(draft, "goodbye")
  Playing.boundSettling(draft, draft.rules.limits.lastWords)
}

const refused = (draft: Draft, fact: Extract<Fact, { readonly _tag: "Refused" }>): void => {
  const noOutcome = Responses.asideOf(draft, fact)?.purpose === "outcome"
  Responses.refused(draft, fact)
  if (noOutcome) Afterwards.outcomeWritten(draft)
}

/** The next state of the talk after `fact`, and the commands to carry out in order. `now` in ms of a monotonic clock. */
export const decide = (talk: Talk, fact: Fact, now: number): readonly [Talk, ReadonlyArray<Command>] => {
  if (talk.phase === "done") return [talk, []]
  const draft: Draft = { ...talk, now, commands: [] }
  apply(draft, fact)
  Recovery.stepDown(draft)
  Playing.settle(draft)
  Renewal.watchRenewal(draft)
  HoldingPhrase.watchWaiting(draft)
  Closing.watchQuiet(draft)
  Afterwards.proceed(draft)
  Pace.watchGaps(draft)
  // first of all, since what the network is asked to do may outlive us
  draft.commands.unshift(...keepStanding(talk, draft))
  // the draft is the next talk as it is: taking `now` and `commands` out again costs ten times what copying the fields does
  return [draft, draft.commands]
}
