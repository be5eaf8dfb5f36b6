/**
 * What we say to the Realtime server: our commands and memories as client events, each one text frame. Every event but an
 * audio append carries an id, so that a refusal can be laid at its door (facts/openai-realtime.md 4.7).
 */
import type { Brief, Memory, VoiceCommand } from "../VoiceModel.ts"

const frame = (type: string, eventId: string, fields: object): string =>
  JSON.stringify({ type, event_id: eventId, ...fields })

/** Fifty times a second. One append holds exactly one base64 text (facts 7), in which nothing needs escaping. */
export const append = (payload: string): string => `{"type":"input_audio_buffer.append","audio":"${payload}"}`

export const sessionUpdate = (attempt: number, session: object): string =>
  frame("session.update", `session:${attempt}`, { session })

const message = (role: "system" | "user" | "assistant", text: string) => ({
  item: { type: "message", role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] }
})

const note = (text: string) => message("system", text)

type Remember = Extract<VoiceCommand, { readonly _tag: "Remember" }>

/** Items that restore a conversation, oldest first. Empty texts are left out: they are no content. */
export const memoryFrames = (memory: ReadonlyArray<Memory>): ReadonlyArray<string> =>
  memory
    .filter((piece) => piece.text !== "")
    .map((piece, index) =>
      frame(
        "conversation.item.create",
        `memory:${index}`,
        piece._tag === "Said" ? message(piece.role, piece.text) : note(piece.text)
      )
    )

/** A response's own instructions take the place of the session's (facts 3): so the brief is said again behind them. */
const directions = (brief: Brief, instructions: string): string => `# Now\n${instructions}\n\n${brief.instructions}`

const response = (brief: Brief, command: Extract<VoiceCommand, { _tag: "Respond" }>) => ({
  output_modalities: [command.aside === "text" ? "text" : "audio"],
  metadata: { tag: command.tag },
  ...(command.instructions === undefined ? {} : { instructions: directions(brief, command.instructions) }),
  ...(command.aside === undefined ? {} : { conversation: "none" }),
  // A tool called beside the conversation could never be answered in it.
  ...(command.tools === false || command.aside !== undefined ? { tool_choice: "none" } : {})
})

/** An update of nothing: it changes nothing, and is always answered by one `session.updated` (facts 2.2). */
const probe = { session: { type: "realtime" } }

/** One command as one frame; `serial` makes its id unique in the session. */
export const commandFrame = (brief: Brief, command: Exclude<VoiceCommand, Remember>, serial: number): string => {
  switch (command._tag) {
    case "Probe":
      return frame("session.update", `probe:${serial}`, probe)
    case "Respond":
      return frame("response.create", `respond:${serial}:${command.tag}`, { response: response(brief, command) })
    case "Cancel":
      return frame("response.cancel", `cancel:${serial}`, { response_id: command.responseId })
    case "Truncate":
      return frame("conversation.item.truncate", `truncate:${serial}`, {
        item_id: command.itemId,
        content_index: command.contentIndex,
        audio_end_ms: Math.max(0, Math.floor(command.ms))
      })
    case "Forget":
      return frame("conversation.item.delete", `forget:${serial}`, { item_id: command.itemId })
    case "Note":
      return frame("conversation.item.create", `note:${serial}`, note(command.text))
    case "ToolResult":
      return frame("conversation.item.create", `tool:${serial}`, {
        item: { type: "function_call_output", call_id: command.toolCallId, output: command.output }
      })
  }
}

/** The tag of the `Respond` that had this event id, if it was one. */
export const tagOf = (eventId: string): string | undefined => /^respond:\d+:(.*)$/s.exec(eventId)?.[1]
