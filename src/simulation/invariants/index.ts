/** All that must hold after every simulated call (design, 10). The thirteenth compares two runs: `twins.ts`. */
import type { Run } from "../world/Run.ts"
import { ends } from "./ends.ts"
import type { Invariant } from "./Invariant.ts"
import { interruptions } from "./interruptions.ts"
import { legs } from "./legs.ts"
import { remains } from "./remains.ts"
import { sessions } from "./sessions.ts"
import { takeovers } from "./takeover.ts"
import { voice } from "./voice.ts"
import { words } from "./words.ts"

export type { Invariant } from "./Invariant.ts"

export const invariants: ReadonlyArray<Invariant> = [
  ends,
  ...legs,
  interruptions,
  ...voice,
  ...words,
  ...sessions,
  ...remains,
  ...takeovers
]

/** One contradiction between a run and what must always hold. */
export interface Breach {
  readonly invariant: number
  readonly says: string
  readonly what: string
}

export const judge = (run: Run): ReadonlyArray<Breach> =>
  invariants.flatMap(({ check, number, says }) => check(run).map((what) => ({ invariant: number, says, what })))
