/** What decides what the simulated model says: a pure function of all it could know, and minds made from data. */

/** A piece of the conversation as the model remembers it: unheard text is gone after a truncate. */
export type Remembered =
  | {
      readonly _tag: "Said"
      readonly id: string
      readonly role: "system" | "user" | "assistant"
      readonly text: string
    }
  | {
      readonly _tag: "Called"
      readonly id: string
      readonly callId: string
      readonly name: string
      readonly input: string
    }
  | { readonly _tag: "Returned"; readonly id: string; readonly callId: string; readonly output: string }

export interface MindTool {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface Situation {
  /** The session's. */
  readonly instructions: string
  /** Of this response alone; a real model would read only these. */
  readonly responseInstructions?: string
  /** The client's name for this response, from its metadata; may end in "#3". */
  readonly tag?: string
  readonly tools: ReadonlyArray<MindTool>
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string }
  /** Oldest first. */
  readonly items: ReadonlyArray<Remembered>
  /** Beside the conversation, and in which form; `false`: part of it. */
  readonly aside: "text" | "audio" | false
}

/**
 * What a response holds, in order; each part becomes an item. `say` and `write` are the same words: whether they are
 * spoken or written is the response's modality. A `call` given as text is sent as it is, also when it is no JSON.
 */
export type Plan = ReadonlyArray<
  | { readonly say: string }
  | { readonly write: string }
  | { readonly call: string; readonly input: Readonly<Record<string, unknown>> | string }
>

export type Mind = (situation: Situation) => Plan

/** "reply" of "reply#3"; empty when the response has no tag. */
export const tagOf = (situation: Situation): string => situation.tag?.split("#")[0] ?? ""

/** What the callee said since the assistant last spoke or called a tool, utterance by utterance. */
export const lastUtterances = ({ items }: Pick<Situation, "items">): ReadonlyArray<string> => {
  const own = items.findLastIndex(
    (item) => item._tag === "Called" || (item._tag === "Said" && item.role === "assistant")
  )
  return calleeWords(items.slice(own + 1))
}

/**
 * The same where a note was added last, as to a session that takes over in the middle of a sentence: what the assistant was
 * saying is to be gone on with, so that it answers these.
 */
export const unansweredUtterances = (situation: Pick<Situation, "items">): ReadonlyArray<string> => {
  const { items } = situation
  const isNote = (item: Remembered) => item._tag === "Said" && item.role === "system"
  if (!items.slice(-1).some(isNote)) return lastUtterances(situation)
  const said = items.findLastIndex((item) => !isNote(item))
  const last = items[said]
  const cut = last?._tag === "Said" && last.role === "assistant" ? items.slice(0, said) : items
  return lastUtterances({ items: cut })
}

/** Every utterance of the callee that was understood. */
export const calleeWords = (items: ReadonlyArray<Remembered>): ReadonlyArray<string> =>
  items.flatMap((item) => (item._tag === "Said" && item.role === "user" && item.text !== "" ? [item.text] : []))

const lastSpoken = (items: ReadonlyArray<Remembered>): number =>
  items.findLastIndex((item) => item._tag === "Said" && item.role !== "system")

/** The tools whose outputs came since the callee or the assistant last spoke. */
export const answeredTools = ({ items }: Pick<Situation, "items">): ReadonlyArray<{ name: string; output: string }> => {
  return items.slice(lastSpoken(items) + 1).flatMap((item) => {
    if (item._tag !== "Returned") return []
    const call = items.find((other) => other._tag === "Called" && other.callId === item.callId)
    return call?._tag === "Called" ? [{ name: call.name, output: item.output }] : []
  })
}

/** The tools that were called since the callee or the assistant last spoke, answered or not. */
export const calledSince = ({ items }: Pick<Situation, "items">): ReadonlyArray<string> =>
  items.slice(lastSpoken(items) + 1).flatMap((item) => (item._tag === "Called" ? [item.name] : []))

/** The last call of a tool: its output, if that has come, and what the assistant has said since. */
export const lastCallOf = (
  { items }: Pick<Situation, "items">,
  name: string
): { readonly output: string | undefined; readonly since: ReadonlyArray<string> } | undefined => {
  const called = items.findLast((item) => item._tag === "Called" && item.name === name)
  if (called?._tag !== "Called") return undefined
  const at = items.findIndex((item) => item._tag === "Returned" && item.callId === called.callId)
  const returned = items[at]
  if (returned?._tag !== "Returned") return { output: undefined, since: [] }
  const since = items
    .slice(at)
    .flatMap((item) => (item._tag === "Said" && item.role === "assistant" ? [item.text] : []))
  return { output: returned.output, since }
}

/** One line of a script: the plan, and when it is meant. All that is given must fit. */
export interface Cue {
  /** The tag without its number; "" is a response without a tag, as the server's own replies are. */
  readonly tag?: string
  /** Part of what the callee said last, in any case. */
  readonly heard?: string
  /** How often the callee has spoken by now. */
  readonly turn?: number
  /** The tool whose output came last. */
  readonly after?: string
  readonly plan: Plan
}

/** Plays the first cue that fits, and otherwise says what `otherwise` says (by default nothing). */
export const scriptedMind =
  (script: ReadonlyArray<Cue>, otherwise: Mind = () => []): Mind =>
  (situation) => {
    const heard = lastUtterances(situation).join(" ").toLowerCase()
    const fits = (cue: Cue): boolean =>
      (cue.tag === undefined || cue.tag === tagOf(situation)) &&
      (cue.heard === undefined || heard.includes(cue.heard.toLowerCase())) &&
      (cue.turn === undefined || cue.turn === calleeWords(situation.items).length) &&
      (cue.after === undefined || cue.after === answeredTools(situation).at(-1)?.name)
    return script.find(fits)?.plan ?? otherwise(situation)
  }
