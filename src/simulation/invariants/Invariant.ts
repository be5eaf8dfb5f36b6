/** The form of what must always hold (design, 10), and the words in which runs are judged. */

import type { Utterance } from "../callee/CalleeLine.ts"
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Said } from "../realtime/Journal.ts"
import type { Run } from "../world/Run.ts"

export interface Invariant {
  /** Its number in the design; 0 for what goes without saying. */
  readonly number: number
  readonly says: string
  /** What of a run contradicts it, in words for a person. Judged from the outside only. */
  readonly check: (run: Run) => ReadonlyArray<string>
}

/** Letters and digits only, in lower case: what can be compared of spoken words. */
export const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")

export const lettersOf = (utterances: ReadonlyArray<Utterance>): string =>
  letters(utterances.map(({ text }) => text).join(" "))

/** Whether one of these faults took effect. What was only planned excuses nothing. */
export const has = ({ met }: Run, ...names: ReadonlyArray<FaultName>): boolean =>
  met.some(({ fault }) => names.some((name) => name === nameOf(fault)))

/** The service did not live through the whole run. */
export const restarted = (run: Run): boolean => run.lives.length > 1

/** For how long no service was there, in milliseconds. */
export const downtime = ({ lives, endedAt }: Run): number =>
  lives.reduce((sum, life, index) => {
    if (life.endedAt === undefined) return sum
    return sum + (lives[index + 1]?.startedAt ?? endedAt) - life.endedAt
  }, 0)

/** When the end was told, if it was. */
export const endTold = (run: Run): number | undefined => run.events.find(({ event }) => event._tag === "Ended")?.at

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`

/** A response of the model took such a turn. */
export const responded = ({ met }: Run, what: RegExp): boolean =>
  met.some(({ fault }) => "response" in fault && what.test(fault.response.does))

/** A session of the model was lost, or the way to it was: what was underway then is nobody's fault. */
export const sessionLost = (run: Run): boolean =>
  has(run, "cutModel", "muteModel", "holdModel", "expireModel") || responded(run, /drop|freeze/)

/** Of what the model said, text and audio need not be the same, or end as meant. */
export const modelBroke = (run: Run): boolean => sessionLost(run) || responded(run, /content-filter|lose-tail/)

type Turn = NonNullable<Run["call"]>["transcript"][number]

/** What the model meant to say where the record has this turn. The end of a text may be lost with the session, and its sound heard. */
export const meantBy = (run: Run, { generated, interrupted, text }: Turn): ReadonlyArray<Said> => {
  const known = letters(generated ?? text)
  const isCut = interrupted === true && known !== "" && sessionLost(run)
  return run.sessions
    .flatMap(({ said }) => said)
    .filter(({ aside, text: all }) => !aside && (isCut ? letters(all).startsWith(known) : letters(all) === known))
}
