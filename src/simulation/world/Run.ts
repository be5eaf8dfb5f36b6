/** Everything there is to be seen of a simulated call that is over, from the outside. What is to be thought of it is `invariants/`. */
import type { Cause, LogLevel } from "effect"
import type { Call } from "../../domain/Call.ts"
import type { CallEvent } from "../../domain/CallEvent.ts"
import type { Met } from "../faults/Trouble.ts"
import type { SessionLog } from "../realtime/Journal.ts"
import type { Scenario } from "../scenario/Scenario.ts"
import type { SimulatedCallLog } from "../twilio/logs.ts"
import type { Late } from "./lateSends.ts"

/** One REST request as it left the service, and what came back to it: a status, what the network said, or nothing so far. */
export interface Sent {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly form: URLSearchParams
  answer: number | "refused" | "timeout" | "broken" | undefined
}

export interface Logged {
  readonly at: number
  readonly level: LogLevel.LogLevel
  readonly text: string
  readonly cause: Cause.Cause<unknown>
}

/** How one life of the service went. */
export interface Life {
  readonly startedAt: number
  endedAt: number | undefined
  end: "killed" | "stopped" | "did not start" | undefined
}

/** What is there of the service while no call is: before the call, and some minutes after it. */
export interface Residue {
  readonly fibers: number
  readonly asleep: number
  readonly files: number
}

/** All times are epoch milliseconds of the Effect Clock. */
export interface Run {
  readonly scenario: Scenario
  readonly startedAt: number
  readonly endedAt: number
  /** The tag and message of what refused the call, if it was refused. */
  readonly refused: { readonly tag: string; readonly message: string } | undefined
  /** The ids that were given for the one request; more than one is a second call. */
  readonly ids: ReadonlyArray<string>
  /** The record, from the database; `undefined` when there is none. */
  readonly call: Call | undefined
  /** The parsed JSON file; `undefined` when there is none. */
  readonly file: unknown
  /** What `phone_watch` told and when, also across restarts of the service. */
  readonly events: ReadonlyArray<{ readonly at: number; readonly life: number; readonly event: CallEvent }>
  readonly sent: ReadonlyArray<Sent>
  /** What the service sent over a socket that was over for it. */
  readonly late: ReadonlyArray<Late>
  readonly legs: ReadonlyArray<SimulatedCallLog>
  readonly sessions: ReadonlyArray<SessionLog>
  readonly logs: ReadonlyArray<Logged>
  readonly met: ReadonlyArray<Met>
  /** Indexes of the agent's lines that fitted no response; none when a mind took their place. */
  readonly unplayed: ReadonlyArray<number>
  readonly lives: ReadonlyArray<Life>
  readonly residue: { readonly before: Residue; readonly after: Residue } | undefined
}

export const isCreate = ({ method, path }: Sent) => method === "POST" && path.endsWith("/Calls.json")
