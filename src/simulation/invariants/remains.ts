/** 11, and what goes without saying: nothing is left of a call, and nothing broke unseen. */
import { Cause } from "effect"
import type { Invariant } from "./Invariant.ts"
import { noSecrets } from "./secrets.ts"

const nobody = { fibers: 0, asleep: 0, files: 0 }

const nothingRemains: Invariant = {
  number: 11,
  says: "after the call no fiber, socket, timer or file handle of it remains",
  check: (run) => {
    const wrong: Array<string> = []
    // in real time it is not counted
    const { after, before } = run.residue ?? { after: nobody, before: nobody }
    if (after.fibers > before.fibers) wrong.push(`${after.fibers - before.fibers} fibers are left`)
    if (after.asleep > before.asleep) wrong.push(`${after.asleep - before.asleep} timers are left`)
    if (after.files > before.files) wrong.push(`${after.files - before.files} files are left open`)
    for (const session of run.sessions) {
      if (session.closed === undefined)
        wrong.push(`session ${session.index + 1} of the model is still open, and billed`)
    }
    for (const leg of run.legs) {
      for (const stream of leg.streams)
        if (stream.endedAt === undefined) wrong.push(`stream ${stream.sid} is still open`)
    }
    return wrong
  }
}

const noDefect: Invariant = {
  number: 0,
  says: "nothing broke unseen: no defect was logged",
  check: ({ logs }) =>
    logs
      .filter(({ cause }) => Cause.isDie(cause))
      .map(({ cause, text }) => `${text}: ${Cause.pretty(cause).slice(0, 600)}`)
}

export const remains: ReadonlyArray<Invariant> = [nothingRemains, noDefect, noSecrets]
