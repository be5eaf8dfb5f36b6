/** Identifiers that cross module borders. */
import { Schema } from "effect"

/** Names one call everywhere: in RPC, files, URLs and logs. Eight lower-case letters and digits, so it is safe in a path. */
export const CallId = Schema.String.pipe(Schema.pattern(/^[a-z0-9]{8}$/), Schema.brand("CallId"))
export type CallId = typeof CallId.Type

/** Chosen by whoever asks for a call: the same id asked twice is the same call, never a second dial. */
export const RequestId = Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200), Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type
