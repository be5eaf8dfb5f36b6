/** How a recorded session answered when it was asked whether it lives, and answers again: a replay asks at other moments. Pure. */
import type { Entry } from "../../wirelog/Entry.ts"
import { isProbe, typeOf } from "./Moments.ts"

const answer = JSON.stringify({ type: "session.updated" })

/** For one connection of the log: called at each probe of the replay, gives the answer, if there was one. */
export const makeProbeAnswers = (entries: ReadonlyArray<Entry>, on: string): (() => string | undefined) => {
  const frames = entries.flatMap((entry) => (entry.on === on && entry.is === "frame" ? [entry] : []))
  const probes = frames.filter(({ dir, frame }) => dir === "out" && isProbe(frame)).length
  const updates = frames.filter(({ dir, frame }) => dir === "out" && typeOf(frame) === "session.update").length - probes
  const answered =
    frames.filter(({ dir, frame }) => dir === "in" && typeOf(frame) === "session.updated").length - updates
  let asked = 0
  return () => {
    asked += 1
    // whoever answered all, or was never asked, answers; a session that froze does so after as many answers as it gave
    return answered >= probes || asked <= answered ? answer : undefined
  }
}
