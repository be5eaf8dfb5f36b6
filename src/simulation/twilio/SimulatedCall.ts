/** One call of the simulated Twilio: its state, and everything that is remembered of it. Decides nothing. */
import { Deferred, Effect, Queue } from "effect"
import type { Utterance } from "../callee/CalleeLine.ts"
import type { AnsweringScript, CalleeScript } from "../callee/CalleeScript.ts"
import type { CallParameters } from "./CallParameters.ts"
import type { CallStatus, TerminalStatus } from "./CallStatus.ts"
import type {
  Alert,
  ClearLog,
  DialLog,
  MarkLog,
  RestRequestLog,
  SimulatedCallLog,
  StreamLog,
  WebhookLog
} from "./logs.ts"
import type { Source } from "./orders.ts"
import type { PhoneLine } from "./PhoneLine.ts"
import type { Recording } from "./Recording.ts"

/** How a call ends: the status, and the SIP code that its last status callback tells. */
export interface Ending {
  readonly status: TerminalStatus
  readonly sip: number
}

export class SimulatedCall implements SimulatedCallLog {
  readonly sid: string
  readonly parameters: CallParameters
  readonly script: CalleeScript
  readonly createdAt: number
  /** Milliseconds it waits for its turn. */
  readonly queueTime: number
  status: CallStatus = "queued"
  updatedAt: number
  startedAt: number | undefined
  answeredAt: number | undefined
  endedAt: number | undefined
  answeredBy: string | undefined
  priced = false
  line: PhoneLine | undefined
  timeLimit: number
  /** Sequence number of the next status callback. */
  sequence = 0
  readonly recordings: Array<Recording> = []

  /** REST wants the call to end. */
  readonly hangUp: Deferred.Deferred<Ending>
  /** The call has ended, and nothing of it lives any more. */
  readonly over: Deferred.Deferred<void>
  /** TwiML that replaces what is running. */
  readonly replacements: Queue.Queue<Source>

  readonly statuses: Array<{ readonly at: number; readonly status: string }> = []
  readonly requests: Array<RestRequestLog> = []
  readonly webhooks: Array<WebhookLog> = []
  readonly alerts: Array<Alert> = []
  readonly streams: Array<StreamLog> = []
  readonly marks: Array<MarkLog> = []
  readonly clears: Array<ClearLog> = []
  readonly dials: Array<DialLog> = []

  private constructor(
    given: Pick<SimulatedCall, "sid" | "parameters" | "script" | "createdAt" | "queueTime">,
    waits: Pick<SimulatedCall, "hangUp" | "over" | "replacements">
  ) {
    this.sid = given.sid
    this.parameters = given.parameters
    this.script = given.script
    this.createdAt = given.createdAt
    this.updatedAt = given.createdAt
    this.queueTime = given.queueTime
    this.timeLimit = given.parameters.timeLimit
    this.hangUp = waits.hangUp
    this.over = waits.over
    this.replacements = waits.replacements
    this.statuses.push({ at: given.createdAt, status: "queued" })
  }

  static readonly make = (
    given: Pick<SimulatedCall, "sid" | "parameters" | "script" | "createdAt" | "queueTime">
  ): Effect.Effect<SimulatedCall> =>
    Effect.map(
      Effect.all({
        hangUp: Deferred.make<Ending>(),
        over: Deferred.make<void>(),
        replacements: Queue.unbounded<Source>()
      }),
      (waits) => new SimulatedCall(given, waits)
    )

  get answering(): AnsweringScript | undefined {
    return "answers" in this.script ? this.script : undefined
  }

  /** A leg lives from the moment it is dialled to the end. */
  get live(): boolean {
    return this.startedAt !== undefined && this.endedAt === undefined
  }

  /** Seconds from answer to end, 0 before that. */
  get duration(): number {
    return this.answeredAt === undefined || this.endedAt === undefined
      ? 0
      : Math.round((this.endedAt - this.answeredAt) / 1000)
  }

  alert(at: number, code: number, message: string): void {
    this.alerts.push({ at, code, message })
  }

  get to(): string {
    return this.parameters.to
  }

  get from(): string {
    return this.parameters.from
  }

  #sinceEpoch(utterances: ReadonlyArray<Utterance>): ReadonlyArray<Utterance> {
    return utterances.map((utterance) => ({ ...utterance, at: utterance.at + (this.answeredAt ?? 0) }))
  }

  get said(): ReadonlyArray<Utterance> {
    return this.#sinceEpoch(this.line?.callee.said ?? [])
  }

  get heard(): ReadonlyArray<Utterance> {
    return this.#sinceEpoch(this.line?.callee.heard ?? [])
  }

  get digits(): string {
    return this.line?.callee.digits ?? ""
  }

  get calleeAudio(): Uint8Array {
    return this.line?.calleeTrack.slice() ?? new Uint8Array()
  }

  get agentAudio(): Uint8Array {
    return this.line?.agentTrack.slice() ?? new Uint8Array()
  }
}
