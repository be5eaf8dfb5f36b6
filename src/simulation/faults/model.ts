/** Faults of the model: what its server does wrong, and what the model itself does that nobody asked for. */
import type { Faults, ResponseFault, SessionNews } from "../realtime/Faults.ts"
import { type Mind, type Plan, type Situation, tagOf } from "../realtime/Mind.ts"
import { type Fault, type FaultName, isNamed, type Quirk } from "./Fault.ts"
import { isMeant, type Trouble } from "./Trouble.ts"

type Named<K extends string> = Extract<Fault, { readonly [P in K]: unknown }>

const responseFaults: Readonly<Record<Named<"response">["response"]["does"], ResponseFault>> = {
  "rate-limit": { _tag: "Fail", code: "rate_limit_exceeded" },
  "server-error": { _tag: "Fail", code: "server_error" },
  "content-filter": { _tag: "ContentFilter" },
  slow: { _tag: "Slow", by: "4 seconds" },
  "lose-tail": { _tag: "LoseTail", length: "1 second" },
  noise: { _tag: "Noise" },
  "outrun-cancel": { _tag: "OutrunCancel" },
  drop: { _tag: "Drop" },
  freeze: { _tag: "Freeze" }
}

/** The faults of the session of this connection attempt, counted from 1; of each kind the first that is meant. */
const sessionFaults = (plan: ReadonlyArray<Fault>, nth: number) => {
  const meant = <K extends FaultName>(name: K, which: (fault: Named<K>) => Parameters<typeof isMeant>[0]) =>
    plan.find((fault): fault is Named<K> => isNamed(fault, name) && isMeant(which(fault), nth))
  return {
    hangs: meant("hangModel", ({ hangModel }) => hangModel),
    refused: meant("refuseModel", ({ refuseModel }) => refuseModel),
    rejected: meant("rejectModel", ({ rejectModel }) => rejectModel),
    expires: meant("expireModel", ({ expireModel }) => expireModel),
    response: new Map(
      plan.flatMap((fault) =>
        "response" in fault && (fault.response.session ?? 1) === nth ? [[fault.response.nth, fault] as const] : []
      )
    ),
    transcription: new Map(
      plan.flatMap((fault) =>
        "transcription" in fault && (fault.transcription.session ?? 1) === nth
          ? [[fault.transcription.turn, fault] as const]
          : []
      )
    )
  }
}

/**
 * By the number of the connection, from 0, as the simulated server counts them. Each fault is met when it acts; the limit of
 * a session when it ends it, and when the session is left for one that was opened beside it: `expires_at` announces the limit.
 */
export const serverFaults = (trouble: Trouble, now: () => number) => {
  const open = new Set<number>()
  const meet = (fault: Fault | undefined) => {
    if (fault !== undefined) trouble.meet(now(), fault)
  }
  return (connection: number): Faults => {
    const { expires, hangs, refused, rejected, response, transcription } = sessionFaults(trouble.plan, connection + 1)
    // whichever shuts the door, there is no other behind it
    meet(hangs ?? refused ?? rejected)
    const tell = (news: SessionNews) => {
      if (news === "opened") open.add(connection)
      else if (news === "expired") {
        open.delete(connection)
        meet(expires)
      } else if (news === "closed") {
        if (open.delete(connection) && [...open].some((other) => other > connection)) meet(expires)
      } else if ("response" in news) meet(response.get(news.response))
      else meet(transcription.get(news.transcription))
    }
    return {
      ...(refused === undefined ? {} : { refuseHandshake: { status: refused.refuseModel.status } }),
      ...(hangs === undefined ? {} : { hangHandshake: true }),
      ...(rejected === undefined ? {} : { reject: rejected.rejectModel.reason }),
      ...(expires === undefined ? {} : { sessionLimit: `${expires.expireModel.after} seconds` as const }),
      responses: Object.fromEntries(
        Array.from(response, ([nth, fault]) => [nth, responseFaults[fault.response.does]] as const)
      ),
      transcription: Object.fromEntries(
        Array.from(transcription, ([turn, fault]) => [turn, fault.transcription.does] as const)
      ),
      tell
    }
  }
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
