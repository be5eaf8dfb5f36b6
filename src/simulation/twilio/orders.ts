/** What a customer orders of a call, by REST parameters or TwiML alike: where to report, what to run, what to record. */
import type { Form } from "./Signature.ts"

/** Where something is reported to. */
export interface Callback {
  readonly url: string
  readonly method: "GET" | "POST"
}

/** Where a TwiML document comes from. `extra`: parameters beside the usual ones (how a `<Dial>` went, for example). */
export type Source =
  | { readonly _tag: "Inline"; readonly twiml: string }
  | ({ readonly _tag: "Fetch"; readonly extra: Form; readonly fallback: Callback | undefined } & Callback)

export interface RecordingOrder {
  readonly channels: 1 | 2
  readonly callback: Callback | undefined
  /** `in-progress`, `completed`, `absent`. */
  readonly events: ReadonlyArray<string>
  readonly source: "OutboundAPI" | "StartCallRecordingAPI"
}
