/** 7 and 8: how the model's sessions and the media stream are treated. */

import type { SessionLog } from "../realtime/Journal.ts"
import type { Run } from "../world/Run.ts"
import { type Invariant, restarted, sessionLost } from "./Invariant.ts"

const about = (run: Run, kinds: ReadonlyArray<string>) =>
  run.sessions.flatMap((session) =>
    session.violations
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ detail, kind }) => `session ${session.index + 1}: ${kind}, ${detail}`)
  )

/** After these nobody is there to be answered. */
const endsTheCall = ({ legs: [leg] }: Run, tool: string) =>
  tool === "end_call" || (tool === "transfer_call" && leg?.dials.some(({ status }) => status === "completed") === true)

/** Keys that were pressed, and keys that the model asked for: what it asks once is done once. */
const pressedAgain = (run: Run): ReadonlyArray<string> => {
  const wanted = run.sessions.flatMap(({ toolCalls }) =>
    toolCalls.flatMap(({ complete, input, name }) => (complete && name === "send_digits" ? [input] : []))
  )
  const presses = run.sent.filter(
    ({ answer, form }) => answer === 200 && form.get("Twiml")?.includes("<Play digits=") === true
  )
  return presses.length <= wanted.length
    ? []
    : [`keys were pressed ${presses.length} times, the model asked for it ${wanted.length} times`]
}

/** This tool was called when the call was just over: nobody waits for its answer. */
const isOverAtOnce = ({ closed, sent }: SessionLog, callId: string): boolean => {
  const called = sent.find(
    ({ event, type }) => type === "response.function_call_arguments.done" && event.call_id === callId
  )
  return closed !== undefined && called !== undefined && closed.at - called.at < 1_000
}

const oneResponse: Invariant = {
  number: 7,
  says: "never two active responses; every tool call runs once and is answered once",
  check: (run) => [
    ...about(run, [
      "response-while-active",
      "unknown-call-id",
      "tool-answered-twice",
      "truncate-beyond-audio",
      "unknown-item",
      "rejected-event"
    ]),
    ...pressedAgain(run),
    ...run.sessions.flatMap((session) =>
      session.toolCalls.flatMap(({ callId, complete, name, outputs }) => {
        if (outputs.length > 1)
          return [`session ${session.index + 1}: ${name} ${callId} was answered ${outputs.length} times`]
        return complete &&
          outputs.length === 0 &&
          !endsTheCall(run, name) &&
          !restarted(run) &&
          !sessionLost(run) &&
          !isOverAtOnce(session, callId)
          ? [`session ${session.index + 1}: ${name} ${callId} was never answered`]
          : []
      })
    )
  ]
}

/** Twilio's complaints about what we send: malformed, too much, after the end (facts/twilio.md 2). */
const complaints = new Set([31931, 31950, 31951])

const tooEarly = (run: Run) =>
  run.sessions.flatMap((session) => {
    const configured = session.sent.find(({ type }) => type === "session.updated")?.at ?? Number.POSITIVE_INFINITY
    const early = session.received.filter(
      (event) => event.at < configured && !(event._tag === "Event" && event.type === "session.update")
    )
    return early.length === 0
      ? []
      : [`session ${session.index + 1} was sent ${early.length} events before it was configured`]
  })

/** One line for each end of a socket that did not silence the service, however much was sent after it. */
const tooLate = ({ late }: Run): ReadonlyArray<string> =>
  [...Map.groupBy(late, ({ after, to }) => `to ${to} after ${after}`)].map(
    ([where, all]) => `${all.length} messages were sent ${where}, the first of them: ${all[0]?.what}`
  )

const properAudio: Invariant = {
  number: 8,
  says: "no audio before the session is configured, to a closed socket, with a wrong streamSid, or after the stop",
  check: (run) => [
    ...about(run, ["audio-before-configured"]),
    ...tooEarly(run),
    ...tooLate(run),
    ...run.legs.flatMap((leg) =>
      leg.alerts
        .filter(({ code }) => complaints.has(code))
        .map(({ code, message }) => `Twilio alert ${code}: ${message}`)
    )
  ]
}

export const sessions: ReadonlyArray<Invariant> = [oneResponse, properAudio]
