/** The tools that an agent has: their descriptions, which teach it to use them well, and what each does on the phone. */
import { Effect, Schema } from "effect"
import { Call, CallFields } from "../domain/Call.ts"
import { CallStatus } from "../domain/CallStatus.ts"
import { RequestId } from "../domain/Ids.ts"
import { Turn } from "../domain/Turn.ts"
import { newToken } from "../Entropy.ts"
import { callText, headline, historyText } from "./callText.ts"
import { type PhoneTool, tool } from "./tool.ts"
import { waitForEnd } from "./waiting.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const text = (description: string) => Schema.String.annotations({ description })

const callId = text("The call: eight letters and digits, as phone_call and phone_history give them.")

const phoneCall = tool({
  name: "phone_call",
  title: "Make a phone call",
  description: `Calls a real phone number and lets a voice agent hold the conversation, then returns what came of it: status, outcome and transcript. Real people answer: only call when the user wants this call.

The voice agent knows nothing but "task" and "context", so write as you would brief a human assistant:
- task: one clear goal with everything it needs to reach it: what to ask or arrange, acceptable alternatives, limits, and what to find out. "Book a table for 2 at 7 pm on Friday 21 March; 6 to 8 pm is fine too, Saturday as second choice. Ask whether they have vegan dishes." Not: "Book a table."
- context: who is called and for whom, names and how to spell them, dates with weekday, reference numbers, a number to call back. Only what may be told to a stranger: no passwords, no card numbers.

With wait (the default) the answer comes when the call has ended, often after several minutes. If this request is cancelled or times out, the call goes on: never just call again, look at phone_history first. With wait false you get the callId at once; look later with phone_status.
With questions true it may ask in mid-call what it cannot know (while the callee waits, 60 s at most): answer with phone_answer. Only with somebody there to answer: the client's user is asked by itself if the client can; otherwise use wait false, look with phone_status every few seconds, and answer.
Busy, no answer, voicemail and failed calls are results, not errors: read "status" and "outcome.success". A call that was refused (isError) was not dialled.`,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: Schema.Struct({
    to: text("The number: E.164 such as +15551234567, or as it is dialled in the country of the caller's own number."),
    task: text("What the call should achieve, complete in itself. Up to 10,000 characters."),
    context: optional(
      text("What the agent should know for that: who, for whom, names, dates. Up to 20,000 characters.")
    ),
    wait: optional(
      Schema.Boolean.annotations({ description: "Wait for the end of the call (default true), or return at once." })
    ),
    questions: optional(
      Schema.Boolean.annotations({
        description:
          "Whether the voice agent may ask you in mid-call. Default: true when this waits and the client can ask its user, else false."
      })
    ),
    requestId: optional(
      RequestId.annotations({
        description:
          "A name for this request, of your choice: asked again with it, the same call is meant, never a second one."
      })
    )
  }),
  output: Call,
  run: ({ questions, requestId, wait = true, ...request }, { ask, phone, tell }) =>
    Effect.gen(function* () {
      // so that asking again over a lost connection never dials twice
      const id = requestId ?? RequestId.make(`mcp-${yield* newToken}`)
      const placed = yield* phone.place({
        ...request,
        requestId: id,
        questions: questions ?? (wait && ask !== undefined)
      })
      yield* tell(headline(placed))
      const call = wait ? yield* waitForEnd(phone, placed.id, tell, ask) : placed
      return { text: callText(call), value: call }
    })
})

const phoneStatus = tool({
  name: "phone_status",
  title: "Look at a phone call",
  description: "Shows one call as it is now: status, transcript so far, and outcome once it has ended.",
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: Schema.Struct({ callId }),
  output: Call,
  run: (asked, { phone }) => Effect.map(phone.status(asked.callId), (call) => ({ text: callText(call), value: call }))
})

