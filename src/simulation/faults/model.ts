/** Faults of the model: what its server does wrong, and what the model itself does that nobody asked for. */
import type { Faults, ResponseFault, TranscriptionFault } from "../realtime/Faults.ts"
import { type Mind, type Plan, type Situation, tagOf } from "../realtime/Mind.ts"
import { type Fault, faultsOf, type Quirk } from "./Fault.ts"
import { isMeant, type Trouble } from "./Trouble.ts"

type Named<K extends string> = Extract<Fault, { readonly [P in K]: unknown }>

const responseFaults: Readonly<Record<Named<"response">["response"]["does"], ResponseFault>> = {
  "rate-limit": { _tag: "Fail", code: "rate_limit_exceeded" },
  "server-error": { _tag: "Fail", code: "server_error" },
  "content-filter": { _tag: "ContentFilter" },
  slow: { _tag: "Slow", by: "4 seconds" },
  "lose-tail": { _tag: "LoseTail", length: "1 second" },
  noise: { _tag: "Noise" },
  drop: { _tag: "Drop" },
  freeze: { _tag: "Freeze" }
}

/** What befalls the session of this connection attempt, counted from 1. */
const sessionFaults = (plan: ReadonlyArray<Fault>, nth: number): Faults => {
  const isThis = (which: { readonly nth?: number; readonly times?: number }) => isMeant(which, nth)
  const refused = faultsOf(plan, "refuseModel").find(isThis)
  const hangs = faultsOf(plan, "hangModel").find(isThis)
  const rejected = faultsOf(plan, "rejectModel").find(isThis)
  const expires = faultsOf(plan, "expireModel").find(isThis)
  const responses: Record<number, ResponseFault> = {}
  for (const { does, nth: response, session = 1 } of faultsOf(plan, "response")) {
    if (session === nth) responses[response] = responseFaults[does]
  }
  const transcription: Record<number, TranscriptionFault> = {}
  for (const { does, session = 1, turn } of faultsOf(plan, "transcription")) {
    if (session === nth) transcription[turn] = does
  }
  return {
    ...(refused === undefined ? {} : { refuseHandshake: { status: refused.status } }),
    ...(hangs === undefined ? {} : { hangHandshake: true }),
    ...(rejected === undefined ? {} : { reject: rejected.reason }),
    ...(expires === undefined ? {} : { sessionLimit: `${expires.after} seconds` as const }),
    responses,
    transcription
  }
}

const isAbout = (fault: Fault, nth: number): boolean =>
  ("refuseModel" in fault && isMeant(fault.refuseModel, nth)) ||
  ("hangModel" in fault && isMeant(fault.hangModel, nth)) ||
  ("rejectModel" in fault && isMeant(fault.rejectModel, nth)) ||
  ("expireModel" in fault && isMeant(fault.expireModel, nth)) ||
  ("response" in fault && (fault.response.session ?? 1) === nth) ||
  ("transcription" in fault && (fault.transcription.session ?? 1) === nth)

/** By the number of the connection, from 0, as the simulated server counts them. Faults of a session count as met when it is tried. */
export const serverFaults =
  (trouble: Trouble, now: () => number) =>
  (connection: number): Faults => {
    for (const fault of trouble.plan) if (isAbout(fault, connection + 1)) trouble.meet(now(), fault)
    return sessionFaults(trouble.plan, connection + 1)
  }

const outcome = {
  success: true,
  taskCompleted: true,
  summary: "All is settled.",
  evidence: ["Yes, of course, gladly."]
}

const quirks: Readonly<Record<Quirk, (planned: Plan) => Plan>> = {
  "says-nothing": () => [],
  "says-two-things": (planned) => [...planned, { say: "And one more thing, thank you for your time." }],
  "talks-long": () => [{ say: "Well, let me explain this at some length, since it matters to me. ".repeat(5).trim() }],
  "ends-without-a-word": () => [{ call: "end_call", input: { ...outcome, success: false, evidence: [] } }],
  "ends-twice": () => [
    { say: "Goodbye." },
    { call: "end_call", input: outcome },
    { call: "end_call", input: { ...outcome, success: false } }
  ],
  "ends-with-nonsense": () => [{ say: "Goodbye." }, { call: "end_call", input: '{"success": "perhaps", evidence' }],
  "calls-an-unknown-tool": (planned) => [...planned, { call: "book_table", input: { at: "noon" } }],
  "claims-a-success": () => [{ say: "Thank you, goodbye." }, { call: "end_call", input: outcome }],
  "claims-a-machine": () => [{ call: "report_answering_machine", input: {} }],
  "presses-keys": () => [{ call: "send_digits", input: { digits: "1" } }],
  "transfers-to-a-stranger": () => [{ call: "transfer_call", input: { destination: "+19005551234" } }]
}

const isPossible = (plan: Plan, { toolChoice }: Situation): boolean =>
  toolChoice !== "none" || plan.every((part) => !("call" in part))

/** The mind, but for its quirks. Its responses are counted over the whole call; those beside the conversation are not. */
export const quirky =
  (trouble: Trouble, mind: Mind, now: () => number): Mind =>
  (situation) => {
    const planned = mind(situation)
    if (situation.aside !== false || tagOf(situation) === "outcome") return planned
    const nth = trouble.count("response")
    for (const fault of trouble.plan) {
      if (!("quirk" in fault) || fault.quirk.nth !== nth) continue
      const plan = quirks[fault.quirk.does](planned)
      if (!isPossible(plan, situation)) continue
      trouble.meet(now(), fault)
      return plan
    }
    return planned
  }
