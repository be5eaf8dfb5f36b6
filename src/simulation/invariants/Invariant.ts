/** The form of what must always hold (design, 10), and the words in which runs are judged. */

import type { Utterance } from "../callee/CalleeLine.ts"
import type { Fault } from "../faults/Fault.ts"
import { type FaultName, nameOf } from "../faults/Fault.ts"
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

export const has = ({ scenario: { faults = [] } }: Run, ...names: ReadonlyArray<FaultName>): boolean =>
  faults.some((fault) => names.some((name) => name === nameOf(fault)))

/** The faults that were met, by name. */
export const met = (run: Run): ReadonlyArray<Fault> => run.met.map(({ fault }) => fault)

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

/** The model's server broke, or the way to it: of what it said, text and audio need not be the same, or end as meant. */
export const modelBroke = (run: Run): boolean =>
  has(run, "cutModel", "muteModel", "holdModel", "expireModel") ||
  run.scenario.faults?.some(
    (fault) => "response" in fault && /content-filter|lose-tail|drop|freeze/.test(fault.response.does)
  ) === true
