/** An offline agent good enough for demos and tests: carries out the service's prompts by rules, without any model. */
import {
  answeredTools,
  calledSince,
  calleeWords,
  lastCallOf,
  lastUtterances,
  type Mind,
  type Plan,
  type Situation,
  tagOf,
  unansweredUtterances
} from "./Mind.ts"
import { asSentence, type Errand, errandOf, kindOf, kindOfAll, menuKey, quoted, thingAsked, toldOf } from "./Phrases.ts"

const say = (text: string): Plan => [{ say: text }]

const introduction = ({ task, onBehalfOf }: Errand, more = ""): string =>
  [
    `Hello, this is an AI assistant calling${onBehalfOf === undefined ? "" : ` on behalf of ${onBehalfOf}`}.`,
    task,
    more
  ]
    .filter((part) => part !== "")
    .join(" ")

const has = ({ tools, toolChoice }: Situation, name: string): boolean =>
  toolChoice !== "none" && tools.some((tool) => tool.name === name)

/** The call of a tool, where it may be called at all. */
const call = (situation: Situation, name: string, input: Readonly<Record<string, unknown>> = {}): Plan =>
  has(situation, name) ? [{ call: name, input }] : []

const agreements = (situation: Situation): ReadonlyArray<string> =>
  calleeWords(situation.items).filter((words) => kindOf(words) === "agreed")

/** What has come of the call, as this agent sees it. Evidence is what the callee said, word for word. */
const outcome = (situation: Situation, { task }: Errand) => {
  const evidence = agreements(situation).slice(-1)
  const success = evidence.length > 0
  const heard = calleeWords(situation.items).length > 0
  return {
    success,
    completed: success,
    summary: success
      ? `The callee agreed. ${task}`.trim()
      : heard
        ? `The callee did not agree. ${task}`.trim()
        : "Nothing was heard from the callee.",
    nextSteps: success ? [] : ["Try again later."],
    evidence
  }
}

const endCall = (situation: Situation, errand: Errand): Plan => {
  const { success, completed, summary, nextSteps, evidence } = outcome(situation, errand)
  return call(situation, "end_call", { success, task_completed: completed, summary, next_steps: nextSteps, evidence })
}

/** As JSON, with the names it was asked for: as tools have them, or as transcripts do. */
const writtenOutcome = (situation: Situation, errand: Errand): Plan => {
  const { completed, evidence, nextSteps, success, summary } = outcome(situation, errand)
  const asTool = situation.responseInstructions?.includes("task_completed") === true
  const names = asTool
    ? { success, task_completed: completed, summary, next_steps: nextSteps, evidence }
    : { success, taskCompleted: completed, summary, nextSteps, evidence }
  return [{ write: JSON.stringify(names) }]
}

/** The names the service allows a transfer to; the destination is an `enum` in the tool's schema. */
const destinations = ({ tools }: Situation): ReadonlyArray<string> => {
  const properties = tools.find((tool) => tool.name === "transfer_call")?.parameters.properties
  const found: Array<string> = []
  JSON.stringify(properties ?? {}, (key, value: unknown) => {
    if (key === "enum" && Array.isArray(value)) for (const name of value) if (typeof name === "string") found.push(name)
    return value
  })
  return found
}

/** The callee does not want to be called again: an apology, and the end. */
const takeLeave = (situation: Situation): Plan => [
  ...say("I am sorry for the disturbance. We will not call you again. Goodbye."),
  ...call(situation, "end_call", {
    success: false,
    task_completed: false,
    summary: "The callee does not want to be called again.",
    next_steps: ["Do not call this number again."],
    evidence: calleeWords(situation.items).slice(-1)
  })
]

