/** 1: one terminal status per call, in time, whatever fails. */
import { isTerminal } from "../../domain/CallStatus.ts"
import { troubledUntil } from "../world/Machine.ts"
import type { Run } from "../world/Run.ts"
import { downtime, endTold, has, type Invariant, seconds } from "./Invariant.ts"

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

/** How soon after its limit a call is over that a service hangs up itself: the goodbye, and the way to Twilio. */
const goodbye = 25_000

/** Twilio's own limit lies 30 s behind ours: nobody who is there leaves a call to it, unless it is somebody else's now. */
const leftToTwilio = (run: Run): ReadonlyArray<string> => {
  const { maxCallDuration = 600 } = run.scenario.config ?? {}
  if (downtime(run) > 0 || has(run, ...unheard)) return []
  return run.legs.flatMap(({ answeredAt, dials, endedAt }) => {
    if (answeredAt === undefined || endedAt === undefined || dials.length > 0) return []
    const lasted = endedAt - answeredAt
    return lasted <= maxCallDuration * 1000 + goodbye
      ? []
      : [`the call was over only ${seconds(lasted)} after the answer`]
  })
}

/** Faults over which nobody may write down when. */
const unwritten = ["fillDisk", "lockDatabase"] as const

/** Faults over which the service may learn late, or never, when a call was answered or over. */
const unheard = ["loseCallback", "delayCallback", "refuse", "answer", "loseAnswer", "delayRequest"] as const

/** Milliseconds that the record may be beside what Twilio says. */
const beside = 6_000

/** How long the record says that they talked, if there was one call and its end was heard of. */
const wrongDuration = (run: Run): ReadonlyArray<string> => {
  const [leg, ...others] = run.legs
  const { answeredAt, endedAt } = leg ?? {}
  if (answeredAt === undefined || endedAt === undefined || others.length > 0 || has(run, ...unheard, ...unwritten))
    return []
  const lasted = endedAt - answeredAt
  const recorded = (run.call?.duration ?? 0) * 1000
  // Twilio says "0" of what it does not know, too
  return lasted < 1_000 || Math.abs(recorded - lasted) <= beside
    ? []
    : [`the record says ${seconds(recorded)} from answer to end, it was ${seconds(lasted)}`]
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
  return [...wrong, ...tooLate(run), ...leftToTwilio(run), ...wrongDuration(run)]
}

export const ends: Invariant = {
  number: 1,
  says: "one terminal status per call, reached in time, whatever fails",
  check
}
