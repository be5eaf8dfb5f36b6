/** What clients of a running service import as "phone/client", in Node and in browsers. Reaches no server code. */

export type { Call, CallEncoded } from "./domain/Call.ts"
export type { CallEvent } from "./domain/CallEvent.ts"
export type { Completion } from "./domain/Completion.ts"
export { PhoneClient, type PhoneClientOptions, type PhoneTools, PhoneUnreachable } from "./rpc/client.ts"
export { layerHttp } from "./rpc/layerHttp.ts"
export { Authentication, PhoneRpcs } from "./rpc/PhoneRpcs.ts"