/** Keys that could not be pressed are pressed once more. */
const pressAgain = (situation: Situation): Plan => {
  const presses = situation.items.flatMap((item) =>
    item._tag === "Called" && item.name === "send_digits" ? [item] : []
  )
  const last = presses.at(-1)
  const failed = answeredTools(situation).some(({ output }) => output.includes('"ok":false'))
  const again = presses.filter(({ input }) => input === last?.input).length > 1
  return failed && !again && last !== undefined && has(situation, "send_digits")
    ? [{ call: "send_digits", input: last.input }]
    : say("Thank you.")
}

const cannotConnect = "I am sorry, I cannot connect you right now."

const afterTools = (situation: Situation): Plan => {
  const tools = answeredTools(situation)
  const names = tools.map(({ name }) => name)
  if (names.includes("do_not_call_again")) return takeLeave(situation)
  if (names.includes("transfer_call")) {
    const refused = tools.some(({ output }) => /error|fail|refus|not |false/i.test(output))
    return say(refused ? cannotConnect : "I am connecting you now.")
  }
  return names.includes("send_digits") ? pressAgain(situation) : say("All right.")
}

/** The one errand that is about the words themselves: whoever is called hears them again, and that is all. */
const repeats = ({ task }: Errand): boolean => /\bI will repeat\b/i.test(task)

const repeat = (situation: Situation, { task }: Errand, utterances: ReadonlyArray<string>): Plan => [
  ...say(`I heard: ${asSentence(utterances.at(-1) ?? "")} Thank you, goodbye.`),
  ...call(situation, "end_call", {
    success: true,
    task_completed: true,
    summary: `The callee was heard, and their words were repeated. ${task}`,
    next_steps: [],
    evidence: calleeWords(situation.items).slice(-1)
  })
]

/** The callee wants to know a thing: told from the brief, else asked of the owner, else admitted not to be known. */
const tellThing = (situation: Situation, thing: string): Plan => {
  const told = toldOf(situation.instructions, thing)
  if (told !== undefined) return say(asSentence(told))
  return has(situation, "ask_owner")
    ? call(situation, "ask_owner", { question: `The callee asks for the ${thing}. What is it?` })
    : say(`I am sorry, I do not know the ${thing}. Can we go on without it?`)
}

/** What it says while the owner is asked. */
const waiting = "One moment, please."
const stillWaiting = "Thank you. I am still finding that out."

/** What the owner has answered, passed on. `undefined`: nothing new of it. */
const passOn = (situation: Situation): Plan | undefined => {
  const asked = lastCallOf(situation, "ask_owner")
  if (asked === undefined || asked.since.some((text) => text !== waiting && text !== stillWaiting)) return undefined
  if (asked.output === undefined) return say(stillWaiting)
  const answer = /^\{"ok":true,"answer":(".*")\}$/.exec(asked.output)?.[1]
  return answer === undefined
    ? say("I am sorry, I could not find that out. They will get back to you about it.")
    : say(asSentence(`I have the answer: ${JSON.parse(answer)}`))
}

/** The service has told this session that it takes over. */
const isResumed = ({ items }: Situation): boolean => {
  const last = items.at(-1)
  return last?._tag === "Said" && last.role === "system" && /^The connection was interrupted\b/.test(last.text)
}

/** The last it was told is that the line had been interrupted. */
const wasCutOff = ({ items }: Situation): boolean => {
  const last = items.at(-1)
  return last?._tag === "Said" && last.role === "system" && /\bcut off\b/.test(last.text)
}

/** The last it was told is that a transfer, which a session before it has asked for, came to nothing. */
const isGivenBack = ({ items }: Situation): boolean => {
  const last = items.at(-1)
  return last?._tag === "Said" && last.role === "system" && /\bThe callee is back with you\b/.test(last.text)
}

/** The service has told that the menu is the same again, since the last key was pressed. */
const goesInCircles = ({ items }: Situation): boolean => {
  const pressed = items.findLastIndex((item) => item._tag === "Called" && item.name === "send_digits")
  return items
    .slice(pressed + 1)
    .some((item) => item._tag === "Said" && item.role === "system" && item.text.includes("same menu again"))
}