/** A list leaves the transcripts out, so that it does not fill the agent's memory. */
const HistoryPage = Schema.Struct({
  calls: Schema.Array(
    Schema.Struct({
      ...CallFields.omit("transcript").fields,
      transcript: optional(Schema.Array(Turn)).annotations({ description: "Only when asked for by callId." })
    })
  ),
  cursor: optional(text("Where the next page begins; absent on the last."))
})

const phoneHistory = tool({
  name: "phone_history",
  title: "List phone calls",
  description:
    "Lists past and current calls, newest first, without their transcripts; with callId exactly that call with its transcript. Use search to find what was agreed with whom.",
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: Schema.Struct({
    limit: optional(Schema.Int.pipe(Schema.between(1, 100)).annotations({ description: "How many (default 10)." })),
    callId: optional(callId),
    search: optional(text("Words that must all occur in number, task, context, summary or transcript.")),
    status: optional(Schema.Array(CallStatus).annotations({ description: "Only calls with one of these statuses." })),
    to: optional(text("Only calls to numbers with these digits; with + at the beginning of the number.")),
    since: optional(text("Only calls that started then or later: ISO 8601 with a zone, or a date (UTC).")),
    until: optional(text("Only calls that started before then.")),
    success: optional(
      Schema.Boolean.annotations({
        description: "true: calls that reached their goal; false: calls that ended otherwise."
      })
    ),
    cursor: optional(text("From the page before."))
  }),
  output: HistoryPage,
  run: ({ callId: one, limit = 10, ...query }, { phone }) =>
    one === undefined
      ? Effect.map(phone.history({ limit, ...query }), ({ calls, cursor }) => ({
          text: historyText(calls, cursor),
          value: { calls: calls.map(({ transcript: _, ...call }) => call), ...(cursor === undefined ? {} : { cursor }) }
        }))
      : Effect.map(phone.status(one), (call) => ({ text: callText(call), value: { calls: [call] } }))
})

const Done = Schema.Struct({ callId: Schema.String })

const phoneHangup = tool({
  name: "phone_hangup",
  title: "Hang up",
  description: "Ends a call at once, in the middle of a sentence if need be. Before the answer the call is canceled.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: Schema.Struct({ callId }),
  output: Done,
  run: (asked, { phone }) =>
    Effect.as(phone.hangUp(asked.callId), { text: `Hanging up call ${asked.callId}.`, value: asked })
})

const phoneSay = tool({
  name: "phone_say",
  title: "Guide the voice agent",
  description:
    "Tells the voice agent something in the middle of a call: a fact it lacks, a change of the task. It is guidance in your words, not read out as it stands.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: Schema.Struct({ callId, text: text("What it should know or do now. 2,000 characters count.") }),
  output: Done,
  run: (asked, { phone }) =>
    Effect.as(phone.say(asked.callId, asked.text), {
      text: `Told the agent of call ${asked.callId}.`,
      value: { callId: asked.callId }
    })
})

const phoneAnswer = tool({
  name: "phone_answer",
  title: "Answer the voice agent",
  description:
    "Answers the question that the voice agent has asked in the middle of a call. Ask the user if you do not know. After 60 s, and once there is an answer, it is too late: then this is refused.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: Schema.Struct({
    callId,
    answer: text("What the agent should know: only what may be told to the callee. 2,000 characters count."),
    questionId: optional(
      Schema.Int.annotations({ description: "Which question, as phone_status shows it. Default: the open one." })
    )
  }),
  output: Done,
  run: (asked, { phone }) =>
    Effect.as(phone.answer(asked.callId, asked.answer, asked.questionId), {
      text: `The agent of call ${asked.callId} has the answer.`,
      value: { callId: asked.callId }
    })
})

/** By name, in the order they are listed. */
export const tools: ReadonlyMap<string, PhoneTool> = new Map([
  phoneCall,
  phoneStatus,
  phoneHistory,
  phoneHangup,
  phoneSay,
  phoneAnswer
])
