/** One recording of a call. */
import type { RecordingOrder } from "./orders.ts"

/** `processing`: the call is over, the file not ready yet. Bytes are those of the line's tracks. */
export interface Recording extends RecordingOrder {
  readonly sid: string
  readonly url: string
  readonly startedAt: number
  readonly from: number
  to: number | undefined
  updatedAt: number
  status: "in-progress" | "processing" | "completed" | "deleted"
  /** Whole seconds. */
  seconds: number
}
