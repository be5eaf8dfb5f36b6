/** What other programs use of Phone. The RPC client alone is `phone/client`, the simulator `phone/simulation`. */

export { Calls } from "./Calls.ts"
export { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema, type PhoneConfigValues, Voice } from "./Config.ts"
export { layerCalls } from "./call/PhoneCalls.ts"
export { RpcTokenUnusable } from "./config/rpcToken.ts"
export { Call, type CallEncoded, CallError, CallFields, type CallRequest, Cost, Latency } from "./domain/Call.ts"
export { CallEvent } from "./domain/CallEvent.ts"
export { CallStatus, isTerminal, TerminalStatus } from "./domain/CallStatus.ts"
export { Completion } from "./domain/Completion.ts"
export * from "./domain/errors.ts"
export { CallId, RequestId } from "./domain/Ids.ts"
export { Incident, IncidentKind } from "./domain/Incident.ts"
export { AnsweredBy, Basis, Claimed, Outcome } from "./domain/Outcome.ts"
export { PhoneNumber } from "./domain/PhoneNumber.ts"
export { Question, Unanswered } from "./domain/Question.ts"
export { Reassessment } from "./domain/Reassessment.ts"
export { PlacedTurn, Role, Turn } from "./domain/Turn.ts"
export { Entropy } from "./Entropy.ts"
export { PortUnavailable } from "./http/serveRpc.ts"
export { Notification } from "./notify/Notification.ts"
export { Outbox } from "./notify/Outbox.ts"
export * as Phone from "./Phone.ts"
export { PhoneClient, type PhoneClientOptions, type PhoneTools, PhoneUnreachable } from "./rpc/client.ts"
export { Authentication, PhoneRpcs } from "./rpc/PhoneRpcs.ts"
export { type RunningService, type StartFailure, startService } from "./Service.ts"
export { type Leg, type LegEvent, Telephone } from "./Telephone.ts"
export {
  type CallChange,
  type CallEnd,
  type HistoryPage,
  type HistoryQuery,
  type NewCall,
  Transcripts,
  type UnfinishedCall
} from "./Transcripts.ts"
export { TwilioHost } from "./telephone/Twilio.ts"
export { type VoiceCommand, type VoiceEvent, VoiceModel, type VoiceSession } from "./VoiceModel.ts"
export {
  type Handshake,
  type Host,
  Network,
  NetworkError,
  type WireRequest,
  type WireResponse,
  type WireSocket
} from "./wire/Network.ts"
export { CannotListen, layerNode as layerNetwork, type NodeHandlers, nodeHandlers, serveHost } from "./wire/Node.ts"
