/** 1: one terminal status per call, in time, whatever fails. */
import { isTerminal } from "../../domain/CallStatus.ts"
import { troubledUntil } from "../world/Machine.ts"
import type { Run } from "../world/Run.ts"
import { downtime, endTold, type Invariant, seconds } from "./Invariant.ts"

const ranks = ["queued", "dialing", "ringing", "in-progress"]

const told = (run: Run, life: number) =>
  run.events.flatMap((each) => (each.life === life && each.event._tag === "Status" ? [each.event.status] : []))

/** What a call may take beyond its limits while everything about it goes wrong. */
const grace = 60_000

const tooLate = (run: Run): ReadonlyArray<string> => {
  const end = endTold(run)
  if (end === undefined) return []
  const { maxCallDuration = 600, ringTimeout = 30 } = run.scenario.config ?? {}
  const [leg] = run.legs
  const from = leg?.answeredAt ?? run.startedAt
  const most = (leg?.answeredAt === undefined ? ringTimeout + 60 : maxCallDuration) * 1000 + grace + downtime(run)
  const least = run.startedAt + troubledUntil(run.scenario.faults ?? []) * 1000 + grace
  return end - from <= most || end <= least
    ? []
    : [`the end was told ${seconds(end - from)} after the ${leg?.answeredAt === undefined ? "start" : "answer"}`]
}

const check = (run: Run): ReadonlyArray<string> => {
  const { call, events, ids, refused } = run
  if (refused !== undefined && ids.length === 0)
    return call === undefined ? [] : ["it was refused, and yet there is a record"]
  if (call === undefined) return [`there is no record of call ${ids.join(", ")}`]
  const wrong: Array<string> = []
  if (!isTerminal(call.status)) wrong.push(`the record says ${call.status} at the end of the run`)
  if (endTold(run) === undefined) wrong.push("the end was never told")
  for (const life of new Set(events.map((each) => each.life))) {
    const statuses = told(run, life)
    // who lost the connection while the end was told asks the next service again
    const endings = events.filter((each) => each.life === life && each.event._tag === "Ended").length
    if (endings > 1) wrong.push(`Ended was told ${endings} times`)
    const ends = statuses.filter(isTerminal)
    if (ends.length > 1) wrong.push(`the end was told ${ends.length} times: ${ends.join(", ")}`)
    for (const status of ends) if (status !== call.status) wrong.push(`${status} was told, ${call.status} is kept`)
    const before = statuses.filter((status) => !isTerminal(status)).map((status) => ranks.indexOf(status))
    if (before.some((rank, index) => rank <= (before[index - 1] ?? -1)))
      wrong.push(`statuses went back: ${statuses.join(", ")}`)
    if (ends.length > 0 && statuses.at(-1) !== ends[0])
      wrong.push(`a status came after the end: ${statuses.join(", ")}`)
  }
  if (call.endedAt === undefined) wrong.push("the record has no endedAt")
  if (call.outcome === undefined) wrong.push("the record has no outcome")
  const { basis, evidence = [], success } = call.outcome ?? {}
  if (success === true && (basis !== "cited" || !evidence.some((index) => call.transcript[index]?.role === "user")))
    wrong.push("a success cites no words of the callee")
  if ((call.error !== undefined) !== (call.status === "failed"))
    wrong.push(`${call.status} with error ${call.error?.type}`)
  return [...wrong, ...tooLate(run)]
}

export const ends: Invariant = {
  number: 1,
  says: "one terminal status per call, reached in time, whatever fails",
  check
}
