/** How the talk stands, for a process that may have to take it over: written down whenever it has changed. */
import { DateTime } from "effect"
import type { Standing } from "../../domain/Standing.ts"
import type { Command } from "../Command.ts"
import type { Talk } from "./Talk.ts"

const awayTo = ({ phase, transfers }: Talk): string | undefined =>
  phase === "away" ? transfers.at(-1)?.name : undefined

/** Among menus it is owed to somebody whom only the menu leads to, and who takes over must find the menu first. */
const openingOwed = ({ menu, openingOwed }: Talk): boolean => openingOwed && menu.since === undefined

const standingOf = (talk: Talk): Standing => {
  const name = awayTo(talk)
  const { by, since, used } = talk.hold
  return {
    ...(name === undefined ? {} : { awayTo: name }),
    ...(by === undefined
      ? {}
      : { hold: { by, since: DateTime.unsafeMake(Math.round(talk.epoch + since)), before: Math.round(used) } }),
    ...(openingOwed(talk) ? { openingOwed: true } : {})
  }
}

const isSame = (one: Talk, other: Talk): boolean =>
  awayTo(one) === awayTo(other) && one.hold === other.hold && openingOwed(one) === openingOwed(other)

/** What is to be written down, where `before` is. The line that is gone is taken over by nobody. */
export const keepStanding = (before: Talk, talk: Talk): ReadonlyArray<Command> =>
  talk.phase === "afterwards" || talk.phase === "done" || isSame(before, talk)
    ? []
    : [{ _tag: "PutStanding", standing: standingOf(talk) }]
