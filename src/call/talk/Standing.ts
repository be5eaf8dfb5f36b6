/** How the talk stands, for a process that may have to take it over: written down whenever it has changed. */
import { DateTime } from "effect"
import type { Standing } from "../../domain/Standing.ts"
import type { Command } from "../Command.ts"
import { turnSoFar } from "./acts/Turns.ts"
import type { Talk } from "./Talk.ts"

const awayTo = ({ phase, transfers }: Talk): string | undefined =>
  phase === "away" ? transfers.at(-1)?.name : undefined

/** Among menus it is owed to somebody whom only the menu leads to, and who takes over must find the menu first. */
const openingOwed = ({ menu, openingOwed }: Talk): boolean => openingOwed && menu.since === undefined

/** The sentence of ours that is being heard, once enough of it was, and how many times as much by now. */
const saying = ({ playout, rules, utterances }: Talk) => {
  for (const [itemId] of utterances.saying) {
    const steps = Math.floor((playout.items.get(itemId)?.heard ?? 0) / rules.limits.openingHeard)
    if (steps > 0) return { itemId, steps }
  }
  return undefined
}

const standingOf = (talk: Talk): Standing => {
  const name = awayTo(talk)
  const { by, since, used } = talk.hold
  const said = saying(talk)
  const turn = said === undefined ? undefined : turnSoFar(talk, said.itemId)
  return {
    ...(name === undefined ? {} : { awayTo: name }),
    ...(by === undefined
      ? {}
      : { hold: { by, since: DateTime.unsafeMake(Math.round(talk.epoch + since)), before: Math.round(used) } }),
    ...(openingOwed(talk) ? { openingOwed: true } : {}),
    ...(turn === undefined ? {} : { saying: turn })
  }
}

/** That a sentence is over, its turn tells. */
const saysMore = (before: Talk, talk: Talk): boolean => {
  const [then, now] = [saying(before), saying(talk)]
  return now !== undefined && (now.itemId !== then?.itemId || now.steps > then.steps)
}

const isSame = (before: Talk, talk: Talk): boolean =>
  awayTo(before) === awayTo(talk) &&
  before.hold === talk.hold &&
  openingOwed(before) === openingOwed(talk) &&
  !saysMore(before, talk)

/** What is to be written down, where `before` is. The line that is gone is taken over by nobody. */
export const keepStanding = (before: Talk, talk: Talk): ReadonlyArray<Command> =>
  talk.phase === "afterwards" || talk.phase === "done" || isSame(before, talk)
    ? []
    : [{ _tag: "PutStanding", standing: standingOf(talk) }]
