/**
 * What Twilio tells us about a call, by webhook: each kind changes its line, once, in whatever order they come
 * (facts/twilio.md 3). That a request is genuine has been checked before.
 */
import { Deferred, Effect, Exit } from "effect"
import { type CallStatus, isTerminal } from "../domain/CallStatus.ts"
import type { TransferResult } from "../domain/Transfer.ts"
import type { MachineVerdict } from "../Telephone.ts"
import { respond, type WireResponse } from "../wire/Network.ts"
import type { Endpoint } from "./Addresses.ts"
import { endAtNetwork } from "./HangUp.ts"
import type { Line } from "./Line.ts"
import { isRecordingSid } from "./Recordings.ts"
import { durationOf, isCallSid, type Rest, statusOf } from "./Rest.ts"
import type { Scripts } from "./Scripts.ts"
import type { FormParams } from "./Signature.ts"
import * as Twiml from "./Twiml.ts"

const nothing = respond(204)
const malformed = respond(400, "malformed")
const notFound = respond(404, "not found")
const xml = (twiml: string) => respond(200, twiml, { "content-type": "text/xml; charset=utf-8" })
const hangUp = xml(Twiml.document(Twiml.hangUp))

/** A parameter that occurs exactly once. */
const one = (params: FormParams, name: string): string | undefined => {
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  return typeof value === "string" ? value : undefined
}

const verdictOf = (answeredBy: string): MachineVerdict => {
  if (answeredBy === "human" || answeredBy === "fax") return answeredBy
  if (answeredBy === "machine_start") return "machine-start"
  if (answeredBy === "machine_end_beep") return "machine-end"
  return answeredBy.startsWith("machine_end_") ? "long-greeting" : "unknown"
}

const transferResults: Readonly<Record<string, TransferResult>> = {
  completed: "connected",
  answered: "connected",
  busy: "busy",
  "no-answer": "no-answer",
  failed: "failed",
  canceled: "failed"
}

/** An error code if there is one, else what the carrier said. */
const codeOf = (params: FormParams) => {
  const code = [one(params, "ErrorCode"), one(params, "SipResponseCode")].find(
    (text) => text !== undefined && text !== ""
  )
  return code === undefined ? {} : { code }
}

/** What is told of a call that is over: how long it has lasted, or why it did not come about. */
const detailsOf = (status: CallStatus, params: FormParams) => {
  if (!isTerminal(status)) return {}
  if (status !== "completed") return codeOf(params)
  const duration = durationOf(one(params, "CallDuration"))
  return duration === undefined ? {} : { duration }
}

type Handler = (line: Line, params: FormParams) => Effect.Effect<WireResponse>

export const makeWebhooks = (rest: Rest, scripts: Scripts) => {
  /**
   * A call of ours that turns up after we had given it up (its creation was unclear, or hanging up failed) must not go on
   * ringing: nobody would speak on it.
   */
  const endOrphan = (line: Line): Effect.Effect<void> =>
    line.sid === undefined || line.isOver
      ? Effect.void
      : endAtNetwork(rest, line.sid).pipe(
          Effect.tap(() => Effect.sync(() => line.leave())),
          Effect.catchAll((error) => Effect.logWarning(`An abandoned call could not be ended: ${error.message}`)),
          Effect.annotateLogs({ callId: line.callId })
        )

  const status: Handler = (line, params) => {
    const reported = statusOf(one(params, "CallStatus"))
    if (reported === undefined) return Effect.succeed(malformed)
    if (line.isClosed && !isTerminal(reported)) return Effect.as(endOrphan(line), nothing)
    line.report(reported, detailsOf(reported, params))
    return Effect.succeed(nothing)
  }

  /** Reached when the call is answered. */
  const voice: Handler = (line, params) => {
    const reported = statusOf(one(params, "CallStatus"))
    if (reported !== undefined) line.report(reported)
    return Effect.map(scripts.voice(line), xml)
  }

  const amd: Handler = (line, params) => {
    const answeredBy = one(params, "AnsweredBy")
    if (answeredBy === undefined || answeredBy === "") return Effect.succeed(malformed)
    // Says who, never how the call is: a machine that answers has answered.
    line.tell({ _tag: "Machine", verdict: verdictOf(answeredBy) })
    return Effect.succeed(nothing)
  }

  const recording: Handler = (line, params) => {
    const sid = one(params, "RecordingSid") ?? ""
    const state = one(params, "RecordingStatus")
    if (state === "completed" && !isRecordingSid(sid)) return Effect.succeed(malformed)
    if (state === "completed") Deferred.unsafeDone(line.recording, Exit.succeed(sid))
    if (state === "absent") Deferred.unsafeDone(line.recording, Exit.succeed(undefined))
    return Effect.succeed(nothing)
  }

  /** The first sign of a half-open socket can be this one, half a minute before the socket knows. */
  const stream: Handler = (line, params) => {
    const event = one(params, "StreamEvent")
    if (event === "stream-stopped" || event === "stream-error") line.detach(one(params, "StreamSid") ?? "")
    if (event === "stream-error" && !line.isStreaming) line.missStream()
    return Effect.succeed(nothing)
  }

  const dial: Handler = (line, params) => {
    const result = transferResults[one(params, "DialCallStatus") ?? ""]
    if (result === undefined) return Effect.succeed(malformed)
    // whom the callee was handed over to has hung up: nobody is there to take the callee back
    if (result === "connected") line.leave()
    if (line.transfer !== undefined) {
      Deferred.unsafeDone(line.transfer, Exit.succeed({ result, ...(result === "failed" ? codeOf(params) : {}) }))
    }
    return Effect.map(scripts.voice(line), xml)
  }

  const dialed: Handler = (line) => {
    line.handedOver = true
    if (line.transfer !== undefined) Deferred.unsafeDone(line.transfer, Exit.succeed({ result: "connected" }))
    return Effect.succeed(nothing)
  }

  const handlers: Record<Endpoint, Handler> = { voice, status, amd, recording, stream, dial, dialed }

  /** `line` is undefined for a call this process does not know, such as one from before a restart. */
  return (endpoint: Endpoint, line: Line | undefined, params: FormParams): Effect.Effect<WireResponse> => {
    // The other end of a transfer is a call of its own, the child of ours.
    const sid = one(params, endpoint === "dialed" ? "ParentCallSid" : "CallSid")
    if (!isCallSid(sid)) return Effect.succeed(malformed)
    if (line === undefined) return Effect.succeed(endpoint === "voice" || endpoint === "dial" ? hangUp : nothing)
    if (!line.identify(sid)) return Effect.succeed(notFound)
    line.heard()
    return handlers[endpoint](line, params)
  }
}
