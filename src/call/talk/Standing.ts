/** How the talk stands, for a process that may have to take it over: written down whenever it has changed. */
import type { Standing } from "../../domain/Standing.ts"
import type { Command } from "../Command.ts"
import type { Talk } from "./Talk.ts"

const awayTo = ({ phase, transfers }: Talk): string | undefined =>
  phase === "away" ? transfers.at(-1)?.name : undefined

const standingOf = (talk: Talk): Standing => {
  const name = awayTo(talk)
  return { ...(name === undefined ? {} : { awayTo: name }) }
}

/** What is to be written down, where `before` is. The line that is gone is taken over by nobody. */
export const keepStanding = (before: Talk, talk: Talk): ReadonlyArray<Command> =>
  talk.phase === "afterwards" || talk.phase === "done" || awayTo(before) === awayTo(talk)
    ? []
    : [{ _tag: "PutStanding", standing: standingOf(talk) }]
