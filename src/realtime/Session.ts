/**
 * One open session as the port wants it: server events become voice events, one to at most one, and commands become client
 * events. Decides nothing: what to answer, when, and what an interruption means is the call's business.
 */
import { Effect, Metric } from "effect"
import type { Brief, VoiceCommand, VoiceEvent, VoiceSession } from "../VoiceModel.ts"
import { append, commandFrame, memoryFrames, tagOf } from "./ClientEvents.ts"
import type { Connection } from "./Connect.ts"
import { responseCost, transcriptionCost } from "./Pricing.ts"
import type { Item, ServerEvent, ServerResponse } from "./Protocol.ts"
import { codeOf, isRetryable, messageOf, toFailure } from "./Trouble.ts"

/** More than a minute of audio: a network that is so far behind is told nothing more until it has caught up. */
const maxBuffered = 1024 * 1024

const droppedAudio = Metric.counter("phone_realtime_audio_dropped", {
  description: "Pieces of the callee's audio not sent to the Realtime server, because the network did not keep up",
  incremental: true
})

const textOf = (item: Item): string => (item.content ?? []).map((part) => part.transcript ?? part.text ?? "").join("")

const tagged = (response: ServerResponse): { readonly tag?: string } => {
  const tag = response.metadata?.tag
  return typeof tag === "string" ? { tag } : {}
}

const placed = (inAudio: number | null | undefined): { readonly inAudio?: number } =>
  typeof inAudio === "number" ? { inAudio } : {}

type ResponseDone = Extract<VoiceEvent, { _tag: "ResponseDone" }>

const statusOf = (status: ServerResponse["status"]): ResponseDone["status"] => {
  switch (status) {
    case "completed":
    case "cancelled":
    case "incomplete":
      return status
    default:
      return "failed"
  }
}

const failureOf = (status: ResponseDone["status"], details: ServerResponse["status_details"]) => {
  if (status === "incomplete") {
    const code = details?.reason ?? "incomplete"
    return { failure: { code, message: `The response was cut short (${code}).`, retryable: false } }
  }
  if (status !== "failed") return {}
  const code = codeOf(details?.error)
  return { failure: { code, message: messageOf(details?.error), retryable: isRetryable(code) } }
}

/** From one server event to one voice event, or none. Keeps which tool calls were told: each is told once. */
const makeTranslate = (model: string, transcription: string | null) => {
  const told = new Set<string>()

  const itemDone = (responseId: string, item: Item): VoiceEvent | undefined => {
    if (item.type === "message" && item.id) {
      const cutOff = item.status === "incomplete" ? { cutOff: true } : {}
      return { _tag: "ItemDone", responseId, itemId: item.id, text: textOf(item), ...cutOff }
    }
    // The arguments of a cancelled call can be cut in the middle: only a completed one is a call (facts 5).
    if (item.type !== "function_call" || item.status !== "completed" || !item.call_id || !item.name) return undefined
    if (told.has(item.call_id)) return undefined
    told.add(item.call_id)
    return {
      _tag: "ToolCalled",
      responseId,
      toolCallId: item.call_id,
      name: item.name,
      input: item.arguments ?? ""
    }
  }

  const responseDone = (response: ServerResponse): VoiceEvent => {
    const status = statusOf(response.status)
    return {
      _tag: "ResponseDone",
      responseId: response.id,
      ...tagged(response),
      status,
      ...failureOf(status, response.status_details),
      usage: responseCost(model, response.usage)
    }
  }

  return (event: ServerEvent): VoiceEvent | undefined => {
    switch (event.type) {
      case "response.output_audio.delta":
        return {
          _tag: "Audio",
          responseId: event.response_id,
          itemId: event.item_id,
          contentIndex: event.content_index ?? 0,
          bytes: new Uint8Array(Buffer.from(event.delta, "base64"))
        }
      case "response.output_audio_transcript.delta":
      case "response.output_text.delta":
        return { _tag: "Text", responseId: event.response_id, itemId: event.item_id, text: event.delta }
      case "input_audio_buffer.speech_started":
        return { _tag: "SpeechStarted", itemId: event.item_id, ...placed(event.audio_start_ms) }
      case "input_audio_buffer.speech_stopped":
        return { _tag: "SpeechStopped", itemId: event.item_id, ...placed(event.audio_end_ms) }
      case "input_audio_buffer.committed": {
        const after = event.previous_item_id
        return { _tag: "CalleeSpoke", itemId: event.item_id, ...(after === undefined ? {} : { after }) }
      }
      case "conversation.item.input_audio_transcription.delta":
        return event.delta ? { _tag: "CalleePartial", itemId: event.item_id, text: event.delta } : undefined
      case "conversation.item.input_audio_transcription.completed":
        return {
          _tag: "CalleeText",
          itemId: event.item_id,
          text: event.transcript,
          failed: false,
          usage: transcriptionCost(transcription, event.usage)
        }
      case "conversation.item.input_audio_transcription.failed":
        return { _tag: "CalleeText", itemId: event.item_id, text: "", failed: true }
      case "response.created":
        return { _tag: "ResponseStarted", responseId: event.response.id, ...tagged(event.response) }
      case "response.output_item.added":
        return event.item.type === "message" && event.item.id
          ? { _tag: "ItemStarted", responseId: event.response_id, itemId: event.item.id }
          : undefined
      case "response.output_item.done":
        return itemDone(event.response_id, event.item)
      case "response.done":
        return responseDone(event.response)
      case "error": {
        const tag = tagOf(event.error.event_id ?? "")
        const refused = { _tag: "Refused", code: codeOf(event.error), message: messageOf(event.error) } as const
        return tag === undefined ? refused : { ...refused, tag }
      }
      case "session.updated":
        return { _tag: "Alive" }
      case "session.created":
        return undefined
    }
  }
}

/** The connection's one user from here on. */
export const makeSession = (
  { inbox, lasts, socket, transcription }: Connection,
  { fallback, model }: { readonly model: string; readonly fallback: boolean },
  brief: Brief
): VoiceSession => {
  const translate = makeTranslate(model, transcription)
  let serial = 0
  // frames of the callee still come between the end of the session and its owner's hearing of it, and while the call is closed
  const put = (frame: string): boolean => !inbox.isOver() && socket.send(frame)
  const send = (command: VoiceCommand): boolean =>
    command._tag === "Remember" ? memoryFrames(command.memory).every(put) : put(commandFrame(brief, command, serial++))
  return {
    fallback,
    lasts,
    hear: (payload) => {
      if (socket.buffered() <= maxBuffered) return put(append(payload))
      droppedAudio.unsafeUpdate(1, [])
      return true
    },
    send,
    follow: (report) =>
      Effect.mapError(
        inbox.follow((event) => {
          const told = translate(event)
          if (told !== undefined) report(told)
        }),
        toFailure
      )
  }
}
