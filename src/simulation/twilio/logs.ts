/**
 * What the simulated Twilio remembers of each call, seen from outside: for tests, and for whoever wants to compare what
 * was really said and heard with what a program claims. All times are epoch milliseconds of the Effect Clock.
 */
import type { Utterance } from "../callee/CalleeLine.ts"
import type { Form } from "./Signature.ts"

/** One request to the REST interface, and how it was answered. `code` is Twilio's error code. */
export interface RestRequestLog {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly parameters: Form
  readonly status: number
  readonly code: number | undefined
  readonly callSid: string | undefined
}

/** A warning or error that a Twilio customer would find in the debugger (facts/twilio.md 2). */
export interface Alert {
  readonly at: number
  readonly code: number
  readonly message: string
}

export type WebhookKind = "twiml" | "status" | "amd" | "recording" | "stream"

/** One webhook: each attempt is its own entry, with the same token. `answer` is the HTTP status, or what went wrong. */
export interface WebhookLog {
  readonly at: number
  readonly kind: WebhookKind
  readonly url: string
  readonly parameters: Form
  readonly token: string
  readonly answer: number | "refused" | "timeout" | "broken"
}

export interface StreamLog {
  readonly sid: string
  readonly url: string
  readonly parameters: Readonly<Record<string, string>>
  readonly startedAt: number
  endedAt: number | undefined
  /** Close code that we saw from the server, if it closed first. */
  closedByServer: number | undefined
}

/** `cleared`: came back because of a clear, not because it was played. */
export interface MarkLog {
  readonly at: number
  readonly streamSid: string
  readonly name: string
  readonly cleared: boolean
}

/** `droppedMs`: how much audio was thrown away. */
export interface ClearLog {
  readonly at: number
  readonly streamSid: string
  readonly droppedMs: number
}

/** A second leg dialled by `<Dial>`: `ringing`, `in-progress` (connected), and then how it ended. */
export interface DialLog {
  readonly at: number
  readonly to: string
  readonly from: string
  readonly sid: string
  status: string
  /** When the other end picked up. */
  answeredAt: number | undefined
  /** Whole seconds for which both were connected. */
  duration: number
  /** `us`: by the service, or by a limit of Twilio's. */
  endedBy: "callee" | "destination" | "us" | undefined
}

/** A live view of one call: what is read from it is as of now. Audio and texts are put together when they are read. */
export interface SimulatedCallLog {
  readonly sid: string
  readonly to: string
  readonly from: string
  readonly status: string
  /** The leg is dialled and not over. */
  readonly live: boolean
  readonly answeredBy: string | undefined
  readonly answeredAt: number | undefined
  readonly endedAt: number | undefined
  readonly statuses: ReadonlyArray<{ readonly at: number; readonly status: string }>
  /** Requests that created or named this call. */
  readonly requests: ReadonlyArray<RestRequestLog>
  readonly webhooks: ReadonlyArray<WebhookLog>
  readonly alerts: ReadonlyArray<Alert>
  readonly streams: ReadonlyArray<StreamLog>
  readonly marks: ReadonlyArray<MarkLog>
  readonly clears: ReadonlyArray<ClearLog>
  readonly dials: ReadonlyArray<DialLog>
  /** What the callee said, as far as it got onto the line. */
  readonly said: ReadonlyArray<Utterance>
  /** What was played to the callee, by stretches of sound; `text` is what an ear understands of it. */
  readonly heard: ReadonlyArray<Utterance>
  /** Keys pressed by the agent's side. */
  readonly digits: string
  /** The whole line since the answer, mu-law: 8 bytes are one millisecond. Silence where nothing was. */
  readonly calleeAudio: Uint8Array
  readonly agentAudio: Uint8Array
  readonly recordings: ReadonlyArray<{ readonly sid: string; readonly channels: number; readonly status: string }>
}