/** The operator, if that was not tried before. */
const wayOut = ({ items }: Situation): string | undefined =>
  items.some((item) => item._tag === "Called" && item.name === "send_digits" && item.input.includes('"0"'))
    ? undefined
    : "0"

const leaveMenu = (situation: Situation): Plan =>
  call(situation, "end_call", {
    success: false,
    task_completed: false,
    summary: "There was no way through the menu to a person.",
    next_steps: ["Try another number."],
    evidence: []
  })

const reply = (situation: Situation, errand: Errand): Plan => {
  const utterances = isResumed(situation) ? unansweredUtterances(situation) : lastUtterances(situation)
  const words = utterances.join(" ")
  if (words === "" && calledSince(situation).includes("end_call")) return []
  const passed = passOn(situation)
  if (passed !== undefined) return passed
  if (words === "" && answeredTools(situation).length > 0) return afterTools(situation)
  if (isGivenBack(situation)) return say(cannotConnect)
  if (words === "" && wasCutOff(situation))
    return say(`Sorry, we were cut off for a moment. ${errand.task} Is that all right?`)
  const thing = thingAsked(words)
  if (thing !== undefined) return tellThing(situation, thing)
  switch (kindOfAll(utterances)) {
    case "opt-out":
      return has(situation, "do_not_call_again") ? call(situation, "do_not_call_again") : takeLeave(situation)
    case "menu": {
      const digits = goesInCircles(situation) ? wayOut(situation) : menuKey(words, errand.task)
      if (digits === undefined) return leaveMenu(situation)
      return has(situation, "send_digits") ? call(situation, "send_digits", { digits }) : say(`${digits}.`)
    }
    case "machine":
      return has(situation, "report_answering_machine")
        ? call(situation, "report_answering_machine")
        : say(introduction(errand, "Please call back. Goodbye."))
    case "screening":
      return say(introduction(errand))
    case "hold":
      return say("Of course.")
    case "transfer": {
      const names = destinations(situation)
      const destination = names.find((name) => words.toLowerCase().includes(name.toLowerCase())) ?? names[0]
      return destination === undefined || !has(situation, "transfer_call")
        ? say("I am sorry, I cannot connect you with anybody. Can we settle this ourselves?")
        : [...say("Of course, I will connect you."), ...call(situation, "transfer_call", { destination })]
    }
    case "agreed":
      if (repeats(errand)) return repeat(situation, errand, utterances)
      return [...say("Thank you, goodbye."), ...endCall(situation, errand)]
    case "bye":
      return [...say("Goodbye."), ...endCall(situation, errand)]
    case "other":
      if (!situation.items.some((item) => item._tag === "Said" && item.role === "assistant")) {
        return say(introduction(errand))
      }
      if (repeats(errand)) return repeat(situation, errand, utterances)
      return say(errand.task === "" ? "I see. What do you suggest?" : `I see. ${errand.task} Does that work for you?`)
  }
}

/** See the header; `tag` names the service's prompts, and a response without one is a reply. */
export const defaultMind: Mind = (situation) => {
  const errand = errandOf(situation.instructions)
  const asked = situation.responseInstructions ?? ""
  switch (tagOf(situation)) {
    case "opening":
    case "screening":
      return say(introduction(errand))
    case "goodbye":
      return say("Thank you, goodbye.")
    case "check-in":
      return say("Hello, are you still there?")
    case "voicemail":
      return say(introduction(errand, "Please call back. Goodbye."))
    case "holding":
      return say(asSentence(quoted(asked) ?? "One moment, please."))
    case "filler":
      return say(waiting)
    case "wrap-up":
      return [...say("I am sorry, I have to go now. Thank you, goodbye."), ...endCall(situation, errand)]
    case "outcome":
      return writtenOutcome(situation, errand)
    default:
      return reply(situation, errand)
  }
}
