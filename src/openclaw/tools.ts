/** The four tools: arguments in, a readable result out, whatever happens. They keep nothing between two uses. */
import { createHash } from "node:crypto"
import {
  answerSchema,
  type CallArgs,
  type Checked,
  callSchema,
  checkAnswer,
  checkCall,
  checkHistory,
  checkStatus,
  historySchema,
  statusSchema
} from "./args.ts"
import { awaitedRequests } from "./awaited.ts"
import type { Tool, ToolContext, ToolResult } from "./host.ts"
import type { Answer, PhoneService } from "./PhoneService.ts"
import { type CallRecord, readCall, readCalls } from "./records.ts"
import { callDetails, endedText, hasEnded, historyText, placedText, statusText } from "./text.ts"

/** What the tools need of the world. */
export interface Surroundings {
  readonly service: PhoneService
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/** Milliseconds between two looks at a call that somebody waits for. */
const lookEvery = 1_000
/** Ring, the longest call a configuration allows by default, and its goodbye, with room. */
const longestWait = 20 * 60_000
/** Looks in a row that may fail before the waiting is given up: the service may be restarted meanwhile. */
const patience = 60

const result = (text: string, details: Readonly<Record<string, unknown>>): ToolResult => ({
  content: [{ type: "text", text }],
  details
})

const ofCall = (text: string, call: CallRecord) => result(text, { call: callDetails(call) })

/** An answer that is no success, as a result: the agent reads it and acts, nothing crashes. */
const unsuccessful = (answer: Exclude<Answer, { _tag: "Answered" }>): ToolResult =>
  answer._tag === "Refused"
    ? result(answer.message, { refusal: { type: answer.type } })
    : result(answer.message, { service: { reachable: false } })

const wrongArguments = (tool: string, wrong: string) =>
  result(`${tool} was not carried out. ${wrong}`, { refusal: { type: "InvalidArguments" } })

const notUnderstood = () =>
  result("The answer of the phone service cannot be read: is it of another version than this plugin?", {
    refusal: { type: "UnreadableAnswer" }
  })

const isWrong = <A>(checked: Checked<A>): checked is { readonly wrong: string } => "wrong" in checked

/** The same tool call, repeated after a lost connection, is the same request. Hashed: it is bounded whatever the keys are. */
const requestIdOf = (toolCallId: string, { agentId, sessionKey }: ToolContext, { to, task }: CallArgs) =>
  `openclaw-${createHash("sha256")
    .update(JSON.stringify([agentId, sessionKey, toolCallId, to, task]))
    .digest("hex")
    .slice(0, 40)}`

const phoneCall = ({ service, sleep }: Surroundings, context: ToolContext): Tool => {
  const place = async (requestId: string, { wait, ...args }: CallArgs): Promise<Answer> => {
    const { agentId, sessionKey } = context
    // a session that is woken can answer; one that blocks, or that there is none of, cannot
    const questions = !wait && sessionKey !== undefined
    const metadata = {
      requestId,
      ...(sessionKey === undefined ? {} : { sessionKey }),
      ...(agentId === undefined ? {} : { agentId })
    }
    const ask = () =>
      service.ask({
        tag: "phone_call",
        payload: ({ client }) => ({ ...args, requestId, wait: false, client, metadata, questions })
      })
    const first = await ask()
    const cutOff = first._tag === "Unreachable" && first.arrived === "cut off"
    // the requestId makes asking again harmless
    const answer = cutOff ? await ask() : first
    if (answer._tag !== "Unreachable" || (answer.arrived === "never" && !cutOff)) return answer
    const unsure = `${answer.message} The call may have been placed all the same: look at phone_history before calling again.`
    return { ...answer, message: unsure }
  }

  /** Looks until the call has ended. The session is not woken as long as somebody waits here. */
  const waitForEnd = async (
    placed: CallRecord,
    signal: AbortSignal | undefined,
    onUpdate: ((partial: ToolResult) => void) | undefined
  ): Promise<{ readonly told: boolean; readonly result: ToolResult }> => {
    let shown = ""
    let failures = 0
    while (signal?.aborted !== true && failures < patience) {
      const answer = await service.ask({ tag: "phone_status", payload: { callId: placed.id }, signal })
      const call = answer._tag === "Answered" ? readCall(answer.value) : undefined
      failures = call === undefined ? failures + 1 : 0
      if (call !== undefined && hasEnded(call)) {
        const known = await service.ask({
          tag: "phone_ack",
          payload: ({ client }) => ({ client, callIds: [call.id] })
        })
        const text = `${endedText(call)}\nphone_status ${call.id} has the transcript.`
        return { told: known._tag === "Answered", result: ofCall(text, call) }
      }
      const state = call === undefined ? "" : `${call.status}, ${call.turns.length} turns`
      if (call !== undefined && state !== shown) onUpdate?.(ofCall(`Call ${call.id}: ${state}`, call))
      shown = state
      await sleep(lookEvery, signal)
    }
    const text = `Nobody waits for it any more, but call ${placed.id} goes on; phone_status shows how.`
    return { told: false, result: ofCall(text, placed) }
  }

  return {
    name: "phone_call",
    label: "Phone call",
    description:
      "Calls a telephone number and lets a voice agent hold the conversation. Returns a callId at once; when the call has " +
      "ended, or the voice agent has a question, you are woken in this session. One call per request; never for emergencies.",
    parameters: callSchema,
    catalogMode: "direct-only",
    getExecutionTimeoutMs: (args) => {
      const checked = checkCall(args)
      return !isWrong(checked) && checked.args.wait ? longestWait : 30_000
    },
    // the signal does not reach the placing: a call that somebody lost interest in is in the history, not in the dark
    execute: async (toolCallId, given, signal, onUpdate) => {
      const checked = checkCall(given)
      if (isWrong(checked)) return wrongArguments("phone_call", checked.wrong)
      const requestId = requestIdOf(toolCallId, context, checked.args)
      const awaited = awaitedRequests()
      if (checked.args.wait) awaited.add(requestId)
      let told = false
      try {
        const answer = await place(requestId, checked.args)
        if (answer._tag !== "Answered") return unsuccessful(answer)
        const call = readCall(answer.value)
        if (call === undefined) return notUnderstood()
        if (!checked.args.wait) return ofCall(placedText(call), call)
        const waited = await waitForEnd(call, signal, onUpdate)
        told = waited.told
        return waited.result
      } finally {
        // A told end is acknowledged, and may still be on its way to the completions: it stays marked. One that is not told
        // wakes the session after all: twice is better than never.
        if (!told) awaited.delete(requestId)
      }
    }
  }
}

const phoneStatus = ({ service }: Surroundings): Tool => ({
  name: "phone_status",
  label: "Phone status",
  description: "How a call goes: its status, and what was said so far; after its end also the outcome.",
  parameters: statusSchema,
  catalogMode: "direct-only",
  resultContentSource: "network",
  execute: async (_, given, signal) => {
    const checked = checkStatus(given)
    if (isWrong(checked)) return wrongArguments("phone_status", checked.wrong)
    const answer = await service.ask({ tag: "phone_status", payload: { callId: checked.args }, signal })
    if (answer._tag !== "Answered") return unsuccessful(answer)
    const call = readCall(answer.value)
    return call === undefined ? notUnderstood() : ofCall(statusText(call), call)
  }
})

const phoneHistory = ({ service }: Surroundings): Tool => ({
  name: "phone_history",
  label: "Phone history",
  description: "Earlier calls, newest first, with their outcomes; with a callId that call and its whole transcript.",
  parameters: historySchema,
  catalogMode: "direct-only",
  resultContentSource: "network",
  execute: async (_, given, signal) => {
    const checked = checkHistory(given)
    if (isWrong(checked)) return wrongArguments("phone_history", checked.wrong)
    const { callId, ...query } = checked.args
    const payload = callId === undefined ? query : { callId }
    const answer = await service.ask({ tag: "phone_history", payload, signal })
    if (answer._tag !== "Answered") return unsuccessful(answer)
    const calls = readCalls(answer.value)
    const [only] = calls
    const text = callId !== undefined && only !== undefined ? statusText(only) : historyText(calls)
    return result(text, { calls: calls.map(callDetails) })
  }
})

const phoneAnswer = ({ service }: Surroundings): Tool => ({
  name: "phone_answer",
  label: "Phone answer",
  description:
    "Answers a question of the voice agent in the middle of a call, for which you were woken. It waits a minute at most.",
  parameters: answerSchema,
  catalogMode: "direct-only",
  // the signal does not reach it: an answer that was given is given
  execute: async (_, given) => {
    const checked = checkAnswer(given)
    if (isWrong(checked)) return wrongArguments("phone_answer", checked.wrong)
    const { callId, questionId } = checked.args
    const answer = await service.ask({ tag: "phone_answer", payload: { ...checked.args } })
    if (answer._tag !== "Answered") return unsuccessful(answer)
    return result(
      `The voice agent of call ${callId} has the answer and goes on. You will be woken when it has ended.`,
      {
        answered: { callId, ...(questionId === undefined ? {} : { questionId }) }
      }
    )
  }
})

/** By name, as the manifest lists them. */
export const tools: Readonly<Record<string, (surroundings: Surroundings, context: ToolContext) => Tool>> = {
  phone_call: phoneCall,
  phone_status: phoneStatus,
  phone_history: phoneHistory,
  phone_answer: phoneAnswer
}
