/** Words for what a run with faults has seen. */
import { nameOf } from "../../../src/simulation/faults/Fault.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"

/** The faults that took effect, in order. */
export const metOf = ({ met }: Run): ReadonlyArray<string> => met.map(({ fault }) => nameOf(fault))

/** Seconds from the start of the run. */
export const since = ({ startedAt }: Run, at: number | undefined): number => ((at ?? Number.NaN) - startedAt) / 1000

/** Everything that the agent was heard to say. */
export const heardOf = ({ legs }: Run): string => legs.flatMap((leg) => leg.heard.map(({ text }) => text)).join(" ")
