/** The tools that a call's model may call, as it sees them. What they do, and refuse, is in `talk/Tools.ts`. */
import type { VoiceTool } from "../VoiceModel.ts"
import type { BriefRequest, BriefSettings } from "./Instructions.ts"

const object = (properties: Readonly<Record<string, unknown>>, required: ReadonlyArray<string>) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false
})

const text = (description: string) => ({ type: "string", description })
const texts = (description: string) => ({ type: "array", items: { type: "string" }, description })

const askOwner: VoiceTool = {
  name: "ask_owner",
  description:
    "Asks the person you call for what you cannot know and need now. The answer may take a minute; the call goes on meanwhile. One question at a time, five at most.",
  parameters: object({ question: text("One clear question, complete in itself: they do not hear the call.") }, [
    "question"
  ])
}

/** The tools of a call. `transfer_call` and `ask_owner` exist only where there is somebody to transfer to, or to ask. */
export const toolsOf = (
  settings: Pick<BriefSettings, "transferTo">,
  request: Pick<BriefRequest, "questions">
): ReadonlyArray<VoiceTool> => {
  const destinations = Object.keys(settings.transferTo)
  return [
    {
      name: "end_call",
      description:
        "Ends the call. Say goodbye aloud in the same answer. Report honestly what was achieved; success needs the callee's own words as evidence.",
      parameters: object(
        {
          success: { type: "boolean", description: "Whether the purpose of the call was achieved." },
          task_completed: { type: "boolean", description: "Whether nothing of the task is left to do." },
          summary: text("What came of the call, in one or two sentences."),
          next_steps: texts("What somebody should do now, if anything."),
          evidence: texts("What the callee said that proves it, word for word.")
        },
        ["success", "task_completed", "summary", "next_steps", "evidence"]
      )
    },
    {
      name: "send_digits",
      description: "Presses keys on the telephone, for a voice menu. w waits half a second.",
      parameters: object({ digits: text("1 to 32 of 0-9 * # w W") }, ["digits"])
    },
    {
      name: "report_answering_machine",
      description: "Call this as soon as you hear a voicemail greeting or an answering machine instead of a person.",
      parameters: object({}, [])
    },
    {
      name: "do_not_call_again",
      description: "The callee does not want to be called again.",
      parameters: object({}, [])
    },
    ...(request.questions === true ? [askOwner] : []),
    ...(destinations.length === 0
      ? []
      : [
          {
            name: "transfer_call",
            description: "Connects the callee with somebody else. Say that you do so first.",
            parameters: object({ destination: { type: "string", enum: destinations } }, ["destination"])
          }
        ])
  ]
}
