/** The media stream of the call: it drops, it comes back, it does not come, or it falls silent without a word. */
import * as Playout from "../Playout.ts"
import { fail, giveUp, hangUp } from "./acts/Endings.ts"
import { boundSettling, pump } from "./acts/Playing.ts"
import { storeHeard } from "./acts/Turns.ts"
import { type Draft, order, setTimer, stopTimer } from "./Draft.ts"
import { report } from "./Incidents.ts"
import { isLive } from "./Talk.ts"
import { openQuestion } from "./tools/Questions.ts"

/** Nothing comes on the stream: what is being said now may be heard by nobody. */
export const mediaQuiet = (draft: Draft, since: number): void => {
  draft.playout = Playout.quiet(draft.playout, since)
}

/** It was quiet for a moment only. */
export const mediaHeard = (draft: Draft): void => {
  draft.playout = Playout.alive(draft.playout)
  pump(draft)
}

/** The stream is gone. The network asks for new instructions by itself, so a new one follows, or the call has ended. */
export const mediaStopped = (draft: Draft): void => {
  const { quietSince } = draft.playout
  draft.mediaUp = false
  draft.playout = Playout.interruptStream(draft.playout, draft.now)
  storeHeard(draft)
  stopTimer(draft, "pump")
  // what the callee was saying ended with the stream; the model must hear that, or it never writes it down
  if (draft.speaking !== undefined) order(draft, { _tag: "HearSilence", ms: 1_000 })
  if (isTakenAway(draft)) return
  awaitMedia(draft, quietSince)
  if (quietSince !== undefined) fellSilent(draft, quietSince)
}

/** A stream is there, again perhaps. */
export const mediaBack = (draft: Draft): void => {
  draft.mediaSince = draft.now
  const { mediaLostAt } = draft
  draft.mediaLostAt = undefined
  if (mediaLostAt === undefined) return
  report(draft, "media-lost", mediaLostAt)
  draft.lineGap = draft.now - mediaLostAt >= draft.rules.limits.lineGap
  if (draft.lineGap) boundSettling(draft, draft.rules.limits.lastWords)
}

/** While keys are pressed the telephone side watches the stream itself; an ended call has none. */
const isTakenAway = (draft: Draft): boolean => {
  const question = openQuestion(draft)?.toolCallId
  const pressing = draft.next === undefined && [...draft.toolsOpen].some((toolCallId) => toolCallId !== question)
  return pressing || !isLive(draft)
}

/** A new stream should follow soon. `since`: when the one before was last heard, if not just now. */
export const awaitMedia = (draft: Draft, since = draft.now): void => {
  if (isTakenAway(draft) || draft.mediaUp) return
  if (!draft.hangingUp) draft.mediaLostAt = draft.mediaLostAt ?? since
  setTimer(draft, "mediaStart", draft.rules.limits.mediaStart)
}

/** The way to the callee does not last: a few streams that fell silent one after the other are enough of a wait for them. */
const fellSilent = (draft: Draft, since: number): void => {
  const { lastWords, mediaLasts, mediaSetbacks } = draft.rules.limits
  draft.mediaSetbacks = since - draft.mediaSince < mediaLasts ? draft.mediaSetbacks + 1 : 1
  if (draft.hangingUp) return
  // last words that went into it are heard on the next stream
  if (draft.mediaSetbacks <= mediaSetbacks) return boundSettling(draft, lastWords)
  // a goodbye that cannot be heard is not begun again and again
  if (draft.phase === "closing") return hangUp(draft)
  giveUp(draft, {
    type: "CallFailed",
    message: `The line fell silent ${draft.mediaSetbacks} times in a row: Twilio's media streams opened, and carried nothing any more.`
  })
}

/** None came. */
export const noMedia = (draft: Draft): void => {
  // after a talk, a stream that does not come back mostly means that the callee has hung up and nobody told us
  if (draft.phase !== "waiting") return hangUp(draft)
  fail(draft, {
    type: "CallFailed",
    message: "The call was answered, but Twilio did not open its media stream. Is webhookHost reachable for WebSockets?"
  })
}

/** No audio for half a minute, not even of silence. */
export const mediaSilent = (draft: Draft): void =>
  fail(draft, { type: "CallFailed", message: "The line was dead: Twilio sent no audio for half a minute." })
