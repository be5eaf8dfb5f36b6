/** 2, 3 and 12: telephone legs. One at most, asked for once, none after the end, and nobody that the policy does not allow. */
import { Either, Schema } from "effect"
import { simulatedCredentials } from "../../config/simulated.ts"
import { PhoneNumber, parsePhoneNumber } from "../../domain/PhoneNumber.ts"
import { callee } from "../world/Owner.ts"
import { isCreate, type Run } from "../world/Run.ts"
import { forbidden } from "./forbidden.ts"
import { endTold, type Invariant, seconds } from "./Invariant.ts"

const oneLeg: Invariant = {
  number: 2,
  says: "at most one live leg per call, none after the terminal status",
  check: (run) => {
    const wrong: Array<string> = []
    const { endedAt, legs } = run
    const dialled = legs.filter((leg) => leg.statuses.some(({ status }) => status === "initiated"))
    if (dialled.length > 1) wrong.push(`${dialled.length} legs were dialled`)
    const end = endTold(run)
    for (const leg of legs) {
      if (leg.live)
        wrong.push(`leg ${leg.sid} still lives ${seconds(endedAt - (leg.answeredAt ?? endedAt))} after its answer`)
      else if (end !== undefined && leg.endedAt !== undefined && leg.endedAt > end)
        wrong.push(`leg ${leg.sid} lived for ${seconds(leg.endedAt - end)} after the end was told`)
    }
    return wrong
  }
}

/** A request that is answered so was surely not processed (facts/twilio.md 1.4). */
const unprocessed = new Set<unknown>([429, "refused"])

const oneDial: Invariant = {
  number: 3,
  says: "a call is created once, unless the request before is known not to have been processed",
  check: ({ ids, sent }) => {
    const creates = sent.filter(isCreate)
    const doubtful = creates.slice(0, -1).filter(({ answer }) => !unprocessed.has(answer))
    return [
      ...(doubtful.length === 0
        ? []
        : [
            `create was sent ${creates.length} times, answered ${creates.map(({ answer }) => answer ?? "nothing").join(", ")}`
          ]),
      ...(ids.length > 1 ? [`one request became the calls ${ids.join(" and ")}`] : [])
    ]
  }
}

const ownNumber = Schema.decodeSync(PhoneNumber)(simulatedCredentials.phoneNumber)

/** In the form in which it is dialled, whatever the form in which it was asked for. */
const numberOf = (text: string): string => Either.getOrElse(parsePhoneNumber(text, ownNumber), () => text)

const allowed = ({ scenario }: Run): ReadonlySet<string> =>
  new Set(Object.values(scenario.config?.transferTo ?? {}).map(numberOf))

const policy: Invariant = {
  number: 12,
  says: "nothing outside the policy is dialled, by request, by the model or by transfer",
  check: (run) => {
    const wrong: Array<string> = []
    const wanted = numberOf(run.scenario.call.to ?? callee)
    for (const { at, form } of run.sent.filter(isCreate)) {
      const to = form.get("To")
      if (to !== wanted) wrong.push(`${to} was dialled in place of ${wanted}`)
      if (to !== null) wrong.push(...forbidden(run, to, at))
      if (form.get("From") !== ownNumber) wrong.push(`it was dialled from ${form.get("From")}`)
    }
    for (const leg of run.legs) {
      for (const { at, to } of leg.dials) {
        if (!allowed(run).has(to)) wrong.push(`the call was transferred to ${to}`)
        wrong.push(...forbidden(run, to, at))
      }
    }
    return wrong
  }
}

export const legs: ReadonlyArray<Invariant> = [oneLeg, oneDial, policy]
