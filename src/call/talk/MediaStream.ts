/** The media stream of the call: it drops, it comes back, it does not come, or it falls silent without a word. */
import * as Playout from "../Playout.ts"
import { fail, hangUp } from "./acts/Endings.ts"
import { pump } from "./acts/Playing.ts"
import { storeHeard } from "./acts/Turns.ts"
import { type Draft, order, setTimer, stopTimer } from "./Draft.ts"
import { report } from "./Incidents.ts"
import { isLive } from "./Talk.ts"

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
  draft.mediaUp = false
  draft.playout = Playout.interruptStream(draft.playout, draft.now)
  storeHeard(draft)
  stopTimer(draft, "pump")
  // what the callee was saying ended with the stream; the model must hear that, or it never writes it down
  if (draft.speaking !== undefined) order(draft, { _tag: "HearSilence", ms: 1_000 })
  awaitMedia(draft)
}

/** A stream is there, again perhaps. */
export const mediaBack = (draft: Draft): void => {
  if (draft.mediaLostAt !== undefined) report(draft, "media-lost", draft.mediaLostAt)
  draft.mediaLostAt = undefined
}

/** A new stream should follow soon; while keys are pressed the telephone side watches that itself. */
export const awaitMedia = (draft: Draft): void => {
  const pressing = draft.toolsOpen.size > 0 && draft.next === undefined
  if (!isLive(draft) || draft.mediaUp || pressing) return
  if (!draft.hangingUp) draft.mediaLostAt = draft.mediaLostAt ?? draft.now
  setTimer(draft, "mediaStart", draft.rules.limits.mediaStart)
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
