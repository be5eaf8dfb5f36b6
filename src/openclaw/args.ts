/** The tools' arguments: their JSON Schemas for the model, and the same checks in code with answers that a model can act on. */
import { isRecord } from "./json.ts"

/** Characters; the service's own bounds. */
const longest = { to: 40, task: 10_000, context: 20_000, search: 200, since: 40, until: 40, answer: 2_000 }
const mostCalls = 50

export interface CallArgs {
  readonly to: string
  readonly task: string
  readonly context?: string
  readonly wait: boolean
}

export interface AnswerArgs {
  readonly callId: string
  readonly answer: string
  readonly questionId?: number
}

export interface HistoryArgs {
  readonly callId?: string
  readonly limit: number
  readonly search?: string
  readonly to?: string
  readonly since?: string
  readonly until?: string
  readonly success?: boolean
}

export const callSchema = {
  type: "object",
  additionalProperties: false,
  required: ["to", "task"],
  properties: {
    to: { type: "string", description: "The number: + and country code, such as +15551234567." },
    task: {
      type: "string",
      description:
        "What the call must achieve, for somebody who knows nothing else: goal, facts, limits, what to do if it fails."
    },
    context: { type: "string", description: "Background that helps if asked: who the user is, earlier calls, dates." },
    wait: {
      type: "boolean",
      description:
        "Default false: return the callId at once; you are woken in this session when the call has ended. " +
        "true: block until then, up to ten minutes."
    }
  }
}

const callId = { type: "string", description: "The eight letters and digits that phone_call returned." }

export const statusSchema = {
  type: "object",
  additionalProperties: false,
  required: ["callId"],
  properties: { callId }
}

export const answerSchema = {
  type: "object",
  additionalProperties: false,
  required: ["callId", "answer"],
  properties: {
    callId,
    answer: { type: "string", description: "What the voice agent should know, and may tell the callee." },
    questionId: { type: "integer", minimum: 1, description: "The question's number, as the event gave it." }
  }
}

export const historySchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    callId: { ...callId, description: "Only this call, with its whole transcript." },
    limit: {
      type: "integer",
      minimum: 1,
      maximum: mostCalls,
      description: "How many calls, newest first. Default 10."
    },
    search: { type: "string", description: "Words that must all occur in number, task, summary or transcript." },
    to: {
      type: "string",
      description: "Only calls to numbers with these digits; with + at the beginning of the number."
    },
    since: { type: "string", description: "Only calls since then: ISO 8601 with a zone, or a date (UTC)." },
    until: { type: "string", description: "Only calls before then." },
    success: { type: "boolean", description: "true: calls that reached their goal; false: calls that ended otherwise." }
  }
}

/** What is wrong with the arguments, in sentences; or the arguments. */
export type Checked<A> = { readonly args: A } | { readonly wrong: string }

const check = <A>(given: unknown, read: (args: Readonly<Record<string, unknown>>, wrong: Array<string>) => A) => {
  const wrong: Array<string> = []
  const args = read(isRecord(given) ? given : {}, wrong)
  return wrong.length === 0 ? { args } : { wrong: wrong.join(" ") }
}

const given = (value: unknown): boolean => value !== undefined && value !== null

const needText = (
  args: Readonly<Record<string, unknown>>,
  key: keyof typeof longest,
  what: string,
  wrong: Array<string>
) => {
  const value = args[key]
  if (!given(value)) wrong.push(`${key} is missing: ${what}.`)
  else if (typeof value !== "string") wrong.push(`${key} must be a text: ${what}.`)
  else if (value.trim() === "") wrong.push(`${key} is empty: ${what}.`)
  else if (value.length > longest[key]) wrong.push(`${key} has ${value.length} characters; at most ${longest[key]}.`)
  else return value
  return ""
}

const maybeText = (args: Readonly<Record<string, unknown>>, key: keyof typeof longest, wrong: Array<string>) =>
  given(args[key]) && args[key] !== "" ? { [key]: needText(args, key, "leave it out if there is none", wrong) } : {}

export const checkCall = (args: unknown): Checked<CallArgs> =>
  check(args, (found, wrong) => {
    const to = needText(found, "to", "the number to call, such as +15551234567", wrong)
    if (to !== "" && !/^[+(\d][\d\s().\-/]*$/.test(to.trim())) {
      wrong.push(`to is "${to}", which is no telephone number. Write it as +15551234567.`)
    }
    if (given(found.wait) && typeof found.wait !== "boolean") wrong.push("wait must be true or false.")
    return {
      to: to.trim(),
      task: needText(found, "task", "say what the call must achieve", wrong),
      ...maybeText(found, "context", wrong),
      wait: found.wait === true
    }
  })

const readCallId = (value: unknown, wrong: Array<string>): string => {
  if (typeof value === "string" && /^[a-z0-9]{8}$/.test(value.trim())) return value.trim()
  wrong.push("callId must be the eight letters and digits that phone_call returned; phone_history lists them.")
  return ""
}

export const checkStatus = (args: unknown): Checked<string> =>
  check(args, (found, wrong) => readCallId(found.callId, wrong))

export const checkAnswer = (args: unknown): Checked<AnswerArgs> =>
  check(args, (found, wrong) => {
    const { questionId } = found
    const numbered = given(questionId)
    if (numbered && !(Number.isInteger(questionId) && Number(questionId) >= 1)) {
      wrong.push("questionId must be the number that the event gave; leave it out to answer the open question.")
    }
    return {
      callId: readCallId(found.callId, wrong),
      answer: needText(found, "answer", "say what the voice agent should know", wrong),
      ...(numbered ? { questionId: Number(questionId) } : {})
    }
  })

export const checkHistory = (args: unknown): Checked<HistoryArgs> =>
  check(args, (found, wrong) => {
    const { limit } = found
    const readable = !given(limit) || (Number.isInteger(limit) && Number(limit) >= 1)
    if (given(found.success) && typeof found.success !== "boolean") wrong.push("success must be true or false.")
    if (!readable) wrong.push(`limit must be a whole number from 1 to ${mostCalls}.`)
    return {
      limit: given(limit) && readable ? Math.min(Number(limit), mostCalls) : 10,
      ...maybeText(found, "search", wrong),
      ...maybeText(found, "to", wrong),
      ...maybeText(found, "since", wrong),
      ...maybeText(found, "until", wrong),
      ...(typeof found.success === "boolean" ? { success: found.success } : {}),
      ...(given(found.callId) && found.callId !== "" ? { callId: readCallId(found.callId, wrong) } : {})
    }
  })
