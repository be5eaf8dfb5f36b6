/** A run as a story for people, in the order of time: what each side did, what was said, what went wrong. */
import { Cause } from "effect"
import { nameOf } from "./faults/Fault.ts"
import { detailOf, isWorthTelling, lineOf, text } from "./modelEvents.ts"
import type { Sent as ModelSent, Received } from "./realtime/Journal.ts"
import type { Run } from "./world/Run.ts"

interface Happening {
  readonly at: number
  /** Who did it. */
  readonly who: "phone" | "owner" | "twilio" | "callee" | "agent" | "model" | "fault" | "log"
  readonly what: string
}

const modelHappenings = (session: Run["sessions"][number]): ReadonlyArray<Happening> => {
  const name = `session ${session.index + 1}`
  const received = (entry: Received): ReadonlyArray<Happening> =>
    entry._tag === "Event" && isWorthTelling(entry.type)
      ? [{ at: entry.at, who: "phone", what: `${name} <- ${entry.type}` }]
      : []
  const sent = ({ at, event, type }: ModelSent): ReadonlyArray<Happening> =>
    isWorthTelling(type) ? [{ at, who: "model", what: `${name} -> ${type}${detailOf(event)}` }] : []
  return [
    { at: session.openedAt, who: "phone", what: `${name} is open` },
    ...session.received.flatMap(received),
    ...session.sent.flatMap(sent),
    ...(session.closed === undefined
      ? []
      : [
          {
            at: session.closed.at,
            who: "model" as const,
            what: `${name} is closed by the ${session.closed.by} (${session.closed.code})`
          }
        ]),
    ...session.violations.map(({ at, detail: why, kind }) => ({
      at,
      who: "model" as const,
      what: `${name} complains: ${kind}, ${why}`
    }))
  ]
}

const legHappenings = (leg: Run["legs"][number]): ReadonlyArray<Happening> => [
  ...leg.statuses.map(({ at, status }) => ({ at, who: "twilio" as const, what: `the call is ${status}` })),
  ...leg.webhooks.map(({ answer, at, kind, parameters }) => {
    const told = parameters.find(([key]) => key === "AnsweredBy" || key === "CallStatus")?.[1]
    return { at, who: "twilio" as const, what: `webhook ${kind}${told === undefined ? "" : ` ${told}`}: ${answer}` }
  }),
  ...leg.alerts.map(({ at, code, message }) => ({ at, who: "twilio" as const, what: `alert ${code}: ${message}` })),
  ...leg.streams.flatMap(({ endedAt, sid, startedAt }) => [
    { at: startedAt, who: "twilio" as const, what: `stream ${sid.slice(0, 6)} begins` },
    ...(endedAt === undefined
      ? []
      : [{ at: endedAt, who: "twilio" as const, what: `stream ${sid.slice(0, 6)} is over` }])
  ]),
  ...leg.clears.map(({ at, droppedMs }) => ({ at, who: "twilio" as const, what: `clear: ${droppedMs} ms dropped` })),
  ...leg.dials.map(({ at, status, to }) => ({ at, who: "twilio" as const, what: `dials ${to}: ${status}` })),
  ...leg.said.map(({ at, ms, text: words }) => ({ at, who: "callee" as const, what: `says (${ms} ms) "${words}"` })),
  ...leg.heard.map(({ at, ms, text: words }) => ({ at, who: "agent" as const, what: `is heard (${ms} ms) "${words}"` }))
]

const eventHappenings = ({ events }: Run): ReadonlyArray<Happening> =>
  events.flatMap(({ at, event }) => {
    if (event._tag === "Partial") return []
    const what =
      event._tag === "Status"
        ? `is told: ${event.status}`
        : event._tag === "Turn"
          ? `is told the ${event.turn.role}'s turn "${event.turn.text}"${event.turn.interrupted === true ? " (interrupted)" : ""}`
          : event._tag === "Ended"
            ? `is told the end: ${event.call.outcome?.summary ?? ""}`
            : `is told ${text(event)}`
    return [{ at, who: "owner" as const, what }]
  })

const happenings = (run: Run): ReadonlyArray<Happening> =>
  [
    ...run.met.map(({ at, fault }) => ({
      at,
      who: "fault" as const,
      what: `${nameOf(fault)} ${text(Object.values(fault)[0])}`
    })),
    ...run.lives.flatMap(({ end, endedAt, startedAt }) => [
      { at: startedAt, who: "phone" as const, what: "the service starts" },
      ...(endedAt === undefined
        ? []
        : [
            {
              at: endedAt,
              who: "phone" as const,
              what: `the service ${end === "killed" ? "is killed" : end === "stopped" ? "has stopped" : "did not start"}`
            }
          ])
    ]),
    ...run.sent.map(({ answer, at, form, method, path }) => ({
      at,
      who: "phone" as const,
      what: `${method} ${path.replace(/^.*\/Accounts\/\w+/, "")} ${["Status", "Twiml"].flatMap((key) => form.get(key) ?? []).join(" ")}: ${answer ?? "no answer"}`
    })),
    ...run.legs.flatMap(legHappenings),
    ...run.sessions.flatMap(modelHappenings),
    ...eventHappenings(run),
    ...run.logs.map(({ at, cause, level, text: line }) => ({
      at,
      who: "log" as const,
      what: `${level.label} ${line}${Cause.isEmpty(cause) ? "" : ` ${Cause.pretty(cause).split("\n")[0]}`}`
    }))
  ].sort((a, b) => a.at - b.at)

/** One line for each thing that happened: seconds since the start, who, what. */
export const timelineOf = (run: Run): ReadonlyArray<string> =>
  happenings(run).map(({ at, what, who }) => lineOf(at - run.startedAt, who.padEnd(6), what))
